"""A module and its submodules side by side, everything by its dotted canonical name."""

from collections.abc import Iterator
from dataclasses import dataclass

from stdbctl.sats import AlgebraicType
from stdbctl.schema.definition import ModuleDef, TableDef, ViewDef
from stdbctl.schema.migration.types import inlined
from stdbctl.schema.problems import Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Owned:
    """Where a table or view stands: the module whose typespace its refs point into, and its submodules."""

    module: ModuleDef
    path: tuple[str, ...]

    def dotted(self, name: str) -> str:
        """The name on the wire."""
        return ".".join((*self.path, name))

    def subject(self, *parts: str) -> Subject:
        """A subject inside this module."""
        return (*(part for namespace in self.path for part in ("submodule", namespace)), *parts)

    def inlined(self, type_: AlgebraicType) -> AlgebraicType:
        """A type of this module with its refs followed."""
        return inlined(type_, self.module.typespace)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnedTable(Owned):
    """A table in its module."""

    table: TableDef


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnedView(Owned):
    """A view in its module."""

    view: ViewDef


def all_modules(module: ModuleDef, path: tuple[str, ...] = ()) -> Iterator[Owned]:
    """The module itself, then its submodules, depth first."""
    yield Owned(module=module, path=path)
    for submodule in module.submodules:
        yield from all_modules(submodule.module, (*path, submodule.namespace))


def all_tables(module: ModuleDef) -> dict[str, OwnedTable]:
    """Every table by dotted name."""
    return {
        owned.dotted(table.name): OwnedTable(module=owned.module, path=owned.path, table=table)
        for owned in all_modules(module)
        for table in owned.module.tables
    }


def all_views(module: ModuleDef) -> dict[str, OwnedView]:
    """Every view by dotted name."""
    return {
        owned.dotted(view.name): OwnedView(module=owned.module, path=owned.path, view=view)
        for owned in all_modules(module)
        for view in owned.module.views
    }
