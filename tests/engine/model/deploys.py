"""Deploys of other versions: what changes, whether the rows let it, and what the model is afterwards."""

import random
from collections.abc import Callable
from dataclasses import replace

from .declared import BADGE, BAG, EXTRA, USER, Column, Columns, Declared
from .kinds import KINDS
from .reference import Reference, TableModel

ADDED_MAX = 3
_ADDABLE = [name for name, kind in KINDS.items() if kind.default_source]
_INDEXES: dict[str, tuple[Columns, ...]] = {
    "user": (("score",), ("team", "score"), ("seen", "name")),
    "bag": (("x",), ("big", "label", "x"), ("label", "x")),
    "badge": (("owner", "color"), ("serial",), ("color", "title")),
}
_UNIQUE: dict[str, tuple[Columns, ...]] = {
    "user": (("name",), ("handle",), ("team", "seen")),
    "bag": (("big",),),
    "badge": (("number",), ("owner", "color")),
}
_KEYS = {"badge": ("title", "serial", None), "user": ("id", "name")}

Change = Callable[[random.Random, Declared], Declared]


def random_change(rng: random.Random, reference: Reference) -> tuple[Declared, ...]:
    """What the next version declares: one or two changes, or none at all."""
    declared = {table.name: table for table in reference.declared}
    for _ in range(rng.choice((0, 1, 1, 2))):
        if rng.random() < 0.2:
            if declared.pop(EXTRA.name, None) is None:
                declared[EXTRA.name] = EXTRA
            continue
        name = rng.choice((USER, BAG, BADGE)).name
        declared[name] = rng.choice(_CHANGES)(rng, declared[name])
    return tuple(declared.values())


def _add_column(rng: random.Random, table: Declared) -> Declared:
    added = sum(column.is_added for column in table.columns)
    if added == ADDED_MAX:
        return table
    column = Column(f"added_{added}", rng.choice(_ADDABLE), is_added=True)
    return replace(table, columns=(*table.columns, column))


def _toggle_index(rng: random.Random, table: Declared) -> Declared:
    return replace(table, indexes=_toggled(table.indexes, rng.choice(_INDEXES[table.name])))


def _toggle_unique(rng: random.Random, table: Declared) -> Declared:
    columns = rng.choice(_UNIQUE[table.name])
    return table if columns == (table.key,) else replace(table, unique=_toggled(table.unique, columns))


def _exchange(rng: random.Random, table: Declared) -> Declared:
    """What was unique may repeat, or the other way round; the index over the columns stays."""
    columns = rng.choice(_UNIQUE[table.name])
    if columns == (table.key,) or (columns in table.indexes) == (columns in table.unique):
        return table
    return replace(table, indexes=_toggled(table.indexes, columns), unique=_toggled(table.unique, columns))


def _move_key(rng: random.Random, table: Declared) -> Declared:
    if table.name not in _KEYS:
        return table
    key = rng.choice(_KEYS[table.name])
    return replace(table, key=key, unique=tuple(columns for columns in table.unique if columns != (key,)))


def _toggle_numbers(rng: random.Random, table: Declared) -> Declared:
    """Auto-increment comes and goes; in a key or unique column, and in one where numbers may repeat."""
    name = {"user": "id", "badge": "serial"}.get(table.name)
    columns = (
        replace(column, is_auto=not column.is_auto) if column.name == name else column for column in table.columns
    )
    return replace(table, columns=tuple(columns))


_CHANGES: tuple[Change, ...] = (
    _add_column,
    _add_column,
    _toggle_index,
    _toggle_index,
    _toggle_unique,
    _exchange,
    _move_key,
    _toggle_numbers,
)


def _toggled(present: tuple[Columns, ...], columns: Columns) -> tuple[Columns, ...]:
    return tuple(c for c in present if c != columns) if columns in present else (*present, columns)


def refusals(reference: Reference, declared: tuple[Declared, ...]) -> set[str]:
    """The codes of what the rows have against a version."""
    kept = {table.name for table in declared}
    in_the_way = [table for name, table in reference.tables.items() if name not in kept and table.rows]
    if in_the_way:
        return {"publish.table_has_rows"}
    codes = set()
    for table in declared:
        old = reference.tables.get(table.name)
        if old is not None:
            codes |= _refusals_of(migrated(old, table), old)
    return codes


def _refusals_of(new: TableModel, old: TableModel) -> set[str]:
    codes = set()
    for columns in new.declared.constraints:
        if len({new.keys(row, columns) for row in new.rows}) < len(new.rows):
            codes.add("publish.unique_clash")
    for column in new.declared.columns:
        place = new.declared.place(column.name)
        if column.is_auto and column.name not in old.numbers and any(row[place] >= 1 for row in new.rows):
            codes.add("publish.sequence_in_use")
    return codes


def breaks_clients(reference: Reference, declared: tuple[Declared, ...]) -> bool:
    """Whether old clients are shut out: a table goes, or columns come."""
    new = {table.name: table for table in declared}
    return any(
        name not in new or new[name].columns[len(table.declared.columns) :] for name, table in reference.tables.items()
    )


def migrated(old: TableModel, declared: Declared) -> TableModel:
    """The rows with the defaults of new columns; numbers go on where the column keeps counting."""
    added = tuple(column.kind.default for column in declared.columns[len(old.declared.columns) :])
    numbers = {c.name: old.numbers[c.name] for c in declared.columns if c.is_auto and c.name in old.numbers}
    return TableModel(declared, [row + added for row in old.rows], numbers)


def deployed(reference: Reference, declared: tuple[Declared, ...]) -> Reference:
    """All tables as the new version has them."""
    made = Reference(declared)
    for table in declared:
        if table.name in reference.tables:
            made.tables[table.name] = migrated(reference.tables[table.name], table)
    return made
