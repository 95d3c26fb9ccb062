"""Typed queries become the SQL that a subscription takes."""

import pytest

from stdbctl.client import ConnectionId, Identity, Timestamp, Uuid
from stdbctl.client.query import literal, quoted
from tests.client.example_bindings import Point, tables


def test_a_table_is_a_query_of_all_its_rows() -> None:
    assert tables.point.sql() == 'SELECT * FROM "point"'


def test_a_query_shows_its_sql() -> None:
    assert repr(tables.point.where(id=3)) == '<PointQuery SELECT * FROM "point" WHERE "point"."id" = 3>'


def test_keywords_ask_for_equality_and_add_up() -> None:
    query = tables.point.where(id=3).where(x=1.5)
    assert query.sql() == 'SELECT * FROM "point" WHERE "point"."id" = 3 AND "point"."x" = 1.5'
    assert tables.point.sql() == 'SELECT * FROM "point"', "queries are immutable"


def test_conditions_combine_and_negation_is_written_without_not() -> None:
    query = tables.point.where(lambda p: ~((p.x > 5.0) & (p.y <= 1.0) | (p.id != 3)))
    assert query.sql() == (
        'SELECT * FROM "point" WHERE (("point"."x" <= 5.0 OR "point"."y" > 1.0) AND "point"."id" = 3)'
    )


def test_a_condition_is_no_truth_value() -> None:
    with pytest.raises(TypeError, match="write `&`"):
        tables.point.where(lambda p: p.x > 1.0 and p.y > 1.0)


def test_semijoins_give_the_rows_of_one_side_and_keep_both_sides_conditions() -> None:
    pings = tables.ping.where(lambda ping: ping.at > Timestamp.from_micros(0))
    left = tables.point.where(x=1.0).left_semijoin(pings, lambda point, ping: point.owner == ping.sender)
    right = tables.point.where(x=1.0).right_semijoin(pings, lambda point, ping: point.owner == ping.sender)
    tail = (
        'FROM "point" JOIN "ping" ON "point"."owner" = "ping"."sender"'
        ' WHERE "point"."x" = 1.0 AND "ping"."at" > \'1970-01-01T00:00:00.000000Z\''
    )
    assert left.sql() == f'SELECT "point".* {tail}'
    assert right.sql() == f'SELECT "ping".* {tail}'
    assert Point.__name__ == "Point"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "TRUE"),
        (-3, "-3"),
        (2.5, "2.5"),
        ("it's", "'it''s'"),
        (b"\x01\xff", "0x01ff"),
        (Identity.from_int(1), "0x" + "0" * 63 + "1"),
        (ConnectionId.from_int(1), "0x" + "0" * 31 + "1"),
        (Uuid.from_int(255), "0x" + "0" * 30 + "ff"),
    ],
)
def test_values_are_written_as_literals(value: object, text: str) -> None:
    assert literal(value) == text


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_floats_that_are_no_numbers_have_no_literal(value: float) -> None:
    with pytest.raises(ValueError, match="no literal"):
        literal(value)


def test_values_of_other_types_have_no_literal() -> None:
    with pytest.raises(TypeError, match="no literal for list"):
        literal([1])


def test_names_are_quoted_part_by_part() -> None:
    assert quoted('sub.od"d') == '"sub"."od""d"'
