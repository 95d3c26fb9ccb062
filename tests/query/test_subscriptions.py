"""Which subscriptions are served, what their plans say, and with what words the others are refused."""

import math
from dataclasses import replace
from typing import Any

import pytest

from stdbctl.query import Plan, QueryError, plan_subscription
from stdbctl.sats import ConnectionId, Identity, Timestamp, Uuid
from stdbctl.schema import ModuleDef

ME, OTHER = Identity.from_int(0xC200), Identity.from_int(1)
LINK, AT = ConnectionId.from_int(77), Timestamp(1_700_000_000_123_456)
TAG = Uuid.parse("0190163d-8694-739b-aea5-966c26f8ad91")
ROW = (1, -5, "it's", 1.5, 0.5, True, ME, LINK, AT, TAG, b"\xca\xfe", None, (), (3,))


def plan_of(condition: str, module: ModuleDef, caller: Identity = ME) -> Plan:
    (plan,) = plan_subscription(f"SELECT * FROM person WHERE {condition}", module, caller, False)
    return plan


def refusal(sql: str, module: ModuleDef, *, is_owner: bool = False) -> str:
    with pytest.raises(QueryError) as caught:
        plan_subscription(sql, module, ME, is_owner)
    assert caught.value.text.endswith(f", executing: `{sql}`")
    return caught.value.text.removesuffix(f", executing: `{sql}`")


@pytest.mark.parametrize(
    "condition",
    [
        "id = 1",
        "1 = id",
        "2 > id",
        "id=+1",
        "id = '1'",
        "id = 10e-1",
        "id = 1.0",
        "big = -5",
        "big < 170141183460469231731687303715884105727",
        "full_name = 'it''s'",
        "fullName = 'it''s'",
        "\"full_name\" > ''",
        "score = 1.5",
        "score = 15e-1",
        "score < 1e999",
        "small = .5",
        "ok",
        "ok = true",
        "TRUE = ok",
        "ok >= FALSE",
        "TRUE",
        "(id = 1) = TRUE",
        "(id = 1) = ok",
        "who = :sender",
        ":sender = who",
        f"who = 0x{ME}",
        f"who = X'{ME}'",
        f"who = '{ME}'",
        f"link = 0x{LINK}",
        "at = '2023-11-14T22:13:20.123456Z'",
        "at = '2023-11-14 22:13:20.123456789+00:00'",
        "at = '2023-11-14t23:13:20.123456+01:00'",
        "at > '1969-12-31T23:59:59.999999Z'",
        "tag = '0190163d-8694-739b-aea5-966c26f8ad91'",
        "tag = 0x0190163d8694739baea5966c26f8ad91",
        "data = 0xCAFE",
        "data = X'cafe'",
        "data > X''",
        "person.id = 1",
        '"person"."id" = 1',
        "id = 1 -- the first\n",
        "id /* the /* first */ one */ = 1",
        "((((id = 1))))",
        "id = 2 OR id = 1 AND ok",
        "id != 2 AND (id <> 3 OR id = 2)",
    ],
)
def test_conditions_that_the_row_meets(condition: str, module: ModuleDef) -> None:
    assert plan_of(condition, module).matches(ROW) is True
    assert plan_of(condition + ";", module).matches(ROW) is True


@pytest.mark.parametrize(
    "condition",
    [
        "id <> 1",
        "id = 2",
        "id > 1",
        "1 > id",
        "id = 1 AND ok = FALSE",
        "(id = 2 OR id = 1) AND ok = FALSE",
        "id = 2 OR id = 3 OR id = 4 OR id = 5",
        "FALSE",
        "who <> :sender",
        "full_name = 'It''s'",
        "data = X''",
    ],
)
def test_conditions_that_the_row_does_not_meet(condition: str, module: ModuleDef) -> None:
    assert plan_of(condition, module).matches(ROW) is False


