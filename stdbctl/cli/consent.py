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
