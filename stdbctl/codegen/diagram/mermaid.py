"""The diagram as text for Mermaid's `erDiagram`, which GitHub and many editors show as a picture.

Mermaid lets entities be called anything in quotes; the type and the name of an attribute are words of letters, digits,
`_`, `-`, `[]` and `()`, where a bare `PK`, `FK` or `UK` is a key. What does not fit is written with `_`, and as it is
in the comment. Source: https://mermaid.js.org/syntax/entityRelationshipDiagram.html
"""

import re
from collections.abc import Iterator

from stdbctl.codegen.diagram.model import Box, BoxKind, Diagram, Link, Row

_NO_WORD = re.compile(r"[^A-Za-z0-9_\[\]()\u00C0-\uFFFF-]")
_NO_START = re.compile(r"^(?![A-Za-z_\u00C0-\uFFFF])")
_KEYS = {"pk", "fk", "uk"}


def write_mermaid(diagram: Diagram) -> str:
    """Write a diagram as Mermaid's `erDiagram`."""
    names = {box.key: _entity(box) for box in diagram.boxes}
    foreign = {(link.source, link.row) for link in diagram.links if not link.is_declared}
    lines = ["erDiagram"]
    for box in diagram.boxes:
        lines += _box_lines(box, names[box.key], foreign)
    lines += dict.fromkeys(_link_line(link, names) for link in diagram.links)
    return "\n".join(lines) + "\n"


def _entity(box: Box) -> str:
    """Tables go by their names, everything else has its kind before it."""
    if box.kind is BoxKind.TABLE:
        return f'"{box.title}"'
    word = box.note.split()[-1] if box.kind is BoxKind.FUNCTION else box.kind.value
    return f'"{word} {box.title}"'


def _box_lines(box: Box, name: str, foreign: set[tuple[str, int | None]]) -> Iterator[str]:
    yield f"    {name} {{"
    for position, row in enumerate(box.rows):
        if not row.is_foot:
            yield f"        {_attribute(row, is_foreign=(box.key, position) in foreign)}"
    yield "    }"


def _attribute(row: Row, *, is_foreign: bool) -> str:
    keys = [row.mark] if row.mark in ("PK", "UK") else []
    keys += ["FK"] if is_foreign else []
    type_, name = _word(row.type or "variant"), _word(row.name)
    comments = [row.name] if name != row.name else []
    comments += [row.type] if type_ != row.type and row.type else []
    comments += ["index"] if row.mark == "IX" else []
    comments += [row.note] if row.note else []
    comment = "; ".join(comments).replace('"', "'").replace("%", "")
    return " ".join(filter(None, (type_, name, ", ".join(keys), f'"{comment}"' if comment else "")))


def _word(text: str) -> str:
    word = _NO_START.sub("_", _NO_WORD.sub("_", text.replace(" | ", "_or_")))
    return f"{word}_" if word.lower() in _KEYS else word


def _link_line(link: Link, names: dict[str, str]) -> str:
    line = "}o--||" if link.is_declared else "}o..||"
    return f'    {names[link.source]} {line} {names[link.target]} : "{link.label}"'
