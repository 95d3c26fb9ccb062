"""Definitions of one table for the tests of files with rows."""

from collections.abc import Mapping

from stdbctl.sats import AlgebraicType, ProductElement, ProductType, Ref, Typespace
from stdbctl.schema import ColumnDef, ModuleDef, SequenceDef, TableDef


def module_of(
    columns: Mapping[str, AlgebraicType],
    space: Typespace = Typespace(),  # noqa: B008  # immutable
    *,
    defaults: Mapping[str, bytes] | None = None,
    counted: str | None = None,
) -> ModuleDef:
    """A module with one table `thing`, source name `Thing`; the columns are called the same in source, in capitals."""
    row = ProductType(tuple(ProductElement(name, type_) for name, type_ in columns.items()))
    names = list(columns)
    table = TableDef(
        name="thing",
        accessor="Thing",
        row_type=Ref(len(space.types)),
        columns=tuple(
            ColumnDef(name=name, accessor=name.upper(), type=type_, default=(defaults or {}).get(name))
            for name, type_ in columns.items()
        ),
        sequences=() if counted is None else (SequenceDef(name="thing_seq", column=names.index(counted)),),
    )
    event = TableDef(name="spark", accessor="Spark", row_type=table.row_type, columns=table.columns, is_event=True)
    return ModuleDef(typespace=Typespace((*space.types, row)), tables=(table, event))
