"""What the model's module declares, as data, and the module's source made of it.

The reducer `run` carries out steps that it is handed as JSON (see `steps`) and logs the answers as JSON.
"""

from dataclasses import dataclass
from typing import Any

from .kinds import KINDS, Kind

Columns = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A column; `is_added`: it came later, so it has a default."""

    name: str
    kind_name: str
    is_auto: bool = False
    is_added: bool = False

    @property
    def kind(self) -> Kind:
        """How its values are."""
        return KINDS[self.kind_name]


@dataclass(frozen=True, slots=True)
class Declared:
    """One table. `unique` and `indexes`: their columns; a primary key is unique by itself."""

    name: str
    columns: tuple[Column, ...]
    key: str | None = None
    unique: tuple[Columns, ...] = ()
    indexes: tuple[Columns, ...] = ()
    hashes: tuple[Columns, ...] = ()
    is_event: bool = False

    def place(self, name: str) -> int:
        """The position of a column."""
        return next(i for i, column in enumerate(self.columns) if column.name == name)

    @property
    def constraints(self) -> tuple[Columns, ...]:
        """All that is unique."""
        return (*(((self.key,),) if self.key else ()), *self.unique)

    @property
    def ordered(self) -> tuple[Columns, ...]:
        """What ranges can be asked of: keys and unique columns have an ordered index, too."""
        return (*self.constraints, *self.indexes)

    def encode(self, row: tuple[Any, ...]) -> bytes:
        """BSATN of a row."""
        return b"".join([column.kind.encode(value) for column, value in zip(self.columns, row, strict=True)])

    def json(self, row: tuple[Any, ...]) -> list[Any]:
        """A row as JSON."""
        return [column.kind.json(value) for column, value in zip(self.columns, row, strict=True)]


def column(name: str, kind: str, *, is_auto: bool = False) -> Column:
    """A column."""
    return Column(name, kind, is_auto)


USER = Declared(
    "user",
    (
        column("id", "u8", is_auto=True),
        column("name", "str"),
        column("handle", "u256"),
        column("team", "i16"),
        column("score", "f64"),
        column("seen", "timestamp"),
        column("avatar", "bytes"),
    ),
    key="id",
    unique=(("name",), ("handle",), ("team", "seen")),
    indexes=(("team", "score"), ("score",)),
)
BAG = Declared(
    "bag",
    (
        column("x", "f32"),
        column("label", "str"),
        column("big", "i128"),
        column("maybe", "maybe"),
        column("shape", "shape"),
    ),
    indexes=(("x",), ("big", "label", "x")),
    hashes=(("label",),),
)
BADGE = Declared(
    "badge",
    (
        column("title", "str"),
        column("number", "u8", is_auto=True),
        column("owner", "identity"),
        column("color", "color"),
        column("serial", "u64", is_auto=True),
    ),
    key="title",
    unique=(("number",),),
    indexes=(("owner", "color"),),
)
SHOT = Declared("shot", (column("n", "u8", is_auto=True), column("label", "str")), is_event=True)
EXTRA = Declared("extra", (column("id", "u64"), column("on", "bool")), key="id", indexes=(("on",),))
FIRST = (USER, BAG, BADGE, SHOT)

_PRELUDE = '''"""Version {version}."""

import json
import logging
from enum import Enum
from typing import Annotated

from stdbctl.module import (
    AutoInc, Identity, PrimaryKey, ReducerContext, ReducerError, Timestamp, Variant,
    above, at_least, at_most, below, between, column, f32, f64, i16, i128, index, reducer, table,
    u8, u16, u64, u256, union,
)

LOG = logging.getLogger("model")


class Color(Enum):
    RED = 0
    GREEN = 1
    BLUE = 2


class Circle(Variant[f64]): ...


class Label(Variant[str]): ...


class Nothing(Variant[None]): ...


Shape = Annotated[Circle | Label | Nothing, union("Shape")]


def same(value):
    return value


def micros_of(value):
    return value.micros


def place_of(value):
    return value.value


def read_shape(value):
    tag, payload = value
    return Circle(float.fromhex(payload)) if tag == 0 else Label(payload) if tag == 1 else Nothing()


def show_shape(value):
    match value:
        case Circle(radius):
            return [0, radius.hex()]
        case Label(text):
            return [1, text]
        case _:
            return [2, None]

'''
_EPILOGUE = '''

class Refused(ReducerError):
    """A refusal of the author's own."""


RANGES = {"at_least": at_least, "above": above, "at_most": at_most, "below": below}


