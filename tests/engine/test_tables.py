"""What tables promise: order, uniqueness, numbers, ranges, values."""

import math
from typing import Any

import pytest

from stdbctl.engine import TransactionClosed
from stdbctl.records import Bound, OutcomeKind, RowNotFound, UniqueViolation
from stdbctl.sats import (
    BYTES,
    CONNECTION_ID,
    IDENTITY,
    SCHEDULE_AT,
    TIME_DURATION,
    TIMESTAMP,
    UUID,
    AlgebraicType,
    ArrayType,
    ConnectionId,
    Identity,
    ScheduleAt,
    TimeDuration,
    Timestamp,
    Uuid,
    option,
)

from .scripted import P, Tables, TableSpec, World, script

ITEM = TableSpec("item", {"id": P.U64, "owner": P.U32, "label": P.STRING}, "id", ("id",), indexes=(("owner",),))
PAIR = TableSpec("pair", {"x": P.I32, "y": P.I32}, indexes=(("x", "y"),), hashes=(("y",),))
TAG = TableSpec("tag", {"id": P.U32, "name": P.STRING, "x": P.I32, "y": P.I32}, "id", unique=(("name",), ("x", "y")))


@pytest.fixture
def world() -> World:
    return World(script(ITEM, PAIR, TAG))


def test_rows_come_in_order_of_the_key_and_not_of_insertion(world: World) -> None:
    world.run(lambda t: [t.insert("item", n, 1, "") for n in (300, 5, 70, 256, 1)])
    assert [row[0] for row in world.rows("item")] == [1, 5, 70, 256, 300]


def test_rows_without_a_key_come_in_order_of_their_bytes(world: World) -> None:
    world.run(lambda t: [t.insert("pair", x, 0) for x in (256, 1, -1, 2)])
    assert [row[0] for row in world.rows("pair")] == [256, 1, 2, -1]


def test_a_scan_is_a_snapshot(world: World) -> None:
    def body(t: Tables) -> None:
        for row in t.scan("item"):
            t.insert("item", row[0] + 10, 1, "")
            t.delete("item", *row)

    world.run(lambda t: [t.insert("item", n, 1, "") for n in (1, 2, 3)])
    world.run(body)
    assert [row[0] for row in world.rows("item")] == [11, 12, 13]


def test_a_fully_equal_row_is_no_change_and_no_clash(world: World) -> None:
    world.run(lambda t: t.insert("tag", 1, "a", 1, 1))
    committed = world.run(lambda t: t.insert("tag", 1, "a", 1, 1))
    assert committed.outcome.kind is OutcomeKind.DONE
    assert len(world.rows("tag")) == 1


@pytest.mark.parametrize(
    ("row", "index", "columns", "value"),
    [
        ((1, "b", 2, 2), "tag_id_idx_btree", '"id"', "1"),
        ((2, "a", 2, 2), "tag_name_idx_btree", '"name"', '"a"'),
        ((2, "b", 1, 1), "tag_x_y_idx_btree", '"x", "y"', "(x = 1, y = 1)"),
    ],
)
def test_a_clash_says_index_columns_and_value(
    world: World, row: tuple[Any, ...], index: str, columns: str, value: str
) -> None:
    world.run(lambda t: t.insert("tag", 1, "a", 1, 1))
    outcome = world.run(lambda t: t.insert("tag", *row)).outcome
    assert outcome.kind is OutcomeKind.REFUSED
    assert (
        outcome.text == f"Unique constraint violation '{index}' in table 'tag': column(s): '[{columns}]' value: {value}"
    )


def test_a_caught_clash_leaves_no_trace(world: World) -> None:
    def body(t: Tables) -> None:
        t.insert("tag", 1, "a", 1, 1)
        with pytest.raises(UniqueViolation):
            t.insert("tag", 2, "a", 2, 2)
        with pytest.raises(UniqueViolation):
            t.insert("tag", 3, "c", 1, 1)
        t.insert("tag", 2, "b", 2, 2)
        with pytest.raises(UniqueViolation):
            t.update("tag", 2, "a", 3, 3)

    assert world.run(body).outcome.kind is OutcomeKind.DONE
    assert world.rows("tag") == [(1, "a", 1, 1), (2, "b", 2, 2)]


