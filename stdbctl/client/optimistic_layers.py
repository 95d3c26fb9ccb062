"""Predictions as layers over server truth, one per call under way, in the order of the calls.

What is shown is truth with every layer on top, each worked out upon what lies below it. When truth changes or a layer
goes, that happens in one step: layers that had looked at what changed are worked out anew, then the difference to what
was shown before is told. A layer that foresees a refusal (ReducerError) shows nothing.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from stdbctl.client.events import PredictionEvent
from stdbctl.client.optimistic_draft import DraftTable
from stdbctl.client.optimistic_rejoin import rejoined
from stdbctl.client.row_bag import Changes, Key
from stdbctl.client.waiting import Waiting
from stdbctl.errors import ReducerError
from stdbctl.sats import Primitive

if TYPE_CHECKING:
    from stdbctl.client.cache import TableCache
    from stdbctl.client.remote import RemoteTable

Row = TypeVar("Row")
Effect = Callable[[Any], object]
"""Writes into a draft. Any: the generated class of its tables."""
_ABSENT: Any = object()
MAKE_UP_TRIES = 256
"""How often another number is tried where the server has come to the end of a column's type: as many as a u8 has."""


@dataclass(slots=True, eq=False, kw_only=True)
class Layer:
    """What one call is predicted to do. `number`: its place; `brought`: keys its transaction brought, once it has."""

    number: int
    effect: Effect
    event: PredictionEvent
    is_confirmed: bool = False
    is_reported: bool = False
    brought: dict["TableCache[Any]", set[Key]] = field(default_factory=dict)
    writes: dict["TableCache[Any]", dict[Key, Any]] = field(default_factory=dict)
    reads: dict["TableCache[Any]", set[Key]] = field(default_factory=dict)
    made_up: dict["TableCache[Any]", list[dict[str, int]]] = field(default_factory=dict)
    """For each table: what stands in auto-increment columns of its nth row, the same however often it is worked out."""

    def confirm(self, brought: Mapping["TableCache[Any]", Iterable[Key]]) -> None:
        """The call went well; the layer stays until what it brought is shown."""
        self.is_confirmed = True
        self.brought = {cache: set(keys) for cache, keys in brought.items() if cache in self.made_up}

    def made_up_keys(self, cache: "TableCache[Any]") -> list[int]:
        """The primary keys that were made up, in order."""
        return [values[cache.table.primary_key or ""] for values in self.made_up.get(cache, ())]


class _Run(NamedTuple):
    """What an effect did in one table: key -> row written, None: taken away; keys it looked at; whether at all rows."""

    writes: dict[Key, Any]
    reads: set[Key]
    is_scanned: bool


_UNUSED = _Run({}, set(), False)


class Layers:
    """All layers of a connection. `db`: the draft's generated class, set by the face."""

    def __init__(self, caches: Mapping[str, "TableCache[Any]"], waiting: Waiting) -> None:
        self.waiting = waiting
        self.db: Any = None  # Any: generated
        self._drafts = {name: DraftTable(cache, self) for name, cache in caches.items()}
        self._used: list[DraftTable[Any]] = []
        self._layers: dict[int, Layer] = {}
        self._running: Layer | None = None
        self._count = 0
        self._made_up_count = 0

    def cache(self, table: "RemoteTable[Row]") -> DraftTable[Row]:
        """A table of the draft."""
        return self._drafts[table.name]

    def __bool__(self) -> bool:
        return bool(self._layers)

    def __iter__(self) -> Iterator[Layer]:
        return iter(tuple(self._layers.values()))

    @property
    def is_running(self) -> bool:
        """Whether an effect runs just now."""
        return self._running is not None

    def new(self, effect: Effect, event: PredictionEvent) -> Layer:
        """The topmost layer, not shown yet."""
        self._count += 1
        return Layer(number=self._count, effect=effect, event=event)

    def show(self, layer: Layer) -> dict["TableCache[Any]", Changes[Any]]:
        """Put a new layer on top; what that changed of what is shown."""
        self._layers[layer.number] = layer
        step = _Step(self)
        step.work_out([layer.number])
        return step.changes()

    def rebase(
        self, truth: Mapping["TableCache[Any]", Changes[Any]], gone: Iterable[Layer]
    ) -> dict["TableCache[Any]", Changes[Any]]:
        """Truth has changed so, and these layers go; what that changed of what is shown, for each table concerned."""
        gone = tuple(layer for layer in gone if self._layers.pop(layer.number, None))
        step = _Step(self)
        for cache, changes in truth.items():
            step.truth_changed(cache, changes)
        for layer in gone:
            step.remove(layer)
        step.work_out(())
        confirmed = [layer for layer in gone if layer.is_confirmed]
        return {cache: _with_real_keys(cache, changes, confirmed) for cache, changes in step.changes().items()}

    def find(self, number: int) -> Layer | None:
        """The layer of a number, None when it is gone."""
        return self._layers.get(number)

    def run(self, layer: Layer) -> dict["TableCache[Any]", "_Run"]:
        """Run a layer's effect; what it wrote and looked at in the tables that it used."""
        try:
            does_count = self._does_end_well(layer)
            return {
                draft.cache: _Run(draft.writes if does_count else {}, draft.reads, draft.is_scanned)
                for draft in self._used
            }
        finally:
            for draft in self._used:
                draft.clear()
            self._used.clear()

    def _does_end_well(self, layer: Layer) -> bool:
        self._running = layer
        try:
            layer.effect(self.db)
        except ReducerError:
            return False
        except Exception as error:
            if not layer.is_reported:
                layer.is_reported = True
                self.waiting.report(error, f"the prediction of reducer `{layer.event.reducer}`")
            return False
        finally:
            self._running = None
        return True

    def begin(self, table: DraftTable[Any]) -> int:
        """The running effect uses a table. Raises TypeError: none runs."""
        if self._running is None:
            raise TypeError("the `db` of an effect serves while the effect runs; look at `conn.db` at other times")
        self._used.append(table)
        return self._running.number

    def make_up(self, cache: "TableCache[Any]", ordinal: int) -> dict[str, int]:
        """Values for the auto-increment columns of the running layer's nth row: numbers the server reaches last."""
        assert self._running is not None, "only effects insert"
        values = self._running.made_up.setdefault(cache, [])
        for _ in range(MAKE_UP_TRIES):
            if len(values) > ordinal and not self._is_taken(cache, values[ordinal]):
                break
            self._made_up_count += 1
            made = {name: _from_the_top(cache, name, self._made_up_count) for name in cache.table.auto_inc}
            values[ordinal : ordinal + 1] = [made]
        return values[ordinal]

    def _is_taken(self, cache: "TableCache[Any]", values: Mapping[str, int]) -> bool:
        return values.get(cache.table.primary_key or "", _ABSENT) in cache.truth


