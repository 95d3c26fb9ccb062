"""Tables and views as Python shows them: a handle on the rows that are here, and a query for rows to come."""

from collections.abc import Sequence
from dataclasses import replace

from stdbctl.codegen.literals import Safe
from stdbctl.codegen.python.literals import PyName
from stdbctl.codegen.python.named import NamedTypes
from stdbctl.codegen.python.names import Namer, class_style
from stdbctl.codegen.python.types import TypeView
from stdbctl.codegen.python.views import FieldView, TableView
from stdbctl.codegen.select import Selection
from stdbctl.sats import BYTES, AlgebraicType, Primitive, option_inner, special_name
from stdbctl.schema import TableDef, ViewDef

_ORDERED = frozenset({"ConnectionId", "Identity", "TimeDuration", "Timestamp", "Uuid"})
"""The special types whose values have an order in Python."""
_COMPARED = _ORDERED - {"TimeDuration"}
"""Those that have literals in SQL."""


class TableViews:
    """Makes the views of one module's tables. `classes`, `consts`: where their names come from."""

    def __init__(self, selection: Selection, named: NamedTypes, classes: Namer, consts: Namer) -> None:
        self._selection, self._named, self._classes, self._consts = selection, named, classes, consts
        self._typespace = selection.module.typespace

    def views(self, names: Sequence[PyName], path: Sequence[PyName]) -> tuple[TableView, ...]:
        """All tables, then all views. `names`: their attributes; `path`: those of the namespaces around."""
        items = self._selection.relations
        stems = [class_style(item.accessor) for item in items]
        handles = self._classes.names([f"{stem}Handle" for stem in stems])
        columns = self._classes.names([f"{stem}Columns" for stem in stems])
        queries = self._classes.names([f"{stem}Query" for stem in stems])
        accessors = [".".join((*path, name)) for name in names]
        consts = self._consts.names([accessor.replace(".", "_").upper() for accessor in accessors])
        return tuple(
            self._view(item, name=name, accessor=accessor, const=const, handle=handle, columns_class=c, query=query)
            for item, name, accessor, const, handle, c, query in zip(
                items, names, accessors, consts, handles, columns, queries, strict=True
            )
        )

    def _view(
        self,
        item: TableDef | ViewDef,
        *,
        name: PyName,
        accessor: str,
        const: PyName,
        handle: PyName,
        columns_class: PyName,
        query: PyName,
    ) -> TableView:
        columns = self._named.fields_of(item.row_type)
        types = [column.type for column in item.columns]
        pairs = list(zip(columns, types, strict=True))
        kind = "view" if isinstance(item, ViewDef) else "table"
        wire_name = f"{self._selection.wire_prefix}{item.name}"
        return TableView(
            name=name,
            const=const,
            wire_name=wire_name,
            accessor=accessor,
            row=self._named.names[item.row_type.index],
            row_index=item.row_type.index,
            handle=handle,
            columns_class=columns_class,
            query=query,
            primary_key=None if item.primary_key is None else columns[item.primary_key],
            finders=_finders(item, columns),
            indexes=_indexes(item, columns),
            auto_inc=_auto_inc(item, columns),
            filtered=tuple(replace(column, type=self._filter_type(column.type, type_)) for column, type_ in pairs),
            compared=tuple(column for column, type_ in pairs if self._is_comparable(type_, _COMPARED)),
            is_event=isinstance(item, TableDef) and item.is_event,
            is_view=isinstance(item, ViewDef),
            doc=self._selection.module.docs.get(f"{kind}.{item.name}") or f"The rows of the {kind} `{wire_name}`.",
            query_doc=f"All rows of the {kind} `{wire_name}`, or those that `where` leaves.",
        )

    def _filter_type(self, view: TypeView, type_: AlgebraicType) -> TypeView:
        """What `filter` takes for a column: a value, a range where there is an order, or nothing."""
        inner = option_inner(self._typespace.resolve(type_))
        is_ordered = self._is_comparable(type_ if inner is None else inner, _ORDERED)
        text = view.text.removesuffix(" | None")
        parts = [text, *([f"Range[{text}]"] if is_ordered else []), "Unset"]
        parts += ["None"] if view.text.endswith(" | None") else []
        return replace(view, text=Safe(" | ".join(parts)), client=view.client | ({"Range"} if is_ordered else set()))

    def _is_comparable(self, type_: AlgebraicType, special: frozenset[str]) -> bool:
        resolved = self._typespace.resolve(type_)
        return isinstance(resolved, Primitive) or resolved == BYTES or special_name(resolved) in special


def _finders(item: TableDef | ViewDef, columns: tuple[FieldView, ...]) -> tuple[tuple[FieldView, ...], ...]:
    """The sets of columns that find one row at most: the primary key first, then by name."""
    keys: list[tuple[int, ...]] = [] if item.primary_key is None else [(item.primary_key,)]
    if isinstance(item, TableDef):
        keys += [constraint.columns for constraint in sorted(item.constraints, key=lambda c: c.name)]
    return tuple(tuple(columns[position] for position in key) for key in dict.fromkeys(keys))


def _auto_inc(item: TableDef | ViewDef, columns: tuple[FieldView, ...]) -> tuple[FieldView, ...]:
    sequences = item.sequences if isinstance(item, TableDef) else ()
    return tuple(columns[position] for position in sorted({sequence.column for sequence in sequences}))


def _indexes(item: TableDef | ViewDef, columns: tuple[FieldView, ...]) -> tuple[tuple[FieldView, ...], ...]:
    if isinstance(item, ViewDef):
        return ()
    found = [index.columns for index in sorted(item.indexes, key=lambda index: index.name)]
    return tuple(tuple(columns[position] for position in index) for index in dict.fromkeys(found))