def test_an_update_may_keep_its_own_unique_values(world: World) -> None:
    world.run(lambda t: t.insert("tag", 1, "a", 1, 1))
    assert world.run(lambda t: t.update("tag", 1, "a", 1, 2)).outcome.kind is OutcomeKind.DONE
    assert world.ask(lambda t: t.find("tag", "name", "a")) == (1, "a", 1, 2)
    assert world.ask(lambda t: t.find("tag", "x_y", 1, 1)) is None
    assert world.ask(lambda t: t.find("tag", "x_y", 1, 2)) == (1, "a", 1, 2)


def test_unique_values_can_change_hands_within_a_transaction(world: World) -> None:
    def body(t: Tables) -> None:
        t.update("tag", 1, "c", 1, 1)
        t.update("tag", 2, "a", 2, 2)
        t.update("tag", 1, "b", 1, 1)

    world.run(lambda t: (t.insert("tag", 1, "a", 1, 1), t.insert("tag", 2, "b", 2, 2)))
    assert world.run(body).outcome.kind is OutcomeKind.DONE
    assert world.rows("tag") == [(1, "b", 1, 1), (2, "a", 2, 2)]


def test_update_of_a_missing_row_says_which(world: World) -> None:
    outcome = world.run(lambda t: t.update("item", 7, 1, "")).outcome
    assert (outcome.kind, outcome.text) == (OutcomeKind.REFUSED, "no row of `item` has id = 7")


def test_update_needs_a_primary_key(world: World) -> None:
    def body(t: Tables) -> None:
        with pytest.raises(RowNotFound):
            t.update("pair", 1, 1)

    assert world.run(body).outcome.kind is OutcomeKind.DONE


def test_delete_goes_by_key_or_by_the_whole_row(world: World) -> None:
    world.run(lambda t: (t.insert("item", 1, 1, "a"), t.insert("pair", 1, 2)))
    assert world.ask(lambda t: t.delete("item", 1, 9, "other")) is True
    assert world.ask(lambda t: t.delete("item", 1, 1, "a")) is False
    assert world.ask(lambda t: t.delete("pair", 1, 3)) is False
    assert world.ask(lambda t: t.delete("pair", 1, 2)) is True
    assert world.rows("item") == world.rows("pair") == []


def test_zero_asks_for_a_number_and_anything_else_is_kept(world: World) -> None:
    rows = world.ask(lambda t: [t.insert("item", n, 1, "")[0] for n in (0, 0, 10, 0)])
    assert rows == [1, 2, 10, 3]


def test_numbers_of_a_rolled_back_call_are_given_back(world: World) -> None:
    def body(t: Tables) -> None:
        t.insert("item", 0, 1, "")
        t.insert("item", 0, 1, "")
        raise RuntimeError

    world.run(lambda t: t.insert("item", 0, 1, ""))
    world.run(body)
    assert world.ask(lambda t: t.insert("item", 0, 1, ""))[0] == 2


@pytest.mark.parametrize(
    ("type_", "sequence", "expected"),
    [
        (P.U8, {"start": 254}, [254, 255, 1]),
        (P.I8, {"start": 126}, [126, 127, 1]),
        (P.I8, {"min_value": -2, "start": 1, "max_value": 2}, [1, 2, -2]),
        (P.U32, {"increment": 3, "min_value": 1, "max_value": 10, "start": 9}, [9, 2, 5]),
        (P.I32, {"increment": -3, "min_value": 1, "max_value": 10, "start": 4}, [4, 1, 8]),
        (P.U256, {}, [1, 2, 3]),
        (P.U64, {"min_value": 5, "max_value": 7}, [5, 6, 7]),
    ],
)
def test_numbers_wrap_at_the_bounds(type_: AlgebraicType, sequence: dict[str, int], expected: list[int]) -> None:
    table = TableSpec("t", {"id": type_}, "id", ("id",), sequence=sequence)
    world = World(script(table))
    assert world.ask(lambda t: [t.insert("t", 0)[0] for _ in expected]) == expected


@pytest.mark.parametrize("zero", [False, 0.0, "0", None])
def test_a_number_is_asked_for_by_the_integer_zero_only(world: World, zero: object) -> None:
    assert world.refusal(lambda t: t.insert("item", zero, 1, "")).startswith("`item.id` expects")


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ((-1, 1, ""), "id"),
        ((1 << 64, 1, ""), "id"),
        ((1, True, ""), "owner"),
        ((1, 1, b""), "label"),
        ((1, 1, "\ud800"), "label"),
    ],
)
def test_a_wrong_value_names_its_column(world: World, row: tuple[Any, ...], column: str) -> None:
    assert world.refusal(lambda t: t.insert("item", *row)).startswith(f"`item.{column}` expects")
    assert world.rows("item") == []


