"""The generated functions of a table: insert, update, delete, remove, link, unlink, restore.

They are Python source made for the table's columns, indexes and sequences, with everything they need as globals: a
one-row insert then costs a few dictionary operations and no look-ups of what is fixed. What is generated, for a table
with primary key `id` (auto-increment) and an index on `owner`:

    def insert(row):
        if row[0] == 0 and row[0].__class__ is int:
            row = (take_0(), *row[1:])
        try: data = encode(row)
        except EncodeError as error: refuse_row(error)
        place = row[0]
        stored = rows_get(place)
        if stored is not None:
            if stored.data == data: return stored.row
            raise violation(row, 0)
        key_1 = row[1].data[::-1]
        …

Every change is noted in the journal before it is made (see `journal`).
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import TYPE_CHECKING, Any

from stdbctl.engine.ordering import key_source
from stdbctl.engine.refusals import Refusals
from stdbctl.engine.schedules import DELAY_MICROS_MAX, delay_of
from stdbctl.records import StoredRow
from stdbctl.sats import EncodeError

if TYPE_CHECKING:
    from stdbctl.engine.indexes import Index
    from stdbctl.engine.table import Table

Lines = list[str]
_RESTORED_AT_ONCE = 500
"""Rows that are decoded together: some 50 kB, which stay in the processor's cache."""


def compile_table(table: Table) -> None:
    """Make the functions of the table and hang them on it."""
    writer = _Writer(table)
    source = "\n".join(writer.functions())
    namespace = writer.names
    exec(compile(source, f"<table {table.name}>", "exec"), namespace)
    for name in ("insert", "update", "delete", "remove", "link", "unlink", "restore"):
        setattr(table, name, namespace[name])


def _indented(lines: Lines, steps: int = 1) -> Lines:
    return ["    " * steps + line for line in lines]


