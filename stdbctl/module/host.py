"""`PythonHost`: the host of Python programs. Only it knows classes and callables (see `stdbctl/engine/ports.py`)."""

import gc
import time
from collections.abc import Callable, Iterable, Sequence
from traceback import clear_frames
from types import FrameType
from typing import Any

from stdbctl.errors import Problem, ReducerError
from stdbctl.module.context import ReducerContext
from stdbctl.module.frames import author_frames, error_text, render
from stdbctl.module.guard import begin_call, end_call
from stdbctl.module.guard_audit import install
from stdbctl.module.interruption import Interruptible, Stopped
from stdbctl.module.load import Loaded, load_program
from stdbctl.module.log import Clock, Sink
from stdbctl.module.migrating import BoundMigration, Put, WrongRow
from stdbctl.module.migrations import MigrationSpec
from stdbctl.module.problems import ImportStopped
from stdbctl.module.rows import NO_TRANSACTION, Database, RowType, Session, Table
from stdbctl.module.seed_files import seed_files
from stdbctl.records import (
    DONE,
    Call,
    Catalog,
    LogLevel,
    LogRecord,
    Outcome,
    OutcomeKind,
    Program,
    Row,
    Seed,
    SeedFunction,
    TableAccess,
    UniqueViolation,
)
from stdbctl.sats import Convert, RecordShape
from stdbctl.schema import RawModuleDef

FATAL = "The instance encountered a fatal error."
"""What a caller learns of an exception that is no ReducerError: SpacetimeDB's own sentence. The log has the rest."""
TOO_LONG = "The reducer `{name}` was stopped: it ran longer than allowed."
TOO_MUCH = "The reducer `{name}` was stopped: it wanted more memory than allowed."

Bound = tuple[Callable[..., Any], Callable[[Any], Any] | None]
"""One reducer, ready to be called: function, converter of its arguments (None = plain)."""


def wall_clock() -> int:
    """Microseconds since 1970."""
    return time.time_ns() // 1000


class PythonHost:
    """Prepares Python programs. `clock`: microseconds since 1970, for the lines of the module's log."""

    def __init__(self, clock: Clock = wall_clock) -> None:
        self._clock = clock
        self._import = Interruptible()

    def prepare(self, program: Program) -> "PreparedPython | Sequence[Problem]":
        """Import the program beside the running ones; all problems when it cannot be."""
        work = self._import
        try:
            work.begin()
            loaded = load_program(program, clock=self._clock)
            was_stopped = work.end()
        except Stopped:
            work.end()
            return (ImportStopped(),)
        except BaseException:
            work.end()
            raise
        if isinstance(loaded, Loaded):
            # The author's code may have swallowed what was to stop it.
            return (ImportStopped(),) if was_stopped else PreparedPython(program, loaded)
        if any(isinstance(problem, ImportStopped) or _is_about_memory(problem) for problem in loaded):
            # What it had piled up hangs on the functions of its files: a cycle, which nothing else lets go of soon.
            gc.collect()
        return loaded

    def stop_leftover(self, frame: FrameType | None) -> None:
        """Raise Stopped if `frame` runs code of a module's, called by nobody but Python: a finaliser that does not end.

        Python says so on stderr and goes on with what it was at. Nothing happens amid the server's own code.
        """
        while frame is not None:
            name = str(frame.f_globals.get("__name__"))
            if "@" in name:
                raise Stopped
            if name.partition(".")[0] == "stdbctl":
                return
            frame = frame.f_back

    def interrupt(self) -> None:
        """End the import under way: it becomes a problem. From any thread or a signal handler."""
        self._import.interrupt()


def _is_about_memory(problem: Problem) -> bool:
    return isinstance(problem.__cause__, MemoryError)


