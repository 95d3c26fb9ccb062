"""Which columns mean a row of another table: nothing in a module declares it, but names and types tell.

A column means a table whose key has the same type (or that type as an option), when its name is the table's and the
key's (`room_id` for `room.id`), the key's own where that begins with the table's (`player_id` for `player.player_id`),
or ends so (`parent_folder_id` for `folder.id`). A key is a primary key or a unique column. Where exactly one table has
an `Identity` as its primary key, every other column of that type means it: an identity is somebody, and that table
knows who.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from stdbctl.sats import IDENTITY, AlgebraicType, option_inner
from stdbctl.schema import TableDef


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """`column` of `table` means the row of `target` whose `key` is the same; columns by position."""

    table: TableDef
    column: int
    target: TableDef
    key: int


_Keys = Mapping[tuple[str, AlgebraicType], tuple[TableDef, int]]


def find_references(tables: Sequence[TableDef]) -> tuple[Reference, ...]:
    """Find the references among tables, at most one per column, in the order of tables and columns.

    Cost: for each column one look-up per word of its name.
    """
    keys = _keys(tables)
    people = [table for table in tables if table.primary_key is not None and _type(table) == IDENTITY]
    someone = people[0] if len(people) == 1 else None
    return tuple(reference for table in tables for reference in _of_table(table, keys, someone))


def _type(table: TableDef) -> AlgebraicType | None:
    return None if table.primary_key is None else table.columns[table.primary_key].type


def _keys(tables: Sequence[TableDef]) -> _Keys:
    """(name of a column that means it, type) -> the table and its key; the first table of a name counts."""
    found: dict[tuple[str, AlgebraicType], tuple[TableDef, int]] = {}
    for table in tables:
        single = {constraint.columns[0] for constraint in table.constraints if len(constraint.columns) == 1}
        for position in sorted(single | ({table.primary_key} if table.primary_key is not None else set())):
            column = table.columns[position]
            name = column.name if column.name.startswith(f"{table.name}_") else f"{table.name}_{column.name}"
            found.setdefault((name, column.type), (table, position))
    return found


def _of_table(table: TableDef, keys: _Keys, someone: TableDef | None) -> Iterator[Reference]:
    for position, column in enumerate(table.columns):
        type_ = option_inner(column.type) or column.type
        target = next((keys[name, type_] for name in _endings(column.name) if (name, type_) in keys), None)
        if target is None and type_ == IDENTITY and someone is not None and someone.primary_key is not None:
            target = (someone, someone.primary_key)
        if target is not None and target != (table, position):
            yield Reference(table=table, column=position, target=target[0], key=target[1])


def _endings(name: str) -> Iterator[str]:
    """The name, then what is left of it after each word: `parent_folder_id`, `folder_id`, `id`."""
    yield name
    while "_" in name:
        name = name.partition("_")[2]
        yield name
