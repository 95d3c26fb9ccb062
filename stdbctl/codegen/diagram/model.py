"""A module as boxes and the links between them: what a picture and a Mermaid text show alike."""

import enum
from dataclasses import dataclass


class BoxKind(enum.Enum):
    """What a box stands for; the value is the word for it."""

    TABLE = "table"
    VIEW = "view"
    TYPE = "type"
    FUNCTION = "function"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of a box.

    `mark`: PK, UK, IX or nothing. `name`, `type`: of a column, field, parameter; a line of text has no `type`.
    `note`: what is special. `is_foot`: it is about the whole box and stands below its columns.
    """

    name: str
    type: str = ""
    mark: str = ""
    note: str = ""
    is_foot: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """`title` is unique among the boxes of one kind; `note` stands beside it."""

    kind: BoxKind
    title: str
    note: str = ""
    rows: tuple[Row, ...] = ()

    @property
    def key(self) -> str:
        """What links call it: `table point`."""
        return f"{self.kind.value} {self.title}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """From a row of one box (or the box, where `row` is None) to another box.

    `label`: what it says. `is_declared`: the module says so; otherwise names and types tell it, and it is drawn dashed.
    `to_row`: the row that is meant there, if one is.
    """

    source: str
    row: int | None
    target: str
    to_row: int | None
    label: str
    is_declared: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagram:
    """Boxes by kind and name; links in the order of their boxes and rows."""

    boxes: tuple[Box, ...]
    links: tuple[Link, ...]
