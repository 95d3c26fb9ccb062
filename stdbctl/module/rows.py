"""`ctx.db` and the tables in it: the author's face of a transaction.

Everything that can be decided before a call is: per table the converters (see `convert`), per choice of columns the
index and the order of its columns. A call only moves tuples.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Generic, NoReturn, TypeVar, overload

from stdbctl.module.access_paths import ColumnAccess, Path, Paths, invalid_value
from stdbctl.module.author_text import author_texts
from stdbctl.records import InvalidValue, Row, TableAccess, TableIds, UniqueViolation
from stdbctl.sats import Converters, Mismatch, Range, RecordShape
from stdbctl.schema import TableDef

if TYPE_CHECKING:
    from stdbctl.module.declare import TableOf

T = TypeVar("T")
_OPEN: tuple[None, None] = (None, None)


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
    """One table's row class, compiled: `into` makes tuples of rows, `outof` rows of tuples."""

    def __init__(self, table: TableDef, record: RecordShape, converters: Converters) -> None:
        self.cls, self.table = record.cls, table
        self.into, self.outof = converters.row_into(record), converters.row_outof(record)
        self.columns = {
            name: ColumnAccess(position, shape, converters.into(shape))
            for position, (name, shape) in enumerate(record.fields)
        }
        self.paths = Paths(table, self.columns, converters)
        self._record, self._converters = record, converters

    def exact(self, row: object) -> Row:
        """The tuple of a row that was refused, with plain values for those of subclasses.

        Raises:
            InvalidValue: a value does not fit its column; says where and why.
            TypeError: the row is of another class.
        """
        try:
            made: Row = self._converters.exact_row(self._record, row)
        except Mismatch as error:
            if not isinstance(row, self.cls):
                raise TypeError(
                    f"`{self.table.accessor}` holds rows of class `{self.cls.__name__}`, got {error.given}"
                ) from None
            if not error.path:  # nested without end: no column by itself is to blame
                raise InvalidValue(
                    table=self.table.name, column="*", expected=error.expected, given=error.given
                ) from None
            column, *rest = error.path
            position = self.columns[str(column)].position
            raise invalid_value(self.table, position, tuple(rest), error) from None
        return made

    def in_words(self, clash: UniqueViolation) -> UniqueViolation:
        """A clash with its values as the author writes them."""
        if clash.row is None:
            return clash
        row, names = self.outof(clash.row), {self.table.columns[c.position].name: n for n, c in self.columns.items()}
        value = author_texts((column, getattr(row, names[column])) for column in clash.columns)
        return UniqueViolation(table=clash.table, index=clash.index, columns=clash.columns, value=value, row=clash.row)


class Table(Generic[T]):
    """The rows of one table, as seen by one call. Reads are snapshots: later writes do not change them."""

    __slots__ = ("_finders", "_has_key", "_id", "_index_ids", "_into", "_outof", "_seekers", "_session", "_type")

    def __init__(self, row_type: RowType, ids: TableIds, session: Session) -> None:
        self._type, self._session = row_type, session
        self._id, self._index_ids = ids.table_id, ids.index_ids
        self._into: Callable[[T], Row] = row_type.into
        self._outof: Callable[[Row], T] = row_type.outof
        self._has_key = row_type.table.primary_key is not None
        self._finders: dict[tuple[str, ...], tuple[int, bool, Path]] = {}
        self._seekers: dict[tuple[tuple[str, ...], tuple[str, ...]], tuple[int, Path]] = {}

    def insert(self, row: T, /) -> T:
        """Insert a row and return it as stored, as a new object: auto-increment numbers assigned, f32 rounded.

        Raises UniqueViolation, InvalidValue.
        """
        try:
            return self._outof(self._session.tx.insert(self._id, self._into(row)))
        except (Mismatch, InvalidValue):
            return self._again(self._session.tx.insert, row)
        except UniqueViolation as clash:
            raise self._type.in_words(clash) from None

    def update(self, row: T, /) -> T:
        """Replace the row with the same primary key; return it as stored. Raises RowNotFound, UniqueViolation."""
        if not self._has_key:
            name = self._type.table.accessor
            raise TypeError(f"`{name}` has no primary key to update by; declare one with `PrimaryKey[…]`")
        try:
            return self._outof(self._session.tx.update(self._id, self._into(row)))
        except (Mismatch, InvalidValue):
            return self._again(self._session.tx.update, row)
        except UniqueViolation as clash:
            raise self._type.in_words(clash) from None

    def _again(self, write: Callable[[int, Row], Row], row: T) -> T:
        """Write a row that was refused: with plain values, or to say what does not fit."""
        given = self._type.exact(row)
        try:
            return self._outof(write(self._id, given))
        except UniqueViolation as clash:
            raise self._type.in_words(clash) from None

    def find(self, /, **columns: object) -> T | None:
        """The one row with these values in the columns of one unique constraint: `find(id=7)`."""
        names = tuple(columns)
        index_id, is_given, path = self._finders.get(names) or self._finder(names)
        try:
            key = tuple(columns.values()) if is_given else path.key(columns)
            row = self._session.tx.find(self._id, index_id, key)
        except (Mismatch, InvalidValue):
            key, _ = path.exact(columns)
            row = self._session.tx.find(self._id, index_id, key)
        return None if row is None else self._outof(row)

    def filter(self, /, **columns: object) -> Iterator[T]:
        """The rows with these values, in index order: `filter(owner=me)`, `filter(x=1.0, y=at_least(3.0))`.

        Raises NotIndexed when no index covers the columns.
        """
        index_id, path = self._seeker(columns)
        try:
            bounds = _OPEN if path.last is None else path.last(columns)
            found = self._session.tx.seek(self._id, index_id, path.key(columns), *bounds)
        except (Mismatch, InvalidValue):
            key, bounds = path.exact(columns)
            found = self._session.tx.seek(self._id, index_id, key, *bounds)
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
            return self._delete_by(columns)
        try:
            return self._session.tx.delete(self._id, self._into(row))
        except (Mismatch, InvalidValue):
            given = self._type.exact(row)
        return self._session.tx.delete(self._id, given)

    def _delete_by(self, columns: Mapping[str, object]) -> int:
        index_id, path = self._seeker(columns)
        try:
            bounds = _OPEN if path.last is None else path.last(columns)
            return self._session.tx.delete_by(self._id, index_id, path.key(columns), *bounds)
        except (Mismatch, InvalidValue):
            key, bounds = path.exact(columns)
        return self._session.tx.delete_by(self._id, index_id, key, *bounds)

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

    def _finder(self, names: tuple[str, ...]) -> tuple[int, bool, Path]:
        path = self._type.paths.find(names)
        found = self._finders[names] = self._index_ids[path.index_name], path.is_given, path
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
