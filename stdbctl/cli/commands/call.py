"""`stdbctl call`: call a reducer."""

import contextlib
import time
from typing import TYPE_CHECKING, Annotated

import typer

from stdbctl.cli.options import DatabaseOption, FormatOption, ProjectOption, ServerOption, UserOption
from stdbctl.cli.output import Format, answer, answer_json, milliseconds, note
from stdbctl.errors import Fault

if TYPE_CHECKING:
    from stdbctl.client.http import ControlClient, FunctionFailed
    from stdbctl.schema import ModuleDef, ParamDef, ProcedureDef, ReducerDef


NAME_FIRST = "name the reducer, too: `stdbctl call [DB] NAME ARG…`"


class NoSuchReducer(Fault):
    """The database has no reducer of this name."""

    code = "cli.no_such_reducer"


class CallFailed(Fault):
    """The reducer ended with an error; `what` is its text."""

    code = "cli.call_failed"


def call(
    name: Annotated[
        str, typer.Argument(metavar="[DB] NAME", help="The reducer; before it, another database than the project's.")
    ],
    arguments: Annotated[
        list[str] | None,
        typer.Argument(metavar="ARG|NAME=VALUE", help="Its arguments, by position or by name.", show_default=False),
    ] = None,
    project: ProjectOption = None,
    server: ServerOption = None,
    database: DatabaseOption = None,
    user: UserOption = None,
    format_: FormatOption = Format.TEXT,
) -> None:
    """Call a reducer; words are read by the types of its parameters."""
    import json

    from stdbctl.cli.arguments import parse_arguments
    from stdbctl.cli.target import find_target
    from stdbctl.client.http import FunctionFailed

    started = time.perf_counter()
    target = find_target(project, server, user, database)
    with target.connect() as client:
        words = [name, *(arguments or ())]
        called, module = _database_of(client, target.database, words)
        words = words if called is None else words[1:]
        function, params = _find(module, words[0])
        values = parse_arguments(module, function, params, words[1:])
        try:
            result = client.call(called or target.database, function, json.dumps(values))
        except FunctionFailed as error:
            raise _call_failed(function, error) from error
    elapsed = milliseconds(time.perf_counter() - started)
    if format_ is Format.JSON:
        value = json.loads(result.value_json) if result.value_json else None
        answer_json({"ok": True, "function": function, "value": value, "duration_micros": result.duration_micros})
        return
    if result.value_json:
        answer(result.value_json)
    note(f"called {function} in {elapsed}")


def _database_of(client: "ControlClient", database: str, words: list[str]) -> "tuple[str | None, ModuleDef]":
    """The database that the first word names, which a reducer of `database` comes before; and whose module is called.

    Faults: NoSuchReducer for a database alone.
    """
    from stdbctl.client.http import NoSuchDatabase

    module = client.schema(database)
    if words[0] in _names(module):
        return None, module
    if len(words) == 1 and words[0] == database:
        raise NoSuchReducer(f"`{database}` is the database, not a reducer", fix=NAME_FIRST)
    if len(words) > 1:
        with contextlib.suppress(NoSuchDatabase):
            return words[0], client.schema(words[0])
    return None, module


def _find(module: "ModuleDef", name: str) -> "tuple[str, tuple[ParamDef, ...]]":
    """The canonical name and the parameters of a reducer or procedure, by canonical or source name."""
    from stdbctl.nearest import did_you_mean

    functions = _functions(module)
    for function in functions:
        if name in (function.name, function.accessor):
            return function.name, function.params
    callable_names = [function.name for function in functions if getattr(function, "lifecycle", None) is None]
    raise NoSuchReducer(f"no reducer `{name}`", fix=did_you_mean(name, callable_names))


def _functions(module: "ModuleDef") -> "list[ReducerDef | ProcedureDef]":
    return [*module.reducers, *module.procedures]


def _names(module: "ModuleDef") -> set[str]:
    return {name for function in _functions(module) for name in (function.name, function.accessor)}


def _call_failed(function: str, error: "FunctionFailed") -> CallFailed:
    # A text of the author's own speaks for itself; the server's one for everything unforeseen says too little.
    fix = "`stdbctl logs -n 20` has the traceback" if "fatal error" in error.text else ""
    why = f"`{function}` ended with this error; nothing was changed"
    return CallFailed(error.text or "it ended without a text", why=why, fix=fix)