@pytest.mark.parametrize("key", ["1", -1, True, 1.0, None, 1 << 32])
def test_a_wrong_key_names_its_column(world: World, key: object) -> None:
    assert world.refusal(lambda t: t.seek("item", "owner", key)).startswith("`item.owner` expects")
    assert world.refusal(lambda t: t.seek("item", "owner", lower=Bound(key, True))).startswith("`item.owner` expects")


def test_ranges_come_in_index_order_with_ties_in_table_order(world: World) -> None:
    world.run(lambda t: [t.insert("item", n, n % 3, "") for n in (9, 4, 6, 1, 3, 8)])

    def ids(**bounds: Any) -> list[int]:
        return [row[0] for row in world.ask(lambda t: t.seek("item", "owner", **bounds))]

    assert ids() == [3, 6, 9, 1, 4, 8]
    assert ids(lower=Bound(1, True)) == [1, 4, 8]
    assert ids(lower=Bound(1, False)) == [8]
    assert ids(upper=Bound(1, False)) == [3, 6, 9]
    assert ids(upper=Bound(1, True)) == [3, 6, 9, 1, 4]
    assert ids(lower=Bound(2, True), upper=Bound(1, True)) == []
    world.run(lambda t: (t.delete("item", 4, 0, ""), t.insert("item", 2, 1, ""), t.update("item", 8, 0, "")))
    assert ids() == [3, 6, 8, 9, 1, 2]


def test_ranges_over_the_primary_key_follow_its_changes(world: World) -> None:
    world.run(lambda t: [t.insert("item", n, 1, "") for n in (5, 1, 9)])
    between = {"lower": Bound(1, False), "upper": Bound(9, True)}
    assert [r[0] for r in world.ask(lambda t: t.seek("item", "id", **between))] == [5, 9]
    world.run(lambda t: (t.insert("item", 7, 1, ""), t.delete("item", 5, 1, "")))
    assert [r[0] for r in world.ask(lambda t: t.seek("item", "id", **between))] == [7, 9]


def test_a_prefix_of_a_composite_index_may_be_followed_by_a_range(world: World) -> None:
    world.run(lambda t: [t.insert("pair", x, y) for x in (-1, 0, 1) for y in (3, -2, 0)])
    assert world.ask(lambda t: t.seek("pair", "x_y", 0)) == [(0, -2), (0, 0), (0, 3)]
    assert world.ask(lambda t: t.seek("pair", "x_y", 0, lower=Bound(-2, False))) == [(0, 0), (0, 3)]
    assert world.ask(lambda t: t.seek("pair", "x_y", 0, upper=Bound(0, True))) == [(0, -2), (0, 0)]
    assert world.ask(lambda t: t.seek("pair", "x_y", lower=Bound(0, False)))[0] == (1, -2)
    assert world.ask(lambda t: t.seek("pair", "x_y", upper=Bound(0, True)))[-1] == (0, 3)
    assert world.ask(lambda t: t.seek("pair", "x_y", 1, 3)) == [(1, 3)]
    assert [row[0] for row in world.ask(lambda t: t.seek("pair", "y", 3))] == [0, 1, -1]


def test_deleting_by_index_says_how_many(world: World) -> None:
    world.run(lambda t: [t.insert("item", n, n % 2, "") for n in range(1, 8)])
    assert world.ask(lambda t: t.delete_by("item", "owner", 1)) == 4
    assert world.ask(lambda t: t.delete_by("item", "id", lower=Bound(4, True))) == 2
    assert world.ask(lambda t: t.count("item")) == 1


def test_numbers_are_held_at_column_width() -> None:
    world = World(script(TableSpec("t", {"id": P.U8, "x": P.F32, "y": P.F64, "l": ArrayType(P.F32)}, "id")))
    row = world.ask(lambda t: t.insert("t", 1, 0.1, 1, [0.1, 2]))
    assert row == (1, 0.10000000149011612, 1.0, (0.10000000149011612, 2.0))
    assert world.rows("t") == [row]


