"""Where words go: the answer to stdout, everything else to stderr, colour only to a terminal.

rich is imported when something is to be styled, not before: `--version` must stay fast.
"""

import enum
import json
import os
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal, TextIO

from stdbctl.errors import Fault

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text


class CannotWrite(Fault):
    """The answer could not be written to stdout."""

    code = "cli.cannot_write"

    def __init__(self, reason: str) -> None:
        super().__init__("the answer cannot be written", why=reason, fix="check where the output goes")


PLAIN_WIDTH = 10_000
"""Columns of a stream that is no terminal: nothing is wrapped or cut there."""


class Format(enum.Enum):
    """How the answer is written."""

    TEXT = "text"
    JSON = "json"


def answer(text: str) -> None:
    """Write one line of the answer to stdout, at once; faults: CannotWrite."""
    try:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        # Python would try what is left in the buffer again at exit, and complain a second time.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise CannotWrite(error.strerror or str(error)) from error


def answer_json(data: object, *, indent: int | None = None) -> None:
    """Write the answer to stdout as JSON; big integers stay numbers."""
    answer(json.dumps(data, ensure_ascii=False, indent=indent))


def answer_styled(*parts: "RenderableType") -> None:
    """Write tables and styled text to stdout, at once."""
    for line in Painter(sys.stdout).lines(*parts):
        answer(line)


def note(text: str) -> None:
    """Say something beside the answer, on stderr."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def note_styled(lines: Iterable["Text"]) -> None:
    """Say styled lines on stderr."""
    for line in Painter(sys.stderr).lines(*lines):
        note(line)


class Painter:
    """Turns styled parts into the lines to write to one stream.

    Text is taken as it is: no markup, no guessed highlights. On a terminal tables fit its width; elsewhere nothing is
    wrapped, coloured or padded. Writing is left to the caller, because rich ends the process when a pipe is closed.
    """

    def __init__(self, stream: TextIO) -> None:
        from rich.console import Console

        width = None if stream.isatty() else PLAIN_WIDTH
        colors: Literal["auto"] | None = None if os.environ.get("NO_COLOR") else "auto"
        self._console = Console(
            file=stream, color_system=colors, markup=False, highlight=False, emoji=False, width=width
        )

    def lines(self, *parts: "RenderableType") -> list[str]:
        """All parts, one after the other."""
        from rich.text import Text

        with self._console.capture() as capture:
            for part in parts:
                self._console.print(part, soft_wrap=isinstance(part, Text))
        lines = capture.get().splitlines()
        return lines if self._console.is_terminal else [line.rstrip() for line in lines]


def milliseconds(seconds: float) -> str:
    """A duration for a closing line: `38 ms`, `1.2 s`."""
    return f"{seconds:.1f} s" if seconds >= 1 else f"{max(1, round(seconds * 1000))} ms"


def counted(count: int, noun: str) -> str:
    """`1 table`, `2 tables`."""
    return f"{count} {noun}{'' if count == 1 else 's'}"
