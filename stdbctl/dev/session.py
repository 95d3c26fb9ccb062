"""One run of `dev`: a loop that puts the parts together, and tells what happens as events.

Threads: the deployer's, the watcher's two, one per running child that reads its output, one for the log. Only the
loop's own thread tells events and touches the client. The loop need not run on the main thread.
"""

import heapq
import itertools
import os
import time
from collections.abc import Callable
from queue import Empty, SimpleQueue
from threading import BoundedSemaphore

from stdbctl.dev.client_keeper import ClientKeeper
from stdbctl.dev.deployer import Deployer
from stdbctl.dev.events import (
    Ending,
    Event,
    Live,
    Logged,
    ProjectFileRead,
    Refused,
    Rejected,
    Trouble,
    Watching,
)
from stdbctl.dev.orders import Orders
from stdbctl.dev.server import END_S, ServerKeeper
from stdbctl.dev.watch import Watcher
from stdbctl.errors import Problems, StdbctlError

LINES_MAX = 10_000
"""Lines of the client and the log that wait to be shown; then their writers wait."""
LOOK_S = 0.1
"""How often, while the session ends, it is looked whether it was told to hurry."""
CLIENT_END_S = 10.0
"""How long the client's leash may take: longer than its own waits together."""

Action = Callable[[], None]


