"""How large a box is and where its texts stand. Text is set in cells of one width, so no font has to be asked."""

import unicodedata
from dataclasses import dataclass

from stdbctl.codegen.diagram.model import Box

CELL = 7.8
"""The width of one character, of 13 pixel letters: 0.6 em in nearly all monospaced fonts. The picture forces it."""
LINE = 20.0
HEAD = 28.0
PAD = 10.0
CELLS_MAX = 44
"""Longer texts are cut; the whole one is shown when the pointer rests on it."""
_SPACES = 2
"""Cells between the columns of a box."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BoxSize:
    """A box from its own top left. `columns`: where mark, name, type and note begin; `row_middles`: the rows' y."""

    width: float
    height: float
    columns: tuple[float, float, float, float]
    row_middles: tuple[float, ...]
    head_middle: float = HEAD / 2


def measure(box: Box) -> BoxSize:
    """Work out the size of a box."""
    lines = [row for row in box.rows if not row.is_foot]
    feet = [row for row in box.rows if row.is_foot]
    widths = [
        max((cells(cut(text)) for text in texts), default=0)
        for texts in (
            [row.mark for row in box.rows],
            [row.name for row in lines],
            [row.type for row in lines],
            [row.note for row in lines],
        )
    ]
    starts, at = [], 0
    for width in widths:
        starts.append(at)
        at += width + _SPACES if width else 0
    body = max(0, at - _SPACES)
    foot = starts[1] + max((cells(cut(foot_text(row.name, row.note))) for row in feet), default=0)
    head = cells(cut(box.title)) + _SPACES + cells(box.note)
    height = HEAD + LINE * len(box.rows) + (PAD / 2 if box.rows else 0)
    return BoxSize(
        width=max(body, foot, head) * CELL + 2 * PAD,
        height=height,
        columns=(
            PAD + starts[0] * CELL,
            PAD + starts[1] * CELL,
            PAD + starts[2] * CELL,
            PAD + starts[3] * CELL,
        ),
        row_middles=tuple(HEAD + LINE * (number + 0.5) for number in range(len(box.rows))),
    )


def foot_text(name: str, note: str) -> str:
    """A foot is one text."""
    return f"{name}  {note}" if note else name


def cut(text: str) -> str:
    """The text, or its beginning with an ellipsis where it is too long."""
    if cells(text) <= CELLS_MAX:
        return text
    kept = text
    while cells(kept) > CELLS_MAX - 1:
        kept = kept[:-1]
    return f"{kept}…"


def cells(text: str) -> int:
    """How many cells a text takes: none for marks over letters, two for wide characters."""
    return sum(
        0
        if unicodedata.category(char) in ("Mn", "Me", "Cf")
        else 2
        if unicodedata.east_asian_width(char) in "WF"
        else 1
        for char in text
    )
