"""What an effect sees and writes: the tables of a draft, which show truth, the layers below, and its own writes.

A draft is a generated `Db` over DraftTables. It lives while an effect runs; its writes count when the effect ends well.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from stdbctl.client.query import UNSET
from stdbctl.client.row_bag import Key
from stdbctl.client.sdk_errors import InvalidPrediction
from stdbctl.errors import ReducerError
from stdbctl.sats import EncodeError, Mismatch

if TYPE_CHECKING:
    from stdbctl.client.cache import TableCache
    from stdbctl.client.listeners import Listeners
    from stdbctl.client.remote import RemoteTable

Row = TypeVar("Row")


class DraftSource(Protocol):
    """What runs effects."""

    def begin(self, table: "DraftTable[Any]") -> int:
        """An effect uses a table: the number of its layer. Raises TypeError: none runs."""

    def make_up(self, cache: "TableCache[Any]", ordinal: int) -> Mapping[str, int]:
        """Values for the auto-increment columns of the nth row that the layer inserts into a table."""


class DraftTable(Generic[Row]):
    """One table in a draft. `writes`: key -> row, None: gone. `reads`: keys looked at. `is_scanned`: all rows were."""

    def __init__(self, cache: "TableCache[Row]", source: DraftSource) -> None:
        self.cache, self._source = cache, source
        self.clear()

    def clear(self) -> None:
        """No effect has used this table."""
        self._number: int | None = None
        self.writes: dict[Key, Row | None] = {}
        self.reads: set[Key] = set()
        self.is_scanned = False
        self._made_up_count = 0

    # -- what handles ask for ----------------------------------------------------------------------------------------

    @property
    def table(self) -> "RemoteTable[Row]":
        """The table."""
        return self.cache.table

    @property
    def listeners(self) -> "Listeners[Row]":
        """Nobody listens to a draft. Raises TypeError."""
        raise TypeError("an effect cannot listen for changes; register callbacks at `conn.db`")

    def rows(self) -> list[Row]:
        """All rows."""
        return self.cache.rows_under(self._scan())

    def __len__(self) -> int:
        return self.cache.count_under(self._scan())

    def find(self, columns: Mapping[str, Any]) -> Row | None:
        """The row with these values of a key."""
        if self.cache.is_key(columns):
            (key,) = columns.values()
            return self._at(key)
        return next(iter(self.filter(columns)), None)

    def filter(self, columns: Mapping[str, Any]) -> list[Row]:
        """The rows with these values."""
        wanted = {name: value for name, value in columns.items() if value is not UNSET}
        return self.cache.filter_under(wanted, self._scan())

    def is_predicted(self, row: Row) -> bool:
        """Whether a layer has this row, this one or one below."""
        key = self._key(row)
        return key in self.writes or key in self._scan()

    def insert(self, row: Row) -> Row:
        """Put a row, with made-up values where auto-increment stands at 0. Raises ReducerError, InvalidPrediction."""
        row = self._normal(self._numbered(row))
        key = self._key(row)
        if self._at(key) is None:
            self.writes[key] = row
        elif self.table.primary_key is not None:
            raise ReducerError(f"table `{self.table.accessor}` has a row with this {self.table.primary_key} already")
        return row

    def update(self, row: Row) -> Row:
        """Replace the row with the same primary key. Raises ReducerError, InvalidPrediction."""
        row = self._normal(row)
        key = self._key(row)
        if self._at(key) is None:
            raise ReducerError(f"table `{self.table.accessor}` has no row with this {self.table.primary_key}")
        self.writes[key] = row
        return row

    def delete(self, row: Row) -> bool:
        """Take a row away; whether it was there. Raises InvalidPrediction."""
        key = self._key(self._normal(row))
        if self._at(key) is None:
            return False
        self.writes[key] = None
        return True

    # -- inside ------------------------------------------------------------------------------------------------------

    def _running(self) -> int:
        """The number of the layer whose effect runs."""
        if self._number is None:
            self._number = self._source.begin(self)
        return self._number

    def _at(self, key: Key) -> Row | None:
        number = self._running()
        self.reads.add(key)
        if key in self.writes:
            return self.writes[key]
        return self.cache.overlay.below(number, key, self.cache.truth)

    def _scan(self) -> dict[Key, Row | None]:
        number = self._running()
        self.is_scanned = True
        return {**self.cache.overlay.all_below(number), **self.writes}

    def _key(self, row: Row) -> Key:
        return self.cache.type.key(row)

    def _normal(self, row: Row) -> Row:
        """The row as the server would send it: f32 rounded, subclasses of numbers and texts plain."""
        self._running()
        try:
            made: Row = self.cache.type.normal(row)
        except (Mismatch, EncodeError) as error:
            raise InvalidPrediction(self.table.accessor, str(error)) from None
        return made

    def _numbered(self, row: Row) -> Row:
        self._running()
        if not isinstance(row, self.table.row_class):
            return row
        missing = [name for name in self.table.auto_inc if getattr(row, name) == 0]
        if not missing:
            return row
        values = self._source.make_up(self.cache, self._made_up_count)
        self._made_up_count += 1
        return replace(row, **{name: values[name] for name in missing})  # type: ignore[type-var]  # a dataclass
