"""The embedded server of a session: joined when it runs, else started as a child that ends with this process."""

import contextlib
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Protocol

from stdbctl.dev.life import life_line
from stdbctl.errors import Fault
from stdbctl.project import Project, ServerRecord, is_alive

READY_S = 60.0
"""How long a start may take; it reads all rows of all databases."""
END_S = 20.0
"""How long an end may take; longer than any wait of the server for its clients and its disk."""
LOOK_S = 0.1
"""How often a server that is nobody's child is looked at: nothing tells us when it ends."""
STARTS_MAX, STARTS_WINDOW_S = 5, 60.0
"""A server that is lost so often in so short a time is not started again."""


class ServerKeeper(Protocol):
    """Whoever sees to it that the embedded server runs."""

    def ensure(self) -> tuple[ServerRecord, bool]:
        """Return when a server answers: where it is, and whether it ends with this session. Faults."""
        ...

    def wait_lost(self, record: ServerRecord) -> None:
        """Return when that server is gone."""
        ...

    def end(self, *, by_force: bool = False) -> None:
        """Tell the server to end if it is this session's, or end it by force. Returns at once."""
        ...

    def wait_ended(self, seconds: float) -> bool:
        """Wait until the session's own server is gone; whether it is. True when there is none."""
        ...


class ServerDidNotStart(Fault):
    """The server ended before it served; the end of its log says why."""

    code = "dev.server_did_not_start"

    def __init__(self, tail: str) -> None:
        super().__init__(
            "the embedded server did not start",
            why=tail or "it ended without a word",
            fix="run `stdbctl start` in the foreground to watch it",
        )


class ServerKeepsEnding(Fault):
    """The server was started again and again, and ended every time."""

    code = "dev.server_keeps_ending"

    def __init__(self) -> None:
        super().__init__(
            f"the embedded server ended {STARTS_MAX} times within {STARTS_WINDOW_S:.0f} s",
            why="something ends it, or it crashes",
            fix="look at `.stdbctl/server.log`; run `stdbctl start` in the foreground to watch it",
        )


class EmbeddedServer:
    """Keeps the embedded server of one checkout: joins the one that runs, or has one started.

    `find` looks for a running server and waits for one that is starting. `start` starts one that outlives this process;
    without it the server is this object's child and ends with it.
    """

    def __init__(
        self,
        project: Project,
        find: Callable[[], ServerRecord | None],
        start: Callable[[], ServerRecord] | None = None,
    ) -> None:
        self._project, self._find, self._start_left = project, find, start
        self._child: subprocess.Popen[bytes] | None = None
        self._record: ServerRecord | None = None
        self._starts: deque[float] = deque(maxlen=STARTS_MAX)
        self._lock, self._is_ending = threading.Lock(), False

    def ensure(self) -> tuple[ServerRecord, bool]:
        """Return when a server answers; see ServerKeeper."""
        found = self._find()
        if found is None:
            self._count_start()
            found = self._start_child() if self._start_left is None else self._start_left()
        self._record = found
        return found, self._child is not None and self._child.poll() is None

    def wait_lost(self, record: ServerRecord) -> None:
        """Return when that server is gone; see ServerKeeper."""
        while is_alive(record.pid):
            time.sleep(LOOK_S)

    def end(self, *, by_force: bool = False) -> None:
        """Tell the child to end; see ServerKeeper."""
        with self._lock:
            self._is_ending = True
            child, record = self._child, self._record
        if child is None or child.poll() is not None:
            return
        if not by_force:
            child.send_signal(signal.SIGTERM)
            return
        for pid in (child.pid, *((record.pid,) if record is not None else ())):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def wait_ended(self, seconds: float) -> bool:
        """Wait for the child's end; see ServerKeeper."""
        if self._child is None:
            return True
        try:
            self._child.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def _count_start(self) -> None:
        now = time.monotonic()
        if len(self._starts) == STARTS_MAX and now - self._starts[0] < STARTS_WINDOW_S:
            raise ServerKeepsEnding
        self._starts.append(now)

    def _start_child(self) -> ServerRecord:
        state, life = self._project.state, life_line()
        state.ensure()
        reading, writing = os.pipe()
        command = [sys.executable, "-m", "stdbctl", "start", "--project", str(self._project.root)]
        with os.fdopen(reading, "rb") as ready, state.log_file.open("wb") as log:
            with self._lock:
                if self._is_ending:
                    os.close(writing)
                    raise ServerDidNotStart("the session is ending")
                self._child = subprocess.Popen(
                    [*command, "--ready-fd", str(writing), "--life-fd", str(life)],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    cwd=self._project.root,
                    pass_fds=(writing, life),
                    start_new_session=True,
                )
            os.close(writing)
            # The pipe says `ready`, or ends with the process: either way without a look at the clock.
            readable, _, _ = select.select([ready], [], [], READY_S)
            is_ready = bool(readable) and ready.readline().strip() == b"ready"
        # Another command may have started one at the same moment: then ours has ended, and that one is joined.
        record = state.server() if is_ready else self._find()
        if record is None:
            raise ServerDidNotStart(_tail(self._project))
        return record


def _tail(project: Project) -> str:
    with contextlib.suppress(FileNotFoundError), project.state.log_file.open(encoding="utf-8", errors="replace") as log:
        return "".join(deque(log, maxlen=15)).strip()
    return ""
