"""`stdbctl describe`: what a database, or the project's module, declares."""

import enum
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stdbctl.cli.options import DatabaseOption, FormatOption, ProjectOption, ServerOption, UserOption
from stdbctl.cli.output import Format, answer, answer_json, answer_styled, note
from stdbctl.errors import Fault

if TYPE_CHECKING:
    from stdbctl.cli.diagrams import Kind
    from stdbctl.client.http import ControlClient, Json
    from stdbctl.schema import ModuleDef, ProcedureDef, ReducerDef, TableDef, TypeDef, ViewDef

    Item = TableDef | ViewDef | ReducerDef | ProcedureDef | TypeDef


class Entity(enum.Enum):
    """What may be described alone."""

    TABLE = "table"
    VIEW = "view"
    REDUCER = "reducer"
    PROCEDURE = "procedure"
    TYPE = "type"


_SECTIONS = {
    Entity.TABLE: "Tables",
    Entity.VIEW: "Views",
    Entity.REDUCER: "Reducers",
    Entity.PROCEDURE: "Procedures",
    Entity.TYPE: "Types",
}
"""Where each stands in a raw definition."""


class NoSuchEntity(Fault):
    """The database declares nothing of this kind and name."""

    code = "cli.no_such_entity"


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """A definition: where it is from, in words, and its raw form of version 10."""

    origin: str
    module: "ModuleDef"
    raw: "Json"


def describe(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[DB] [table|view|reducer|procedure|type NAME]",
            help="A kind of thing and its name (default: everything); before it, another database than the project's.",
            show_default=False,
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The module definition as JSON; as --format json.")] = False,
    diagram: Annotated[
        str | None,
        typer.Option(
            "--diagram",
            metavar="WHAT",
            help="Draw it: `mermaid` (if nothing is said) or `svg` to stdout, or a file such as `schema.svg`.",
        ),
    ] = None,
    from_module: Annotated[
        bool, typer.Option("--from-module", help="The project's module as it is on disk; no server is needed.")
    ] = False,
    project: ProjectOption = None,
    server: ServerOption = None,
    database: DatabaseOption = None,
    user: UserOption = None,
    format_: FormatOption = Format.TEXT,
) -> None:
    """Show tables, views, types, reducers and procedures of a database, or draw them."""
    from stdbctl.cli.diagrams import kind_of
    from stdbctl.cli.failures import UsageFault
    from stdbctl.cli.target import one_database

    word, entity, name = _read_words(words or [])
    database = one_database(word, database)
    if from_module and (server, database, user) != (None, None, None):
        raise UsageFault(
            "`--from-module` asks no server", fix="leave out `--server`, `--database` and `--as`, or `--from-module`"
        )
    wish = None if diagram is None else kind_of(diagram)
    if wish is not None and entity is not None:
        raise UsageFault("a diagram shows everything", fix=f"leave out `{entity.value} {name}`")
    described = _find_definition(project, server, database, user, from_module=from_module)
    if wish is not None:
        _draw(described, *wish)
    elif entity is None or name is None:
        _show_all(described, as_json=as_json or format_ is Format.JSON)
    else:
        _show_one(described, entity, name, as_json=as_json or format_ is Format.JSON)


def _read_words(words: list[str]) -> tuple[str | None, Entity | None, str | None]:
    """The database, and what of it is described; UsageFault. A kind of thing is no database: `-d` names that."""
    from stdbctl.cli.failures import UsageFault
    from stdbctl.nearest import did_you_mean

    kinds = {kind.value: kind for kind in Entity}
    names = words[:1] if words and words[0] not in kinds else []
    rest = words[len(names) :]
    if rest and rest[0] not in kinds:
        near = did_you_mean(names[0], kinds) if len(words) == 2 else did_you_mean(rest[0], kinds)
        raise UsageFault(f"`{' '.join(words)}` names nothing that can be described", fix=near)
    if len(rest) == 1:
        raise UsageFault(f"the name of the {rest[0]} is missing", fix=f"say `stdbctl describe {' '.join(words)} NAME`")
    if len(rest) > 2:
        raise UsageFault(f"`{' '.join(rest[2:])}` is too much", fix=f"say `stdbctl describe {' '.join(rest[:2])}`")
    return (names[0] if names else None), (kinds[rest[0]] if rest else None), (rest[1] if rest else None)


