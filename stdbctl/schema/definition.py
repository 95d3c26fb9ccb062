"""ModuleDef: what a module declares, validated, with every canonical name decided. Plain frozen data.

It is made only by `stdbctl.schema.validate(raw)`; it is what the engine, the query planner, the generators and
the migration planner read. Two names stand for most things: `name` is canonical (wire, SQL, storage);
`accessor` is the source name as the author wrote it (SQL accepts it too, generators start from it).
Source: SpacetimeDB's validated module definition, described in docs/formats.md.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field

from stdbctl.sats import AlgebraicType, ProductType, Ref, Typespace


class IndexAlgorithm(enum.Enum):
    """How an index finds rows; the value is the tag on the wire."""

    BTREE = 0
    HASH = 1
    DIRECT = 2


class Lifecycle(enum.Enum):
    """The moments at which the server calls a reducer itself; the value is the tag on the wire."""

    INIT = 0
    ON_CONNECT = 1
    ON_DISCONNECT = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnDef:
    """One column; its position in `TableDef.columns` is its id."""

    name: str
    accessor: str
    type: AlgebraicType
    default: bytes | None = None
    """BSATN of the column default, at the column's type; None = no default."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexDef:
    """One index. `accessor` is what client code calls it (None = it has no accessor)."""

    name: str
    source_name: str
    accessor: str | None
    algorithm: IndexAlgorithm
    columns: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UniqueDef:
    """One unique constraint over a set of columns (ascending positions)."""

    name: str
    columns: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SequenceDef:
    """Auto-increment on one column; None = the type's own bound (start 1, min 1)."""

    name: str
    column: int
    start: int | None = None
    min_value: int | None = None
    max_value: int | None = None
    increment: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleDef:
    """The rows of the table say when `function` (canonical name) is to run."""

    name: str
    column: int
    function: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TableDef:
    """One table. `row_type` is the ref of its row product in the typespace."""

    name: str
    accessor: str
    row_type: Ref
    columns: tuple[ColumnDef, ...]
    primary_key: int | None = None
    indexes: tuple[IndexDef, ...] = ()
    constraints: tuple[UniqueDef, ...] = ()
    sequences: tuple[SequenceDef, ...] = ()
    schedule: ScheduleDef | None = None
    is_public: bool = False
    is_event: bool = False
    is_system: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ParamDef:
    """One parameter. JSON arguments by name use `accessor` (the raw name), generators use `name`."""

    name: str
    accessor: str
    type: AlgebraicType


@dataclass(frozen=True, slots=True, kw_only=True)
class ReducerDef:
    """One reducer; its position in `ModuleDef.reducers` is its function id."""

    name: str
    accessor: str
    params: tuple[ParamDef, ...] = ()
    is_private: bool = False
    lifecycle: Lifecycle | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcedureDef:
    """One procedure; its position in `ModuleDef.procedures` is its function id."""

    name: str
    accessor: str
    params: tuple[ParamDef, ...] = ()
    return_type: AlgebraicType = ProductType()
    is_private: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewDef:
    """One view; `index` counts anonymous and sender views separately. Columns are those of the row product."""

    name: str
    accessor: str
    index: int
    is_public: bool
    is_anonymous: bool
    params: tuple[ParamDef, ...]
    return_type: AlgebraicType
    row_type: Ref
    columns: tuple[ColumnDef, ...]
    primary_key: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeDef:
    """A named type. `name` is canonical (Pascal), `accessor` the source name, `scope` the canonical names around it."""

    name: str
    accessor: str
    type: Ref
    scope: tuple[str, ...] = ()
    custom_ordering: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpHandlerDef:
    """One function that answers HTTP requests."""

    name: str
    accessor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpRouteDef:
    """One HTTP route: `handler` is a canonical name, `method` an upper-case HTTP method or None for any."""

    handler: str
    method: str | None
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmoduleDef:
    """A module inside a module. Its names are local; on the wire they are `namespace.name`."""

    namespace: str
    module: "ModuleDef"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rename:
    """What was called `old` is called `new`: a column of `table`, or a table where that is None."""

    old: str
    new: str
    table: str | None = None

    def __str__(self) -> str:
        return f"{self.old}:{self.new}" if self.table is None else f"{self.table}.{self.old}:{self.new}"


@dataclass(frozen=True, slots=True, kw_only=True)
class MigrationDef:
    """A function that makes rows of `table` (canonical name) of older ones; `function` is its source name.

    `columns`: those of the rows that it takes, in the order in which it takes them; refs in their types are followed.
    """

    table: str
    function: str
    columns: tuple[ColumnDef, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleDef:
    """All that a module declares. Element names inside `typespace` are canonical too.

    `docs`: docstrings by dotted path: "table.point", "table.point.color", "reducer.add_point", "type.Point",
    "module" (canonical names). They are no part of equality: a changed docstring is not a changed schema.
    `element_names`: (position in the typespace, position in the type) -> how the source calls that field or variant,
    where its canonical name is another. No part of equality either.
    `renames`: what the author says was called otherwise once; canonical names, but for `old`. No part of equality.
    `migrations`: the author's functions for older rows; a position in it is a function's id. No part of equality.
    """

    typespace: Typespace = Typespace()
    types: tuple[TypeDef, ...] = ()
    tables: tuple[TableDef, ...] = ()
    reducers: tuple[ReducerDef, ...] = ()
    procedures: tuple[ProcedureDef, ...] = ()
    views: tuple[ViewDef, ...] = ()
    row_level_security: tuple[str, ...] = ()
    http_handlers: tuple[HttpHandlerDef, ...] = ()
    http_routes: tuple[HttpRouteDef, ...] = ()
    submodules: tuple[SubmoduleDef, ...] = ()
    docs: Mapping[str, str] = field(default_factory=dict, compare=False, hash=False)
    element_names: Mapping[tuple[int, int], str] = field(default_factory=dict, compare=False, hash=False)
    renames: tuple[Rename, ...] = field(default=(), compare=False)
    migrations: tuple[MigrationDef, ...] = field(default=(), compare=False)

    def table_named(self, name: str) -> TableDef | None:
        """Find a table by canonical name alone."""
        return next((t for t in self.tables if t.name == name), None)

    def table(self, name: str) -> TableDef | None:
        """Find a table by canonical name, else by accessor."""
        return next((t for t in self.tables if t.name == name), None) or next(
            (t for t in self.tables if t.accessor == name), None
        )

    def reducer(self, name: str) -> ReducerDef | None:
        """Find a reducer by canonical name (the only name on the wire)."""
        return next((r for r in self.reducers if r.name == name), None)