class Session:
    """`read()` gives the orders, again after each save of stdbctl.toml; `tell(event)` shows what happens.

    `keeper`: of the embedded server, for orders whose target it is.
    """

    def __init__(self, read: Callable[[], Orders], tell: Callable[[Event], None], keeper: ServerKeeper) -> None:
        self._read, self._listener, self._keeper = read, tell, keeper
        self._orders = read()
        # Signal handlers call `stop`: SimpleQueue is the one queue that may be put to from there.
        self._inbox: SimpleQueue[Action | None] = SimpleQueue()
        self._slots = BoundedSemaphore(LINES_MAX)
        self._alarms: list[tuple[float, int, Action]] = []
        self._count = itertools.count()
        self._stops = 0
        self._error: BaseException | None = None
        self._is_mute = self._is_watching = False
        self._deployer: Deployer | None = None
        self._watcher: Watcher | None = None
        self._client: ClientKeeper | None = None

    def run(self) -> bool:
        """Go on until `stop`, then end all that was started; whether it was not told to hurry.

        Raises what made going on impossible: a Fault of the server's start, a bug.
        """
        try:
            self._begin()
            self._loop()
        finally:
            self._end()
        if self._error is not None:
            raise self._error
        return self._stops < 2

    def stop(self) -> None:
        """End the session; the second time, at once. From any thread or signal handler."""
        self._stops += 1
        self._inbox.put(None)

    # --- the loop

    def _begin(self) -> None:
        if self._stops:
            return
        self._start_client()
        self._start_deployer()

    def _loop(self) -> None:
        while not self._stops:
            wait_s = max(0.0, self._alarms[0][0] - time.monotonic()) if self._alarms else None
            try:
                action = self._inbox.get(timeout=wait_s)
            except Empty:
                _, _, action = heapq.heappop(self._alarms)
            if action is not None:
                action()

    def _alarm(self, seconds: float, action: Action) -> None:
        heapq.heappush(self._alarms, (time.monotonic() + seconds, next(self._count), action))

    def _post(self, action: Action) -> None:
        self._inbox.put(action)

    def _post_line(self, event: Event) -> None:
        """One of many lines: their number is limited."""
        while not self._slots.acquire(timeout=LOOK_S):
            if self._stops:
                return

        def show() -> None:
            self._slots.release()
            self._tell(event)

        self._inbox.put(show)

    def _tell(self, event: Event) -> None:
        if self._is_mute:
            return
        try:
            self._listener(event)
        except OSError:  # whoever listened is gone, a terminal or a pipe: nothing is left to be shown to
            self._is_mute = True
            self.stop()

    def _fail(self, error: BaseException) -> None:
        def end() -> None:
            self._error = self._error or error
            self.stop()

        self._post(end)

    # --- the parts

    def _start_deployer(self) -> None:
        self._deployer = Deployer(
            self._orders,
            self._keeper if self._orders.target.is_local else None,
            tell=lambda event: self._post(lambda: self._heard(event)),
            said=lambda line: self._post_line(Logged(line=line)),
            fail=self._fail,
        )
        self._deployer.start()

    def _start_client(self) -> None:
        command = self._orders.client
        if command is not None:
            self._client = ClientKeeper(command, self._post, self._tell, self._post_line, self._alarm)
            self._client.prepare()
            if self._is_watching:
                self._client.module_is_live(self._environment())

    def _heard(self, event: Event) -> None:
        """Something came from the deployer."""
        self._tell(event)
        if isinstance(event, Live) and self._client is not None:
            self._client.module_is_live(self._environment())
        if isinstance(event, Live | Rejected | Refused) and not self._is_watching:
            self._is_watching = True
            self._watch()
            self._tell(Watching(module=self._orders.target.project.module_path, url=self._orders.target.url()))

    def _environment(self) -> dict[str, str]:
        """What the client's command learns about server and database, beside this process's own environment."""
        url, database = self._orders.target.url(), self._orders.target.database
        own = {
            f"{prefix}{name}": value
            for prefix in ("", "VITE_")
            for name, value in (("SPACETIMEDB_HOST", url), ("SPACETIMEDB_DB_NAME", database))
        }
        colors = {"FORCE_COLOR": "1"} if self._orders.has_colors else {}
        return {**os.environ, **colors, **own}

    def _watch(self) -> None:
        deployer = self._deployer
        assert deployer is not None
        self._watcher = Watcher(
            self._orders.target.project,
            look=deployer.look,
            changed=deployer.notice,
            project_file_changed=lambda: self._post(self._project_file_changed),
            blind=lambda error: self._post(lambda: self._tell(Trouble(error=error))),
        )
        self._watcher.start()

    # --- stdbctl.toml

    def _project_file_changed(self) -> None:
        try:
            orders = self._read()
        except Problems as error:
            self._tell(ProjectFileRead(problems=error.problems))
            return
        except StdbctlError as error:
            self._tell(Trouble(error=error))
            return
        if orders != self._orders:
            old, self._orders = self._orders, orders
            self._tell(ProjectFileRead())
            self._follow_orders(old, orders)

    def _follow_orders(self, old: Orders, new: Orders) -> None:
        """Begin anew what the orders say differently; the server and all else go on."""
        if _aim(old) != _aim(new):
            self._stop_deployer()
            self._is_watching = False
            self._start_deployer()
        if old.client != new.client:
            if self._client is not None and new.client is not None:
                self._client.replace(new.client)
            elif self._client is not None:
                self._client.end()
            else:
                self._start_client()

    # --- the end

    def _stop_deployer(self) -> None:
        if self._deployer is not None:
            self._deployer.stop()
        if self._watcher is not None:
            self._watcher.stop()

    def _end(self) -> None:
        """End the client, then the server; by force as soon as the session is told to stop a second time."""
        self._tell(Ending())
        self._stop_deployer()
        if self._client is not None:
            self._client.end()
            self._wait(self._client.wait_ended, self._client.end, CLIENT_END_S)
        self._keeper.end(by_force=self._stops > 1)
        self._wait(self._keeper.wait_ended, lambda: self._keeper.end(by_force=True), END_S)

    def _wait(self, is_ended: Callable[[float], bool], force: Action, seconds: float) -> None:
        deadline, is_forced = time.monotonic() + seconds, False
        while not is_ended(LOOK_S) and time.monotonic() < deadline:
            if self._stops > 1 and not is_forced:
                is_forced = True
                force()


def _aim(orders: Orders) -> tuple[object, ...]:
    """What a deployer and a watcher were made for."""
    target = orders.target
    server = None if target.is_local else target.url()
    return server, target.database, target.project.module_path, orders.bindings
