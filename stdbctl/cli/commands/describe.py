"""`stdbctl describe`: what a database declares."""

import enum
from typing import TYPE_CHECKING, Annotated

import typer

from stdbctl.cli.options import DatabaseOption, FormatOption, ProjectOption, ServerOption, UserOption
from stdbctl.cli.output import Format, answer_json, answer_styled
from stdbctl.errors import Fault

if TYPE_CHECKING:
    from stdbctl.client.http import Json
    from stdbctl.schema import ModuleDef, ReducerDef, TableDef


class Entity(enum.Enum):
    """What may be described alone."""

    TABLE = "table"
    REDUCER = "reducer"


class NoSuchEntity(Fault):
    """The database declares nothing of this kind and name."""

    code = "cli.no_such_entity"


def describe(
    entity: Annotated[Entity | None, typer.Argument(metavar="table|reducer", help="One kind of thing…")] = None,
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="…and its name (default: everything).")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The module definition as JSON; as --format json.")] = False,
    project: ProjectOption = None,
    server: ServerOption = None,
    database: DatabaseOption = None,
    user: UserOption = None,
    format_: FormatOption = Format.TEXT,
) -> None:
    """Show tables, columns, keys, indexes and reducers of a database."""
    from stdbctl.cli.definitions import module_parts, reducer_parts, table_parts
    from stdbctl.cli.failures import UsageFault
    from stdbctl.cli.target import find_target

    if entity is not None and name is None:
        raise UsageFault(
            f"the name of the {entity.value} is missing", fix=f"say `stdbctl describe {entity.value} NAME`"
        )
    target = find_target(project, server, user, database)
    with target.connect() as client:
        module = client.schema(target.database)
        wanted = _find(module, entity, name) if entity is not None and name is not None else None
        if as_json or format_ is Format.JSON:
            raw = client.schema_json(target.database)
            answer_json(raw if wanted is None or entity is None else _raw(raw, entity, wanted.accessor), indent=2)
            return
    if wanted is None:
        answer_styled(*module_parts(module))
    elif entity is Entity.TABLE:
        answer_styled(*table_parts(module, next(table for table in module.tables if table.name == wanted.name)))
    else:
        answer_styled(*reducer_parts(module, [reducer for reducer in module.reducers if reducer.name == wanted.name]))


def _find(module: "ModuleDef", entity: Entity, name: str) -> "TableDef | ReducerDef":
    """The table or reducer of this canonical or source name; faults: NoSuchEntity."""
    from stdbctl.nearest import did_you_mean

    known: tuple[TableDef, ...] | tuple[ReducerDef, ...]
    known = module.tables if entity is Entity.TABLE else module.reducers
    for item in known:
        if name in (item.name, item.accessor):
            return item
    raise NoSuchEntity(f"no {entity.value} `{name}`", fix=did_you_mean(name, [item.name for item in known]))


def _raw(raw: "Json", entity: Entity, source_name: str) -> "Json":
    """The part of a V10 definition about one table or reducer."""
    section = "Tables" if entity is Entity.TABLE else "Reducers"
    items = [item for part in raw["sections"] for item in part.get(section, ())]
    return next(item for item in items if item["source_name"] == source_name)
