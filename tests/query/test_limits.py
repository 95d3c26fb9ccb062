"""Hostile and huge queries end in an answer or an error, soon, whatever Python's stack looks like."""

import itertools
import sys

import pytest

from stdbctl.query import Plan, QueryError, plan_subscription
from stdbctl.sats import Identity
from stdbctl.schema import ModuleDef

ME = Identity.from_int(0xC200)
START = "SELECT * FROM member WHERE "


def plan_of(condition: str, module: ModuleDef) -> Plan:
    (plan,) = plan_subscription(START + condition, module, ME, False)
    return plan


def filled(start: str, repeat: str, end: str = "") -> str:
    """As many repetitions as fit into the limit on SQL text."""
    room = 50_000 - len(START + start + end)
    return start + repeat * (room // len(repeat)) + end


def test_longer_text_than_the_limit_is_refused_with_its_beginning(module: ModuleDef) -> None:
    sql = START + "id = 1" + " " * 50_000
    with pytest.raises(QueryError) as caught:
        plan_subscription(sql, module, ME, False)
    assert caught.value.text.startswith(f'SQL query exceeds maximum allowed length: "{sql[:120]}..."')
    plan_of("id = 1" + " " * (50_000 - len(START + "id = 1")), module)


def test_the_limit_counts_bytes(module: ModuleDef) -> None:
    sql = "SELECT * FROM person WHERE full_name = '" + "猫" * 20_000 + "'"
    with pytest.raises(QueryError, match="exceeds maximum allowed length"):
        plan_subscription(sql, module, ME, False)


@pytest.mark.parametrize(
    "condition",
    [
        filled("id = 1", " OR id = 1"),
        filled("id = 1", " OR id <> 1"),
        filled("id = 1", " AND id = id"),
        "(" * 24_000 + "id = 1" + ")" * 24_000,
        "(" * 3_000 + "id = 1" + " OR id = 2)" * 3_000,
        "(" * 2_000 + "id = 1" + " AND id > 0) OR id = 2" * 2_000,
        "(id > 0 OR (id <> 0 AND " * 1_000 + "TRUE" + "))" * 1_000,
        "(" * 2_500 + "id = 1" + ") = TRUE" * 2_500,
        "id = " + "0" * 49_900 + "1",
        filled("id = 1 ", "/**/"),
        filled("id = 1 ", "-- \n"),
    ],
)  # fmt: skip
def test_huge_conditions_work(condition: str, module: ModuleDef) -> None:
    plan = plan_of(condition, module)
    assert plan.matches((1, ME)) is True


@pytest.mark.parametrize(
    "condition",
    [
        filled("", "("),
        filled("id = 1", ")"),
        filled("", "NOT "),
        filled("id = 1", " OR"),
        filled("id = ", "-"),
        filled("", "a."),
        filled("id = '", "''", "x"),
        filled('"', '""', "x"),
        filled("", "/*"),
        filled("id = ", "9"),
        filled("id = 1e", "9"),
        filled("", "id = id = "),
        filled("", ":sender "),
    ],
)
def test_huge_nonsense_is_refused(condition: str, module: ModuleDef) -> None:
    with pytest.raises(QueryError):
        plan_of(condition, module)


def test_queries_work_close_to_the_end_of_the_stack(module: ModuleDef) -> None:
    """A server plans deep inside its own calls: the depth of a query must not add to theirs."""

    def at_depth(frames: int) -> Plan:
        return at_depth(frames - 1) if frames else plan_of("(" * 1_500 + "id = 1" + " OR id = 2)" * 1_500, module)

    depth = sum(1 for _ in itertools.takewhile(bool, (frame_exists(level) for level in range(sys.getrecursionlimit()))))
    assert at_depth(sys.getrecursionlimit() - depth - 120).matches((2, ME))


def frame_exists(level: int) -> bool:
    try:
        sys._getframe(level)
    except ValueError:
        return False
    return True
