"""`stdbctl list`: the databases of an identity."""

from stdbctl.cli.options import FormatOption, ProjectOption, ServerOption, UserOption
from stdbctl.cli.output import Format, answer, answer_json


def list_databases(
    project: ProjectOption = None,
    server: ServerOption = None,
    user: UserOption = None,
    format_: FormatOption = Format.TEXT,
) -> None:
    """List the databases that you own on the server."""
    from stdbctl.cli.catalog import owned_databases
    from stdbctl.cli.target import find_target
    from stdbctl.cli.values import table_lines

    with find_target(project, server, user).connect() as client:
        databases = owned_databases(client)
    if format_ is Format.JSON:
        answer_json([database.to_json() for database in databases])
    elif not databases:
        answer("no databases")
    else:
        rows = [(database.name, database.identity) for database in databases]
        for line in table_lines(("name", "identity"), rows):
            answer(line)
