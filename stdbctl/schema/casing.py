"""Names in another case: `snake`, `camel`, `pascal` as SpacetimeDB converts them, `sdk_camel` as the npm client does.

The first three split a name into words as the Rust crate convert_case 0.6 does, so that a name gets the same
canonical form from every server. `_`, `-` and space part words and vanish; a word also ends between a lower-case
and an upper-case letter, between a letter and an ASCII digit (both ways round), and before the last capital of a
run of capitals that a lower-case letter follows (`HTTPRequest` is `HTTP`, `Request`). Source: docs/naming.md.
"""

import re
import unicodedata
from functools import lru_cache

_SEPARATORS = frozenset("_- ")
_SDK_SEPARATORS = re.compile("[-_]+")
_SDK_LETTER = re.compile("_([a-zA-Z0-9])")


def snake(name: str) -> str:
    """Give `name` in snake_case: `PlayerID2` is `player_id_2`, `__x__` is `x`."""
    return "_".join(word.lower() for word in words(name))


def camel(name: str) -> str:
    """Give `name` in camelCase: `player_id` is `playerId`, `vec2d` is `vec2D`."""
    return "".join(word.lower() if i == 0 else _capital(word) for i, word in enumerate(words(name)))


def pascal(name: str) -> str:
    """Give `name` in PascalCase: `player_id` is `PlayerId`, `HTTPReq` is `HttpReq`."""
    return "".join(map(_capital, words(name)))


def sdk_camel(name: str) -> str:
    """Give the key under which the npm client keeps a reducer or procedure, from its wire name.

    A run of `_` and `-` before an ASCII letter or digit vanishes and raises that letter; the first character is
    lowered; everything else stays: `create_player_1` is `createPlayer1`, `HTTPReq` is `hTTPReq`, `x_` is `x_`.
    """
    joined = _SDK_LETTER.sub(lambda match: match[1].upper(), _SDK_SEPARATORS.sub("_", name))
    return joined[:1].lower() + joined[1:]


@lru_cache(maxsize=4096)
def words(name: str) -> tuple[str, ...]:
    """Split a name into its words, letters unchanged; empty words are dropped."""
    found: list[str] = []
    word = ""
    marks = _graphemes(name)
    for i, mark in enumerate(marks):
        if mark in _SEPARATORS:
            found.append(word)
            word = ""
            continue
        if i > 0 and _starts_word(marks, i):
            found.append(word)
            word = ""
        word += mark
    found.append(word)
    return tuple(word for word in found if word)


def _starts_word(marks: list[str], i: int) -> bool:
    before, here = _kind(marks[i - 1]), _kind(marks[i])
    if before + here in ("aA", "A0", "a0", "0A", "0a"):
        return True
    return before + here == "AA" and i + 1 < len(marks) and _kind(marks[i + 1]) == "a"


def _kind(mark: str) -> str:
    """`A` upper case, `a` lower case, `0` ASCII digit, space for anything else."""
    if mark.isascii() and mark.isdigit():
        return "0"
    upper, lower = mark.upper(), mark.lower()
    if upper == lower:
        return " "
    return "A" if mark == upper else "a" if mark == lower else " "


def _capital(word: str) -> str:
    return word[:1].upper() + word[1:].lower()


def _graphemes(name: str) -> list[str]:
    """Single characters, with combining marks kept at the letter they belong to."""
    if name.isascii():
        return list(name)
    marks: list[str] = []
    for char in name:
        if marks and unicodedata.category(char)[0] == "M":
            marks[-1] += char
        else:
            marks.append(char)
    return marks