class PreparedPython:
    """An imported program."""

    def __init__(self, program: Program, loaded: Loaded) -> None:
        self.program, self.loaded = program, loaded
        self.row_types = RowTypes(loaded)
        self.reducers = tuple(map(self._bind, (*loaded.reducers, *loaded.seeds)))
        """The seed functions stand behind the reducers, where no caller gets."""
        self.migrations = tuple(map(self._bind_migration, loaded.migrations))

    @property
    def seed(self) -> Seed:
        """What a database begins with: the package's files with rows, and its functions for it."""
        loaded = self.loaded
        functions = enumerate(loaded.seeds, len(loaded.reducers))
        return Seed(
            files=seed_files(loaded.version.sources.data),
            functions=tuple(SeedFunction(function_id, spec.source_name) for function_id, spec in functions),
        )

    def describe(self) -> RawModuleDef:
        """What the program declares."""
        return self.loaded.raw

    def new_instance(self, catalog: Catalog, log: Sink) -> "PythonInstance":
        """Make an instance bound to the ids of this database."""
        return PythonInstance(self, catalog, log)

    def _bind(self, spec: Any) -> Bound:
        converts = [self.loaded.converters.outof(shape) for _, shape in spec.params]
        return spec.function, None if not any(converts) else _arguments(converts)

    def _bind_migration(self, spec: MigrationSpec) -> BoundMigration:
        outof = spec.converters.row_outof(spec.old_row)
        return BoundMigration(spec.function, outof, self.row_types.get(spec.table.key))


def _arguments(converts: list[Convert | None]) -> Callable[[Any], Any]:
    def arguments(values: Any) -> Any:
        return [v if convert is None else convert(v) for convert, v in zip(converts, values, strict=True)]

    return arguments


class RowTypes:
    """The compiled row types of one program, each made at its first use and shared by all instances."""

    def __init__(self, loaded: Loaded) -> None:
        self._loaded = loaded
        self._specs = {spec.key: spec for spec in loaded.tables}
        self._tables = {table.accessor: table for table in loaded.module.tables}
        self._made: dict[object, RowType] = {}

    def get(self, key: object) -> RowType:
        """The row type of what stands in `ctx.db[…]`; TypeError when it is no table."""
        if key not in self._made:
            self._made[key] = self._make(key)
        return self._made[key]

    def _make(self, key: object) -> RowType:
        spec = self._specs.get(key)
        if spec is None or spec.ref is None:
            name = getattr(key, "__name__", repr(key))
            raise TypeError(
                f"`{name}` is no table of this module; tables are classes with `@table` in files that the import reads"
            )
        record, converters = self._loaded.converters.definitions[spec.ref], self._loaded.converters
        assert isinstance(record, RecordShape)
        return RowType(self._tables[spec.source_name], record, converters)


