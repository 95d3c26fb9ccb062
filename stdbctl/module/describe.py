"""What is said about a definition besides its types: docstrings, explicit names, and the place of every subject."""

import ast
from collections.abc import Iterator, Sequence

from stdbctl.errors import Place
from stdbctl.module.functions import ReducerSpec
from stdbctl.module.places import PlaceBook
from stdbctl.module.resolve import TypeBook
from stdbctl.module.tables import TableSpec
from stdbctl.sats import EnumShape, RecordShape, UnionShape
from stdbctl.schema import ExplicitName, NameKind, Subject

Documented = tuple[str, str | None]
Placed = tuple[Subject, Place | None]


def docs_of(
    tables: Sequence[TableSpec], reducers: Sequence[ReducerSpec], book: TypeBook, places: PlaceBook
) -> dict[str, str]:
    """Docstrings by dotted path of source names (see RawModuleDef)."""
    found = [*_module_doc(places), *_table_docs(tables, places), *_type_docs(book, places)]
    found += ((f"reducer.{r.source_name}", places.docstring(r.inner, r.declaration.line)) for r in reducers)
    return {path: text for path, text in found if text}


def _module_doc(places: PlaceBook) -> Iterator[Documented]:
    root = places.version.file(places.version.root)
    if root is not None and root.tree is not None:
        yield "module", ast.get_docstring(root.tree)


def _table_docs(tables: Sequence[TableSpec], places: PlaceBook) -> Iterator[Documented]:
    for table in tables:
        yield f"table.{table.source_name}", places.docstring(table.cls)
        fields = places.field_docs(table.cls)
        yield from ((f"table.{table.source_name}.{c.name}", fields.get(c.name)) for c in table.columns)


def _type_docs(book: TypeBook, places: PlaceBook) -> Iterator[Documented]:
    for index, definition in book.definitions.items():
        if not isinstance(definition, UnionShape):
            yield f"type.{book.names[index]}", places.docstring(definition.cls)
            fields = places.field_docs(definition.cls)
            yield from ((f"type.{book.names[index]}.{name}", text) for name, text in fields.items())


def places_of(
    tables: Sequence[TableSpec], reducers: Sequence[ReducerSpec], book: TypeBook, places: PlaceBook
) -> dict[Subject, Place]:
    """The place of every subject that validation may name."""
    found = [*_type_places(book, places), *_table_places(tables, places), *_reducer_places(reducers, places)]
    return {subject: place for subject, place in found if place is not None}


def _type_places(book: TypeBook, places: PlaceBook) -> Iterator[Placed]:
    for index, definition in book.definitions.items():
        name = book.names[index]
        match definition:
            case RecordShape(cls, fields):
                yield ("type", name), places.name(cls)
                yield from ((("type", name, "field", f), places.field(cls, f, "target")) for f, _ in fields)
            case EnumShape(cls):
                yield ("type", name), places.name(cls)
                yield from ((("type", name, "variant", m.name), places.field(cls, m.name, "target")) for m in cls)
            case UnionShape(_, variants):
                yield ("type", name), places.union(name)
                yield from ((("type", name, "variant", c.__name__), places.name(c)) for c, _ in variants)


def _table_places(tables: Sequence[TableSpec], places: PlaceBook) -> Iterator[Placed]:
    for table in tables:
        yield ("table", table.source_name), table.place
        for column in table.columns:
            place = places.field(table.cls, column.name, "target")
            yield ("table", table.source_name, "column", column.name), place


def _reducer_places(reducers: Sequence[ReducerSpec], places: PlaceBook) -> Iterator[Placed]:
    for reducer in reducers:
        yield ("reducer", reducer.source_name), reducer.place
        for name, _ in reducer.params:
            place = places.parameter(reducer.inner, name, reducer.declaration.line, "name")
            yield ("reducer", reducer.source_name, "parameter", name), place
        if reducer.options.lifecycle is not None:
            yield ("lifecycle", reducer.options.lifecycle.name.lower()), reducer.place


def column_names(tables: Sequence[TableSpec]) -> dict[tuple[int, str], str]:
    """The column names that authors chose to stand as they are (see RawModuleDef)."""
    return {
        (table.ref, column.name): column.canonical_name
        for table in tables
        for column in table.columns
        if table.ref is not None and column.canonical_name is not None
    }


def explicit_names(tables: Sequence[TableSpec], reducers: Sequence[ReducerSpec]) -> tuple[ExplicitName, ...]:
    """The names that authors chose to stand as they are."""
    tables_named = [(NameKind.TABLE, t.source_name, t.options.name) for t in tables]
    reducers_named = [(NameKind.FUNCTION, r.source_name, r.options.name) for r in reducers]
    return tuple(
        ExplicitName(kind=kind, source_name=source, canonical_name=name)
        for kind, source, name in [*tables_named, *reducers_named]
        if name is not None
    )
