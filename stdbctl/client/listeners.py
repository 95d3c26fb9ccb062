"""Who wants to hear of a table's changes: callbacks, and bounded streams of changes."""

from collections.abc import Callable
from inspect import iscoroutinefunction
from typing import Any, Generic, TypeVar

from stdbctl.client.row_bag import Changes
from stdbctl.client.streams import ChangeStream

Row = TypeVar("Row")
Callback = Callable[..., object]


class Handler:
    """A registered callback. `remove()` takes it out; a second time does nothing."""

    __slots__ = ("_callbacks", "callback")

    def __init__(self, callbacks: "dict[Handler, None]", callback: Callback) -> None:
        if iscoroutinefunction(callback) or iscoroutinefunction(getattr(callback, "__call__", None)):  # noqa: B004
            raise TypeError(
                f"a callback must be a plain function, `{getattr(callback, '__name__', callback)}` is a coroutine"
                " function; use `async for change in table.changes()`, or create a task in the callback"
            )
        self._callbacks, self.callback = callbacks, callback
        callbacks[self] = None

    @property
    def is_active(self) -> bool:
        """Whether it still hears of anything."""
        return self in self._callbacks

    def remove(self) -> None:
        """Hear of nothing any more, not even of the rest of the change that is being told."""
        self._callbacks.pop(self, None)


class Listeners(Generic[Row]):
    """The listeners of one table."""

    def __init__(self) -> None:
        self.insert: dict[Handler, None] = {}
        self.delete: dict[Handler, None] = {}
        self.update: dict[Handler, None] = {}
        self.streams: dict[ChangeStream[Row], None] = {}
        self.is_closed = False
        """Whether no change will come any more."""

    def __bool__(self) -> bool:
        return bool(self.insert or self.delete or self.update or self.streams)

    def close(self) -> None:
        """No change will come any more: end all streams, and those that are made from now on."""
        self.is_closed = True
        for stream in tuple(self.streams):
            stream.close()

    def tell(self, context: object, changes: Changes[Row], report: Callable[[BaseException, Callback], None]) -> None:
        """Tell everybody: what went, what changed, what came. An exception goes to `report` and stops nothing."""
        calls = [(self.delete, [(row,) for row in changes.deleted.values()])] if self.delete else []
        if self.update:
            calls.append((self.update, list(changes.updated.values())))  # type: ignore[arg-type]  # pairs, not singles
        if self.insert:
            calls.append((self.insert, [(row,) for row in changes.inserted.values()]))
        for stream in tuple(self.streams):
            stream.put(changes)
        for callbacks, arguments in calls:
            _call_all(callbacks, context, arguments, report)


def _call_all(
    callbacks: dict[Handler, None],
    context: object,
    arguments: list[tuple[Any, ...]],
    report: Callable[[BaseException, Callback], None],
) -> None:
    handlers = tuple(callbacks)
    for rows in arguments:
        for handler in handlers:
            if handler in callbacks:
                try:
                    handler.callback(context, *rows)
                except Exception as error:
                    report(error, handler.callback)
