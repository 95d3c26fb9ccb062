"""Canonical names: what a source name becomes on the wire, in SQL and in storage. Source: docs/naming.md.

| policy | tables, columns, functions, parameters, fields | variants | types and their scopes |
|---|---|---|---|
| snake case (the default) | snake_case | camelCase | PascalCase |
| none | as written | as written | as written |

Explicit names replace those of tables, columns, functions and indexes, letter for letter. Elements of the special types
(`__identity__`, `some`, `Interval`, …) keep their names.
"""

from collections.abc import Sequence

from stdbctl.sats import (
    AlgebraicType,
    ArrayType,
    ProductElement,
    ProductType,
    SumType,
    SumVariant,
    Typespace,
    is_special,
)
from stdbctl.schema.casing import camel, pascal, snake
from stdbctl.schema.definition import IndexAlgorithm
from stdbctl.schema.raw import NameKind, RawModuleDef


class Namer:
    """The naming policy of one module: source name in, canonical name out."""

    def __init__(self, raw: RawModuleDef) -> None:
        self.is_converting = raw.snake_case
        self._explicit: dict[NameKind, dict[str, str]] = {kind: {} for kind in NameKind}
        self._columns = raw.column_names
        for entry in raw.explicit_names:
            self._explicit[entry.kind][entry.source_name] = entry.canonical_name

    def table(self, source: str) -> str:
        """Name a table."""
        return self._explicit[NameKind.TABLE].get(source) or self.field(source)

    def function(self, source: str) -> str:
        """Name a reducer, procedure, view or HTTP handler."""
        return self._explicit[NameKind.FUNCTION].get(source) or self.field(source)

    def index(self, source: str) -> str | None:
        """Give the explicit name of an index, if it has one."""
        return self._explicit[NameKind.INDEX].get(source)

    def column(self, row_type: int, source: str) -> str:
        """Name a column of the row type at a position of the typespace."""
        return self._columns.get((row_type, source)) or self.field(source)

    def field(self, source: str) -> str:
        """Name a parameter or a field of a product."""
        return snake(source) if self.is_converting else source

    def variant(self, source: str) -> str:
        """Name a variant of a sum."""
        return camel(source) if self.is_converting else source

    def type(self, source: str) -> str:
        """Name a type, or one scope around it."""
        return pascal(source) if self.is_converting else source

    def typespace(self, typespace: Typespace) -> Typespace:
        """Name every element inside a typespace."""
        return Typespace(tuple(self._named_at(position, type_) for position, type_ in enumerate(typespace.types)))

    def _named_at(self, position: int, type_: AlgebraicType) -> AlgebraicType:
        named = self._named(type_)
        if not isinstance(type_, ProductType) or not isinstance(named, ProductType) or is_special(type_):
            return named
        return ProductType(
            tuple(
                ProductElement(None if before.name is None else self.column(position, before.name), after.type)
                for before, after in zip(type_.elements, named.elements, strict=True)
            )
        )

    def _named(self, type_: AlgebraicType) -> AlgebraicType:
        if is_special(type_):
            return type_
        if isinstance(type_, ArrayType):
            return ArrayType(self._named(type_.element))
        if isinstance(type_, ProductType):
            return ProductType(tuple(self._named_element(element) for element in type_.elements))
        if isinstance(type_, SumType):
            return SumType(tuple(self._named_variant(variant) for variant in type_.variants))
        return type_

    def _named_element(self, element: ProductElement) -> ProductElement:
        name = None if element.name is None else self.field(element.name)
        return ProductElement(name, self._named(element.type))

    def _named_variant(self, variant: SumVariant) -> SumVariant:
        name = None if variant.name is None else self.variant(variant.name)
        return SumVariant(name, self._named(variant.type))


def index_name(table: str, columns: Sequence[str], algorithm: IndexAlgorithm) -> str:
    """Generate the canonical name of an index from canonical names."""
    return f"{table}_{'_'.join(columns)}_idx_{algorithm.name.lower()}"


def constraint_name(table: str, columns: Sequence[str]) -> str:
    """Generate the canonical name of a unique constraint from canonical names."""
    return f"{table}_{'_'.join(columns)}_key"


def sequence_name(table: str, column: str) -> str:
    """Generate the canonical name of a sequence from canonical names."""
    return f"{table}_{column}_seq"


def schedule_name(table: str) -> str:
    """Generate the canonical name of a schedule from its table's canonical name."""
    return f"{table}_sched"


def column_names(row: ProductType, columns: Sequence[int]) -> list[str]:
    """The names of columns by position, `col_N` where there is none."""
    names = dict(enumerate(element.name for element in row.elements))
    return [names.get(column) or f"col_{column}" for column in columns]
