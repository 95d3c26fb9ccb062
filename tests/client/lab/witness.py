"""Somebody who believes callbacks alone: a shadow of the cache, kept by them, that notices lost and doubled ones."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from stdbctl.client import Backoff, ConnectionId, ConnectionLost, Event
from tests.client.lab.bindings import Context, DbConnection, Item, Mark

T = TypeVar("T")
WAIT_S = 60.0
QUICK = Backoff(first_s=0.01, longest_s=0.1)
"""A back-off for tests: what comes back does so at once."""


class Witness:
    """`items`, `marks`: what the callbacks left. `events`: why, in order. `faults`: what cannot be."""

    def __init__(self, conn: DbConnection) -> None:
        self.items: dict[int, Item] = {}
        self.marks: set[Mark] = set()
        self.flashes: list[int] = []
        self.events: list[Event] = []
        self.faults: list[str] = []
        conn.db.item.on_insert(self._item_came)
        conn.db.item.on_delete(self._item_went)
        conn.db.item.on_update(self._item_changed)
        conn.db.mark.on_insert(self._mark_came)
        conn.db.mark.on_delete(self._mark_went)
        conn.db.flash.on_insert(lambda _, row: self.flashes.append(row.number))

    def _item_came(self, context: Context, row: Item) -> None:
        self._expect(row.id not in self.items, f"insert of {row}, which is there", context)
        self.items[row.id] = row

    def _item_went(self, context: Context, row: Item) -> None:
        self._expect(self.items.get(row.id) == row, f"delete of {row}, which is not there", context)
        self.items.pop(row.id, None)

    def _item_changed(self, context: Context, old: Item, new: Item) -> None:
        is_sound = self.items.get(old.id) == old and old.id == new.id and old != new
        self._expect(is_sound, f"update of {old} to {new}, and there is {self.items.get(old.id)}", context)
        self.items[new.id] = new

    def _mark_came(self, context: Context, row: Mark) -> None:
        self._expect(row not in self.marks, f"insert of {row}, which is there", context)
        self.marks.add(row)

    def _mark_went(self, context: Context, row: Mark) -> None:
        self._expect(row in self.marks, f"delete of {row}, which is not there", context)
        self.marks.discard(row)

    def _expect(self, is_true: bool, fault: str, context: Context) -> None:
        self.events.append(context.event)
        if not is_true:
            self.faults.append(f"{fault} ({type(context.event).__name__})")

    def assert_agrees(self, conn: DbConnection) -> None:
        """The callbacks tell the same story as the cache, and nothing twice."""
        assert self.faults == []
        assert self.items == {row.id: row for row in conn.db.item}
        assert len(conn.db.item) == len(self.items)
        assert self.marks == set(conn.db.mark)
        assert len(conn.db.mark) == len(self.marks)


class Troubles(list[tuple[BaseException, str]]):
    """What a connection reported to `on_error`."""

    def __call__(self, error: BaseException, where: str) -> None:
        self.append((error, where))


async def settled(conn: DbConnection) -> None:
    """Wait until the connection is there and everything has been heard that was committed before."""
    while True:
        await within(conn.wait_connected())
        try:
            await within(answer(conn.reducers.change(steps=[])))
            return
        except ConnectionLost:
            if conn.is_closed:
                raise
            await asyncio.sleep(0)


async def until_replaced(conn: DbConnection, first: ConnectionId) -> None:
    """Wait until the connection is another one than `first`."""
    back = asyncio.Event()
    handler = conn.on_connect(lambda _: back.set())
    while conn.connection_id == first or not conn.is_active:
        await within(answer(back.wait()))
        back.clear()
    handler.remove()


async def answer(call: Any) -> Any:  # Any: whatever can be awaited
    return await call


async def within(work: Coroutine[Any, Any, T]) -> T:
    """Never wait for ever."""
    async with asyncio.timeout(WAIT_S):
        return await work
