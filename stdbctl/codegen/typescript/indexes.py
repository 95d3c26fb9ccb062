"""The names that indexes get on the client's table, and what they must not overwrite."""

from collections.abc import Iterator

from stdbctl.codegen.problems import IndexAccessorTaken
from stdbctl.schema import Subject, TableDef, ViewDef, camel

TABLE_MEMBERS = frozenset(
    {
        "applyOperations",
        "constructor",
        "count",
        "delete",
        "emitter",
        "hasPrimaryKey",
        "insert",
        "iter",
        "onDelete",
        "onInsert",
        "onUpdate",
        "removeOnDelete",
        "removeOnInsert",
        "removeOnUpdate",
        "rows",
        "tableDef",
        "update",
    }
)
"""What the SDK's table object has of its own (`TableCacheImpl`); an index of the same name would replace it."""


def index_problems(subject: Subject, item: TableDef | ViewDef) -> Iterator[IndexAccessorTaken]:
    """Find the indexes of a table whose name on the client's table is taken.

    A primary key and a unique column have an index under the column's key; every other has the module's accessor.
    """
    taken: dict[str, tuple[int, ...]] = {}
    for accessor, columns, index_subject in _accessors(subject, item):
        if accessor in TABLE_MEMBERS:
            yield IndexAccessorTaken(subject=index_subject, accessor=accessor, taken_by="a method of the SDK")
        elif taken.setdefault(accessor, columns) != columns:
            yield IndexAccessorTaken(subject=index_subject, accessor=accessor, taken_by="another index")


def _accessors(subject: Subject, item: TableDef | ViewDef) -> Iterator[tuple[str, tuple[int, ...], Subject]]:
    keyed = {item.primary_key} if item.primary_key is not None else set()
    if isinstance(item, TableDef):
        keyed |= {c.columns[0] for c in item.constraints if len(c.columns) == 1}
    for column in sorted(keyed):
        yield camel(item.columns[column].name), (column,), (*subject, "column", item.columns[column].accessor)
    if isinstance(item, TableDef):
        for index in sorted(item.indexes, key=lambda i: i.name):
            if index.accessor is not None:
                yield index.accessor, index.columns, (*subject, "index", index.source_name)