class _Step:
    """One change of what is shown: what it was before, and which layers are to be worked out anew."""

    def __init__(self, layers: Layers) -> None:
        self._layers = layers
        self._before: dict[TableCache[Any], dict[Key, Any]] = {}
        self._due: list[int] = []

    def truth_changed(self, cache: "TableCache[Any]", changes: Changes[Any]) -> None:
        """Truth is another one already."""
        before, shown = self._before.setdefault(cache, {}), cache.overlay.shown
        old: dict[Key, Any] = dict.fromkeys(changes.inserted)
        old.update(changes.deleted)
        old.update((key, rows[0]) for key, rows in changes.updated.items())
        for key, row in old.items():
            before[key] = shown.get(key, row)
            self._ask_readers(cache, key, above=-1)

    def remove(self, layer: Layer) -> None:
        """A layer goes."""
        for cache, keys in layer.reads.items():
            cache.overlay.forget_reads(layer.number, keys)
        for cache, writes in layer.writes.items():
            for key in writes:
                self._touch(cache, key, layer.number)
                cache.overlay.erase(layer.number, key)

    def work_out(self, numbers: Iterable[int]) -> None:
        """Run these layers, and all that had looked at what changed, from below upwards."""
        for number in numbers:
            heappush(self._due, number)
        last = -1
        while self._due:
            number = heappop(self._due)
            layer = self._layers.find(number)
            if layer is not None and number > last:
                last = number
                self._work_out(layer)

    def _work_out(self, layer: Layer) -> None:
        used = self._layers.run(layer)
        if self._layers.find(layer.number) is None:
            return  # the effect has closed the connection
        for cache in {**layer.reads, **used}:  # what is written was looked at
            run = used.get(cache, _UNUSED)
            cache.overlay.forget_reads(layer.number, layer.reads.pop(cache, ()))
            if cache in used:
                cache.overlay.note_reads(layer.number, run.reads, is_scanned=run.is_scanned)
                layer.reads[cache] = run.reads
            self._replace(cache, layer, run.writes)

    def _replace(self, cache: "TableCache[Any]", layer: Layer, new_writes: dict[Key, Any]) -> None:
        old_writes = layer.writes.pop(cache, {})
        for key in {**old_writes, **new_writes}:
            old, new = old_writes.get(key, _ABSENT), new_writes.get(key, _ABSENT)
            if cache.type.is_same(old, new):
                continue
            self._touch(cache, key, layer.number)
            if new is _ABSENT:
                cache.overlay.erase(layer.number, key)
            else:
                cache.overlay.write(layer.number, key, new)
        if new_writes:
            layer.writes[cache] = new_writes

    def _touch(self, cache: "TableCache[Any]", key: Key, number: int) -> None:
        """What layer `number` says of a row is about to change."""
        before = self._before.setdefault(cache, {})
        if key not in before:
            before[key] = cache.shown(key)
        self._ask_readers(cache, key, above=number)

    def _ask_readers(self, cache: "TableCache[Any]", key: Key, above: int) -> None:
        for number in cache.overlay.readers(key, above):
            heappush(self._due, number)

    def changes(self) -> dict["TableCache[Any]", Changes[Any]]:
        """What became of what was shown."""
        return {cache: _difference(cache, before) for cache, before in self._before.items()}


def _difference(cache: "TableCache[Any]", before: Mapping[Key, Any]) -> Changes[Any]:
    deleted, updated, inserted = {}, {}, {}
    for key, old in before.items():
        new = cache.shown(key)
        if old is None:
            if new is not None:
                inserted[key] = new
        elif new is None:
            deleted[key] = old
        elif not cache.type.is_same(old, new):
            updated[key] = (old, new)
    return Changes(deleted, updated, inserted)


def _with_real_keys(cache: "TableCache[Any]", changes: Changes[Any], layers: list[Layer]) -> Changes[Any]:
    if cache.table.primary_key not in cache.table.auto_inc:
        return changes
    calls = [(layer.made_up_keys(cache), layer.brought[cache]) for layer in layers if cache in layer.brought]
    return rejoined(cache, changes, calls)


def _from_the_top(cache: "TableCache[Any]", column: str, count: int) -> int:
    """The countth number from the greatest of a column's type downwards, and round again where a type is that small."""
    type_ = cache.type.column_type(column)
    assert isinstance(type_, Primitive), "the server numbers integers"
    bits = int(type_.name[1:])
    greatest: int = 2 ** (bits if type_.name[0] == "U" else bits - 1) - 1
    return greatest - (count - 1) % greatest