def test_floats_are_totally_ordered_in_indexes() -> None:
    nan, inf = math.nan, math.inf
    world = World(script(TableSpec("t", {"id": P.U8, "x": P.F64}, "id", indexes=(("x",),))))
    world.run(lambda t: [t.insert("t", n, x) for n, x in enumerate((nan, inf, 0.0, -inf, -0.0, -nan, 1.0), 1)])

    def ids(*prefix: Any, **bounds: Any) -> list[int]:
        return [row[0] for row in world.ask(lambda t: t.seek("t", "x", *prefix, **bounds))]

    assert ids() == [4, 3, 5, 7, 2, 1, 6]
    assert ids(0.0) == ids(-0.0) == [3, 5]
    assert ids(nan) == [1, 6]
    assert ids(lower=Bound(inf, False)) == [1, 6]
    assert ids(upper=Bound(0, False)) == [4]


def test_a_float_can_be_unique() -> None:
    world = World(script(TableSpec("t", {"x": P.F64}, "x")))
    world.run(lambda t: (t.insert("t", math.nan), t.insert("t", 0.0)))
    assert "value: nan" in world.refusal(lambda t: t.insert("t", -math.nan))
    assert "Unique constraint" in world.refusal(lambda t: t.insert("t", -0.0))
    assert world.ask(lambda t: t.delete("t", math.nan)) is True


def test_rows_without_a_key_are_the_same_when_their_bytes_are() -> None:
    world = World(script(TableSpec("t", {"x": P.F64})))
    world.run(lambda t: [t.insert("t", x) for x in (math.nan, math.nan, 0.0, -0.0)])
    assert len(world.rows("t")) == 3
    assert world.ask(lambda t: t.delete("t", math.nan)) is True


_VALUES: list[tuple[AlgebraicType, list[Any]]] = [
    (IDENTITY, [Identity.from_int(n) for n in (1, 255, 256, 1 << 200)]),
    (CONNECTION_ID, [ConnectionId.from_int(n) for n in (1, 255, 256, 1 << 100)]),
    (TIMESTAMP, [Timestamp(n) for n in (-5, 0, 7)]),
    (TIME_DURATION, [TimeDuration(n) for n in (-5, 0, 7)]),
    (UUID, [Uuid.from_int(n) for n in (1, 255, 256)]),
    (SCHEDULE_AT, [ScheduleAt(TimeDuration(9)), ScheduleAt(Timestamp(1)), ScheduleAt(Timestamp(2))]),
    (BYTES, [b"", b"a", b"aa", b"b"]),
    (option(P.U8), [0, 255, None]),
    (ArrayType(P.I8), [(), (-1,), (-1, 0), (3,)]),
    (P.I256, [-(1 << 255), -1, 0, (1 << 255) - 1]),
    (P.STRING, ["", "a", "aa", "\uffff", "\U0001f600"]),
    (P.BOOL, [False, True]),
]


@pytest.mark.parametrize(("type_", "values"), _VALUES)
def test_values_of_every_kind_sort_as_spacetimedb_sorts_them(type_: AlgebraicType, values: list[Any]) -> None:
    world = World(script(TableSpec("t", {"v": type_, "n": P.U8}, indexes=(("v",), ("n", "v")))))
    world.run(lambda t: [t.insert("t", v, 1) for v in reversed(values)])
    assert [row[0] for row in world.ask(lambda t: t.seek("t", "v"))] == values
    assert [row[0] for row in world.ask(lambda t: t.seek("t", "n_v", 1))] == values
    assert [row[0] for row in world.ask(lambda t: t.seek("t", "v", values[-1]))] == [values[-1]]


def test_rows_of_event_tables_end_with_their_transaction() -> None:
    shot = TableSpec("shot", {"id": P.U8, "x": P.I32}, "id", ("id",), is_event=True)
    world = World(script(shot))
    assert world.ask(lambda t: [t.insert("shot", 0, 5), t.insert("shot", 0, 6), *t.scan("shot")][2:]) == [
        (1, 5),
        (2, 6),
    ]
    assert world.rows("shot") == []
    assert world.ask(lambda t: t.insert("shot", 0, 7)) == (1, 7)


def test_tables_cannot_be_used_after_their_call() -> None:
    world = World(script(ITEM))
    kept: list[Tables] = []
    world.run(kept.append)
    with pytest.raises(TransactionClosed):
        kept[0].insert("item", 0, 1, "late")
    assert world.rows("item") == []
