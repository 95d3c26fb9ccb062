"""Programs for the engine's tests: tables declared by hand, reducers as Python functions over the tuple face."""

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from stdbctl.engine import Committed, Database, Log, Prepared, Store
from stdbctl.errors import Fault, ReducerError
from stdbctl.records import (
    DONE,
    NO_SEED,
    Call,
    Catalog,
    Entry,
    LogRecord,
    Outcome,
    OutcomeKind,
    Program,
    ProgramKind,
    Row,
    SchemaChange,
    Seed,
    TableAccess,
)
from stdbctl.sats import (
    AlgebraicType,
    ConnectionId,
    Identity,
    Primitive,
    ProductElement,
    ProductType,
    Ref,
    Typespace,
    compile_codec,
)
from stdbctl.schema import (
    IndexAlgorithm,
    Lifecycle,
    RawIndexDef,
    RawLifecycleDef,
    RawModuleDef,
    RawReducerDef,
    RawScheduleDef,
    RawSequenceDef,
    RawTableDef,
    RawTypeDef,
    RawUniqueDef,
)
from stdbctl.store import MemoryStore

P = Primitive
OWNER = Identity.from_int(1)
DATABASE = Identity.from_int(2)
ALICE = Identity.from_int(0xA11CE)
BOB = Identity.from_int(0xB0B)


@dataclass(frozen=True)
class TableSpec:
    """A table: columns by name; indexes as (name, columns, algorithm); `schedule`: column, reducer.

    `defaults`: (column position, BSATN).
    """

    name: str
    columns: Mapping[str, AlgebraicType]
    primary_key: str | None = None
    auto_inc: tuple[str, ...] = ()
    unique: tuple[tuple[str, ...], ...] = ()
    indexes: tuple[tuple[str, ...], ...] = ()
    hashes: tuple[tuple[str, ...], ...] = ()
    is_public: bool = True
    is_event: bool = False
    sequence: dict[str, Any] = field(default_factory=dict)
    schedule: tuple[str, str] | None = None
    defaults: tuple[tuple[int, bytes], ...] = ()

    def raw(self, ref: int) -> RawTableDef:
        names = list(self.columns)
        unique = [*([(self.primary_key,)] if self.primary_key else []), *self.unique]
        indexes = [(c, IndexAlgorithm.BTREE) for c in dict.fromkeys([*unique, *self.indexes])]
        indexes += [(c, IndexAlgorithm.HASH) for c in self.hashes]
        return RawTableDef(
            source_name=self.name,
            product_type_ref=ref,
            primary_key=(names.index(self.primary_key),) if self.primary_key else (),
            indexes=tuple(
                RawIndexDef(
                    source_name=f"{self.name}_{'_'.join(columns)}_{algorithm.name.lower()}",
                    accessor_name="_".join(columns),
                    algorithm=algorithm,
                    columns=tuple(names.index(c) for c in columns),
                )
                for columns, algorithm in indexes
            ),
            constraints=tuple(
                RawUniqueDef(columns=tuple(sorted(names.index(c) for c in columns))) for columns in unique
            ),
            sequences=tuple(RawSequenceDef(column=names.index(c), **self.sequence) for c in self.auto_inc),
            default_values=self.defaults,
            is_public=self.is_public,
            is_event=self.is_event,
        )


Body = Callable[["Tables", Call, Row], object]


@dataclass(frozen=True)
class ReducerSpec:
    """A reducer: its body gets the tables, the call and the decoded arguments."""

    name: str
    body: Body
    params: Mapping[str, AlgebraicType] = field(default_factory=dict)
    is_private: bool = False
    lifecycle: Lifecycle | None = None


