"""`stdbctl ps`: this checkout's server and its databases."""

from typing import TYPE_CHECKING

from stdbctl.cli.options import FormatOption, ProjectOption
from stdbctl.cli.output import Format, answer, answer_json, counted

if TYPE_CHECKING:
    from stdbctl.cli.catalog import DatabaseSummary


def ps(project: ProjectOption = None, format_: FormatOption = Format.TEXT) -> None:
    """Show the embedded server of this project and its databases."""
    from stdbctl.cli.catalog import owned_databases
    from stdbctl.cli.embedded import data_text, running_server
    from stdbctl.cli.target import find_target

    target = find_target(project, "local")
    record = running_server(target.project.state)
    databases: list[DatabaseSummary] = []
    if record is not None:
        with target.connect() as client:
            databases = owned_databases(client)
    if format_ is Format.JSON:
        answer_json(
            {
                "url": record.url if record else None,
                "pid": record.pid if record else None,
                "data_dir": record.data_dir if record else None,
                "databases": [database.to_json() for database in databases],
            }
        )
    elif record is None:
        answer("no embedded server is running")
    else:
        answer(f"serving {record.url} (pid {record.pid}, {data_text(record)})")
        for database in databases:
            answer(
                f"  {database.name}  {counted(database.tables, 'table')}, {counted(database.reducers, 'reducer')}"
                f"  {database.identity}"
            )
