"""`ctx.db` and the tables in it: the author's face of a transaction.

Everything that can be decided before a call is: per table the converters (see `convert`), per choice of columns the
index and the order of its columns. A call only moves tuples.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Generic, NoReturn, TypeVar, overload

from stdbctl.module.access_paths import ColumnAccess, Path, Paths
from stdbctl.records import InvalidValue, Row, TableAccess, TableIds
from stdbctl.sats import Convert, Mismatch, Range, compile_into, compile_outof, given_text
from stdbctl.schema import TableDef

if TYPE_CHECKING:
    from stdbctl.module.declare import TableOf

T = TypeVar("T")


class NoTransaction:
    """Stands where a transaction would, while no call runs."""

    def __getattr__(self, name: str) -> NoReturn:
        raise RuntimeError("tables can be used only while the call runs that was given them")


NO_TRANSACTION: Any = NoTransaction()  # a TableAccess by shape, whose every method raises


class Session:
    """The transaction of the running call of one instance."""

    __slots__ = ("tx",)

    def __init__(self) -> None:
        self.tx: TableAccess = NO_TRANSACTION


class RowType:
    """One table's row class, compiled: `into` makes tuples of rows, `outof` rows of tuples.

    `fields`: per column the author's name, and the converters towards the engine and back (None = plain).
    """

    def __init__(
        self, cls: type[Any], table: TableDef, fields: list[tuple[str, Convert | None, Convert | None]]
    ) -> None:
        self.cls, self.table = cls, table
        self.columns = {name: ColumnAccess(i, into) for i, (name, into, _) in enumerate(fields)}
        self.into = compile_into(cls, [(name, into) for name, into, _ in fields])
        self.outof = compile_outof(cls, [(name, outof) for name, _, outof in fields])
        self.paths = Paths(table, self.columns)

    def refuse(self, row: object, error: Mismatch) -> NoReturn:
        """Say which column of a row does not fit."""
        if not isinstance(row, self.cls):
            raise TypeError(
                f"`{self.table.accessor}` holds rows of class `{self.cls.__name__}`, got {given_text(row)}"
            ) from None
        for name, (position, into) in self.columns.items():
            try:
                if into is not None:
                    into(getattr(row, name))
            except Mismatch as found:
                column = self.table.columns[position].name
                raise InvalidValue(
                    table=self.table.name, column=column, expected=found.expected, given=given_text(found.given)
                ) from None
        raise error


class Table(Generic[T]):
    """The rows of one table, as seen by one call. Reads are snapshots: later writes do not change them."""

    __slots__ = ("_finders", "_id", "_index_ids", "_into", "_outof", "_seekers", "_session", "_type")

    def __init__(self, row_type: RowType, ids: TableIds, session: Session) -> None:
        self._type, self._session = row_type, session
        self._id, self._index_ids = ids.table_id, ids.index_ids
        self._into: Callable[[T], Row] = row_type.into
        self._outof: Callable[[Row], T] = row_type.outof
        self._finders: dict[tuple[str, ...], tuple[int, Path]] = {}
        self._seekers: dict[tuple[tuple[str, ...], tuple[str, ...]], tuple[int, Path]] = {}

    def insert(self, row: T, /) -> T:
        """Insert a row and return it as stored, as a new object: auto-increment numbers assigned, f32 rounded.

        Raises UniqueViolation, InvalidValue.
        """
        try:
            given = self._into(row)
        except Mismatch as error:
            self._type.refuse(row, error)
        return self._outof(self._session.tx.insert(self._id, given))

    def update(self, row: T, /) -> T:
        """Replace the row with the same primary key; return it as stored. Raises RowNotFound, UniqueViolation."""
        if self._type.table.primary_key is None:
            name = self._type.table.accessor
            raise TypeError(f"`{name}` has no primary key to update by; declare one with `PrimaryKey[…]`")
        try:
            given = self._into(row)
        except Mismatch as error:
            self._type.refuse(row, error)
        return self._outof(self._session.tx.update(self._id, given))

    def find(self, /, **columns: object) -> T | None:
        """The one row with these values in the columns of one unique constraint: `find(id=7)`."""
        names = tuple(columns)
        index_id, path = self._finders.get(names) or self._finder(names)
        row = self._session.tx.find(self._id, index_id, path.key(columns))
        return None if row is None else self._outof(row)

    def filter(self, /, **columns: object) -> Iterator[T]:
        """The rows with these values, in index order: `filter(owner=me)`, `filter(x=1.0, y=at_least(3.0))`.

        Raises NotIndexed when no index covers the columns.
        """
        (index_id, path) = self._seeker(columns)
        if path.last is None:
            found = self._session.tx.seek(self._id, index_id, path.key(columns))
        else:
            found = self._session.tx.seek(self._id, index_id, path.key(columns), *path.last(columns))
        return map(self._outof, found)

    @overload
    def delete(self, row: T, /) -> bool: ...
    @overload
    def delete(self, /, **columns: object) -> int: ...
    def delete(self, row: T | None = None, /, **columns: object) -> bool | int:
        """Delete one row (by its primary key, else the equal row; whether there was one), or all that `filter` gives.

        Deleting by columns returns the number of rows, and raises NotIndexed when no index covers them.
        """
        if columns or row is None:
            (index_id, path) = self._seeker(columns)
            bounds = (None, None) if path.last is None else path.last(columns)
            return self._session.tx.delete_by(self._id, index_id, path.key(columns), *bounds)
        try:
            given = self._into(row)
        except Mismatch as error:
            self._type.refuse(row, error)
        return self._session.tx.delete(self._id, given)

    def count(self) -> int:
        """The number of rows."""
        return self._session.tx.count(self._id)

    def __len__(self) -> int:
        return self._session.tx.count(self._id)

    def __bool__(self) -> bool:
        return True

    def __iter__(self) -> Iterator[T]:
        """All rows, by primary key (or encoded row where there is none)."""
        return map(self._outof, self._session.tx.scan(self._id))

    def __repr__(self) -> str:
        return f"<table {self._type.table.name}>"

    def _finder(self, names: tuple[str, ...]) -> tuple[int, Path]:
        path = self._type.paths.find(names)
        found = self._finders[names] = self._index_ids[path.index_name], path
        return found

    def _seeker(self, columns: Mapping[str, object]) -> tuple[int, Path]:
        ranged = tuple([name for name, value in columns.items() if type(value) is Range])
        names = tuple(columns)
        found = self._seekers.get((names, ranged))
        if found is None:
            path = self._type.paths.filter(names, ranged)
            found = self._seekers[names, ranged] = self._index_ids[path.index_name], path
        return found


if TYPE_CHECKING:

    class Database:
        """The tables of the database: `ctx.db[Point]`."""

        def __init__(self, open_table: Callable[[object], Table[Any]]) -> None: ...
        @overload
        def __getitem__(self, table: type[T], /) -> Table[T]: ...
        @overload
        def __getitem__(self, table: "TableOf[T]", /) -> Table[T]: ...
        def __getitem__(self, table: object, /) -> Table[Any]: ...

else:

    class Database(dict):
        """The tables of the database; each is opened at its first use."""

        __slots__ = ("_open_table",)

        def __init__(self, open_table):
            self._open_table = open_table

        def __missing__(self, table):
            opened = self[table] = self._open_table(table)
            return opened

        def __repr__(self):
            return "<the tables of the database>"