@pytest.mark.parametrize(
    ("condition", "text"),
    [
        ("x = 1", "`x` is not in scope"),
        ("p.id = 1", "`p` is not in scope"),
        ("Person.id = 1", "`Person` is not in scope"),
        ("ID = 1", "`ID` is not in scope"),
        ("1 = 1", "Cannot resolve type for literal expression"),
        ("id = full_name", "Unexpected type: (expected) String != U32 (inferred)"),
        ("id = TRUE", "Unexpected type: (expected) Bool != U32 (inferred)"),
        ("id = :sender", "Unexpected type: (expected) (__identity__: U256) != U32 (inferred)"),
        ("id", "Unexpected type: (expected) U32 != Bool (inferred)"),
        ("id AND ok", "Unexpected type: (expected) U32 != Bool (inferred)"),
        ("id = -1", "The literal expression `-1` cannot be parsed as type `U32`"),
        ("id = 4294967296", "The literal expression `4294967296` cannot be parsed as type `U32`"),
        ("id = 1.5", "The literal expression `1.5` cannot be parsed as type `U32`"),
        ("id = 1e999999999", "The literal expression `1e999999999` cannot be parsed as type `U32`"),
        ("id = 'one'", "The literal expression `one` cannot be parsed as type `U32`"),
        ("id = 0x10", "The literal expression `0x10` cannot be parsed as type `U32`"),
        ("score = 'high'", "The literal expression `high` cannot be parsed as type `F64`"),
        ("ok = 1", "The literal expression `1` cannot be parsed as type `Bool`"),
        ("data = 'xyz'", "The literal expression `xyz` cannot be parsed as type `Array<U8>`"),
        ("who = 0x12", "The literal expression `12` cannot be parsed as type `(__identity__: U256)`"),
        ("at = 'today'", "The literal expression `today` cannot be parsed as type "
         "`(__timestamp_micros_since_unix_epoch__: I64)`"),
        ("at = '2023-11-14T22:13:20'", "The literal expression `2023-11-14T22:13:20` cannot be parsed as type "
         "`(__timestamp_micros_since_unix_epoch__: I64)`"),
        ("maybe = maybe", "Invalid binary operator `=` for type `(some: U8 | none: ())`"),
        ("marks < marks", "Invalid binary operator `<` for type `Array<String>`"),
        ("spot = 1", "The literal expression `1` cannot be parsed as type `(x: U8)`"),
        ("NOT id = 1", "Unsupported expression: NOT id = 1"),
        ("id IN (1, 2)", "Unsupported expression: id IN (1, 2)"),
        ("id BETWEEN 1 AND 2", "Unsupported expression: id BETWEEN 1 AND 2"),
        ("full_name LIKE 'a%'", "Unsupported expression: full_name LIKE 'a%'"),
        ("maybe IS NULL", "Unsupported expression: maybe IS NULL"),
        ("abs(id) = 1", "Unsupported expression: abs(id) = 1"),
        ("id = (SELECT 1)", "Unsupported expression: (SELECT 1)"),
        ("(id, ok) = (1, TRUE)", "Unsupported expression: (id, ok) = (1, TRUE)"),
        ("id = NULL", "Unsupported literal expression: NULL"),
        ("id = :me", "Unsupported literal expression: :me; the only parameter is `:sender`"),
        ("full_name = E'a'", "Unsupported literal expression: E'a'"),
        ("full_name = $$a$$", "Unsupported literal expression: $$"),
        ("id + 1 = 2", "Unsupported binary operator: +"),
        ("full_name || 'a' = 'b'", "Unsupported binary operator: ||"),
        ("id = 1 LIMIT 5", "Unsupported: LIMIT 5"),
        ("id = 1 ORDER BY id", "Unsupported: ORDER BY id"),
        ("id = 1 GROUP BY id", "Unsupported: GROUP BY id"),
        ("id = 1 UNION SELECT * FROM person", "Unsupported set operation: UNION SELECT * FROM person"),
        ("id = 1; DELETE FROM person", "Multiple SQL statements are not supported"),
        ("", "sql parser error: Expected an expression, found: EOF at Line: 1, Column 28"),
        ("id =", "sql parser error: Expected an expression, found: EOF at Line: 1, Column 32"),
        ("(id = 1", "sql parser error: Expected `)`, found: EOF at Line: 1, Column 35"),
        ("id = 1)", "sql parser error: Expected end of statement, found: ) at Line: 1, Column 34"),
        ("id = 1 id", "sql parser error: Expected end of statement, found: id at Line: 1, Column 35"),
        ("full_name = 'a", "sql parser error: Unterminated string literal at Line: 1, Column 40"),
        ("id = 1 /*", "sql parser error: Unexpected EOF while in a multi-line comment"),
        ("id = \x01", "sql parser error: Unexpected character `\x01` at Line: 1, Column 33"),
    ],
)  # fmt: skip
def test_conditions_that_are_refused(condition: str, text: str, module: ModuleDef) -> None:
    assert refusal(f"SELECT * FROM person WHERE {condition}", module) == text


