"""`stdbctl dev --debug`: the server in this process, and a debugger that has the terminal to itself.

The server runs on the main thread, where reducers stop at `breakpoint()`; the session runs beside it on another.
"""

import bdb
import linecache
import os
import pdb  # noqa: T100  # it is the product here, not a leftover
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import TYPE_CHECKING

from stdbctl.cli.dev_text import TextShow
from stdbctl.cli.development import Wishes, told_by_signals
from stdbctl.cli.embedded import claimed
from stdbctl.cli.exits import ExitCode
from stdbctl.cli.failures import UsageFault
from stdbctl.cli.output import Format, note
from stdbctl.dev import Found, Session
from stdbctl.project import ListenAddress, ServerRecord

if TYPE_CHECKING:
    from stdbctl.server import ForegroundServer


TICK_S = 0.1
"""How often a prompt looks for signals: one that comes between prompt and wait for keys would go unseen until a key."""


class Console:
    """The terminal that a debugger and the session share. `is_taken`: somebody is at the debugger's prompt."""

    def __init__(self, show: TextShow) -> None:
        self._show, self.is_taken = show, False

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Have the terminal alone; what happens elsewhere is shown afterwards."""
        with self._show.lock, ticking():
            self.is_taken = True
            try:
                yield
            finally:
                self.is_taken = False


@contextmanager
def ticking() -> Iterator[None]:
    """Interrupt the main thread's waits now and then, so that it runs the handlers of signals that came before them."""
    old = signal.signal(signal.SIGALRM, lambda *_: None)
    signal.setitimer(signal.ITIMER_REAL, TICK_S, TICK_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, old)


class Debugger(pdb.Pdb):
    """pdb on a shared console, showing the sources that run, not those of an earlier save."""

    def __init__(self, console: Console) -> None:
        super().__init__(nosigint=True)
        self._console = console

    def interaction(self, frame: FrameType | None, tb_or_exc: TracebackType | BaseException | None) -> None:
        """Talk to the user at one stop."""
        linecache.clearcache()
        with self._console.taken():
            super().interaction(frame, tb_or_exc)  # type: ignore[arg-type]  # what is taken differs by version


class HereServer:
    """The keeper of a server in this process: it is up as long as the session, and ends with it."""

    def __init__(self, server: "ForegroundServer", record: ServerRecord) -> None:
        self._server, self._record = server, record

    def ensure(self) -> Found:
        """It answers already."""
        return Found(self._record, is_started=True, is_ours=True)

    def wait_lost(self, record: ServerRecord) -> None:
        """It is not lost while this process lives."""
        threading.Event().wait()

    def end(self, *, by_force: bool = False) -> None:
        """Let it end; it takes no longer by itself than by force."""
        self._server.end()

    def wait_ended(self, seconds: float) -> bool:
        """Whoever runs the server waits for it."""
        return True


class DebugRun:
    """One `dev --debug`: the server here, the session on a thread of its own."""

    def __init__(self, wishes: Wishes) -> None:
        self._wishes = wishes
        self._show = TextShow(wishes.target().database)
        self._console = Console(self._show)
        self._session: Session | None = None
        self._thread: threading.Thread | None = None
        self._error: BaseException | None = None
        self._was_calm = True

    def run(self) -> ExitCode:
        """Serve and develop until a signal ends both."""
        from stdbctl.server import ForegroundServer

        project = self._wishes.target().project
        state = project.state
        with claimed(project, ListenAddress(), state.data_dir) as (options, sockets), told_by_signals(self._stop):
            server = ForegroundServer(options, sockets)
            sys.breakpointhook = self._break
            try:
                server.run(lambda url: self._begin(server, url, str(state.data_dir)))
            finally:
                sys.breakpointhook = sys.__breakpointhook__
                self._join()
        if self._error is not None:
            raise self._error
        return ExitCode.DONE if self._was_calm else ExitCode.INTERRUPTED

    def _begin(self, server: "ForegroundServer", url: str, data_dir: str) -> None:
        record = ServerRecord(url=url, pid=os.getpid(), data_dir=data_dir)
        note("debugging: no time limits; `breakpoint()` in a reducer stops here, and all calls wait")
        self._session = Session(self._wishes.orders, self._show, HereServer(server, record))
        self._thread = threading.Thread(target=self._develop, args=(self._session, server), daemon=True)
        self._thread.start()

    def _develop(self, session: Session, server: "ForegroundServer") -> None:
        try:
            self._was_calm = session.run()
        except BaseException as error:  # the main thread raises it, once the server has ended
            self._error = error
        finally:
            server.end()

    def _join(self) -> None:
        """Wait for the session, which goes on only when the server broke."""
        if self._session is not None and self._thread is not None:
            self._session.stop()
            self._thread.join()

    def _stop(self) -> None:
        """A signal came. At the prompt of a debugger the stopped call is given up, or nothing would ever end."""
        if self._session is None:
            raise KeyboardInterrupt
        self._session.stop()
        if self._console.is_taken:
            raise bdb.BdbQuit

    def _break(self, *_: object, **__: object) -> None:
        """`breakpoint()`: in a reducer, which runs on the main thread. Imports that only check a module go on."""
        if threading.current_thread() is threading.main_thread():
            Debugger(self._console).set_trace(sys._getframe(1))


def run_debug_session(wishes: Wishes) -> ExitCode:
    """Run `dev --debug`; faults: ServerAlreadyRuns, UsageFault."""
    if not wishes.target().is_local:
        raise UsageFault("`--debug` runs the embedded server in this process", fix="leave `--server` out")
    if wishes.format is Format.JSON:
        raise UsageFault("`--debug` needs the terminal for the debugger", fix="leave `--format json` out")
    return DebugRun(wishes).run()
