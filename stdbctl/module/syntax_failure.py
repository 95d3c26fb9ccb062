"""A file that is not valid Python, told as a problem at the mistake, with the fix where it is a usual one."""

import keyword
import re
import sys

from stdbctl.errors import Place
from stdbctl.module.problems import BadSyntax
from stdbctl.module.sources import SourceFile

_BLOCK_WORDS = {"else", "try", "finally", "except", "lambda", "None", "True", "False"}
"""Words that a colon may follow, so that they are no names."""
_USUAL = (
    ("expected ':'", "end the line with `:`"),
    ("was never closed", "close the marked bracket"),
    ("unmatched", "remove the marked bracket, or open it before"),
    ("does not match opening", "close the brackets in the order in which they were opened"),
    ("unexpected indent", "align the line with the one above it"),
    ("unindent does not match", "align the line with an earlier one of its block"),
    ("expected an indented block", "indent what belongs to the line above by four blanks"),
    ("inconsistent use of tabs", "indent with blanks alone, four for each level"),
    ("unterminated string", "close the text with the quote that opened it"),
    ("Maybe you meant '=='", "write `==` to compare"),
    ("Missing parentheses in call", "write `print(…)`"),
    ("forgot a comma", "put a comma between the two"),
    ("null bytes", "save the file as text in UTF-8"),
    ("unknown encoding", "save the file as UTF-8, and remove the line that names another encoding"),
)
"""What Python says -> what to do."""


def syntax_problem(file: SourceFile, data: bytes) -> BadSyntax:
    """The problem of a file that does not parse. `data`: the file as it is on disk."""
    error = file.error
    assert error is not None
    python = ".".join(map(str, sys.version_info[:2]))
    why = f"the file is not valid Python {python}"
    undecodable = _undecodable_line(file, data)
    if undecodable is not None:
        reason, fix = "the file is not encoded in UTF-8", "save it as UTF-8"
        return BadSyntax(reason=reason, why="Python reads sources as UTF-8", fix=fix, place=undecodable)
    line, column = error.lineno or 1, max(error.offset or 1, 1)
    end = error.end_offset if error.end_lineno == error.lineno and (error.end_offset or 0) > column else None
    place = file.place_at(line, column, end)
    taken = _keyword_as_name(file, place)
    if taken is not None:
        return taken
    if isinstance(error, IndentationError):
        text = place.source_line
        place = file.place_at(line, len(text) - len(text.lstrip()) + 1, len(text) + 1)
    elif "null bytes" in error.msg:
        place = file.place_at(data[: data.find(b"\0")].count(b"\n") + 1)
    usual = "correct the marked line; the mistake may also be just before it"
    fix = next((fix for text, fix in _USUAL if text in error.msg), usual)
    return BadSyntax(reason=error.msg, why=why, fix=fix, place=place)


def _undecodable_line(file: SourceFile, data: bytes) -> Place | None:
    """The first line that is no UTF-8, in a file that names no other encoding."""
    if re.search(rb"coding[:=]", data[:200]):
        return None
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        return file.place_at(data[: error.start].count(b"\n") + 1)
    return None


def _keyword_as_name(file: SourceFile, place: Place) -> BadSyntax | None:
    """The problem of `from: str`: one of Python's own words where a name belongs."""
    for found in re.finditer(r"(^\s*|[(,]\s*)(\w+)\s*(?=:|=[^=])", place.source_line):
        word, start = found[2], found.start(2) + 1
        if keyword.iskeyword(word) and word not in _BLOCK_WORDS and start <= place.column <= found.end() + 1:
            return BadSyntax(
                reason=f"`{word}` is one of Python's own words and cannot be a name",
                why="Python reads it as the beginning of a statement",
                fix=f'call it `{word}_`; `{word}_: Annotated[…, column(name="{word}")]` keeps the name outside',
                place=file.place_at(place.line, start, start + len(word)),
            )
    return None
