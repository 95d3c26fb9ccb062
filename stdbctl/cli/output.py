"""Where words go: the answer to stdout, everything else to stderr, colour only to a terminal.

rich is imported when something is to be styled, not before: `--version` must stay fast.
"""

import enum
import json
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.text import Text

PLAIN_WIDTH = 10_000
"""Columns of a stream that is no terminal: nothing is wrapped or cut there."""


class Format(enum.Enum):
    """How the answer is written."""

    TEXT = "text"
    JSON = "json"


def answer(text: str) -> None:
    """Write one line of the answer to stdout, at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def answer_json(data: object, *, indent: int | None = None) -> None:
    """Write the answer to stdout as JSON; big integers stay numbers."""
    answer(json.dumps(data, ensure_ascii=False, indent=indent))


def answer_styled(*parts: "RenderableType") -> None:
    """Write tables and styled text to stdout; off a terminal without the padding behind a line."""
    console = styled_console(sys.stdout)
    with console.capture() as capture:
        for part in parts:
            console.print(part)
    for line in capture.get().splitlines():
        answer(line if console.is_terminal else line.rstrip())


def note(text: str) -> None:
    """Say something beside the answer, on stderr."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def note_styled(lines: Iterable["Text"]) -> None:
    """Say styled lines on stderr."""
    console = styled_console(sys.stderr)
    for line in lines:
        console.print(line, soft_wrap=True)


def styled_console(stream: TextIO) -> "Console":
    """A rich console that takes text as it is: no markup, no guessed highlights, no wrapping off a terminal."""
    from rich.console import Console

    width = None if stream.isatty() else PLAIN_WIDTH
    return Console(file=stream, markup=False, highlight=False, emoji=False, width=width)


def milliseconds(seconds: float) -> str:
    """A duration for a closing line: `38 ms`, `1.2 s`."""
    return f"{seconds:.1f} s" if seconds >= 1 else f"{max(1, round(seconds * 1000))} ms"


def counted(count: int, noun: str) -> str:
    """`1 table`, `2 tables`."""
    return f"{count} {noun}{'' if count == 1 else 's'}"
