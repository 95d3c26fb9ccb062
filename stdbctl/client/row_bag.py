"""Rows with references: each row counts how many query sets, and how many plans in them, hold it.

A row is known by its key: the primary key, or the row's bytes where the table has none. The same row in several query
sets stands here once; it appears with the first reference and goes with the last.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

Row = TypeVar("Row")
Key = Any
"""What tells a row from the others of its table; Any because its type is known only at run time."""
Differs = Callable[[Any, Any], bool]


class Delta(Generic[Row]):
    """What one message says of one table: rows that gained a reference and keys that lost one, as they came."""

    __slots__ = ("events", "gained", "lost")

    def __init__(self) -> None:
        self.gained: list[tuple[Sequence[Key], Sequence[Row]]] = []
        self.lost: list[Sequence[Key]] = []
        self.events: list[tuple[Sequence[Key], Sequence[Row]]] = []
        """Rows of an event table, per query: seen once, never kept."""


class Changes(NamedTuple, Generic[Row]):
    """What became of a table's rows: net, so that a key occurs once at most."""

    deleted: Mapping[Key, Row]
    updated: Mapping[Key, tuple[Row, Row]]
    """key -> (old row, new row)"""
    inserted: Mapping[Key, Row]


NO_CHANGES: Changes[Any] = Changes({}, {}, {})


class RowBag(Generic[Row]):
    """One table's rows. `rows`: key -> row; `extra`: key -> references beyond the first, where there are any."""

    __slots__ = ("extra", "rows")

    def __init__(self) -> None:
        self.rows: dict[Key, Row] = {}
        self.extra: dict[Key, int] = {}

    def apply(self, delta: Delta[Row], differs: Differs) -> Changes[Row]:
        """Take and give the references of a delta; what became of the rows."""
        if not delta.lost and len(delta.gained) == 1:
            keys, rows = delta.gained[0]
            new = dict(zip(keys, rows, strict=True))
            if len(new) == len(keys) and self.rows.keys().isdisjoint(new):
                self.rows.update(new)
                return Changes({}, {}, new)
        return self._balance(delta, differs)

    def _balance(self, delta: Delta[Row], differs: Differs) -> Changes[Row]:
        balance: dict[Key, int] = {}
        latest: dict[Key, Row] = {}
        for keys in delta.lost:
            for key in keys:
                balance[key] = balance.get(key, 0) - 1
        lost = set(balance)
        for keys, rows in delta.gained:
            for key, row in zip(keys, rows, strict=True):
                balance[key] = balance.get(key, 0) + 1
                latest[key] = row
        deleted, updated, inserted = {}, {}, {}
        for key, added in balance.items():
            old, new = self._settle(key, added, latest.get(key))
            if old is None:
                if new is not None:
                    inserted[key] = new
            elif new is None:
                deleted[key] = old
            elif new is not old and (key in lost or differs(old, new)):
                # Lost and gained in one message, it changed, says the server; only gained, it is the same row again.
                updated[key] = (old, new)
        return Changes(deleted, updated, inserted)

    def _settle(self, key: Key, added: int, latest: Row | None) -> tuple[Row | None, Row | None]:
        """Change one row's references by `added`; the row before and after, None where it is not there."""
        old = self.rows.get(key)
        extra = self.extra.get(key, 0)
        count = added + (0 if old is None else 1 + extra)
        if count <= 0:
            self.rows.pop(key, None)
            self.extra.pop(key, None)
            return old, None
        if count > 1:
            self.extra[key] = count - 1
        elif extra:
            del self.extra[key]
        new = old if latest is None else latest
        if new is not None and new is not old:
            self.rows[key] = new
        return old, new


def difference(old: Mapping[Key, Row], new: Mapping[Key, Row], differs: Differs) -> Changes[Row]:
    """What turns the rows `old` into the rows `new`."""
    return Changes(
        {key: row for key, row in old.items() if key not in new},
        {key: (old[key], row) for key, row in new.items() if key in old and differs(old[key], row)},
        {key: row for key, row in new.items() if key not in old},
    )