def _find_definition(
    project: Path | None, server: str | None, database: str | None, user: str | None, *, from_module: bool
) -> Described:
    """What the server runs; or what the module declares, when that is asked for or nothing runs."""
    from stdbctl.cli.target import NoServerRuns, find_target

    if from_module:
        return _of_module(project)
    target = find_target(project, server, user, database)
    try:
        with target.connect() as client:
            module = client.schema(target.database)
            raw = _raw_json(client, target.database, module)
    except NoServerRuns:
        if (server, database, user) != (None, None, None):
            raise
        note("no server runs: this is the module as it is on disk")
        return _of_module(project)
    return Described(origin=f"database {target.database} on {client.url}", module=module, raw=raw)


def _raw_json(client: "ControlClient", database: str, module: "ModuleDef") -> "Json":
    """The server's own words, or ours for it where the server is too old for version 10."""
    from stdbctl.client.http import Refused
    from stdbctl.schema import raw_v10_json

    try:
        return client.schema_json(database)
    except Refused:
        return raw_v10_json(module)


def _of_module(project: Path | None) -> Described:
    from stdbctl.cli.generation import shown_path
    from stdbctl.cli.loading import load_module
    from stdbctl.cli.target import find_project
    from stdbctl.schema import raw_v10_json

    found = find_project(project)
    module = load_module(found).module
    return Described(origin=f"module {shown_path(found.module_path)}", module=module, raw=raw_v10_json(module))


def _draw(described: Described, kind: "Kind", path: Path | None) -> None:
    from stdbctl.cli.diagrams import draw

    text = draw(described.module, kind, path, described.origin)
    answer(text.rstrip("\n") if path is None else f"drew the {described.origin} · {path}")


def _show_all(described: Described, *, as_json: bool) -> None:
    from rich.text import Text

    from stdbctl.cli.definitions import module_parts, summary

    if as_json:
        answer_json(described.raw, indent=2)
        return
    head = Text(f"{described.origin} · {summary(described.module)}", style="dim")
    answer_styled(head, "", *module_parts(described.module))


def _show_one(described: Described, entity: Entity, name: str, *, as_json: bool) -> None:
    from stdbctl.cli import definitions
    from stdbctl.schema import ProcedureDef, ReducerDef, TableDef, TypeDef

    module, item = described.module, _find(described.module, entity, name)
    if as_json:
        answer_json(_raw(described.raw, entity, item), indent=2)
    elif isinstance(item, TableDef):
        answer_styled(*definitions.table_parts(module, item))
    elif isinstance(item, TypeDef):
        answer_styled(*definitions.type_parts(module, item))
    elif isinstance(item, ReducerDef | ProcedureDef):
        answer_styled(*definitions.function_parts(module, item))
    else:
        answer_styled(*definitions.view_parts(module, item))


def _find(module: "ModuleDef", entity: Entity, name: str) -> "Item":
    """The thing of this canonical or source name; faults: NoSuchEntity."""
    from stdbctl.nearest import did_you_mean

    known: dict[Entity, tuple[Item, ...]] = {
        Entity.TABLE: module.tables,
        Entity.VIEW: module.views,
        Entity.REDUCER: module.reducers,
        Entity.PROCEDURE: module.procedures,
        Entity.TYPE: module.types,
    }
    for item in known[entity]:
        if name in (item.name, item.accessor):
            return item
    raise NoSuchEntity(f"no {entity.value} `{name}`", fix=did_you_mean(name, [item.name for item in known[entity]]))


def _raw(raw: "Json", entity: Entity, item: "Item") -> "Json":
    """The part of a raw definition about one thing; of a type, its own definition as well."""
    parts = [part for section in raw["sections"] for part in section.get(_SECTIONS[entity], ())]
    if entity is not Entity.TYPE:
        return next(part for part in parts if part["source_name"] == item.accessor)
    found = next(part for part in parts if part["source_name"]["source_name"] in (item.accessor, item.name))
    types = next(section["Typespace"]["types"] for section in raw["sections"] if "Typespace" in section)
    return {**found, "definition": types[found["ty"]]}
