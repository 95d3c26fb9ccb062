"""A clash of unique values shows them as the author writes them."""

from pathlib import Path

import pytest

from stdbctl.records import OutcomeKind

from .running import Running, program_of

MODULE = """
import enum

from stdbctl.module import Identity, PrimaryKey, ReducerContext, Unique, reducer, table, table_of, u8


class Kind(enum.Enum):
    RED = enum.auto()
    DEEP_BLUE = enum.auto()


@table(unique=[("kind", "label")])
class Item:
    id: PrimaryKey[u8]
    kind: Kind
    label: str


@table()
class Flag:
    kind: PrimaryKey[Kind]
    owner: Unique[Identity]


Old = table_of(Item, name="old")


@reducer
def put(ctx: ReducerContext, id: u8, kind: Kind, label: str) -> None:
    ctx.db[Item].insert(Item(id=id, kind=kind, label=label))


@reducer
def put_old(ctx: ReducerContext, id: u8, kind: Kind, label: str) -> None:
    ctx.db[Old].insert(Item(id=id, kind=kind, label=label))


@reducer
def change(ctx: ReducerContext, id: u8, kind: Kind, label: str) -> None:
    ctx.db[Item].update(Item(id=id, kind=kind, label=label))


@reducer
def hoist(ctx: ReducerContext, kind: Kind, owner: Identity) -> None:
    ctx.db[Flag].insert(Flag(kind=kind, owner=owner))
"""
RED: dict[str, list[object]] = {"red": []}
BLUE: dict[str, list[object]] = {"deepBlue": []}
BOB, EVE = "0b" * 32, "0e" * 32


@pytest.fixture
def items(tmp_path: Path) -> Running:
    return Running(program_of(tmp_path, MODULE))


def refusal(running: Running, name: str, *args: object) -> str:
    outcome = running.call(name, *args)
    assert outcome.kind is OutcomeKind.REFUSED, outcome
    return outcome.text


def test_an_enum_member_is_shown_as_it_is_written(items: Running) -> None:
    items.call("hoist", BLUE, [f"0x{BOB}"])
    assert refusal(items, "hoist", BLUE, [f"0x{EVE}"]).endswith("""column(s): '["kind"]' value: Kind.DEEP_BLUE""")


def test_an_identity_is_shown_by_its_digits(items: Running) -> None:
    items.call("hoist", BLUE, [f"0x{BOB}"])
    assert refusal(items, "hoist", RED, [f"0x{BOB}"]).endswith(f"""column(s): '["owner"]' value: {BOB}""")


def test_several_columns_are_shown_by_name(items: Running) -> None:
    items.call("put", 1, RED, "a")
    items.call("put", 2, BLUE, "a")
    text = """column(s): '["kind", "label"]' value: (kind = Kind.RED, label = "a")"""
    assert refusal(items, "put", 3, RED, "a").endswith(text)
    assert refusal(items, "change", 2, RED, "a").endswith(text)


def test_two_tables_of_one_row_type_clash_each_for_itself(items: Running) -> None:
    items.call("put", 1, RED, "a")
    items.call("put_old", 1, RED, "a")
    assert items.rows("item") == items.rows("old")
    assert "in table 'old'" in refusal(items, "put_old", 1, BLUE, "b")
