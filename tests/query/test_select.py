"""Plain selects, as POST /sql and one-off queries run them."""

from collections.abc import Iterable
from typing import Any

import pytest

from stdbctl.query import QueryError, plan_select
from stdbctl.sats import IDENTITY, Identity, Primitive
from stdbctl.schema import ModuleDef

ME = Identity.from_int(0xC200)
ROWS = {"member": [(1, ME), (2, Identity.from_int(1)), (3, ME)], "secret": [(9, ME)]}


def scan(table: str) -> Iterable[tuple[Any, ...]]:
    return ROWS[table]


def run(sql: str, module: ModuleDef, *, is_owner: bool = False) -> tuple[list[str], list[tuple[Any, ...]]]:
    select = plan_select(sql, module, ME, is_owner)
    return [name for name, _ in select.columns], select.run(scan)


def test_a_star_gives_whole_rows_under_canonical_names(module: ModuleDef) -> None:
    select = plan_select("SELECT * FROM Member", module, ME, False)
    assert select.columns == (("id", Primitive.U32), ("who", IDENTITY))
    assert select.run(scan) == ROWS["member"]
    assert (
        plan_select("SELECT fullName, * FROM person".replace(", *", ""), module, ME, False).columns[0][0] == "fullName"
    )


@pytest.mark.parametrize(
    ("sql", "names", "rows"),
    [
        ("SELECT id FROM member", ["id"], [(1,), (2,), (3,)]),
        ("SELECT id AS a, id b, member.id FROM member LIMIT 1", ["a", "b", "id"], [(1, 1, 1)]),
        ("SELECT m.* FROM member m WHERE m.who = :sender", ["id", "who"], [(1, ME), (3, ME)]),
        ('SELECT "id" AS "the id" FROM "member" WHERE id >= 2', ["the id"], [(2,), (3,)]),
        ("SELECT COUNT(*) AS n FROM member", ["n"], [(3,)]),
        ("select count(*) n from member where id > 5", ["n"], [(0,)]),
        ("SELECT COUNT(*) AS n FROM member LIMIT 0", ["n"], [(3,)]),
        ("SELECT id FROM member LIMIT 0", ["id"], []),
        ("SELECT id FROM member LIMIT 2e0;", ["id"], [(1,), (2,)]),
    ],
)
def test_selects_that_are_served(sql: str, names: list[str], rows: list[Any], module: ModuleDef) -> None:
    assert run(sql, module) == (names, rows)


@pytest.mark.parametrize(
    ("sql", "text"),
    [
        ("", "Empty SQL query"),
        ("DELETE FROM member", "Unsupported: DELETE FROM member"),
        ("WITH a AS (SELECT 1) SELECT * FROM a", "Unsupported: WITH a AS (SELECT 1) SELECT * FROM a"),
        ("SELECT", "sql parser error: Expected an expression, found: EOF at Line: 1, Column 7"),
        ("SELECT FROM member", "sql parser error: Expected an expression, found: FROM at Line: 1, Column 8"),
        ("SELECT 1", "Unsupported projection expression: 1"),
        ("SELECT id + 1 FROM member", "Unsupported projection expression: id + 1"),
        ("SELECT 'a' AS b, id FROM member", "Unsupported projection expression: 'a' AS b"),
        ("SELECT *, id FROM member", "Mixed wildcard projections are not supported"),
        ("SELECT id, member.* FROM member", "Mixed wildcard projections are not supported"),
        ("SELECT COUNT(*) FROM member", "Aggregate expressions must have column aliases"),
        ("SELECT COUNT(id) AS n FROM member", "Unsupported aggregate function: COUNT(id) AS n"),
        ("SELECT SUM(id) AS n FROM member", "Unsupported aggregate function: SUM(id) AS n"),
        ("SELECT id, COUNT(*) AS n FROM member", "Unsupported projection expression: COUNT(*)"),
        ("SELECT id, who AS id FROM member", "Duplicate name `id`"),
        ("SELECT name FROM member", "`name` is not in scope"),
        ("SELECT m.id FROM member", "`m` is not in scope"),
        ("SELECT * FROM secret", "no such table: `secret`. If the table exists, it may be marked private."),
        ("SELECT * FROM member LIMIT -1", "Unsupported LIMIT expression: -1"),
        ("SELECT * FROM member LIMIT 1 + 1", "Unsupported LIMIT expression: 1 + 1"),
        ("SELECT * FROM member LIMIT 1.5", "The literal expression `1.5` cannot be parsed as type `U64`"),
        ("SELECT * FROM member LIMIT 1 OFFSET 1", "Unsupported: OFFSET 1"),
        ("SELECT * FROM member ORDER BY id", "Unsupported: ORDER BY id"),
        (
            "SELECT m.id FROM member m JOIN person p ON m.id = p.id",
            "Unsupported: JOIN; select from one table at a time",
        ),
    ],
)
def test_selects_that_are_refused(sql: str, text: str, module: ModuleDef) -> None:
    with pytest.raises(QueryError) as caught:
        plan_select(sql, module, ME, False)
    assert caught.value.text == text


def test_the_owner_sees_private_tables(module: ModuleDef) -> None:
    assert run("SELECT id FROM secret", module, is_owner=True) == (["id"], [(9,)])


def test_filters_help_a_scan_to_look_rows_up(module: ModuleDef) -> None:
    assert plan_select("SELECT id FROM member WHERE who = :sender AND id > 1", module, ME, False).filters == ((1, ME),)