class Tables:
    """The tuple face with tables and indexes by name."""

    def __init__(self, tx: TableAccess, catalog: Catalog) -> None:
        self.tx, self.catalog = tx, catalog

    def id(self, table: str) -> int:
        return self.catalog[table].table_id

    def index(self, table: str, name: str) -> int:
        ids = self.catalog[table].index_ids
        return next(ids[full] for full in ids if full.startswith(f"{table}_{name}_idx_"))

    def insert(self, table: str, *row: Any) -> Row:
        return self.tx.insert(self.id(table), row)

    def update(self, table: str, *row: Any) -> Row:
        return self.tx.update(self.id(table), row)

    def delete(self, table: str, *row: Any) -> bool:
        return self.tx.delete(self.id(table), row)

    def scan(self, table: str) -> Sequence[Row]:
        return self.tx.scan(self.id(table))

    def seek(self, table: str, index: str, *prefix: Any, lower: Any = None, upper: Any = None) -> Sequence[Row]:
        return self.tx.seek(self.id(table), self.index(table, index), prefix, lower, upper)

    def find(self, table: str, index: str, *key: Any) -> Row | None:
        return self.tx.find(self.id(table), self.index(table, index), key)

    def delete_by(self, table: str, index: str, *prefix: Any, lower: Any = None, upper: Any = None) -> int:
        return self.tx.delete_by(self.id(table), self.index(table, index), prefix, lower, upper)

    def count(self, table: str) -> int:
        return self.tx.count(self.id(table))


class ScriptedInstance:
    """Runs the bodies."""

    def __init__(self, script: "Script", catalog: Catalog) -> None:
        self.script, self.catalog = script, catalog
        self.is_closed = False

    def call_reducer(self, tx: TableAccess, function_id: int, call: Call, args: bytes, values: Row) -> Outcome:
        assert not self.is_closed
        try:
            self.script.reducers[function_id].body(Tables(tx, self.catalog), call, values)
        except ReducerError as error:
            return Outcome(OutcomeKind.REFUSED, str(error))
        except Exception as error:
            return Outcome(OutcomeKind.FAILED, f"bug: {error!r}")
        return DONE

    def migrate(
        self, tx: TableAccess, migration_id: int, call: Call, rows: Iterable[Row], put: Callable[[Row | None], bool]
    ) -> Outcome:
        raise NotImplementedError

    def interrupt(self) -> None:
        raise NotImplementedError

    def close(self) -> None:
        self.is_closed = True


@dataclass
class Script:
    """A program; `prepare` of its host gives it back by hash."""

    tables: tuple[TableSpec, ...] = ()
    reducers: tuple[ReducerSpec, ...] = ()
    version: str = "1"
    types: Mapping[str, AlgebraicType] = field(default_factory=dict)
    """Named types beside the rows: the first is `Ref(len(tables))`."""
    seed: Seed = NO_SEED

    @property
    def program(self) -> Program:
        return Program(ProgramKind.PYTHON, self.version.encode(), self.version)

    def describe(self) -> RawModuleDef:
        rows = tuple(ProductType(tuple(ProductElement(n, t) for n, t in s.columns.items())) for s in self.tables)
        return RawModuleDef(
            typespace=Typespace((*rows, *self.types.values())),
            types=tuple(
                RawTypeDef(source_name=name, type=Ref(ref))
                for ref, name in enumerate([*(s.name.title().replace("_", "") for s in self.tables), *self.types])
            ),
            tables=tuple(s.raw(i) for i, s in enumerate(self.tables)),
            reducers=tuple(
                RawReducerDef(source_name=r.name, params=_params(r), is_private=r.is_private) for r in self.reducers
            ),
            schedules=tuple(
                RawScheduleDef(
                    table_name=s.name, schedule_at_col=list(s.columns).index(s.schedule[0]), function_name=s.schedule[1]
                )
                for s in self.tables
                if s.schedule is not None
            ),
            lifecycle_reducers=tuple(
                RawLifecycleDef(lifecycle=r.lifecycle, function_name=r.name)
                for r in self.reducers
                if r.lifecycle is not None
            ),
        )

    def new_instance(self, catalog: Catalog, log: Log) -> ScriptedInstance:
        return ScriptedInstance(self, catalog)


class ScriptedHost:
    """Prepares the scripts it was given."""

    def __init__(self, *scripts: Script) -> None:
        self.scripts = {script.version: script for script in scripts}

    def prepare(self, program: Program) -> Prepared:
        return self.scripts[program.hash]


def _params(reducer: ReducerSpec) -> ProductType:
    return ProductType(tuple(ProductElement(n, t) for n, t in reducer.params.items()))


