"""Sums by which damage shows that SQLite's structure does not: a flipped bit in a row, a row that is gone.

checks       part TEXT, count, sum        one row per part: how many things it holds, and the sum of their CRC-32s
                                          modulo 2^62; a part that was never written to has none, which means zeros

Parts: `rows_<id>` (key, then data), `sequences`, `connections`, `definitions`, `schema` (programs, running, catalog,
and of meta identity, owner and table_names) and `end` (offset and timestamp of the last transaction). A group's history
has its CRC-32 beside it. The sums do not depend on order, so a group costs one step per row that it changes, and
opening one per row that is read anyway (measured: 0.2 s for 1,000,000 rows).
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from zlib import crc32

from stdbctl.store import tables
from stdbctl.store.changes import Effect
from stdbctl.store.definitions import Row, has_definitions
from stdbctl.store.errors import damaged, readable
from stdbctl.store.sqlite import check_whole

MASK = (1 << 62) - 1
SEQUENCES, CONNECTIONS, DEFINITIONS, SCHEMA, END = "sequences", "connections", "definitions", "schema", "end"
_SLICE = 1_000
Sum = tuple[int, int]
"""How many, and the sum of their checksums."""


class Checks:
    """The sums of one open file, kept beside what is written; `load` reads what they build on, after each rollback."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._sequences: dict[tuple[int, int], int] = {}
        self.load()

    def load(self) -> None:
        """Read the numbers that the next ones replace."""
        self._sequences = {(s.table_id, s.column): s.next_value for s in tables.read_sequences(self._connection)}

    def add_rows(self, effect: Effect, gone: Sequence[int]) -> None:
        """Follow changes of rows, except in tables that are gone afterwards."""
        for table_id, delta in effect.sums.items():
            if table_id not in gone:
                self.add(rows_part(table_id), delta)

    def add_sequences(self, effect: Effect) -> None:
        """Follow new numbers."""
        if not effect.sequences:
            return
        before = [(key, self._sequences[key]) for key in effect.sequences if key in self._sequences]
        count, total = _of_sequences(effect.sequences.items())
        old_count, old_total = _of_sequences(before)
        self.add(SEQUENCES, (count - old_count, total - old_total))
        self._sequences |= effect.sequences

    def add(self, part: str, delta: Sum) -> None:
        """Add to the sum of a part; negative numbers take away."""
        add_sum(self._connection, part, delta)

    def put(self, part: str, value: Sum) -> None:
        """Write the sum of a part anew."""
        self._connection.execute("INSERT OR REPLACE INTO checks VALUES (?, ?, ?)", (part, value[0], value[1] & MASK))

    def forget(self, table_id: int) -> None:
        """A table is gone, with its sequences, which are read anew."""
        self._connection.execute("DELETE FROM checks WHERE part = ?", (rows_part(table_id),))
        self.load()
        self.put(SEQUENCES, _of_sequences(self._sequences.items()))

    def put_schema(self) -> None:
        """The programs or the catalog changed."""
        self.put(SCHEMA, schema_sum(self._connection))


def add_sum(connection: sqlite3.Connection, part: str, delta: Sum) -> None:
    """Add to the sum of a part; negative numbers take away."""
    connection.execute(
        "INSERT INTO checks VALUES (?, ?, ?) ON CONFLICT (part) DO UPDATE"
        f" SET count = count + excluded.count, sum = (sum + excluded.sum) & {MASK}",
        (part, delta[0], delta[1] & MASK),
    )


def definition_sum(row: Row) -> int:
    """The checksum of a definition as it is stored."""
    return crc32(_packed(row))


def rows_part(table_id: int) -> str:
    """The part that holds a table's rows."""
    return f"rows_{table_id:d}"


def connection_sum(key: tuple[bytes, bytes]) -> int:
    """The checksum of one who is connected."""
    return crc32(key[1], crc32(key[0]))


NO_SUM = -1
"""Where rows are no bytes: equal to none that was noted."""


class RowsSum:
    """The sum of a table's rows as they come, in the order of their keys.

    A row in the wrong place, which SQLite's own check lets pass, would not be found by the next statement.
    """

    __slots__ = ("_count", "_has_sum", "_last", "_total", "is_ordered")

    def __init__(self) -> None:
        self._count = self._total = 0
        self._last = b""
        self.is_ordered = self._has_sum = True

    def add(self, rows: Sequence[tuple[bytes, bytes]]) -> None:
        """Some more rows, each its key and its data; in a damaged file they may be anything that SQLite keeps."""
        keys = [key for key, _ in rows]
        self._count += len(keys)
        try:
            self._total += sum([crc32(data, crc32(key)) for key, data in rows])
            self.is_ordered = self.is_ordered and self._last <= keys[0] and keys == sorted(keys)
            self._last = keys[-1]
        except TypeError:
            self._has_sum = False

    @property
    def value(self) -> Sum:
        """How many, and their sum."""
        return self._count, self._total & MASK if self._has_sum else NO_SUM

    def expect(self, path: Path, table_id: int, sums: Mapping[str, Sum], table: str) -> None:
        """Compare with what was noted; StoreDamaged."""
        if not self.is_ordered:
            raise damaged(path, f"the rows of table `{table}` are not in their order")
        expect(path, rows_part(table_id), sums, self.value, table)


