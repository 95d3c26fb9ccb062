"""The row changes of a transaction as bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stdbctl.records import ChangedRows, ChangesError, StoredRow, TableChange, decode_changes, encode_changes

datas = st.lists(st.binary(max_size=300), max_size=4).map(tuple)
changes = st.lists(st.builds(ChangedRows, st.integers(0, 2**32 - 1), st.booleans(), datas, datas), max_size=4).map(
    tuple
)


def encoded(changes: tuple[ChangedRows, ...]) -> bytes:
    def rows(datas: tuple[bytes, ...]) -> tuple[StoredRow, ...]:
        return tuple(StoredRow((), data, data) for data in datas)

    return encode_changes(
        tuple(
            TableChange(table_id, rows(deleted), rows(inserted), is_event)
            for table_id, is_event, deleted, inserted in changes
        )
    )


@given(changes)
def test_changes_come_back_as_they_went_in(changes: tuple[ChangedRows, ...]) -> None:
    assert decode_changes(encoded(changes)) == changes


def test_the_bytes_are_as_documented() -> None:
    changes = (ChangedRows(4097, False, (b"ab",), ()), ChangedRows(5, True, (), (b"", b"x" * 200)))
    assert encoded(changes) == b"\x81\x20\x00\x01\x02ab\x00" + b"\x05\x01\x00\x02\x00\xc8\x01" + b"x" * 200
    assert encoded(()) == b""


@given(changes)
def test_bytes_that_are_cut_off_are_refused(changes: tuple[ChangedRows, ...]) -> None:
    data = encoded(changes)
    ends = {len(encoded(changes[:count])) for count in range(len(changes) + 1)}
    for length in range(len(data)):
        if length in ends:
            continue
        with pytest.raises(ChangesError, match="at byte"):
            decode_changes(data[:length])


def refused_at(data: bytes) -> int:
    """Where the bytes stop making sense; their length when they make sense to the end."""
    try:
        decode_changes(data)
    except ChangesError as error:
        return error.position
    return len(data)


@given(st.binary(max_size=40))
def test_any_bytes_are_changes_or_refused_at_a_place(data: bytes) -> None:
    assert 0 <= refused_at(data) <= len(data)
