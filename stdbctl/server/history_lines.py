"""Transactions of the past as lines of NDJSON, read by the module that runs now (docs/server.md, "History")."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any  # Any: JSON data

from stdbctl.records import ChangedRows
from stdbctl.sats import (
    AlgebraicType,
    DecodeError,
    JsonError,
    JsonStyle,
    ProductElement,
    ProductType,
    compile_codec,
    dumps,
    to_json,
)
from stdbctl.schema import ModuleDef
from stdbctl.store import HistoryEntry


@dataclass(frozen=True, slots=True)
class HistoryWriter:
    """Writes entries by one definition. `table_names`: by table id; `rows_max`: of each table's two lists, None = all.

    `live_table_ids`: the tables that the definition describes; the others are gone, even if their name came back.
    Bytes that the definition cannot read are written as hex digits.
    """

    module: ModuleDef
    table_names: Mapping[int, str]
    live_table_ids: Collection[int]
    program_hash: str
    rows_max: int | None = None

    def line(self, entry: HistoryEntry) -> str:
        """One transaction, with its newline."""
        connection = entry.connection_id
        data = {
            "offset": entry.offset,
            "kind": entry.kind.value,
            "timestamp": entry.timestamp.micros,
            "caller": entry.caller.to_hex(),
            "connection_id": None if connection is None else connection.to_hex(),
            "function": entry.function or None,
            "args": self._args(entry) if entry.function else None,
            "seed": entry.seed,
            "program": entry.program_hash or None,
            "is_running_program": entry.program_hash == self.program_hash,
            "changes": [self._change(change) for change in entry.changes],
        }
        return dumps(data) + "\n"

    def _args(self, entry: HistoryEntry) -> Any:
        reducer = self.module.reducer(entry.function)
        if reducer is None:
            return entry.args.hex()
        named = ProductType(tuple(ProductElement(param.accessor, param.type) for param in reducer.params))
        return self._values(named, (entry.args,))[0]

    def _change(self, change: ChangedRows) -> dict[str, Any]:
        name = self.table_names.get(change.table_id)
        live = name if change.table_id in self.live_table_ids else None
        return {
            "table": name,
            "table_id": change.table_id,
            "is_event": change.is_event,
            "deleted_count": len(change.deleted),
            "inserted_count": len(change.inserted),
            "deleted": self._rows(live, change.deleted[: self.rows_max]),
            "inserted": self._rows(live, change.inserted[: self.rows_max]),
        }

    def _rows(self, table: str | None, rows: Sequence[bytes]) -> list[Any]:
        definition = None if table is None else self.module.table(table)
        return [row.hex() for row in rows] if definition is None else self._values(definition.row_type, rows)

    def _values(self, type_: AlgebraicType, encoded: Sequence[bytes]) -> list[Any]:
        typespace = self.module.typespace
        decode = compile_codec(type_, typespace).decode_all

        def value(data: bytes) -> Any:
            try:
                return to_json(type_, typespace, decode(data), JsonStyle.TYPED)
            except (DecodeError, JsonError):
                return data.hex()

        return [value(data) for data in encoded]
