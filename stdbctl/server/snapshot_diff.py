"""What differs between two states of a database: per table which rows are only in one, and which changed.

Rows are matched by primary key, or as a whole where a table has none, and read in the order of their keys, side by
side: a diff holds no table in memory.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any  # Any: JSON data

from stdbctl.engine import Prepared, same_type
from stdbctl.errors import Problems
from stdbctl.records import Program
from stdbctl.sats import DecodeError, JsonError, JsonStyle, compile_codec, to_json
from stdbctl.schema import ModuleDef, TableDef, validate
from stdbctl.server.programs import reasons
from stdbctl.server.refusal import Refusal
from stdbctl.server.site import Site
from stdbctl.store import DatabaseCopy, DatabaseRecord, KeyedRow, paired

ROWS_MAX = 1_000
"""Rows of each kind and table that one answer shows at most; the counts are of all."""


@dataclass(slots=True)
class TableDiff:
    """The differences of one table; the counts are of all rows, the lists hold the first few as SATS-JSON."""

    name: str
    columns_differ: bool
    only_before: int = 0
    only_after: int = 0
    changed: int = 0
    same: int = 0
    before_rows: list[Any] = field(default_factory=list)
    after_rows: list[Any] = field(default_factory=list)
    changed_rows: list[Any] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether the table is the same on both sides."""
        return not (self.only_before or self.only_after or self.changed or self.columns_differ)

    def to_json(self) -> dict[str, object]:
        """As docs/snapshots.md shows it."""
        return {
            "table": self.name,
            "columns_differ": self.columns_differ,
            "only_before": self.only_before,
            "only_after": self.only_after,
            "changed": self.changed,
            "same": self.same,
            "rows": {"only_before": self.before_rows, "only_after": self.after_rows, "changed": self.changed_rows},
        }


class Side:
    """One state with the definition by which its rows are read."""

    def __init__(self, copy: DatabaseCopy, module: ModuleDef) -> None:
        self.copy = copy
        self.ids = {table.name: table.table_id for table in copy.catalog}
        self._module, self._space = module, module.typespace

    def table(self, name: str) -> TableDef | None:
        """The definition of a table; None where there is none."""
        return self._module.table(name) if name in self.ids else None

    def rows(self, name: str) -> Iterator[KeyedRow]:
        """The rows of a table, none where there is no such table."""
        return self.copy.rows(self.ids[name]) if name in self.ids else iter(())

    def shown(self, name: str, data: bytes) -> Any:
        """A row as SATS-JSON, by names; hex digits where its definition cannot read it."""
        definition = self.table(name)
        if definition is None:
            return data.hex()
        try:
            row = compile_codec(definition.row_type, self._space).decode_all(data)
            return to_json(definition.row_type, self._space, row, JsonStyle.TYPED)
        except (DecodeError, JsonError):
            return data.hex()

    def is_alike(self, name: str, other: "Side") -> bool:
        """Whether both declare this table with the same columns and the same key, if both do."""
        here, there = self.table(name), other.table(name)
        if here is None or there is None:
            return True
        is_same = same_type(here.row_type, self._space, there.row_type, other._space)
        return is_same and here.primary_key == there.primary_key


def compare(before: Side, after: Side, rows_max: int) -> list[dict[str, object]]:
    """The tables that differ, by name."""
    names = sorted({*before.ids, *after.ids})
    diffs = (_compare_table(name, before, after, rows_max) for name in names)
    return [diff.to_json() for diff in diffs if not diff.is_empty]


def _compare_table(name: str, before: Side, after: Side, rows_max: int) -> TableDiff:
    diff = TableDiff(name, columns_differ=not before.is_alike(name, after))
    for old, new in paired(before.rows(name), after.rows(name)):
        if old is not None and new is not None:
            if old == new:
                diff.same += 1
                continue
            diff.changed += 1
            if len(diff.changed_rows) < rows_max:
                diff.changed_rows.append({"before": before.shown(name, old[1]), "after": after.shown(name, new[1])})
        elif old is not None:
            diff.only_before += 1
            if len(diff.before_rows) < rows_max:
                diff.before_rows.append(before.shown(name, old[1]))
        elif new is not None:
            diff.only_after += 1
            if len(diff.after_rows) < rows_max:
                diff.after_rows.append(after.shown(name, new[1]))
    return diff


def definition_of(site: Site, record: DatabaseRecord, program: Program) -> ModuleDef:
    """What a stored program declares, which takes an import unless it is the one that runs; Refusal 400."""
    hosted = site.databases.hosted(record.identity)
    if hosted is not None and hosted.database.program is not None and hosted.database.program.hash == program.hash:
        assert hosted.database.module is not None, "a program that runs has a definition"
        return hosted.database.module
    return read_definition(site.prepare(program, record.identity))


def read_definition(prepared: "Prepared | Sequence[Any]") -> ModuleDef:
    """The definition of a program that was prepared; Refusal 400 when it could not be."""
    if not isinstance(prepared, Sequence):
        module = validate(prepared.describe())
        if isinstance(module, ModuleDef):
            return module
        raise Refusal(400, f"the module of this snapshot cannot be read: {Problems(module)}")
    raise Refusal(400, f"the module of this snapshot cannot be loaded: {reasons(prepared)}")
