"""The parent process: starts the process that serves, starts it again when it crashed, and otherwise ends as it ended.

- SIGSEGV, SIGABRT and their like: a crash; the server starts again from disk on the same sockets.
- A call that ends the process by itself (`os._exit` behind the guard's back): the same.
- A call that sits in C code deaf to signals: the server is ended with SIGABRT and starts again; the call is logged.
- A call that does such a thing again and again is not run any more (see `Strikes`).
- A plain exit, or a signal from outside (`kill -9 PID`): this process ends with the same result.
- The data folder is deleted or moved: the server ends, because what it writes from then on would be lost.

The sockets are this process's own, so a client that reconnects finds the port taken care of at every moment. The server
ends with this process: a pipe tells it at once, and on Linux the kernel does, too.

This module imports next to nothing, because it stays in memory as long as the server runs.
"""

import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Sequence
from types import FrameType
from typing import BinaryIO

from stdbctl.server import limits
from stdbctl.server.culprit import Culprit, Strikes
from stdbctl.server.guard import PAGE_BYTES, Running, WatchPage
from stdbctl.server.options import ServerOptions

CRASHES = frozenset({signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGILL, signal.SIGFPE, signal.SIGALRM})
FORWARDED = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
DATA_GONE = 2
"""The exit status when the data folder was taken away."""
_LOOK_EVERY_S = 0.5
_ABORT_S = 2.0
"""How long an ended server may take to write down where it hung, before SIGKILL."""


def run(
    options: ServerOptions, sockets: Sequence[socket.socket], on_ready: Callable[[str, int], None] | None = None
) -> int:
    """Serve on `sockets` (bound, not listening) until told to end; the exit status.

    `on_ready(url, pid)` is called once, when requests are answered. Must run on the main thread. When the server was
    killed by a signal from outside, this process dies of the same signal.
    """
    return Supervisor(options, sockets, on_ready).run()


class _DataGone(Exception):
    """The data folder was deleted or moved."""