def row_of(cls, columns, values):
    return cls(**{name: read(value) for (name, read, _), value in zip(columns, values)})


def shown(columns, row):
    return None if row is None else [show(getattr(row, name)) for name, _, show in columns]


def chosen(columns, given):
    found = {}
    for name, value in given:
        read = next(read for column, read, _ in columns if column == name)
        if isinstance(value, dict):
            (kind, ends), = value.items()
            value = between(*map(read, ends)) if kind == "between" else RANGES[kind](read(ends))
        else:
            value = read(value)
        found[name] = value
    return found


def set_all(rows, columns, name, value):
    read = next(read for column, read, _ in columns if column == name)
    count = 0
    for row in rows:
        setattr(row, name, read(value))
        rows.update(row)
        count += 1
    return count


def flip(rows, columns, name, value):
    read = next(read for column, read, _ in columns if column == name)
    for row in rows:
        before = getattr(row, name)
        setattr(row, name, read(value))
        rows.update(row)
        setattr(row, name, before)
        rows.update(row)


def renew(rows):
    for row in rows:
        rows.delete(row)
        rows.insert(row)


def done(ctx, step):
    kind, name, *given = step
    if kind == "raise":
        raise Refused("no") if name == "refusal" else ZeroDivisionError("bug")
    cls, columns = TABLES[name]
    rows = ctx.db[cls]
    match kind:
        case "insert":
            return shown(columns, rows.insert(row_of(cls, columns, *given)))
        case "update":
            return shown(columns, rows.update(row_of(cls, columns, *given)))
        case "delete":
            return rows.delete(row_of(cls, columns, *given))
        case "invalid":
            row = row_of(cls, columns, given[0])
            setattr(row, given[1], object())
            return rows.insert(row) if given[2] == "insert" else rows.update(row)
        case "delete_by":
            return rows.delete(**chosen(columns, *given))
        case "find":
            return shown(columns, rows.find(**chosen(columns, *given)))
        case "filter":
            return [shown(columns, row) for row in rows.filter(**chosen(columns, *given))]
        case "scan":
            return [shown(columns, row) for row in rows]
        case "count":
            return rows.count()
        case "set_all":
            return set_all(rows, columns, *given)
        case "flip":
            return flip(rows, columns, *given)
        case "renew":
            return renew(rows)
        case "delete_each":
            return sum(rows.delete(row) for row in rows)
        case "churn":
            row = row_of(cls, columns, given[0])
            for _ in range(given[1]):
                rows.delete(rows.insert(row))
            return None
        case "double":
            return sum(rows.insert(row) is not None for row in rows.filter(**chosen(columns, given[0])))


@reducer
def run(ctx: ReducerContext, steps: str) -> None:
    answers = []
    try:
        for is_caught, *step in json.loads(steps):
            try:
                answers.append(done(ctx, step))
            except Exception as error:
                answers.append(type(error).__name__)
                if not is_caught:
                    raise
    finally:
        LOG.info(json.dumps(answers))
'''


def source_of(tables: tuple[Declared, ...], version: int) -> str:
    """The module's text."""
    classes = "".join(map(_class, tables))
    listed = ",\n".join(f"    {table.name!r}: ({table.name.title()}, {_columns(table)})" for table in tables)
    return f"{_PRELUDE.replace('{version}', str(version))}{classes}\n\nTABLES = {{\n{listed},\n}}\n{_EPILOGUE}"


def _columns(table: Declared) -> str:
    return "(" + ", ".join(f"({c.name!r}, {c.kind.read}, {c.kind.show})" for c in table.columns) + ",)"


def _class(table: Declared) -> str:
    indexes = [f"index({', '.join(map(repr, columns))})" for columns in table.indexes]
    indexes += [f'index({", ".join(map(repr, columns))}, algorithm="hash")' for columns in table.hashes]
    unique = [f"({', '.join(map(repr, columns))},)" for columns in table.unique]
    options = f"public=True, event={table.is_event}, indexes=[{', '.join(indexes)}], unique=[{', '.join(unique)}]"
    lines = [f"    {column.name}: {_annotation(table, column)}" for column in table.columns]
    return "\n\n".join(["", f"@table({options})\nclass {table.name.title()}:\n" + "\n".join(lines), ""])


def _annotation(table: Declared, column: Column) -> str:
    text = column.kind.annotation
    if column.is_auto:
        text = f"AutoInc[{text}]"
    if column.name == table.key:
        text = f"PrimaryKey[{text}]"
    return f"{text} = {column.kind.default_source}" if column.is_added else text
