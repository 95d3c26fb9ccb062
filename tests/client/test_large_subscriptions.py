"""Subscriptions with more rows than are decoded in one piece, and what the garbage collector is left with."""

import gc
from collections.abc import Iterator

import pytest

from stdbctl.client import SchemaMismatch
from stdbctl.protocol import query_rows, subscribe_applied
from stdbctl.sats import compile_codec
from tests.client.example_bindings.remote import MODULE, POINT
from tests.client.test_session import ME, Harness

ROWS = 12_000
_point = compile_codec(POINT.row, MODULE.types).encode


@pytest.fixture
def collecting() -> Iterator[None]:
    """A collector that runs and that has frozen nothing, whatever other tests have left."""
    gc.enable()
    gc.unfreeze()
    yield
    gc.unfreeze()


def rows(note: str | None) -> list[bytes]:
    """Rows of more than one piece: of one size without a note, else of many."""
    notes = [None if note is None else note * (number % 9) for number in range(ROWS)]
    return [_point((number, ME, number * 0.5, 0.5, (0, ()), (2, ()), notes[number])) for number in range(ROWS)]


@pytest.mark.parametrize("note", [None, "é"])
def test_rows_of_many_pieces_are_all_there(note: str | None) -> None:
    harness = Harness()
    harness.subscribe(rows=[("point", rows(note))])
    points = {row.id: row for row in harness.session.replica.caches["point"].rows()}
    assert sorted(points) == list(range(ROWS))
    assert all(row.x == number * 0.5 for number, row in points.items())
    assert all(row.note == (note and note * (number % 9)) for number, row in points.items())
    assert len(harness.take()) == ROWS


def test_row_cut_short_behind_many_pieces_is_a_mismatch() -> None:
    harness = Harness()
    call = harness.session.subscribe(("SELECT * FROM point",))
    (set_id,) = harness.subscribed()
    with pytest.raises(SchemaMismatch, match="rows came that do not decode"):
        harness.receive(subscribe_applied(0, set_id, query_rows([("point", [*rows("é"), b"\0"])])))
    assert not call.is_done
    assert harness.xs() == {}


def test_many_rows_are_spared_the_collections_of_the_young(collecting: None) -> None:
    harness = Harness()
    harness.subscribe(rows=[("point", rows(None))])
    held = harness.session.replica.caches["point"].rows()
    young = {id(each) for generation in (0, 1) for each in gc.get_objects(generation)}
    assert young.isdisjoint(map(id, held))
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0


def test_what_a_program_has_frozen_stays_frozen(collecting: None) -> None:
    gc.freeze()
    frozen = gc.get_freeze_count()
    harness = Harness()
    harness.subscribe(rows=[("point", rows(None))])
    assert gc.get_freeze_count() > frozen // 2
