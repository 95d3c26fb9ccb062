"""The caches of all tables, and how a message changes them: all of it first, then the callbacks.

A recount counts references from nothing beside the visible rows: after a reconnection, and when a subscription failed
whose rows the server does not name. When all that is due has come, the difference to the visible rows is shown.
"""

from collections import deque
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from stdbctl.client.cache import TableCache
from stdbctl.client.deltas import DeltaReader, Deltas, event_rows
from stdbctl.client.events import Event, EventContext, RollbackEvent
from stdbctl.client.optimistic_layers import Layer, Layers
from stdbctl.client.remote import RemoteModule, RemoteTable
from stdbctl.client.row_bag import Changes
from stdbctl.client.row_types import RowType, Shapes
from stdbctl.client.sdk_errors import UnknownTable
from stdbctl.client.waiting import Waiting
from stdbctl.errors import StdbctlError

Row = TypeVar("Row")
Told = dict[TableCache[Any], Changes[Any]]
"""What became of the rows that tables show."""


class Replica:
    """What a connection knows of its database. `connection`: what contexts show to callbacks, set by the face."""

    def __init__(self, module: RemoteModule, shapes: Shapes, waiting: Waiting) -> None:
        self.waiting = waiting
        self.connection: Any = None  # Any: a face, which is generic over generated classes
        self.caches = {table.name: TableCache[Any](RowType(table, shapes), waiting.lock) for table in module.tables}
        self.layers = Layers(self.caches, waiting)
        self.read = DeltaReader(self.caches, self._report_unknown)
        self._untold: deque[tuple[Told, Event]] = deque()
        self._is_telling = False
        self._unknown: set[str] = set()
        self._due: set[int] | None = None
        """Query sets whose answers the recount waits for; None when there is no recount."""
        self._event: Event | None = None
        self._held_back: list[Callable[[], None]] = []

    def cache(self, table: RemoteTable[Row]) -> TableCache[Row]:
        """The cache of one table of the module."""
        return self.caches[table.name]

    def apply(self, deltas: Deltas, event: Event, layer: Layer | None = None) -> None:
        """Apply what one message says, then tell the listeners. `layer`: what it was predicted to say."""
        told: Told = {}
        for cache, delta in deltas.items():
            told[cache] = Changes({}, {}, dict(enumerate(event_rows(delta)))) if delta.events else cache.receive(delta)
        if self.layers:
            truth = {cache: changes for cache, changes in told.items() if not cache.table.is_event}
            told.update(self.layers.rebase(truth, self._replaced(layer, deltas)))
        self._tell(told, event)

    def _tell(self, told: Told, event: Event) -> None:
        """Tell the listeners; when one of them makes a prediction, that is told after what is being told now."""
        self._untold.append((told, event))
        if self._is_telling:
            return
        self._is_telling = True
        try:
            while self._untold:
                self._tell_one(*self._untold.popleft())
        finally:
            self._is_telling = False

    def _tell_one(self, told: Told, event: Event) -> None:
        context: EventContext[Any, Any] | None = None
        for cache, changes in told.items():
            if cache.listeners and any(changes):
                context = context or EventContext(self.connection, event)
                cache.listeners.tell(context, changes, self._reporter(cache))

    def _reporter(self, cache: TableCache[Any]) -> Callable[[BaseException, Any], None]:
        def report(error: BaseException, callback: Any) -> None:
            name = getattr(callback, "__qualname__", repr(callback))
            self.waiting.report(error, f"callback `{name}` of table `{cache.table.accessor}`")

        return report

    def _report_unknown(self, table: str) -> None:
        if table not in self._unknown:
            self._unknown.add(table)
            self.waiting.report(UnknownTable(table), f"rows of table `{table}` came and were left aside")

    # -- predictions ----------------------------------------------------------------------------------------------

    def predict(self, layer: Layer) -> None:
        """Show what a call is predicted to do."""
        self._tell(self.layers.show(layer), layer.event)

    def take_back(self, layers: Iterable[Layer], error: StdbctlError) -> None:
        """Their calls failed."""
        failed = tuple(layer for layer in layers if not layer.is_confirmed)
        if failed:
            event = RollbackEvent(error, tuple(layer.event for layer in failed))
            self._tell(self.layers.rebase({}, failed), event)

    def _replaced(self, layer: Layer | None, deltas: Deltas) -> tuple[Layer, ...]:
        """The layer of a call that went well goes with what the call brought: now, or after the recount."""
        if layer is None:
            return ()
        layer.confirm({cache: [key for keys, _ in delta.gained for key in keys] for cache, delta in deltas.items()})
        return (layer,) if self._due is None else ()

    # -- recounts -------------------------------------------------------------------------------------------------

    def recount(self, due: set[int], event: Event) -> None:
        """Count anew what these query sets bring; `event` is what callbacks see for the difference."""
        for cache in self.caches.values():
            cache.start_over()
        self._due, self._event = due, event
        self._show_when_complete()

    def answered(self, set_id: int) -> bool:
        """A query set has its answer, whichever; whether a recount waited for it."""
        if self._due is None or set_id not in self._due:
            return False
        self._due.discard(set_id)
        self._show_when_complete()
        return True

    def _show_when_complete(self) -> None:
        if self._due:
            return
        self._due = None
        assert self._event is not None, "a recount has an event"
        changed = {cache: cache.adopt() for cache in self.caches.values()}
        if self.layers:
            changed.update(self.layers.rebase(changed, [layer for layer in self.layers if layer.is_confirmed]))
        self._tell(changed, self._event)
        self.release()

    def when_settled(self, finish: Callable[[], None]) -> None:
        """End a call now, or after the recount: whoever waits for it then finds the rows in the cache."""
        if self._due is None:
            finish()
        else:
            self._held_back.append(finish)

    def release(self) -> None:
        """End the calls that were held back."""
        held_back, self._held_back = self._held_back, []
        for finish in held_back:
            finish()

    def close(self) -> None:
        """No change will come any more: end all streams."""
        for cache in self.caches.values():
            cache.listeners.close()
