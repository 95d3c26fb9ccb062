"""The thread that keeps the server up and brings every save to it, one after the other."""

import threading
import time
from collections.abc import Callable, Iterable

from stdbctl.dev.build import Builder
from stdbctl.dev.events import Event, Rejected, ServerLost, ServerUp, Trouble
from stdbctl.dev.log import LogFollower
from stdbctl.dev.orders import Orders
from stdbctl.dev.server import ServerKeeper, ServerKeepsEnding
from stdbctl.errors import StdbctlError
from stdbctl.project import ServerRecord

FIRST_RETRY_S, RETRY_MAX_S = 0.5, 5.0


class Deployer:
    """Deploys whatever is saved. `tell(event)` and `fail(error)` are called on threads of this object's.

    `fail`: there is no going on; the session has to end.
    """

    def __init__(
        self,
        orders: Orders,
        keeper: ServerKeeper | None,
        tell: Callable[[Event], None],
        said: Callable[[str], None],
        fail: Callable[[BaseException], None],
    ) -> None:
        self._orders, self._keeper, self._listener, self._said, self._fail = orders, keeper, tell, said, fail
        self._builder = Builder(orders, self._tell)
        self._log: LogFollower | None = None
        self._record: ServerRecord | None = None
        self._changed = threading.Event()
        self._wanted = threading.Condition()
        self._noticed: float | None = None
        self._is_stopped = self._is_busy = self._has_built = self._was_up = False
        self._retry_s = FIRST_RETRY_S

    def start(self) -> None:
        """Begin, with a first deploy."""
        threading.Thread(target=self._run, daemon=True).start()

    def notice(self) -> None:
        """Something was saved, perhaps. From any thread; while a deploy runs, the next one follows it."""
        self._changed.set()
        with self._wanted:
            self._noticed = self._noticed if self._noticed is not None else time.perf_counter()
            self._wanted.notify()

    def look(self) -> None:
        """See whether something was saved, without a sign of it; not while a deploy runs."""
        if not self._is_busy:
            self.notice()

    def stop(self) -> None:
        """Deploy nothing more."""
        with self._wanted:
            self._is_stopped = True
            self._wanted.notify()
        if self._log is not None:
            self._log.stop()

    # --- the thread

    def _run(self) -> None:
        self.notice()
        try:
            while (noticed := self._next()) is not None:
                self._is_busy = True
                self._deploy(noticed)
                self._is_busy = False
        except BaseException as error:  # the thread ends here, and the session with it
            self._fail(error)
        finally:
            self._builder.close()

    def _next(self) -> float | None:
        """Wait for something to do: when it was noticed; None: stop."""
        with self._wanted:
            self._wanted.wait_for(lambda: self._is_stopped or self._noticed is not None)
            noticed, self._noticed = self._noticed, None
            return None if self._is_stopped else noticed

    def _deploy(self, noticed: float) -> None:
        try:
            if self._ensure_server():
                noticed = time.perf_counter()
            events = self._builder.build(noticed, self._changed)
        except ServerKeepsEnding:
            raise
        except StdbctlError as error:
            if not self._has_built:
                raise
            self._tell(Trouble(error=error, retry_s=self._retry_s))
            self._retry_later()
            return
        self._retry_s = FIRST_RETRY_S
        self._has_built = True
        self._show(events)

    def _show(self, events: Iterable[Event]) -> None:
        for event in events:
            if isinstance(event, Rejected) and self._builder.is_outdated():
                continue  # more was saved meanwhile: what is wrong now is what counts
            self._tell(event)
            if self._log is not None and not isinstance(event, Rejected):
                self._log.start()

    def _retry_later(self) -> None:
        with self._wanted:
            self._wanted.wait_for(lambda: self._is_stopped, self._retry_s)
        self._retry_s = min(self._retry_s * 2, RETRY_MAX_S)
        self.notice()

    def _tell(self, event: Event) -> None:
        if not self._is_stopped:
            self._listener(event)

    # --- the server

    def _ensure_server(self) -> bool:
        """Have a server that answers; whether that took anything."""
        if self._record is not None or (self._keeper is None and self._was_up):
            return False
        up = self._joined_elsewhere() if self._keeper is None else self._kept(self._keeper)
        self._builder.server_changed()
        if self._log is None and self._orders.shows_log:
            self._log = LogFollower(self._orders.target, self._said)
            self._log.mark()
        self._was_up = True
        self._tell(up)
        return True

    def _joined_elsewhere(self) -> ServerUp:
        target = self._orders.target
        with target.connect() as client:
            client.ping()
        return ServerUp(url=target.url())

    def _kept(self, keeper: ServerKeeper) -> ServerUp:
        record, is_started, is_ours = keeper.ensure()
        self._record = record
        threading.Thread(target=self._guard, args=(keeper, record), daemon=True).start()
        return ServerUp(
            url=record.url,
            pid=record.pid,
            data_dir=record.data_dir,
            is_started=is_started,
            is_ours=is_ours,
            is_again=self._was_up,
        )

    def _guard(self, keeper: ServerKeeper, record: ServerRecord) -> None:
        keeper.wait_lost(record)
        if not self._is_stopped:
            self._tell(ServerLost(pid=record.pid))
            self._record = None
            self.notice()
