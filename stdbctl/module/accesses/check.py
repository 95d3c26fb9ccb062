"""Runs the rules over all files of a version."""

from collections.abc import Callable, Mapping, Sequence

from stdbctl.errors import Problem
from stdbctl.module.accesses.calls import CallChecker, Ground
from stdbctl.module.accesses.fits import Fits
from stdbctl.module.accesses.meanings import Meanings, TableFinder
from stdbctl.module.accesses.problems import CATCHABLE
from stdbctl.module.accesses.scopes import read_names
from stdbctl.module.functions import ReducerSpec
from stdbctl.module.places import PlaceBook
from stdbctl.module.scope import Scope
from stdbctl.module.tables import TableSpec
from stdbctl.sats import Converters, Shape, Typespace
from stdbctl.schema import ModuleDef, TableDef


def access_problems(
    *,
    tables: Sequence[TableSpec],
    reducers: Sequence[ReducerSpec],
    definition: ModuleDef | None,
    converters: Converters,
    typespace: Typespace,
    places: PlaceBook,
    scope_of: Callable[[str], Scope],
    is_whole: bool,
) -> list[Problem]:
    """Everything that functions do to tables and that cannot work, in all files that were imported.

    `definition`: what is sound of the module; `is_whole`: nothing else is wrong with it.
    """
    ground = Ground(
        tables=TableFinder(tables),
        defs=_sound(definition),
        fits=Fits(converters, typespace),
        places=places,
        table_names=tuple(dict.fromkeys(spec.cls.__name__ for spec in tables)),
        is_whole=is_whole,
    )
    parameters = _parameters(reducers)
    version, found = places.version, []
    for file in version.sources.files.values():
        module = version.root + file.module[len(version.sources.name) :]
        if file.tree is None or version.namespace(module) is None:
            continue
        names = read_names(file)
        meanings = Meanings(names, scope_of(module), ground.tables, parameters.get(file.path, {}))
        checker = CallChecker(file, meanings, ground)
        for use in names.uses:
            problems = checker.problems(use)
            found += [p for p in problems if not (use.is_caught and isinstance(p, CATCHABLE))]
    return found


def _sound(definition: ModuleDef | None) -> Mapping[str, TableDef]:
    return {table.accessor: table for table in definition.tables} if definition else {}


def _parameters(reducers: Sequence[ReducerSpec]) -> Mapping[str, Mapping[int, Mapping[str, Shape | None]]]:
    """The shapes of the parameters of reducers, by file and the line where the function begins."""
    found: dict[str, dict[int, Mapping[str, Shape | None]]] = {}
    for reducer in reducers:
        code = reducer.inner.__code__
        found.setdefault(code.co_filename, {})[code.co_firstlineno] = dict(reducer.params)
    return found
