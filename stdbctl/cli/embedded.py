"""The embedded server as a process: started in the background, waited for, ended."""

import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from stdbctl.errors import Fault
from stdbctl.project import ListenAddress, Project, ServerRecord, StateFolder, is_alive

if TYPE_CHECKING:
    from stdbctl.server import ServerOptions

READY_SECONDS = 60.0
"""How long a start may take; it reads all rows of all databases."""
STOP_SECONDS = 20.0
"""How long an end may take; longer than any wait of the server for its clients and its disk."""
LOOK_SECONDS = 0.02
"""How often the state of a process that is not our child is looked at; nothing wakes us for it."""
TAIL_LINES = 15
LOG_BYTES = 1_000_000
"""How large the log of detached servers may be when one starts; a server writes a few lines per start and crash."""


class StartFailed(Fault):
    """The background server ended before it served; the end of its log says why."""

    code = "cli.start_failed"

    def __init__(self, tail: str) -> None:
        super().__init__(
            "the embedded server did not start",
            why=tail or "it ended without a word",
            fix="run `stdbctl start` in the foreground to watch it",
        )


class StopFailed(Fault):
    """The server was told to end and did not."""

    code = "cli.stop_failed"

    def __init__(self, pid: int) -> None:
        super().__init__(
            f"the embedded server (pid {pid}) is still there after {STOP_SECONDS:.0f} s",
            why="it was asked to end and may be waiting for its disk",
            fix=f"look at `.stdbctl/server.log`; `kill -9 {pid}` ends it by force, and nothing acknowledged is lost",
        )


def running_server(state: StateFolder) -> ServerRecord | None:
    """The embedded server if it answers; waits for one that is still starting. None when there is none."""
    deadline = time.monotonic() + READY_SECONDS
    while state.server_pid() is not None:
        record = state.server()
        if record is not None and _answers(record.url) and state.server() == record:
            return record
        if time.monotonic() > deadline:
            raise StartFailed(f"it has not answered for {READY_SECONDS:.0f} s\n{_log_tail(state)}")
        time.sleep(LOOK_SECONDS)
    return None


def start_detached(project: Project, arguments: Sequence[str] = ()) -> ServerRecord:
    """Start the embedded server in the background and return when it serves; faults: StartFailed.

    `arguments` are those of `stdbctl start`. Of several commands that start it at once one wins; all get its address.
    """
    return launch(project, arguments, (), lambda _: None)


def launch(
    project: Project,
    arguments: Sequence[str],
    inherited: tuple[int, ...],
    born: "Callable[[subprocess.Popen[bytes]], None]",
) -> ServerRecord:
    """The same; the process inherits those file descriptors, and `born` gets it as soon as it exists."""
    state = project.state
    state.ensure()
    reading, writing = os.pipe()
    command = [sys.executable, "-m", "stdbctl", "start", "--project", str(project.root), "--ready-fd", str(writing)]
    with os.fdopen(reading, "rb") as ready, _open_log(state) as log:
        begin = log.tell()
        process = subprocess.Popen(
            [*command, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=project.root,
            pass_fds=(writing, *inherited),
            start_new_session=True,
        )
        os.close(writing)
        born(process)
        # The pipe says `ready`, or ends with the process: either way without a look at the clock.
        readable, _, _ = select.select([ready], [], [], READY_SECONDS)
        is_ready = bool(readable) and ready.readline().strip() == b"ready"
    record = state.server() if is_ready else running_server(state)
    if record is None:
        process.poll()
        raise StartFailed(_log_tail(state, begin))
    return record


def stop(state: StateFolder) -> ServerRecord | int | None:
    """End the embedded server and wait until it is gone; faults: StopFailed.

    Returns what was ended: its record, or its process id when it had not served yet; None when there was none.
    """
    pid, record = state.server_pid(), state.server()
    if pid is None:
        return None
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while state.server_pid() == pid or (record is not None and is_alive(record.pid)):
        if time.monotonic() > deadline:
            raise StopFailed(pid)
        time.sleep(LOOK_SECONDS)
    return record or pid


@contextlib.contextmanager
def claimed(
    project: Project, address: ListenAddress, data_dir: Path | None
) -> "Iterator[tuple[ServerOptions, list[socket.socket]]]":
    """Be the server of this checkout: the options and sockets to serve with. Faults: ServerAlreadyRuns, PortTaken, ….

    `data_dir` None keeps everything in memory.
    """
    from stdbctl.server import ServerOptions

    state = project.state
    with state.claim():
        sockets = address.open(state.kept_port())
        if address.port is None:
            state.keep_port(sockets[0].getsockname()[1])
        options = ServerOptions(
            data_dir=data_dir,
            key_dir=state.key_dir,
            operator_file=state.operator_file,
            server_file=state.server_file,
            listen_hosts=address.hosts,
            allowed_hosts=project.config.allowed_hosts,
            history_transactions=project.config.history.transactions,
            history_days=project.config.history.days,
            snapshots_automatic=project.config.snapshots.automatic,
            snapshots_automatic_bytes=project.config.snapshots.automatic_bytes,
            memory_limit_mb=project.config.limits.memory_mb,
        )
        call_seconds = project.config.limits.call_seconds
        yield options if call_seconds is None else replace(options, call_limit_s=call_seconds), sockets


def data_text(record: ServerRecord) -> str:
    """Where a server keeps its data, for people: `data .stdbctl/data`, `in memory`."""
    if record.data_dir is None:
        return "in memory"
    path = Path(record.data_dir)
    return f"data {os.path.relpath(path) if path.is_relative_to(Path.cwd()) else path}"


def _answers(url: str) -> bool:
    from stdbctl.client.http import ControlClient, ServerNotReachable

    try:
        with ControlClient(url) as client:
            client.ping()
    except ServerNotReachable:
        return False
    return True


def _open_log(state: StateFolder) -> BinaryIO:
    """The log to append to, as every writer does; an old one that has grown large is emptied first."""
    log = state.log_file.open("ab")
    if log.tell() > LOG_BYTES:
        log.truncate(0)
        log.seek(0)
    return log


def _log_tail(state: StateFolder, begin: int = 0) -> str:
    """The last lines of the log after the byte `begin`."""
    try:
        with state.log_file.open(encoding="utf-8", errors="replace") as log:
            log.seek(begin)
            return "".join(deque(log, maxlen=TAIL_LINES)).strip()
    except FileNotFoundError:
        return ""