class Supervisor:
    """One server under supervision."""

    def __init__(
        self, options: ServerOptions, sockets: Sequence[socket.socket], on_ready: Callable[[str, int], None] | None
    ) -> None:
        self._options, self._sockets, self._on_ready = options, sockets, on_ready
        self._page_file = _memory_file()
        self._page_file.truncate(PAGE_BYTES)
        self._page = WatchPage(self._page_file.fileno())
        self._restarts: deque[float] = deque(maxlen=limits.RESTARTS_MAX)
        self._strikes = Strikes()
        self._is_ready = self._is_ending = False
        self._child: subprocess.Popen[bytes] | None = None
        self._data_fd: int | None = None

    def run(self) -> int:
        """Serve; the exit status."""
        wake_read, wake_write = os.pipe()
        os.set_blocking(wake_write, False)
        old_wakeup = signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
        old_handlers = {number: signal.signal(number, self._forward) for number in FORWARDED}
        old_handlers[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, _ignore)
        try:
            status = self._serve(wake_read)
        except _DataGone:
            # The announcement is left alone: it went with the folder, and may be that of another server by now.
            _say(f"`{self._options.data_dir}` was deleted or moved: the server ends")
            return DATA_GONE
        finally:
            signal.set_wakeup_fd(old_wakeup)
            for number, handler in old_handlers.items():
                signal.signal(number, handler)
            os.close(wake_read)
            os.close(wake_write)
            self._page_file.close()
            if self._data_fd is not None:
                os.close(self._data_fd)
        if status < 0:
            _die_of(-status)
        return status

    def _serve(self, wake: int) -> int:
        culprit: Culprit | None = None
        while True:
            hung, status = self._one_life(wake, culprit)
            culprit = self._culprit(hung, status)
            self._withdraw()
            if culprit is None and -status not in CRASHES:
                return status
            if self._is_ending or self._options.data_dir is None or not self._may_restart(culprit):
                return 1 if hung is not None else status
            cause = (
                f"the server crashed ({_name(-status)})" if culprit is None else f"`{culprit.function}` {culprit.how}"
            )
            _say(f"{cause}; it starts again from disk")

    def _culprit(self, hung: Running | None, status: int) -> Culprit | None:
        """The call that ended a server: the one that it hung in, or the one that ran when it crashed or exited."""
        if hung is not None:
            return Culprit.of(hung, f"did not end within {self._options.call_limit_s:g} s and could not be stopped")
        running = self._page.read() if status >= 0 or -status in CRASHES else None
        if running is None or not running.name:
            return None
        how = f"ended the server with exit status {status}" if status >= 0 else f"crashed the server ({_name(-status)})"
        return Culprit.of(running, how)

    def _one_life(self, wake: int, culprit: Culprit | None) -> tuple[Running | None, int]:
        """Run one server process to its end: the call it hung in, if any, and its return code."""
        self._page.end()
        self._is_ready = False
        ready_read, ready_write = os.pipe()
        life_read, life_write = os.pipe()
        try:
            self._child = self._start(ready_write, life_read, culprit)
            os.close(ready_write)
            os.close(life_read)
            return self._watch(self._child, wake, ready_read)
        finally:
            os.close(life_write)
            os.close(ready_read)

    def _start(self, ready: int, life: int, culprit: Culprit | None) -> "subprocess.Popen[bytes]":
        fds = [one.fileno() for one in self._sockets]
        message = {
            "options": self._options.to_json(),
            "sockets": fds,
            "ready": ready,
            "life": life,
            "page": self._page_file.fileno(),
            "culprit": None if culprit is None else culprit.to_json(),
            "blocked": [one.to_json() for one in self._strikes.blocked],
        }
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "stdbctl.server", json.dumps(message)],
            pass_fds=[*fds, ready, life, self._page_file.fileno()],
            # Sets, dicts and datetimes without a zone of a module must behave alike in every run, on any machine.
            env={**os.environ, "PYTHONHASHSEED": "0", "TZ": "UTC"},
        )

    def _watch(self, child: "subprocess.Popen[bytes]", wake: int, ready: int) -> tuple[Running | None, int]:
        waiting_for = [wake, ready]
        while True:
            readable, _, _ = select.select(waiting_for, [], [], _LOOK_EVERY_S)
            if ready in readable:
                waiting_for = [wake]
                self._tell_ready(os.read(ready, 4096))
            if wake in readable:
                os.read(wake, 4096)
            status = child.poll()
            if status is not None:
                self._child = None
                return None, status
            if self._data_is_gone():
                child.kill()
                child.wait()
                raise _DataGone
            running = self._page.read()
            limit_s = self._options.call_limit_s + self._options.deaf_grace_s
            if running is not None and time.monotonic() - running.since > limit_s:
                return running, self._end(child)

    def _tell_ready(self, line: bytes) -> None:
        self._is_ready = self._is_ready or bool(line)
        if line and self._data_fd is None and self._options.data_dir is not None:
            # Open, so that no other folder can get its number.
            self._data_fd = os.open(self._options.data_dir, os.O_RDONLY | os.O_CLOEXEC)
        if line and self._on_ready is not None:
            told, self._on_ready = self._on_ready, None
            announced = json.loads(line)
            told(announced["url"], announced["pid"])

    def _data_is_gone(self) -> bool:
        """Whether the data folder is no longer found under its name: what is written from now on is lost."""
        if self._data_fd is None or self._options.data_dir is None:
            return False
        try:
            return not os.path.samestat(os.fstat(self._data_fd), os.stat(self._options.data_dir))
        except FileNotFoundError:
            return True

    def _end(self, child: "subprocess.Popen[bytes]") -> int:
        """End a server that hears nothing: SIGABRT lets it write a traceback, then SIGKILL."""
        self._child = None
        child.send_signal(signal.SIGABRT)
        try:
            return child.wait(_ABORT_S)
        except subprocess.TimeoutExpired:
            child.kill()
            return child.wait()

    def _may_restart(self, culprit: Culprit | None) -> bool:
        """Whether to try again: what a call did ends when the call is blocked, anything else after some crashes."""
        now = time.monotonic()
        if culprit is not None:
            self._strikes.add(culprit, now, is_at_start=not self._is_ready)
            return True
        is_full = len(self._restarts) == limits.RESTARTS_MAX
        if is_full and now - self._restarts[0] < limits.RESTART_WINDOW_S:
            window = f"{limits.RESTARTS_MAX + 1} times within {limits.RESTART_WINDOW_S:.0f} s"
            _say(f"the server crashed {window}: it stays down")
            return False
        self._restarts.append(now)
        return True

    def _withdraw(self) -> None:
        if self._options.server_file is not None:
            self._options.server_file.unlink(missing_ok=True)

    def _forward(self, number: int, _frame: FrameType | None) -> None:
        self._is_ending = True
        if self._child is not None:
            self._child.send_signal(number)


def _memory_file() -> BinaryIO:
    """A nameless file in memory, or where there is none (macOS) on disk."""
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("stdbctl-page"), "r+b", buffering=0)
    return tempfile.TemporaryFile(buffering=0)  # lives as long as the supervisor


def _ignore(_number: int, _frame: FrameType | None) -> None:
    """SIGCHLD needs a handler, or it wakes nobody."""


def _name(number: int) -> str:
    return signal.Signals(number).name


def _say(text: str) -> None:
    print(f"stdbctl: {text}", file=sys.stderr, flush=True)


def _die_of(number: int) -> None:
    """End this process by the signal that ended the server, so that whoever waits sees the same."""
    sys.stdout.flush()
    sys.stderr.flush()
    if number != signal.SIGKILL:
        signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