class PythonInstance:
    """A running program, bound to one database. Calls come one at a time."""

    def __init__(self, prepared: PreparedPython, catalog: Catalog, log: Sink) -> None:
        self._loaded, self._reducers, self._row_types = prepared.loaded, prepared.reducers, prepared.row_types
        self._migrations = prepared.migrations
        self._migrating: tuple[Call, ReducerContext] | None = None
        self._catalog = catalog
        self._sink = log
        self._session = Session()
        self._db = Database(self._open_table)
        self._work = Interruptible()
        self._log, self._python_state = self._loaded.log, self._loaded.version.python_state
        self._log.open(log)
        install()

    def _open_table(self, key: object) -> Table[Any]:
        row_type = self._row_types.get(key)
        return Table(row_type, self._catalog[row_type.table.name], self._session)

    def call_reducer(self, tx: TableAccess, function_id: int, call: Call, args: bytes, values: Row) -> Outcome:
        """Run a reducer; never raises for what it does."""
        function, convert = self._reducers[function_id]
        work = self._work
        log = self._log
        log.sink = self._shielded
        self._session.tx = tx
        begin_call()
        outcome = DONE
        try:
            try:
                work.begin()
                context = self._python_state.of_call()
                context.run(function, ReducerContext(call, self._db), *(values if convert is None else convert(values)))
            except BaseException as error:  # the call ends here, whatever the author's code raised
                outcome = self._ended(function_id, error)
            # Until here, because to ask an exception for its text, or to let go of it, may run code of the author's.
            if work.end() and outcome.kind is not OutcomeKind.STOPPED:
                outcome = self._stopped(function_id, None)
            return outcome
        except BaseException as error:  # it was stopped meanwhile
            return self._cut_short(function_id, error)
        finally:
            end_call()
            self._session.tx = NO_TRANSACTION
            if log.unfinished:
                log.finish_lines()

    def migrate(self, tx: TableAccess, migration_id: int, call: Call, rows: Iterable[Row], put: Put) -> Outcome:
        """Make new rows of old ones until `put` says to pause; never raises for what the function does.

        Calls with the same `call` go on with the same context.
        """
        migration, work = self._migrations[migration_id], self._work
        if self._migrating is None or self._migrating[0] is not call:
            self._migrating = call, ReducerContext(call, self._db)
        self._loaded.log.sink = self._shielded
        self._session.tx = tx
        begin_call()
        try:
            work.begin()
            self._loaded.version.python_state.of_call().run(migration.run, self._migrating[1], rows, put)
            return self._too_slow(None) if work.end() else DONE
        except BaseException as error:  # the migration ends here, whatever the author's code raised
            was_stopped = work.end()
            end_call()
            if isinstance(error, UniqueViolation):
                error = migration.new.in_words(error)
            return self._too_slow(error) if was_stopped else self._unmigrated(error)
        finally:
            end_call()
            self._session.tx = NO_TRANSACTION
            self._loaded.log.finish_lines()

    def _too_slow(self, error: BaseException | None) -> Outcome:
        where = "" if error is None else f"\n{render(error, self._loaded.version.sources)}"
        return Outcome(OutcomeKind.STOPPED, f"it was stopped: it took longer than allowed for one row{where}")

    def _unmigrated(self, error: BaseException) -> Outcome:
        text = str(error) if isinstance(error, ReducerError | WrongRow) else render(error, self._loaded.version.sources)
        return Outcome(OutcomeKind.REFUSED, text.encode(errors="replace").decode())

    def _ended(self, function_id: int, error: BaseException) -> Outcome:
        """Tell how a call ended that raised something."""
        end_call()
        self._loaded.log.finish_lines()
        if self._work.was_stopped:
            return self._stopped(function_id, error)
        if isinstance(error, MemoryError):
            clear_frames(error.__traceback__)
            gc.collect()  # what it had piled up may hang together in a cycle
            return self._stopped(function_id, error, TOO_MUCH)
        return self._refused(error) if isinstance(error, ReducerError) else self._failed(error)

    def _cut_short(self, function_id: int, error: BaseException) -> Outcome:
        """Tell of a call that was stopped after its own end; what the author had raised is not asked again."""
        if error.__context__ is not None and not author_frames(error, self._loaded.version.sources):
            error.__traceback__ = error.__context__.__traceback__
        error.__cause__ = error.__context__ = None
        self._work.end()
        return self._stopped(function_id, error)

    def interrupt(self) -> None:
        """End the running call soon with outcome STOPPED; repeat until it has ended (see `Interruptible`)."""
        self._work.interrupt()

    def close(self) -> None:
        """Let go of the program; the instance is not used again."""
        del self._loaded, self._reducers, self._row_types, self._db, self._catalog, self._log, self._python_state
        del self._migrations, self._migrating

    def _refused(self, error: ReducerError) -> Outcome:
        try:
            # What has no UTF-8, such as a lone surrogate, cannot travel.
            return Outcome(OutcomeKind.REFUSED, str(error).encode(errors="replace").decode())
        except Stopped:
            raise
        except BaseException as broken:  # the author's own subclass may have a __str__ that fails
            return self._failed(broken)

    def _failed(self, error: BaseException) -> Outcome:
        self._write(LogLevel.PANIC, error, render(error, self._loaded.version.sources))
        return Outcome(OutcomeKind.FAILED, FATAL)

    def _stopped(self, function_id: int, error: BaseException | None, text: str = TOO_LONG) -> Outcome:
        reducers, seeds = self._loaded.module.reducers, self._loaded.seeds
        is_seed = function_id >= len(reducers)
        name = seeds[function_id - len(reducers)].source_name if is_seed else reducers[function_id].name
        text = text.format(name=name)
        self._write(LogLevel.ERROR, error, text if error is None else self._where(error, text))
        return Outcome(OutcomeKind.STOPPED, text)

    def _where(self, error: BaseException, text: str) -> str:
        trace = render(error, self._loaded.version.sources)
        if isinstance(error, Stopped):
            return trace.removesuffix(error_text(error)) + text
        return f"{text}\n{trace}"

    def _write(self, level: LogLevel, error: BaseException | None, message: str) -> None:
        frames = [] if error is None else author_frames(error, self._loaded.version.sources)
        last = frames[-1] if frames else None
        self._work.shield(
            self._sink,
            LogRecord(
                level=level,
                ts=self._loaded.log.clock(),
                message=message,
                target=last.module if last else self._loaded.version.sources.name,
                filename=last.file if last else None,
                line_number=last.line if last else None,
                function=last.function if last else None,
                trace=tuple((frame.module, frame.function) for frame in frames),
            ),
        )

    def _shielded(self, record: LogRecord) -> None:
        """Take a line that the module writes: a signal that arrives meanwhile must not break the log."""
        self._work.shield(self._sink, record)
        self._work.pay()