@pytest.mark.parametrize(
    ("sql", "text"),
    [
        ("", "SubscriptionError: Empty string"),
        (" \n", "SubscriptionError: Empty string"),
        (";", "Empty SQL query"),
        ("-- nothing", "Empty SQL query"),
        ("DELETE FROM person", "Unsupported: Non-SELECT queries"),
        ("insert into person (id) values (1)", "Unsupported: Non-SELECT queries"),
        ("SELECT id FROM person", "Column projections are not supported in subscriptions; "
         "Subscriptions must return a table type"),
        ("SELECT COUNT(*) AS n FROM person", "Column projections are not supported in subscriptions; "
         "Subscriptions must return a table type"),
        ("SELECT DISTINCT * FROM person", "Unsupported SELECT: SELECT DISTINCT * FROM person"),
        ("SELECT * FROM nobody", "no such table: `nobody`. If the table exists, it may be marked private."),
        ("SELECT * FROM PERSON", "no such table: `PERSON`. If the table exists, it may be marked private."),
        ("SELECT * FROM secret", "no such table: `secret`. If the table exists, it may be marked private."),
        ("SELECT * FROM lib.person", "no such table: `lib.person`. If the table exists, it may be marked private."),
        ("SELECT nobody.* FROM person", "`nobody` is not in scope"),
        ("SELECT person.* FROM person AS p", "`person` is not in scope"),
        ("SELECT * FROM *;", "sql parser error: Expected a table name, found: * at Line: 1, Column 15"),
        ("SELECT *", "A FROM clause is required"),
        ("SELECT * FROM", "sql parser error: Expected a table name, found: EOF at Line: 1, Column 14"),
        ("SELECT * FROM person, member", "Implicit joins are not supported"),
        ("SELECT * FROM (SELECT * FROM person)", "Unsupported FROM expression: (SELECT * FROM person)"),
        ("SELECT * FROM f(1)", "Unsupported FROM expression: f(1)"),
        ("SELECT p.* FROM person p LEFT JOIN member m ON p.id = m.id", "Non-inner joins are not supported"),
        ("SELECT p.* FROM person p JOIN member m ON p.id > m.id",
         "Unsupported JOIN condition: p.id > m.id; join two columns with `=`, the rest in WHERE"),
        ("hello", "sql parser error: Expected an SQL statement, found: hello at Line: 1, Column 1"),
    ],
)  # fmt: skip
def test_statements_that_are_refused(sql: str, text: str, module: ModuleDef) -> None:
    assert refusal(sql, module) == text


def test_a_table_goes_by_its_canonical_name_and_by_its_accessor(module: ModuleDef) -> None:
    for sql in (
        "SELECT * FROM person",
        'select * from "Person"',
        "SELECT p.* FROM Person AS p",
        "SELECT * FROM person p",
    ):
        (plan,) = plan_subscription(sql, module, ME, False)
        assert (plan.table, plan.is_whole_table, plan.filters, plan.is_event) == ("person", True, (), False)


def test_private_tables_exist_for_the_owner_alone(module: ModuleDef) -> None:
    (plan,) = plan_subscription("SELECT * FROM secret", module, ME, True)
    assert plan.table == "secret"
    refusal("SELECT * FROM secret", module)


def test_event_tables_can_be_subscribed_to(module: ModuleDef) -> None:
    (plan,) = plan_subscription("SELECT * FROM shout WHERE id = 1", module, ME, False)
    assert plan.is_event


def test_all_tables_are_those_the_caller_may_read_without_events(module: ModuleDef) -> None:
    sql = " select *\nFROM  * "
    assert [plan.table for plan in plan_subscription(sql, module, ME, False)] == ["person", "member"]
    assert [plan.table for plan in plan_subscription(sql, module, ME, True)] == ["person", "member", "secret"]


