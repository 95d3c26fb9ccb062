"""What the engine may count on, whichever store it was handed."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stdbctl.records import (
    ChangedRows,
    ConnectionChange,
    EntryKind,
    Program,
    ProgramKind,
    SchemaChange,
    SequenceState,
    Snapshot,
    StoredRow,
    StoredTable,
    TableChange,
)
from stdbctl.sats import ConnectionId, Identity
from stdbctl.store import HistoryEntry
from tests.store.conftest import Kit
from tests.store.samples import CALLER, DATABASE, OWNER, PROGRAM, TABLES, Store, changed, entry, row

NAMES = {table.table_id: table.name for table in TABLES}
ANNA, BERT = ConnectionId.from_int(10), ConnectionId.from_int(11)


def test_a_new_store_is_empty(kit: Kit) -> None:
    store = kit.create()
    assert store.load() == Snapshot(None, DATABASE, OWNER, (), (), (), 0, 0)
    assert store.history() == ()
    store.close()


def test_a_deploy_is_there_after_reopening(kit: Kit, store: Store) -> None:
    store.close()
    store = kit.reopen(store)
    assert store.load() == Snapshot(PROGRAM, DATABASE, OWNER, TABLES, (), (), 1, 1_001, NAMES)
    assert [list(store.rows(table.table_id)) for table in TABLES] == [[], [], []]
    store.close()


def test_rows_come_back_in_key_order(kit: Kit, store: Store) -> None:
    keyed = [row(key, b"row " + key) for key in (b"\x02", b"\x00\xff", b"\x01")]
    store.write([entry(2, changed(4097, (), tuple(keyed)), changed(4098, (), (row(b"z"), row(b"a"), row(b""))))])
    store.commit()
    assert list(store.rows(4097)) == [b"row \x00\xff", b"row \x01", b"row \x02"]
    store.close()
    store = kit.reopen(store)
    assert list(store.rows(4097)) == [b"row \x00\xff", b"row \x01", b"row \x02"]
    assert list(store.rows(4098)) == [b"", b"a", b"z"]
    store.close()


def test_the_last_write_of_a_key_wins_within_a_group(store: Store) -> None:
    old, new, newest = row(b"k", b"old"), row(b"k", b"new"), row(b"k", b"newest")
    store.write(
        [
            entry(2, changed(4097, (), (old,))),
            entry(3, changed(4097, (old,), (new,))),
            entry(4, changed(4097, (new,))),
            entry(5, changed(4097, (), (newest,))),
        ]
    )
    store.write([entry(6, changed(4097, (), (row(b"gone", b"x"),)))])
    store.write([entry(7, changed(4097, (row(b"gone", b"x"),)))])
    store.commit()
    assert list(store.rows(4097)) == [b"newest"]


def test_rows_without_a_key_can_go(store: Store) -> None:
    store.write([entry(2, changed(4098, (), (row(b"a"), row(b"b"))))])
    store.commit()
    store.write([entry(3, changed(4098, (row(b"a"),), (row(b"c"),)))])
    store.commit()
    assert list(store.rows(4098)) == [b"b", b"c"]


def test_rows_of_event_tables_are_history_alone(store: Store) -> None:
    store.write([entry(2, changed(4099, (), (row(b"boo"),)))])
    store.commit()
    assert list(store.rows(4099)) == []
    assert store.history(after=1)[0].changes == (ChangedRows(4099, True, (), (b"boo",)),)


def test_sequences_remember_their_next_number_whatever_its_size(kit: Kit, store: Store) -> None:
    store.write([entry(2, sequences=(SequenceState(4097, 0, 5), SequenceState(4098, 1, 2**255)))])
    store.write([entry(3, sequences=(SequenceState(4097, 0, -6),))])
    store.commit()
    store.close()
    store = kit.reopen(store)
    assert store.load().sequences == (SequenceState(4097, 0, -6), SequenceState(4098, 1, 2**255))
    store.close()


def test_connections_are_those_that_came_and_did_not_go(kit: Kit, store: Store) -> None:
    came = [ConnectionChange(connection, CALLER, True) for connection in (BERT, ANNA)]
    store.write([entry(2, connections=(came[0],)), entry(3, connections=(came[1],))])
    store.commit()
    store.write([entry(4, connections=(ConnectionChange(BERT, CALLER, False),))])
    store.write([entry(5, connections=(ConnectionChange(BERT, Identity.from_int(9), False),))])
    store.commit()
    store.close()
    store = kit.reopen(store)
    assert store.load().connections == ((ANNA, CALLER),)
    store.close()


def test_history_tells_every_part_of_a_transaction(kit: Kit, store: Store) -> None:
    old, new = row(b"k", b"old"), row(b"k", b"new")
    store.write([entry(2, changed(4097, (old,), (new,)), connection_id=ANNA), entry(3, kind=EntryKind.LIFECYCLE)])
    store.commit()
    store.close()
    store = kit.reopen(store)
    first, second = store.history(after=1)
    assert first == HistoryEntry(
        2,
        EntryKind.REDUCER,
        entry(2).timestamp,
        CALLER,
        ANNA,
        "add_point",
        b"args",
        2**64 - 2,
        PROGRAM.hash,
        (ChangedRows(4097, False, (b"old",), (b"new",)),),
    )
    assert (second.offset, second.kind, second.connection_id, second.changes) == (3, EntryKind.LIFECYCLE, None, ())
    assert [found.offset for found in store.history(after=0, limit=2)] == [1, 2]
    store.close()


def test_what_is_not_committed_is_not_there_after_a_rollback(store: Store) -> None:
    store.write([entry(2, changed(4097, (), (row(b"k", b"kept"),)))])
    store.commit()
    other = Program(ProgramKind.PYTHON, b"other", "cd" * 32)
    table = StoredTable(4100, "late", {})
    store.write([entry(3, changed(4097, (row(b"k", b"kept"),)), sequences=(SequenceState(4097, 0, 9),))])
    store.write([entry(4, program=other)], SchemaChange(other, (table,), (4098,), (TABLES[0], table)))
    store.rollback()
    assert list(store.rows(4097)) == [b"kept"]
    assert store.load() == Snapshot(PROGRAM, DATABASE, OWNER, TABLES, (), (), 2, 1_002, NAMES)
    store.write([entry(3, program=other)], SchemaChange(other, (table,), (4098,), (TABLES[0], table)))
    store.commit()
    assert store.load().program == other


def test_what_is_not_committed_is_not_there_after_closing(kit: Kit, store: Store) -> None:
    store.write([entry(2, changed(4097, (), (row(b"k", b"row"),)))])
    store.close()
    store = kit.reopen(store)
    assert (store.load().last_offset, list(store.rows(4097))) == (1, [])
    store.close()


def test_commit_and_rollback_without_a_group_do_nothing(store: Store) -> None:
    store.commit()
    store.rollback()
    assert store.load().last_offset == 1


def test_names_of_dropped_tables_stay_known(kit: Kit, store: Store) -> None:
    late = StoredTable(4100, "late", {})
    for table, dropped in ((late, (4098, 4099)), (StoredTable(4101, "later", {}), (4100,))):
        store.write([entry(store.load().last_offset + 1)], SchemaChange(PROGRAM, (table,), dropped, (TABLES[0], table)))
        store.commit()
    store.close()
    store = kit.reopen(store)
    assert store.load().table_names == NAMES | {4100: "late", 4101: "later"}
    store.close()


def test_a_deploy_makes_fills_and_drops_tables_in_one_go(kit: Kit, store: Store) -> None:
    store.write([entry(2, changed(4097, (), (row(b"k", b"v"),)), sequences=(SequenceState(4097, 0, 5),))])
    store.commit()
    program = Program(ProgramKind.PYTHON, b"next", "cd" * 32)
    table = StoredTable(4100, "place", {"place_id_idx_btree": 7})
    before = entry(3, changed(4097, (), (row(b"l", b"w"),)))
    migration = entry(4, changed(4100, (), (row(b"k", b"v2"),)), kind=EntryKind.MIGRATION, program=program)
    store.write([before, migration], SchemaChange(program, (table,), (4097,), (TABLES[1], TABLES[2], table)))
    store.commit()
    store.close()
    store = kit.reopen(store)
    loaded = store.load()
    assert (loaded.program, loaded.tables, loaded.sequences) == (program, (TABLES[1], TABLES[2], table), ())
    assert list(store.rows(4100)) == [b"v2"]
    store.close()


def test_the_same_program_can_be_deployed_again(store: Store) -> None:
    other = Program(ProgramKind.PYTHON, b"other", "cd" * 32)
    for offset, program in enumerate((other, PROGRAM, other), 2):
        store.write([entry(offset, program=program)], SchemaChange(program, (), (), TABLES))
        store.commit()
        assert store.load().program == program
    assert [found.program_hash[:2] for found in store.history()] == ["ab", "cd", "ab", "cd"]


keys = st.binary(min_size=1, max_size=2)
steps = st.lists(st.tuples(keys, st.none() | st.binary(max_size=3)), max_size=12)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(groups=st.lists(st.lists(steps, max_size=4), max_size=4))
def test_any_groups_leave_what_a_dict_would_hold(
    store: Store, groups: list[list[list[tuple[bytes, bytes | None]]]]
) -> None:
    offset = store.load().last_offset
    held: dict[bytes, bytes] = {}
    for stored in store.rows(4097):
        key, data = stored.split(b"|", 1)
        held[bytes.fromhex(key.decode())] = data
    for group in groups:
        entries = []
        for transaction in group:
            offset += 1
            entries.append(entry(offset, *transaction_changes(held, transaction)))
        store.write(entries)
        store.commit()
        assert list(store.rows(4097)) == [packed(key, held[key]).data for key in sorted(held)]
    assert store.load().last_offset == offset


def packed(key: bytes, data: bytes) -> StoredRow:
    return row(key, key.hex().encode() + b"|" + data)


def transaction_changes(held: dict[bytes, bytes], steps: list[tuple[bytes, bytes | None]]) -> list[TableChange]:
    """Apply the steps to `held`, and give their net change as the engine would."""
    before = dict(held)
    for key, data in steps:
        if data is None:
            held.pop(key, None)
        else:
            held[key] = data
    touched = [key for key in dict.fromkeys(key for key, _ in steps) if before.get(key) != held.get(key)]
    deleted = tuple(packed(key, before[key]) for key in touched if key in before)
    inserted = tuple(packed(key, held[key]) for key in touched if key in held)
    return [changed(4097, deleted, inserted)] if touched else []
