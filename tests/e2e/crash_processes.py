"""Processes that the crash test kills: a supervisor, and the server under it."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.support.server import END_S, REPOSITORY, SERVE, RunningServer, wait_until


def kill(pid: int) -> None:
    """`kill -9`, which comes too late for a process that has ended by itself."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def is_alive(pid: int) -> bool:
    """Whether a process still runs; one that ended and that nobody asked about yet does not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def await_end(server: RunningServer) -> None:
    """Wait for both processes of a server that was killed."""
    server.process.wait(60)
    wait_until(lambda: not is_alive(server.pid), "the end of the server", 60)
    assert server.process.stdout is not None
    server.process.stdout.close()


def end(server: RunningServer) -> None:
    """End a server, if it still runs."""
    if server.process.poll() is None:
        server.process.send_signal(signal.SIGTERM)
        server.process.wait(END_S)
    await_end(server)


def kill_while_starting(folder: Path, options: dict[str, object], after_s: float) -> None:
    """Start a server as `start` does, and kill what there is of it after a moment."""
    with (folder / "server.log").open("a", encoding="utf-8") as log:
        command = [sys.executable, str(SERVE), str(folder), json.dumps(options)]
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=REPOSITORY)
    try:
        process.wait(after_s)
    except subprocess.TimeoutExpired:
        children = children_of(process.pid)
        for pid in (*children, process.pid):
            kill(pid)
        process.wait()
        wait_until(lambda: not any(map(is_alive, children)), "the end of the server", 60)


def children_of(pid: int) -> list[int]:
    """The processes that a process has started."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]
