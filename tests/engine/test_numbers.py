"""Auto-increment on every integer width: its edges, explicit values, wrapping, exhaustion."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stdbctl.records import InvalidValue, NumbersExhausted, UniqueViolation
from stdbctl.sats import Primitive

from .scripted import P, Tables, TableSpec, World, script

WIDTHS = [getattr(P, f"{sign}{bits}") for sign in "UI" for bits in (8, 16, 32, 64, 128, 256)]
MOST = (1 << 127) - 1
"""SpacetimeDB counts in 128 bits."""


def highest(type_: Primitive) -> int:
    bits = int(type_.name[1:])
    return min((1 << bits) - 1 if type_.name[0] == "U" else (1 << bits - 1) - 1, MOST)


def numbered(type_: Primitive, **sequence: int) -> World:
    return World(script(TableSpec("t", {"id": type_, "name": P.STRING}, "id", ("id",), sequence=sequence)))


def take(world: World, count: int) -> list[int]:
    return list(world.ask(lambda t: [t.insert("t", 0, "")[0] for _ in range(count)]))


@pytest.mark.parametrize("type_", WIDTHS, ids=lambda type_: type_.name)
def test_every_width_counts_from_1_to_its_end_and_then_anew(type_: Primitive) -> None:
    assert take(numbered(type_), 3) == [1, 2, 3]
    end = highest(type_)
    assert take(numbered(type_, start=end - 1), 3) == [end - 1, end, 1]


@pytest.mark.parametrize("type_", WIDTHS, ids=lambda type_: type_.name)
def test_every_width_takes_explicit_values_from_end_to_end(type_: Primitive) -> None:
    bits = int(type_.name[1:])
    ends = (-1, -(1 << bits - 1), (1 << bits - 1) - 1) if type_.name[0] == "I" else (1, (1 << bits) - 1)
    world = numbered(type_)
    assert world.ask(lambda t: [t.insert("t", end, "")[0] for end in ends]) == list(ends)
    beyond = max(ends) + 1
    assert world.refusal(lambda t: t.insert("t", beyond, "")).startswith("`t.id` expects")


@pytest.mark.parametrize("type_", WIDTHS, ids=lambda type_: type_.name)
def test_a_number_given_explicitly_is_passed_over(type_: Primitive) -> None:
    world = numbered(type_)
    world.ask(lambda t: [t.insert("t", number, "mine") for number in (2, 3, 5)])
    assert take(world, 4) == [1, 4, 6, 7]


def test_an_explicit_value_that_is_taken_clashes() -> None:
    world = numbered(P.U8)
    take(world, 1)
    assert "Unique constraint violation" in world.refusal(lambda t: t.insert("t", 1, "mine"))


@pytest.mark.parametrize("type_", [P.U8, P.I8])
def test_when_rows_hold_every_number_the_error_says_so(type_: Primitive) -> None:
    world = numbered(type_)
    end = highest(type_)
    assert take(world, end) == list(range(1, end + 1))
    text = (
        f"auto-increment of `t.id` has no number left: rows hold every one from 1 to {end}; "
        "delete rows, or give the column a wider type"
    )
    assert world.refusal(lambda t: t.insert("t", 0, "")) == text
    world.run(lambda t: t.delete_by("t", "id", 7))
    assert take(world, 1) == [7]
    assert world.refusal(lambda t: t.insert("t", 0, "")) == text


def test_exhaustion_can_be_caught_like_any_clash() -> None:
    def body(t: Tables) -> None:
        with pytest.raises(UniqueViolation) as caught:
            t.insert("t", 0, "")
        assert isinstance(caught.value, NumbersExhausted)
        assert (caught.value.low, caught.value.high, caught.value.columns) == (1, 2, ("id",))

    world = numbered(P.U64, max_value=2)
    take(world, 2)
    world.ask(body)


def test_a_clash_elsewhere_gives_the_number_back() -> None:
    table = TableSpec("t", {"id": P.U16, "name": P.STRING}, "id", ("id",), unique=(("name",),))
    world = World(script(table))
    world.ask(lambda t: t.insert("t", 0, "a"))
    assert "t_name" in world.refusal(lambda t: t.insert("t", 0, "a"))
    assert world.ask(lambda t: t.insert("t", 0, "b")) == (2, "b")


def test_a_row_that_is_refused_for_its_values_takes_no_number() -> None:
    def body(t: Tables) -> None:
        for name in (1, b"", "\ud800"):
            with pytest.raises(InvalidValue):
                t.insert("t", 0, 0, name)
        t.insert("t", 0, 0, "a")

    columns = {"id": P.U16, "ticket": P.I64, "name": P.STRING}
    world = World(script(TableSpec("t", columns, "id", ("id", "ticket"))))
    world.ask(body)
    assert world.rows("t") == [(1, 1, "a")]


def test_a_column_that_is_not_unique_counts_on_whatever_rows_hold() -> None:
    table = TableSpec("t", {"id": P.U32, "name": P.STRING}, auto_inc=("id",), indexes=(("id",),))
    world = World(script(table))
    world.ask(lambda t: t.insert("t", 2, "mine"))
    assert take(world, 3) == [1, 2, 3]
    assert len(world.rows("t")) == 4


def test_two_columns_count_each_for_itself_and_a_unique_one_passes_over() -> None:
    table = TableSpec("t", {"id": P.U32, "ticket": P.U8}, "id", ("id", "ticket"), unique=(("ticket",),))
    world = World(script(table))
    world.ask(lambda t: t.insert("t", 9, 1))
    assert world.ask(lambda t: [t.insert("t", 0, 0) for _ in range(2)]) == [(1, 2), (2, 3)]


def test_an_update_asks_for_a_number_outside_the_key() -> None:
    world = World(script(TableSpec("t", {"id": P.U8, "turn": P.U8, "name": P.STRING}, "id", ("id", "turn"))))
    world.ask(lambda t: t.insert("t", 0, 0, "first"))
    assert world.ask(lambda t: t.update("t", 1, 0, "again")) == (1, 2, "again")
    assert world.rows("t") == [(1, 2, "again")]
    assert world.refusal(lambda t: t.update("t", 0, 0, "nobody")) == "no row of `t` has id = 0"
    assert world.ask(lambda t: t.update("t", 1, 0, "at last")) == (1, 3, "at last"), "a refused update takes no number"


def test_a_refused_row_does_not_pass_numbers_over() -> None:
    world = numbered(P.U8)

    def body(t: Tables) -> int:
        t.insert("t", 1, "mine")
        with pytest.raises(InvalidValue):
            t.insert("t", 0, 5)
        t.delete("t", 1, "mine")
        number: int = t.insert("t", 0, "")[0]
        return number

    assert world.ask(body) == 1


@settings(deadline=None)
@given(
    increment=st.integers(-9, 9).filter(bool),
    low=st.integers(-5, 5),
    span=st.integers(10, 20),
    start=st.integers(0, 9),
    held=st.frozensets(st.integers(-5, 25)),
)
def test_numbers_go_round_and_round_until_none_is_free(
    increment: int, low: int, span: int, start: int, held: frozenset[int]
) -> None:
    high = low + span - 1
    held = frozenset(number for number in held if low <= number <= high and number)
    world = numbered(P.I16, increment=increment, min_value=low, max_value=high, start=low + start)
    world.ask(lambda t: [t.insert("t", number, "held") for number in sorted(held)])
    cycle = [low + (start + step * increment) % span for step in range(span)]
    free = [number for number in dict.fromkeys(cycle) if number not in held]
    given_numbers = world.ask(lambda t: [t.insert("t", 0, "")[0] for _ in free])
    assert given_numbers == free
    assert "has no number left" in world.refusal(lambda t: t.insert("t", 0, ""))
