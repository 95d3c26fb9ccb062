"""`was=` of tables and columns: what they were called before, a name that nothing has any more."""

from collections.abc import Iterator, Sequence

from stdbctl.errors import Place
from stdbctl.module.places import PlaceBook
from stdbctl.module.problems import BadRename, ModuleProblem
from stdbctl.module.tables import Column, TableSpec, is_name
from stdbctl.schema import Rename


def renames_of(tables: Sequence[TableSpec]) -> tuple[Rename, ...]:
    """What authors say was called otherwise before (see RawModuleDef)."""
    of_tables = [Rename(old=old, new=table.source_name) for table in tables for old in table.options.was]
    of_columns = [
        Rename(table=table.source_name, old=old, new=column.name)
        for table in tables
        for column in table.columns
        for old in column.was
    ]
    return (*of_tables, *of_columns)


def rename_problems(tables: Sequence[TableSpec], places: PlaceBook) -> Iterator[tuple[TableSpec, ModuleProblem]]:
    """What is wrong about the `was=` of every table and of its columns."""
    names = {name: table.source_name for table in tables for name in (table.source_name, table.options.name)}
    for table in tables:
        declaration = table.declaration
        place = places.option(declaration.file, declaration.line, "was")
        for problem in _wrong(table.source_name, "a table", table.options.was, names, place):
            yield table, problem
        for column in table.columns:
            where = places.field(table.cls, column.name)
            for problem in _wrong(column.name, "a column", column.was, _column_names(table), where):
                yield table, problem


def _column_names(table: TableSpec) -> dict[str | None, str]:
    columns: Sequence[Column] = table.columns
    return {name: column.name for column in columns for name in (column.name, column.canonical_name)}


def _wrong(
    new: str, kind: str, was: object, names: dict[str | None, str], place: Place | None
) -> Iterator[ModuleProblem]:
    for old in was if isinstance(was, tuple) else (was,):
        if not isinstance(old, str) or not is_name(old):
            reason, fix = (
                f"{old!r} cannot be the name of {kind}",
                'write the old name: `was="old"`, or several in a tuple',
            )
            yield BadRename(name=new, reason=reason, fix=fix, place=place)
        elif old in names and names[old] != new:
            reason = f"`{old}` is still {kind} of this module" if kind == "a table" else f"`{old}` is still there"
            yield BadRename(name=new, reason=reason, fix=f"remove `{old}`, or this `was`", place=place)