class World:
    """A database over a store that outlives it, with a clock that the test moves and a log that it reads."""

    def __init__(self, *scripts: Script, store: Store | None = None, publish: bool = True) -> None:
        self.host = ScriptedHost(*scripts)
        self.store = store or MemoryStore(DATABASE, OWNER)
        self.micros = 1_000_000
        self.log: list[LogRecord] = []
        self._connection_ids = itertools.count(1)
        self.db = self.open()
        if publish:
            self.db.publish(scripts[0])

    def open(self) -> Database:
        self.db = Database.open(
            self.store,
            {ProgramKind.PYTHON: self.host},
            clock=lambda: self.micros,
            log=self.log.append,
        )
        return self.db

    def connect(self, client: str, identity: Identity = ALICE) -> Committed:
        return self.db.connect(client, identity, ConnectionId.from_int(next(self._connection_ids)))

    def run(self, body: Callable[["Tables"], Any], client: str | None = None, identity: Identity = ALICE) -> Committed:
        """Call the reducer `run`, whose body is handed in."""
        _bodies.append(body)
        return self.call("run", client=client, identity=identity)

    def call(self, name: str, *args: Any, client: str | None = None, identity: Identity = ALICE) -> Committed:
        """Call a reducer with arguments as engine values."""
        reducer = next(r for r in self.host.scripts[self.program_hash].reducers if r.name == name)
        return self.db.call(
            name,
            compile_codec(_params(reducer)).encode(args),
            identity=identity,
            connection_id=None,
            client=client,
            is_owner=identity == OWNER,
        )

    @property
    def program_hash(self) -> str:
        assert self.db.program is not None
        return self.db.program.hash

    def tick(self, micros: int = 0) -> list[Committed]:
        """Let time pass, then run what is due; all transactions that this made."""
        self.micros += micros
        done: list[Committed] = []
        while (due := self.db.due()) is not None:
            done += self.db.run_due(due)
        return done

    def reopen(self) -> None:
        """End the server in good order and start it again."""
        self.db.flush()
        self.db.close()
        self.open()

    def ask(self, body: Callable[["Tables"], Any]) -> Any:
        """What a body gives, run as a reducer that must end well."""
        answers: list[Any] = []
        outcome = self.run(lambda tables: answers.append(body(tables))).outcome
        assert outcome == DONE, outcome
        return answers[0]

    def refusal(self, body: Callable[["Tables"], Any]) -> str:
        """The text of a call that must be refused."""
        outcome = self.run(body).outcome
        assert outcome.kind is OutcomeKind.REFUSED, outcome
        return outcome.text

    def rows(self, table: str) -> list[Row]:
        """All rows, in the order in which a reducer sees them."""
        return list(self.ask(lambda tables: tables.scan(table)))

    def data(self, *tables: str) -> dict[str, tuple[bytes, ...]]:
        """The BSATN of all rows of some tables, in order."""
        return {name: self.db.query(f"SELECT * FROM {name}", OWNER, True).data for name in tables}


_bodies: list[Callable[[Tables], Any]] = []
RUN = ReducerSpec("run", lambda tables, call, args: _bodies.pop()(tables))


def script(*tables: TableSpec, reducers: Iterable[ReducerSpec] = (), version: str = "1") -> Script:
    """A program with the reducer `run`."""
    return Script(tables, (RUN, *reducers), version)


class FailingStore(MemoryStore):
    """A store whose next commits or writes fail as often as they are told to."""

    def __init__(self) -> None:
        super().__init__(DATABASE, OWNER)
        self.failing_commits = 0
        self.failing_writes = 0
        self.failing_rollbacks = 0

    def write(self, entries: Sequence[Entry], schema: SchemaChange | None = None) -> None:
        if self.failing_writes:
            self.failing_writes -= 1
            raise DiskFull
        super().write(entries, schema)

    def commit(self) -> None:
        if self.failing_commits:
            self.failing_commits -= 1
            raise DiskFull
        super().commit()

    def rollback(self) -> None:
        super().rollback()
        if self.failing_rollbacks:
            self.failing_rollbacks -= 1
            raise DiskFull


class DiskFull(Fault):
    """The disk is full."""

    def __init__(self) -> None:
        super().__init__("the disk is full")