class _Writer:
    """Writes the source for one table; `names` are the globals of the generated functions."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.primary_key = table.definition.primary_key
        self.own_indexes = [index for index in table.indexes.values() if index.entries is not table.rows]
        self.key_indexes = [index for index in table.indexes.values() if index.entries is table.rows]
        refusals = self._refusals = Refusals(table)
        self.names: dict[str, Any] = {
            "EncodeError": EncodeError,
            "StoredRow": StoredRow,
            "decode_rows": table.codec.decode_rows,
            "deleted": table.deleted,
            "encode": table.codec.encode,
            "give_back": refusals.give_back,
            "inserted": table.inserted,
            "islice": islice,
            "journal": table.journal,
            "key_of": table.codec.key_of,
            "normalize": table.codec.normalize,
            "not_found": refusals.not_found,
            "refuse_row": table.codec.refuse_row,
            "rows": table.rows,
            "rows_get": table.rows.get,
            "table": table,
            "touched": table.journal.touched,
            "violation": refusals.violation,
        }
        for index in table.indexes.values():
            self.names[f"index_{index.index_id}"] = index
            self.names[f"entries_{index.index_id}"] = index.entries
        for sequence in table.sequences:
            self.names[f"take_{sequence.column}"] = sequence.take
        if self.primary_key is not None:
            self.names["probe"] = table.codec.probe(self.primary_key)

    def functions(self) -> Lines:
        return [
            *self._function("link", "stored", ["row = stored.row", *self._place("stored.data"), *self._link("row")]),
            *self._function(
                "unlink", "stored", ["row = stored.row", *self._place("stored.data"), *self._unlink("row")]
            ),
            *self._function("restore", "rows_data", self._restore()),
            *self._function("remove", "stored", self._remove()),
            *self._function("insert", "row", self._insert()),
            *self._function("update", "row", self._update()),
            *self._function("delete", "row", self._delete()),
        ]

    @staticmethod
    def _function(name: str, argument: str, body: Lines) -> Lines:
        return [f"def {name}({argument}):", *_indented(body)]

    # --- the functions ---

    def _insert(self) -> Lines:
        refused = ["give_back(given)"] if self.table.sequences else []
        body = ["given = row"] if refused else []
        body += self._auto_increment() + self._encoded(refused) + self._in_time(refused) + self._place("data")
        body += ["stored = rows_get(place)", "if stored is not None:"]
        if self.primary_key is None:
            body += ["    return stored.row"]
        else:
            body += ["    if stored.data == data:", "        return stored.row", "    raise violation(row, None)"]
        body += self._keys("row", "key")
        body += self._unique_checks("key_{id} in entries_{id}")
        body += [f"new = StoredRow(row, data, {self._key()})"]
        body += self._entered()
        return [*body, *self._guarded(self._put_back_or_new()), "return new.row"]

    def _restore(self) -> Lines:
        made = [f"stored = StoredRow(row, data, {self._key()})", *self._place("data"), *self._link("row")]
        return [
            "rest = iter(rows_data)",
            f"while some := tuple(islice(rest, {_RESTORED_AT_ONCE})):",
            "    for row, data in zip(decode_rows(some), some):",
            *_indented(made, 2),
        ]

    def _put_back_or_new(self) -> Lines:
        return [
            "was = deleted.get(place)",
            "if was is not None and was.data == data:",
            "    stored = new = was",
            *_indented(self._link("row", keys_known=True)),
            "    del deleted[place]",
            "else:",
            "    stored = inserted[place] = new",
            *_indented(self._link("row", keys_known=True)),
        ]

    def _remove(self) -> Lines:
        change = [
            "if inserted.get(place) is stored:",
            *_indented(self._unlink("row")),
            "    del inserted[place]",
            "else:",
            "    deleted[place] = stored",
            *_indented(self._unlink("row")),
        ]
        return ["row = stored.row", *self._place("stored.data"), *self._entered(), *self._guarded(change)]

    def _delete(self) -> Lines:
        if self.primary_key is None:
            place = [*self._encoded([]), "place = data"]
        else:
            place = [f"place = probe(row[{self.primary_key}])"]
        return [
            *place,
            "stored = rows_get(place)",
            "if stored is None:",
            "    return False",
            "remove(stored)",
            "return True",
        ]

    def _update(self) -> Lines:
        if self.primary_key is None:
            return ["raise not_found(row)"]
        body = [*self._encoded([]), *self._in_time([]), *self._place("data"), "old = rows_get(place)"]
        body += ["if old is None:", "    raise not_found(row)"]
        for column in self._columns_to_number():
            body += [*self._numbered(column), "    data = encode(row)"]
        body += ["if old.data == data:", "    return old.row"]
        body += ["before = old.row", *self._keys("row", "key"), *self._keys("before", "was_key")]
        body += self._unique_checks("key_{id} != was_key_{id} and key_{id} in entries_{id}")
        body += [f"new = StoredRow(row, data, {self._key()})"]
        body += self._entered()
        return [*body, *self._guarded(self._exchange()), "return new.row"]

    def _exchange(self) -> Lines:
        """The old row is out of all indexes before the journal forgets it."""
        return [
            "was = deleted.get(place)",
            "if inserted.get(place) is not old:",
            "    deleted[place] = old",
            *self._unlink_moved(),
            "if was is not None and was.data == data:",
            "    stored = new = was",
            *_indented(self._link_moved()),
            "    inserted.pop(place, None)",
            "    del deleted[place]",
            "else:",
            "    stored = inserted[place] = new",
            *_indented(self._link_moved()),
        ]

    # --- their parts ---

    def _auto_increment(self) -> Lines:
        return [line for sequence in self.table.sequences for line in self._numbered(sequence.column)]

    def _columns_to_number(self) -> Iterable[int]:
        """Where a 0 asks for a number in an update, too: not in the key, where it names a row."""
        return (s.column for s in self.table.sequences if s.column != self.primary_key)

    @staticmethod
    def _numbered(column: int) -> Lines:
        return [
            f"if row[{column}] == 0 and row[{column}].__class__ is int:",
            f"    row = (*row[:{column}], take_{column}(), *row[{column + 1}:])",
        ]

    def _encoded(self, refused: Lines) -> Lines:
        """The row as it will be read after a restart, and its BSATN; `refused` is done first if it has none."""
        normal = ["row = normalize(row)"] if self.table.codec.needs_normalize else []
        wrong = ["except EncodeError as error:", *_indented([*refused, "refuse_row(error)"])]
        return [*normal, "try:", "    data = encode(row)", *wrong]

    def _in_time(self, refused: Lines) -> Lines:
        """A row of a scheduled table must not be due too far ahead; `refused` is done first if it is."""
        schedule = self.table.definition.schedule
        if schedule is None:
            return []
        self.names["refuse_far"] = self._refusals.refuse_far
        self.names["delay_of"] = delay_of
        when = f"row[{schedule.column}]"
        far = f"if delay_of({when}, journal.now) >= {DELAY_MICROS_MAX}:"
        return [far, *_indented([*refused, f"refuse_far({when})"])]

    def _place(self, data: str) -> Lines:
        """`place` of the row in `row`, whose BSATN is in `data`."""
        return [f"place = {data if self.primary_key is None else self._part(self.primary_key, 'row')}"]

    def _key(self) -> str:
        if self.primary_key is None:
            return "data"
        part = self.table.codec.key_slice()
        if part is None:
            return "key_of(row, data)"
        return f"data[{part.start}:{'' if part.stop is None else part.stop}:-1]"

    def _part(self, column: int, row: str) -> str:
        type_ = self.table.definition.columns[column].type
        return key_source(type_, self.table.codec.typespace, f"{row}[{column}]", self.names)

    def _keys(self, row: str, prefix: str) -> Lines:
        """The order keys of all indexes but the primary key's."""
        return [f"{prefix}_{index.index_id} = {self._index_key(index, row)}" for index in self.own_indexes]

    def _index_key(self, index: Index, row: str) -> str:
        parts = [self._part(column, row) for column in index.columns]
        return parts[0] if len(parts) == 1 else f"({', '.join(parts)})"

    def _unique_checks(self, condition: str) -> Lines:
        lines: Lines = []
        for index in self.own_indexes:
            if index.is_unique:
                lines += [
                    f"if {condition.format(id=index.index_id)}:",
                    f"    raise violation(row, index_{index.index_id})",
                ]
        return lines

    @staticmethod
    def _entered() -> Lines:
        """Tell the journal at the first change of a transaction; to be told twice does it no harm."""
        return ["if table.is_idle:", "    touched.append(table)", "    table.is_idle = False"]

    @staticmethod
    def _guarded(change: Lines) -> Lines:
        """A change that is cut short, by whatever exception, may not be committed."""
        return [
            "try:",
            "    table.scanned = None",
            *_indented(change),
            "except BaseException:",
            "    journal.is_broken = True",
            "    raise",
        ]

    def _link(self, row: str, *, keys_known: bool = False) -> Lines:
        lines = ["rows[place] = stored"]
        for index in self.key_indexes:
            lines += [
                f"if index_{index.index_id}.ordered is not None:",
                f"    index_{index.index_id}.ordered.add(place)",
            ]
        if not keys_known:
            lines = ["table.scanned = None", *lines, *self._keys(row, "key")]
        for index in self.own_indexes:
            lines += self._link_index(index)
        return lines

    @staticmethod
    def _link_index(index: Index) -> Lines:
        id_ = index.index_id
        ordered = [f"if index_{id_}.ordered is not None:", f"    index_{id_}.ordered.add(key_{id_})"]
        if index.is_unique:
            return [f"entries_{id_}[key_{id_}] = stored", *ordered]
        return [
            f"group = entries_{id_}.get(key_{id_})",
            "if group is None:",
            f"    entries_{id_}[key_{id_}] = {{place: stored}}",
            *_indented(ordered),
            "else:",
            "    group[place] = stored",
        ]

    def _unlink(self, row: str) -> Lines:
        lines = ["table.scanned = None", "rows.pop(place, None)"]
        for index in self.key_indexes:
            lines += [
                f"if index_{index.index_id}.ordered is not None:",
                f"    index_{index.index_id}.ordered.discard(place)",
            ]
        lines += self._keys(row, "key")
        for index in self.own_indexes:
            lines += self._unlink_index(index, "key")
        return lines

    @staticmethod
    def _unlink_index(index: Index, prefix: str) -> Lines:
        id_, key = index.index_id, f"{prefix}_{index.index_id}"
        ordered = [f"if index_{id_}.ordered is not None:", f"    index_{id_}.ordered.discard({key})"]
        if index.is_unique:
            return [f"entries_{id_}.pop({key}, None)", *ordered]
        return [
            f"group = entries_{id_}.get({key})",
            "if group is not None:",
            "    group.pop(place, None)",
            "    if not group:",
            f"        del entries_{id_}[{key}]",
            *_indented(ordered, 2),
        ]

    def _unlink_moved(self) -> Lines:
        """Take the old row out of the indexes in which the new one stands elsewhere; the rest is overwritten."""
        lines: Lines = []
        for index in self.own_indexes:
            id_ = index.index_id
            lines += [f"if key_{id_} != was_key_{id_}:", *_indented(self._unlink_index(index, "was_key"))]
        return lines

    def _link_moved(self) -> Lines:
        lines = ["rows[place] = stored"]
        for index in self.own_indexes:
            id_ = index.index_id
            same = (
                f"entries_{id_}[key_{id_}] = stored" if index.is_unique else f"entries_{id_}[key_{id_}][place] = stored"
            )
            lines += [f"if key_{id_} == was_key_{id_}:", f"    {same}", "else:", *_indented(self._link_index(index))]
        return lines
