"""`stdbctl start`: serve this checkout's databases."""

import os
import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stdbctl.cli.options import FormatOption, ProjectOption
from stdbctl.cli.output import Format, answer, answer_json, note

if TYPE_CHECKING:
    from stdbctl.project import ListenAddress, Project, ServerRecord


def start(
    detach: Annotated[bool, typer.Option("--detach", help="Serve in the background; return when it serves.")] = False,
    listen: Annotated[
        str | None,
        typer.Option("--listen", "-l", metavar="HOST:PORT", help="Where to listen (default: loopback, a kept port)."),
    ] = None,
    data_dir: Annotated[
        Path | None, typer.Option("--data-dir", metavar="DIR", help="Where databases live (default: .stdbctl/data).")
    ] = None,
    in_memory: Annotated[bool, typer.Option("--in-memory", help="Keep databases in memory; they end with it.")] = False,
    project: ProjectOption = None,
    format_: FormatOption = Format.TEXT,
    ready_fd: Annotated[int | None, typer.Option("--ready-fd", hidden=True)] = None,
    life_fd: Annotated[int | None, typer.Option("--life-fd", hidden=True)] = None,
) -> None:
    """Run the embedded server of this project, in the foreground unless detached."""
    from stdbctl.cli.failures import UsageFault
    from stdbctl.cli.target import find_project
    from stdbctl.project import ListenAddress

    if in_memory and data_dir is not None:
        raise UsageFault("`--in-memory` and `--data-dir` exclude each other", fix="leave one of them out")
    address = ListenAddress.parse(listen) if listen is not None else ListenAddress()
    data_dir = data_dir.absolute() if data_dir is not None else None
    if life_fd is not None:
        _end_with_parent(life_fd)
    found = find_project(project)
    if detach:
        _detach(found, _again(listen, data_dir, in_memory), format_)
    else:
        _serve(found, address, data_dir or found.state.data_dir, in_memory, format_, ready_fd)


def _detach(project: "Project", arguments: list[str], format_: Format) -> None:
    from stdbctl.cli.embedded import running_server, start_detached

    running = running_server(project.state)
    record = running or start_detached(project, arguments)
    if running is not None and format_ is Format.TEXT:
        answer(f"already serving {record.url} (pid {record.pid})")
    else:
        _announce(record, format_)


def _serve(
    project: "Project", address: "ListenAddress", data_dir: Path, in_memory: bool, format_: Format, ready_fd: int | None
) -> None:
    from stdbctl.cli.embedded import claimed
    from stdbctl.project import ServerRecord
    from stdbctl.server import run

    with claimed(project, address, None if in_memory else data_dir) as (options, sockets):

        def on_ready(url: str, pid: int) -> None:
            _announce(ServerRecord(url=url, pid=pid, data_dir=None if in_memory else str(data_dir)), format_)
            if ready_fd is not None:
                os.write(ready_fd, b"ready\n")
                os.close(ready_fd)

        if address.host in ("0.0.0.0", "::"):
            note("note: every machine that reaches this one can connect; publishing still needs the operator's token")
        status = run(options, sockets, on_ready)
    if status != 0:
        raise typer.Exit(status)


def _end_with_parent(life_fd: int) -> None:
    """End this server, clean, when `life_fd` reads end-of-file: whoever started it is gone, however that ended."""

    def wait() -> None:
        os.read(life_fd, 1)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, daemon=True).start()


def _announce(record: "ServerRecord", format_: Format) -> None:
    if format_ is Format.JSON:
        answer_json({"url": record.url, "pid": record.pid, "data_dir": record.data_dir})
    else:
        from stdbctl.cli.embedded import data_text

        answer(f"stdbctl serving {record.url} ({data_text(record)})")


def _again(listen: str | None, data_dir: Path | None, in_memory: bool) -> list[str]:
    """The same options for the process in the background."""
    arguments = ["--listen", listen] if listen is not None else []
    arguments += ["--data-dir", str(data_dir)] if data_dir is not None else []
    return [*arguments, "--in-memory"] if in_memory else arguments
