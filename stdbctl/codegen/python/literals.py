"""Text that may stand in generated Python: checked names, quoted strings, docstrings."""

import keyword
from typing import Self

from stdbctl.codegen.literals import Safe


class PyName(Safe):
    """An identifier of Python that is no keyword. Making one from anything else is a ValueError."""

    __slots__ = ()

    def __new__(cls, text: str) -> Self:
        if not text.isidentifier() or keyword.iskeyword(text):
            raise ValueError(f"{text!r} is no Python identifier")
        return super().__new__(cls, text)


def py_string(text: str) -> Safe:
    """Quote `text` as a string literal of Python, on one line: with `"`, or with `'` where that saves escapes."""
    quote = "'" if text.count('"') > text.count("'") else '"'
    body = "".join(_escaped(char) for char in text).replace(quote, f"\\{quote}")
    return Safe(f"{quote}{body}{quote}")


def py_doc(text: str, indent: int = 0) -> Safe:
    """Render a docstring with its final newline; empty text gives nothing. Nothing in the text can end it."""
    lines = [_doc_line(line) for line in text.strip().splitlines()]
    if not any(lines):
        return Safe("")
    margin = " " * indent
    if len(lines) == 1 and lines[0][-1] not in '"\\':
        return Safe(f'{margin}"""{lines[0]}"""\n')
    body = "".join(f"{margin}{line}".rstrip() + "\n" for line in lines[1:])
    return Safe(f'{margin}"""{lines[0]}\n{body}{margin}"""\n')


def _doc_line(line: str) -> str:
    text = "".join(_escaped(char) for char in line.expandtabs().rstrip())
    return text.replace('"""', '\\"\\"\\"')


def _escaped(char: str) -> str:
    if char == "\\":
        return "\\\\"
    return char if char.isprintable() else char.encode("unicode_escape", "surrogatepass").decode()
