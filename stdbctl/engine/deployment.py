"""A module as it runs: its tables in memory, its functions, and the instance that runs them.

A deploy builds the next deployment beside the running one and switches one reference; going back is switching again.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from stdbctl.engine.ports import Instance
from stdbctl.engine.schedules import Timetable
from stdbctl.engine.table import Table
from stdbctl.records import Catalog, Program, Seed, StoredTable, TableIds
from stdbctl.sats import Codec, ProductElement, ProductType, compile_codec, from_json
from stdbctl.schema import Lifecycle, ModuleDef, ReducerDef


class Function:
    """A reducer with what calling it needs. `decode` reads arguments from BSATN."""

    __slots__ = ("_module", "_named", "codec", "decode", "definition", "function_id", "is_private", "lifecycle", "name")

    def __init__(self, function_id: int, definition: ReducerDef, module: ModuleDef) -> None:
        self.function_id, self.definition, self._module = function_id, definition, module
        self.name, self.is_private, self.lifecycle = definition.name, definition.is_private, definition.lifecycle
        self._named = ProductType(tuple(ProductElement(p.accessor, p.type) for p in definition.params))
        self.codec: Codec = compile_codec(self._named, module.typespace)
        self.decode = self.codec.decode_all

    def from_json(self, data: object) -> Any:
        """Arguments from decoded JSON, positional or by source name; JsonError."""
        return from_json(self._named, self._module.typespace, data)


@dataclass(slots=True)
class Deployment:
    """`tables`: by id. `functions`: by canonical name. `lifecycle`: those that only the server calls.

    `timetables`: the scheduled tables, by id.
    """

    program: Program
    module: ModuleDef
    tables: dict[int, Table]
    tables_by_name: Mapping[str, Table]
    functions: Mapping[str, Function]
    lifecycle: Mapping[Lifecycle, Function]
    timetables: Mapping[int, Timetable]
    instance: Instance
    seed: Seed

    def table(self, name: str) -> Table:
        """A table by canonical name."""
        return self.tables_by_name[name]


def functions_of(module: ModuleDef) -> dict[str, Function]:
    """All reducers by canonical name."""
    return {reducer.name: Function(i, reducer, module) for i, reducer in enumerate(module.reducers)}


def lifecycle_of(functions: Mapping[str, Function]) -> dict[Lifecycle, Function]:
    """The reducers that the server calls itself."""
    return {f.lifecycle: f for f in functions.values() if f.lifecycle is not None}


def timetables_of(
    module: ModuleDef, tables: Mapping[str, Table], functions: Mapping[str, Function]
) -> dict[int, Timetable]:
    """The scheduled tables by id. Rows of an event table never wait, so its schedule would never run."""
    timetables = {}
    for definition in module.tables:
        schedule, table = definition.schedule, tables[definition.name]
        if schedule is not None:
            assert definition.primary_key is not None, "validation demands a key of scheduled tables"
            function = functions[schedule.function]
            timetables[table.table_id] = Timetable(table, schedule.column, definition.primary_key, function)
    return timetables


def catalog_of(tables: Iterable[Table]) -> Catalog:
    """The ids that an instance is made with."""
    return {table.name: TableIds(table.table_id, table.index_ids) for table in tables}


def stored_table(table: Table) -> StoredTable:
    """The table as the store keeps it in its catalogue."""
    return StoredTable(table.table_id, table.name, table.index_ids)
