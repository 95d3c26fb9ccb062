"""`stdbctl stop`: end this checkout's server."""

from stdbctl.cli.options import FormatOption, ProjectOption
from stdbctl.cli.output import Format, answer, answer_json


def stop(project: ProjectOption = None, format_: FormatOption = Format.TEXT) -> None:
    """End the embedded server of this project and wait until it is gone."""
    from stdbctl.cli import embedded
    from stdbctl.cli.target import find_project
    from stdbctl.project import ServerRecord

    ended = embedded.stop(find_project(project).state)
    pid = ended.pid if isinstance(ended, ServerRecord) else ended
    if format_ is Format.JSON:
        answer_json({"stopped": pid is not None, "pid": pid})
    elif isinstance(ended, ServerRecord):
        answer(f"stopped {ended.url} (pid {ended.pid})")
    else:
        answer("no embedded server was running" if pid is None else f"stopped a server that was starting (pid {pid})")
