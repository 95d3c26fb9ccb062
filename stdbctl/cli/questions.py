"""Questions for a value, each with a flag: asked on a terminal; elsewhere the command ends and names the flag."""

import enum
import sys
from typing import TypeVar

from stdbctl.cli.output import note
from stdbctl.errors import Fault

Choice = TypeVar("Choice", bound=enum.Enum)


class MissingAnswer(Fault):
    """A value is missing and there is nobody to ask."""

    code = "cli.missing_answer"

    def __init__(self, what: str, flag: str) -> None:
        self.flag = flag
        super().__init__(
            f"{what} is missing",
            why="there is no terminal to ask on",
            fix=f"say it with `{flag}`, or take all defaults with `--yes`",
        )


def ask(what: str, *, default: str, flag: str) -> str:
    """Ask for a text; an empty answer is the default. Faults: MissingAnswer."""
    if sys.stdin is None or not sys.stdin.isatty() or not sys.stderr.isatty():
        raise MissingAnswer(what, flag)
    sys.stderr.write(f"{what} [{default}]: ")
    sys.stderr.flush()
    line = sys.stdin.readline()
    if not line:  # the terminal's end of input
        note("")
        raise MissingAnswer(what, flag)
    return line.strip() or default


def choose(what: str, kinds: type[Choice], *, default: Choice, flag: str) -> Choice:
    """Ask for one of the values of an enum until one is given. Faults: MissingAnswer."""
    names = ", ".join(str(kind.value) for kind in kinds)
    while True:
        answer = ask(f"{what} ({names})", default=str(default.value), flag=flag)
        for kind in kinds:
            if kind.value == answer:
                return kind
        note(f"`{answer}` is none of {names}")


def can_ask() -> bool:
    """Whether there is a terminal to ask on."""
    return sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()


def confirm(question: str) -> bool:
    """Ask; no is the default. Only where `can_ask`."""
    sys.stderr.write(f"{question} [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")