def rows_of(connection: sqlite3.Connection, table_id: int) -> Iterator[list[tuple[bytes, bytes]]]:
    """Key and data of every row of a table in key order, a slice at a time."""
    query = f"SELECT key, coalesce(data, key) FROM {tables.rows_table(table_id)} ORDER BY key"
    cursor = connection.execute(query)
    while slice_ := cursor.fetchmany(_SLICE):
        yield slice_


def _read_rows(connection: sqlite3.Connection, table_id: int) -> RowsSum:
    found = RowsSum()
    for slice_ in rows_of(connection, table_id):
        found.add(slice_)
    return found


def schema_sum(connection: sqlite3.Connection) -> Sum:
    """The sum of everything that changes only with a deploy."""
    queries = (
        "SELECT id, hash, kind, data FROM programs",
        "SELECT program FROM running",
        "SELECT table_id, name, index_ids FROM catalog",
        "SELECT key, value FROM meta WHERE key IN ('identity', 'owner', 'table_names')",
    )
    sums = [crc32(_packed(row)) for query in queries for row in connection.execute(query)]
    return len(sums), sum(sums) & MASK


def _packed(row: Iterable[object]) -> bytes:
    return b"\0".join(value if isinstance(value, bytes) else repr(value).encode() for value in row)


def _of_sequences(numbers: Iterable[tuple[tuple[int, int], int]]) -> Sum:
    sums = [crc32(b"%d %d %d" % (*key, number)) for key, number in numbers]
    return len(sums), sum(sums)


def noted(connection: sqlite3.Connection) -> Mapping[str, Sum]:
    """The sums as they were written."""
    return {part: (count, total) for part, count, total in connection.execute("SELECT part, count, sum FROM checks")}


def check_small(path: Path, connection: sqlite3.Connection) -> None:
    """Compare everything but rows and history with its sums; StoreDamaged.

    Cost: a few hundred small rows, and the bytes of the programs.
    """
    with readable(path):
        sums = noted(connection)
        found = dict(_small_sums(connection))
        known = {rows_part(table.table_id) for table in tables.read_catalog(connection)} | found.keys()
    for part, value in found.items():
        expect(path, part, sums, value)
    if not sums.keys() <= known:
        raise damaged(path, f"its checksums speak of {', '.join(sorted(sums.keys() - known))}, which it does not have")


def check_rows(path: Path, connection: sqlite3.Connection) -> None:
    """Read all rows and compare them with their sums; StoreDamaged."""
    with readable(path):
        sums = noted(connection)
        for table in tables.read_catalog(connection):
            _read_rows(connection, table.table_id).expect(path, table.table_id, sums, table.name)


def check_all(path: Path, connection: sqlite3.Connection) -> None:
    """Read the whole file: its structure, then everything that has a sum; StoreDamaged."""
    check_whole(path, connection)
    check_small(path, connection)
    check_rows(path, connection)


def expect(path: Path, part: str, sums: Mapping[str, Sum], found: Sum, table: str = "") -> None:
    """Compare one part with its sum; StoreDamaged."""
    expected = sums.get(part, (0, 0))
    if expected == (found[0], found[1] & MASK):
        return
    what = f"the rows of table `{table}` are" if table else f"its {part} is"
    why = (
        f"{expected[0]} were stored and {found[0]} are there" if expected[0] != found[0] else "their checksum is wrong"
    )
    raise damaged(path, f"{what} not what was stored: {why}")


def has_checks(connection: sqlite3.Connection) -> bool:
    """Whether a file has sums; since format 2 each has."""
    return connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'checks'").fetchone() is not None


def begin_checks(connection: sqlite3.Connection) -> None:
    """Add the sums to a file of format 1, of what it holds now."""
    connection.execute(tables.CREATE_CHECKS)
    connection.execute('ALTER TABLE history ADD COLUMN "check" INTEGER')
    parts = dict(_small_sums(connection))
    for table in tables.read_catalog(connection):
        parts[rows_part(table.table_id)] = _read_rows(connection, table.table_id).value
    connection.executemany("INSERT INTO checks VALUES (?, ?, ?)", [(part, *value) for part, value in parts.items()])


def _small_sums(connection: sqlite3.Connection) -> Iterator[tuple[str, Sum]]:
    count, total = _of_sequences(((s.table_id, s.column), s.next_value) for s in tables.read_sequences(connection))
    yield SEQUENCES, (count, total & MASK)
    keys = connection.execute("SELECT connection_id, identity FROM connections").fetchall()
    yield CONNECTIONS, (len(keys), sum(map(connection_sum, keys)) & MASK)
    if has_definitions(connection):
        rows = connection.execute("SELECT since, definition, table_names FROM definitions").fetchall()
        yield DEFINITIONS, (len(rows), sum(map(definition_sum, rows)) & MASK)
    yield SCHEMA, schema_sum(connection)
    yield END, tables.read_end(connection)