def test_equal_keys_mean_equal_conditions(module: ModuleDef) -> None:
    one = plan_of("id = 1 AND (ok OR full_name <> 'a''b')", module)
    same = plan_of("((1 = person.id)) and (ok or fullName!='a''b')", module)
    assert one.key == same.key
    assert hash(one.key) == hash(same.key)
    others = [
        "id = 2 AND (ok OR full_name <> 'a''b')",
        "id = 1 AND (ok OR full_name <> 'ab')",
        "id = 1",
        "id = 1 OR ok",
    ]
    assert len({plan_of(condition, module).key for condition in others} | {one.key}) == len(others) + 1


def test_the_caller_is_part_of_the_key_only_where_the_query_asks_for_it(module: ModuleDef) -> None:
    assert plan_of("id = 1", module, ME).key == plan_of("id = 1", module, OTHER).key
    assert plan_of("who = :sender", module, ME).key != plan_of("who = :sender", module, OTHER).key
    assert plan_of("who = :sender", module, ME).key == plan_of(f"who = 0x{ME}", module, OTHER).key
    assert not plan_of("who = :sender", module, OTHER).matches(ROW)


def test_the_same_text_is_planned_once(module: ModuleDef) -> None:
    assert plan_of("id = 123", module) is plan_of("id = 123", module)
    assert plan_of("who = :sender", module, ME) is not plan_of("who = :sender", module, OTHER)


def test_a_plan_of_one_definition_is_not_served_for_another(module: ModuleDef) -> None:
    plan_subscription("SELECT * FROM member", module, ME, False)
    with pytest.raises(QueryError):
        plan_subscription("SELECT * FROM member", ModuleDef(), ME, False)


@pytest.mark.parametrize(
    ("condition", "filters"),
    [
        ("id = 1", ((0, 1),)),
        ("1 = id AND ok AND who = :sender AND big > 2", ((0, 1), (5, True), (6, ME))),
        ("id = 1 OR ok", ()),
        ("(id = 1 OR id = 2) AND full_name = 'x'", ((2, "x"),)),
        ("id > 1", ()),
        ("id = id", ()),
        ("score = 1.5", ()),
        ("TRUE AND id = 1", ((0, 1),)),
    ],
)
def test_filters_are_the_equalities_that_must_hold(condition: str, filters: Any, module: ModuleDef) -> None:
    assert plan_of(condition, module).filters == filters


def test_conditions_without_effect_fold_away(module: ModuleDef) -> None:
    assert plan_of("TRUE", module).is_whole_table
    assert plan_of("ok OR TRUE = TRUE", module).is_whole_table
    assert plan_of("TRUE", module).key == plan_subscription("SELECT * FROM person", module, ME, False)[0].key
    assert not plan_of("ok AND FALSE", module).matches(ROW)


@pytest.mark.parametrize("other", [1.0, math.inf, -math.inf, 0.0, -0.0, math.nan])
@pytest.mark.parametrize("value", [1.0, math.inf, -math.inf, 0.0, -0.0, math.nan])
def test_floats_are_in_total_order(value: float, other: float, module: ModuleDef) -> None:
    """NaN equals itself and is greater than everything else, both zeros are one."""
    rank, other_rank = ((math.isnan(v), 0.0 if math.isnan(v) else v) for v in (value, other))
    for operator, expected in {
        "=": rank == other_rank,
        "<>": rank != other_rank,
        "<": rank < other_rank,
        "<=": rank <= other_rank,
        ">": rank > other_rank,
        ">=": rank >= other_rank,
    }.items():
        row = (*ROW[:3], value, other, *ROW[5:])
        assert plan_of(f"score {operator} score", module).matches(row) is (operator in ("=", "<=", ">="))
        assert float_columns(operator, module).matches((0, value, other)) is expected
        if not math.isnan(other):
            literal = "1e999" if other == math.inf else "-1e999" if other == -math.inf else repr(other)
            assert plan_of(f"score {operator} {literal}", module).matches(row) is expected


def float_columns(operator: str, module: ModuleDef) -> Plan:
    table = module.tables[0]
    score = table.columns[3]
    pair = replace(table, columns=(table.columns[0], score, replace(score, name="other", accessor="other")))
    (plan,) = plan_subscription(
        f"SELECT * FROM person WHERE score {operator} other", replace(module, tables=(pair,)), ME, False
    )
    return plan
