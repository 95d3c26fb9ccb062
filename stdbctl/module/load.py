"""Loading a package: sources to a checked definition and the callables behind it, or every problem of it."""

import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stdbctl.errors import Place, Problem, Problems
from stdbctl.module.archive import collect, unpack
from stdbctl.module.declare import Declaration, collecting
from stdbctl.module.frames import render
from stdbctl.module.functions import ReducerSpec
from stdbctl.module.import_failure import import_problem, stopped_problem
from stdbctl.module.interruption import Stopped
from stdbctl.module.log import Clock, ModuleLog
from stdbctl.module.migrations import MigrationSpec
from stdbctl.module.problems import (
    BadArchive,
    ImportFailed,
    ImportStopped,
    ReducerReturn,
    ReducerWithoutContext,
    UnknownOption,
    UnknownType,
    UnsupportedType,
)
from stdbctl.module.read import Draft, Reader
from stdbctl.module.salvage import Salvage
from stdbctl.module.sources import Sources, read_sources
from stdbctl.module.state_change import state_changes
from stdbctl.module.syntax_failure import syntax_problem
from stdbctl.module.tables import TableSpec
from stdbctl.module.version import Version, run_file
from stdbctl.records import Program
from stdbctl.sats import Converters
from stdbctl.schema import ModuleDef, RawModuleDef, Subject


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """One version of a module, imported and checked. Let go of it and its classes leave memory.

    `functions`: the author's reducers in the order of `module.reducers`. `files`: what the load read, by
    project-relative path. `migrations`: in the order of `module.migrations`. `places`: where every subject of the
    definition stands. `findings`: accesses to tables that fail whenever they run, in a way that the module may catch
    (see `accesses.problems`).
    """

    raw: RawModuleDef
    module: ModuleDef
    functions: tuple[Callable[..., Any], ...]  # signatures are known only at run time
    files: tuple[str, ...]
    places: Mapping[Subject, Place]
    tables: tuple[TableSpec, ...]
    reducers: tuple[ReducerSpec, ...]
    seeds: tuple[ReducerSpec, ...]
    migrations: tuple[MigrationSpec, ...]
    converters: Converters
    version: Version
    log: ModuleLog
    findings: tuple[Problem, ...]


def load_package(path: Path, root: Path, *, clock: Clock = lambda: 0) -> Loaded | tuple[Problem, ...]:
    """Load the package (folder or one file) at `path`; places are shown relative to `root`.

    `clock`: microseconds since 1970, for the lines that the import logs.
    """
    try:
        return load_files(collect(path, root), clock)
    except Problems as error:
        return error.problems


def load_program(program: Program, *, clock: Clock = lambda: 0) -> Loaded | tuple[Problem, ...]:
    """Load a packed program."""
    try:
        return load_files(unpack(program), clock)
    except Problems as error:
        return error.problems


def load_files(files: Mapping[str, bytes], clock: Clock) -> Loaded | tuple[Problem, ...]:
    """Load a package from its files (path -> bytes)."""
    try:
        sources = read_sources(files)
    except ValueError as error:
        return (BadArchive(reason=str(error)),)
    problems = [
        syntax_problem(file, sources.data[file.path]) for file in sources.files.values() if file.error is not None
    ]
    if problems:
        return _sorted([*problems, *_salvaged(sources, clock)])
    return _import(sources, clock)


def _import(sources: Sources, clock: Clock) -> Loaded | tuple[Problem, ...]:
    log = ModuleLog(clock, lambda error: render(error, sources))
    version = Version(sources, log, run_file)
    declarations, failed = version.python_state.run_import(_declare, version)
    if isinstance(failed, ImportStopped):
        version.close()
        return (failed,)
    if failed is not None:
        version.close()
        found = _salvaged(sources, clock)
        return _sorted(found if _is_explained(failed, found) else [failed, *found])
    draft = Reader(version, declarations).read()
    if draft.module is None:
        changes = state_changes(version, (*draft.reducers, *draft.seeds))
        version.close()
        return _sorted([*draft.problems, *changes])
    return _loaded(version, log, draft, draft.module)


def _declare(version: Version) -> tuple[list[Declaration], Problem | None]:
    with collecting() as declarations:
        return declarations, _run(version)


def _run(version: Version) -> Problem | None:
    try:
        version.run()
    except KeyboardInterrupt as error:
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            version.close()
            raise
        return import_problem(error, version)  # the author's own: nobody's Ctrl-C raises it here
    except Stopped as error:
        return stopped_problem(error, version)
    except BaseException as error:  # the author's code ran: it may raise anything, SystemExit included
        return import_problem(error, version)
    return None


def _salvaged(sources: Sources, clock: Clock) -> list[Problem]:
    """The problems of what can be seen of a package that does not import."""
    salvage = Salvage()
    version = Version(sources, ModuleLog(clock, str), salvage.run)
    try:
        with collecting() as declarations:
            version.run()
            version.run_rest()
        failed = [import_problem(f.error, version, f.file.place(f.node)) for f in salvage.failed]
        return [*failed, *Reader(version, declarations).read().problems]
    finally:
        version.close()


def _is_explained(failed: Problem, found: Sequence[Problem]) -> bool:
    """Whether what ended the import is one of the problems that were found: an unknown type, a name in an import."""
    cause = failed.__cause__
    unknown = cause.name if isinstance(cause, NameError) else None
    is_about_types = isinstance(cause, NameError | TypeError | AttributeError)
    return any(
        (isinstance(problem, UnknownType) and problem.parts["name"] == unknown)
        or (is_about_types and isinstance(problem, _ANNOTATED) and _line_of(problem) == _line_of(failed))
        or (isinstance(problem, ImportFailed | UnknownOption) and problem.what == failed.what)
        for problem in found
    )


_ANNOTATED = (UnknownType, UnsupportedType, ReducerWithoutContext, ReducerReturn)
"""What is wrong about an annotation, which is evaluated at import."""


def _line_of(problem: Problem) -> tuple[str, int] | None:
    return (problem.place.file, problem.place.line) if problem.place else None


def _loaded(version: Version, log: ModuleLog, draft: Draft, module: ModuleDef) -> Loaded:
    by_name = {reducer.source_name: reducer for reducer in draft.reducers}
    reducers = tuple(by_name[reducer.accessor] for reducer in module.reducers)
    return Loaded(
        raw=draft.raw,
        module=module,
        functions=tuple(reducer.function for reducer in reducers),
        files=tuple(sorted(version.sources.data)),
        places=draft.places.places,
        tables=draft.tables,
        reducers=reducers,
        seeds=draft.seeds,
        migrations=draft.migrations,
        converters=Converters(draft.converters.definitions, module.typespace),
        version=version,
        log=log,
        findings=_sorted(draft.findings) if draft.findings else (),
    )


def _sorted(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    return Problems(problems).problems
