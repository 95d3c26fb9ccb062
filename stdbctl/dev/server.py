"""The embedded server of a session: joined when it runs, else started as a child that ends with this process."""

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from stdbctl.dev.life import life_line
from stdbctl.errors import Fault
from stdbctl.project import ServerRecord, is_alive

END_S = 20.0
"""How long an end may take; longer than any wait of the server for its clients and its disk."""
LOOK_S = 0.1
"""How often a server that is nobody's child is looked at: nothing tells us when it ends."""
STARTS_MAX, STARTS_WINDOW_S = 5, 60.0
"""A server that is lost so often in so short a time is not started again."""


class Found(NamedTuple):
    """A server that answers. `is_started`: just now, by us. `is_ours`: it ends with the session."""

    record: ServerRecord
    is_started: bool
    is_ours: bool


class ServerKeeper(Protocol):
    """Whoever sees to it that the embedded server runs."""

    def ensure(self) -> Found:
        """Return when a server answers; Faults."""
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


class ServerKeepsEnding(Fault):
    """The server was started again and again, and ended every time."""

    code = "dev.server_keeps_ending"

    def __init__(self) -> None:
        super().__init__(
            f"the embedded server ended {STARTS_MAX} times within {STARTS_WINDOW_S:.0f} s",
            why="something ends it, or it crashes",
            fix="look at `.stdbctl/server.log`; run `stdbctl start` in the foreground to watch it",
        )


class Launch(Protocol):
    """Starts the embedded server as a process and returns when it answers; Faults."""

    def __call__(
        self,
        arguments: Sequence[str],
        inherited: tuple[int, ...],
        born: "Callable[[subprocess.Popen[bytes]], None]",
        /,
    ) -> ServerRecord:
        """`arguments`: of `stdbctl start`; `inherited`: file descriptors; `born` gets the process once it exists."""
        ...


class EmbeddedServer:
    """Keeps the embedded server of one checkout: joins the one that runs, or starts one.

    `find` looks for a running server and waits for one that is starting. `is_left`: what is started outlives this
    process; otherwise it ends with it.
    """

    def __init__(self, find: Callable[[], ServerRecord | None], launch: Launch, *, is_left: bool) -> None:
        self._find, self._launch, self._is_left = find, launch, is_left
        self._child: subprocess.Popen[bytes] | None = None
        self._record: ServerRecord | None = None
        self._starts: deque[float] = deque(maxlen=STARTS_MAX)
        self._lock, self._is_ending = threading.Lock(), False

    def ensure(self) -> Found:
        """Return when a server answers; see ServerKeeper."""
        record = self._find()
        is_started = record is None
        if record is None:
            self._count_start()
            record = self._start()
        self._record = record
        is_ours = self._child is not None and self._child.poll() is None
        return Found(record, is_started, is_ours)

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

    def _start(self) -> ServerRecord:
        if self._is_left:
            return self._launch((), (), lambda _: None)
        life = life_line()
        return self._launch(("--life-fd", str(life)), (life,), self._born)

    def _born(self, child: "subprocess.Popen[bytes]") -> None:
        with self._lock:
            self._child = child
            if self._is_ending:
                child.send_signal(signal.SIGTERM)
