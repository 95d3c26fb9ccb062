"""Text that may stand in generated code: checked names, quoted strings, comments. A bare `str` may not.

The template environment (`stdbctl.codegen.templates`) refuses every other string, so a name that was not checked or a
text that was not quoted is an error on the first render, not a hole in somebody's client.
"""

import json
import re
from typing import Self

_LINE_SEPARATORS = {0x2028: "\\u2028", 0x2029: "\\u2029"}
_DIRECTIVE = re.compile(r"^\s*@ts-")


class Safe(str):
    """Text that templates place as it stands."""

    __slots__ = ()

    def __html__(self) -> str:
        return self


class TsName(Safe):
    """An identifier of TypeScript. Making one from anything else is a ValueError."""

    __slots__ = ()

    def __new__(cls, text: str) -> Self:
        if not is_ts_name(text):
            raise ValueError(f"{text!r} is no TypeScript identifier")
        return super().__new__(cls, text)


def is_ts_name(text: str) -> bool:
    """Whether `text` can be written as a key, an import or a type in TypeScript.

    Reserved words pass: the generator places names only where those are allowed (as keys), or with a capital or suffix.
    """
    return text.isidentifier()


def ts_string(text: str) -> Safe:
    """Quote `text` as a string literal of TypeScript, in double quotes."""
    return Safe(json.dumps(text, ensure_ascii=False).translate(_LINE_SEPARATORS))


def ts_module(path: str, base: str) -> Safe:
    """Quote the path of a generated file (without its suffix) for an import, seen from `base` (`./` or `../`)."""
    return ts_string(base + path)


def ts_doc(text: str, indent: int = 0) -> Safe:
    """Render a docstring as a JSDoc comment with its final newline; empty text gives nothing.

    A comment of several lines never ends in a directive (`@ts-ignore`), and nothing in the text can end the comment.
    """
    lines = [line.rstrip() for line in text.strip().replace("*/", "*\\/").splitlines()]
    if not lines:
        return Safe("")
    margin = " " * indent
    if len(lines) == 1 and not _DIRECTIVE.match(lines[0]):
        return Safe(f"{margin}/** {lines[0]} */\n")
    body = "".join(f"{margin} * {line}".rstrip() + "\n" for line in lines)
    return Safe(f"{margin}/**\n{body}{margin} */\n")
