"""Random conditions mean what their parts mean."""

import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from stdbctl.query import plan_subscription
from stdbctl.sats import Identity
from stdbctl.schema import ModuleDef

ME = Identity.from_int(0xC200)
OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True)
class Condition:
    """A condition in SQL, and what it means for a row (id, big, full_name)."""

    sql: str
    meaning: Callable[[tuple[Any, ...]], bool]


def number_test(column: int, name: str, sign: str, value: int, is_mirrored: bool) -> Condition:
    compare = OPERATORS[sign]
    if is_mirrored:
        return Condition(f"{value} {sign} {name}", lambda row: compare(value, row[column]))
    return Condition(f"person.{name} {sign} {value}", lambda row: compare(row[column], value))


def text_test(sign: str, value: str) -> Condition:
    compare = OPERATORS[sign]
    quoted = value.replace("'", "''")
    return Condition(f"\"full_name\"{sign}'{quoted}'", lambda row: compare(row[2], value))


def joined(word: str, left: Condition, right: Condition) -> Condition:
    if word == "AND":
        return Condition(f"({left.sql}) AND ({right.sql})", lambda row: left.meaning(row) and right.meaning(row))
    return Condition(f"({left.sql}) or ({right.sql})", lambda row: left.meaning(row) or right.meaning(row))


texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=3)
signs = st.sampled_from(sorted(OPERATORS))
leaves = st.one_of(
    st.builds(number_test, st.just(0), st.just("id"), signs, st.integers(0, 5), st.booleans()),
    st.builds(number_test, st.just(1), st.just("big"), signs, st.integers(-3, 3), st.booleans()),
    st.builds(text_test, signs, texts),
    st.just(Condition("TRUE", lambda _: True)),
    st.just(Condition("FALSE", lambda _: False)),
)
conditions = st.recursive(
    leaves, lambda inner: st.builds(joined, st.sampled_from(["AND", "OR"]), inner, inner), max_leaves=25
)
rows = st.tuples(st.integers(0, 5), st.integers(-3, 3), texts)


@given(condition=conditions, row=rows)
def test_a_condition_means_what_its_parts_mean(module: ModuleDef, condition: Condition, row: tuple[Any, ...]) -> None:
    (plan,) = plan_subscription(f"SELECT * FROM person WHERE {condition.sql}", module, ME, False)
    assert plan.matches(row) is condition.meaning(row)
    if plan.matches(row):
        assert all(row[position] == value for position, value in plan.filters)


@given(parts=st.lists(leaves, min_size=1, max_size=8), row=rows)
def test_and_binds_tighter_than_or_without_parentheses(
    module: ModuleDef, parts: list[Condition], row: tuple[Any, ...]
) -> None:
    words = [("AND", "OR")[index % 2] for index in range(len(parts) - 1)]
    sql = parts[0].sql + "".join(f" {word} {part.sql}" for word, part in zip(words, parts[1:], strict=True))
    (plan,) = plan_subscription(f"SELECT * FROM person WHERE {sql}", module, ME, False)
    pairs = [parts[index : index + 2] for index in range(0, len(parts), 2)]
    assert plan.matches(row) is any(all(part.meaning(row) for part in pair) for pair in pairs)
