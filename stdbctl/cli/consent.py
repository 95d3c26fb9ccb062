"""Questions with a flag for each: asked on a terminal, refused elsewhere, never waited for without one."""

import sys

from stdbctl.cli.failures import Declined


def require_consent(question: str, *, flag: str, is_given: bool) -> None:
    """Return when the user agrees; Declined otherwise. `flag` is what gives the consent on the command line."""
    if is_given:
        return
    if sys.stdin is None or not sys.stdin.isatty() or not sys.stderr.isatty():
        raise Declined(question, why="there is no terminal to ask on", fix=f"agree with `{flag}`")
    sys.stderr.write(f"{question} [y/N] ")
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise Declined("nothing was changed", why="the question was answered with no", fix=f"agree with `{flag}`")


def require_name(name: str, what: str, *, given: str | None) -> None:
    """Return when the user named what is about to lose data; Declined otherwise. Neither yes nor `--yes` is enough.

    `name`: the database; `what` will be lost, in words; `given`: the value of `--confirm`.
    """
    flag = f"--confirm {name}"
    if given is None and (sys.stdin is None or not sys.stdin.isatty() or not sys.stderr.isatty()):
        raise Declined(f"{what} would be lost", why="there is no terminal to ask on", fix=f"agree with `{flag}`")
    if given is None:
        sys.stderr.write(f"{what} will be lost; type the name of the database to agree: ")
        sys.stderr.flush()
        given = sys.stdin.readline().strip()
    if given != name:
        why = f"`{given}` was given as the name of the database `{name}`" if given else "no name was given"
        raise Declined("nothing was changed", why=why, fix=f"agree with `{flag}`")
