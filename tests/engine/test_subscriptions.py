"""Initial rows, exact deltas, and updates that are made once for all who get the same."""

from typing import Any

import pytest

from stdbctl.engine import Committed, DuplicateQuerySet, PlanDelta, UnknownClient, UnknownQuerySet
from stdbctl.query import QueryError

from .scripted import ALICE, BOB, OWNER, P, TableSpec, World, script

ITEM = TableSpec("item", {"id": P.U32, "group": P.U8, "x": P.I32}, "id", indexes=(("group",),))
OTHER = TableSpec("other", {"id": P.U32}, "id")
SECRET = TableSpec("secret", {"id": P.U32}, "id", is_public=False)
SHOT = TableSpec("shot", {"x": P.U32}, is_event=True)
WHOLE = "SELECT * FROM item"


@pytest.fixture
def world() -> World:
    world = World(script(ITEM, OTHER, SECRET, SHOT))
    for client, identity in (("a", ALICE), ("b", BOB), ("c", ALICE), ("owner", OWNER)):
        world.connect(client, identity)
    return world


def _insert(world: World, *rows: tuple[int, int, int], client: str | None = None) -> Committed:
    return world.run(lambda t: [t.insert("item", *row) for row in rows], client)


def _ids(rows: tuple[bytes, ...]) -> list[int]:
    return [int.from_bytes(row[:4], "little") for row in rows]


def _updates(committed: Committed) -> dict[Any, dict[int, list[tuple[str, list[int], list[int]]]]]:
    """Client -> query set id -> (table, inserted ids, deleted ids)."""
    found = {}
    for sets, clients in committed.groups:
        for client in clients:
            assert client not in found
            found[client] = {set_id: [_show(delta) for delta in deltas] for set_id, deltas in sets}
    return found


def _show(delta: PlanDelta) -> tuple[str, list[int], list[int]]:
    return delta.table, _ids(delta.inserted), _ids(delta.deleted)


def test_initial_rows_are_those_of_the_moment_in_table_order(world: World) -> None:
    _insert(world, (300, 1, 0), (2, 2, 0))
    applied = world.db.subscribe("a", 1, [WHOLE, "SELECT * FROM item WHERE item.group = 2"])
    assert [(table, _ids(rows)) for table, rows in applied.tables] == [("item", [2, 300]), ("item", [2])]
    assert applied.offset == world.db.last_offset


def test_empty_tables_are_left_out_and_empty_results_are_not(world: World) -> None:
    _insert(world, (1, 1, 0))
    applied = world.db.subscribe("a", 1, ["SELECT * FROM other", "SELECT * FROM item WHERE x > 5"])
    assert applied.tables == (("item", ()),)


def test_the_same_query_twice_in_a_set_counts_once(world: World) -> None:
    _insert(world, (1, 1, 0))
    assert len(world.db.subscribe("a", 1, [WHOLE, 'SELECT * FROM "item"']).tables) == 1
    assert _updates(_insert(world, (2, 1, 0)))["a"] == {1: [("item", [2], [])]}


def test_two_sets_with_the_same_query_both_hear(world: World) -> None:
    world.db.subscribe("a", 7, [WHOLE])
    world.db.subscribe("a", 3, [WHOLE])
    assert _updates(_insert(world, (1, 1, 0)))["a"] == {3: [("item", [1], [])], 7: [("item", [1], [])]}


def test_a_changed_row_is_one_delete_and_one_insert(world: World) -> None:
    _insert(world, (1, 1, 0))
    world.db.subscribe("a", 1, [WHOLE])
    world.db.subscribe("b", 1, ["SELECT * FROM item WHERE x >= 5"])
    into = world.run(lambda t: t.update("item", 1, 1, 5))
    assert _updates(into) == {"a": {1: [("item", [1], [1])]}, "b": {1: [("item", [1], [])]}}
    out = world.run(lambda t: t.update("item", 1, 1, 4))
    assert _updates(out) == {"a": {1: [("item", [1], [1])]}, "b": {1: [("item", [], [1])]}}
    within = world.run(lambda t: t.update("item", 1, 1, 3))
    assert list(_updates(within)) == ["a"]


def test_only_the_affected_hear(world: World) -> None:
    world.db.subscribe("a", 1, ["SELECT * FROM other"])
    world.db.subscribe("b", 1, ["SELECT * FROM item WHERE item.group = 1"])
    world.db.subscribe("c", 1, ["SELECT * FROM item WHERE item.group = 2"])
    assert list(_updates(_insert(world, (1, 1, 0)))) == ["b"]
    assert _insert(world, (2, 3, 0)).groups == ()


def test_the_caller_hears_in_the_reply_and_in_no_group(world: World) -> None:
    for client in ("a", "b", "c"):
        world.db.subscribe(client, 1, [WHOLE])
    committed = _insert(world, (1, 1, 0), client="b")
    assert [(set_id, [_show(d) for d in deltas]) for set_id, deltas in committed.own] == [(1, [("item", [1], [])])]
    assert [group.clients for group in committed.groups] == [("a", "c")]
    assert [group.clients for group in _insert(world, (2, 1, 0), client="owner").groups] == [("a", "b", "c")]


def test_clients_with_equal_updates_share_one_group(world: World) -> None:
    world.db.subscribe("a", 1, [WHOLE])
    world.db.subscribe("b", 1, [WHOLE])
    world.db.subscribe("c", 2, [WHOLE])
    world.db.subscribe("owner", 1, [WHOLE, "SELECT * FROM item WHERE x = 0"])
    committed = _insert(world, (1, 1, 0))
    assert [group.clients for group in committed.groups] == [("a", "b"), ("c",), ("owner",)]
    shared = committed.groups[0].sets[0][1][0]
    assert committed.groups[1].sets[0][1][0] is shared
    assert committed.groups[2].sets[0][1][0] is shared


def test_groups_follow_subscriptions_that_come_and_go(world: World) -> None:
    def clients() -> list[tuple[object, ...]]:
        offset = world.db.last_offset
        return [group.clients for group in _insert(world, (offset, 1, 0)).groups]

    world.db.subscribe("a", 1, [WHOLE])
    assert clients() == [("a",)]
    world.db.subscribe("b", 1, [WHOLE])
    assert clients() == [("a", "b")]
    world.db.unsubscribe("a", 1)
    assert clients() == [("b",)]
    world.db.disconnect("b")
    assert clients() == []


def test_unsubscribe_gives_the_rows_to_forget(world: World) -> None:
    world.db.subscribe("a", 1, [WHOLE, "SELECT * FROM other"])
    _insert(world, (1, 1, 0))
    dropped = world.db.unsubscribe("a", 1)
    assert [(table, _ids(rows)) for table, rows in dropped.tables] == [("item", [1])]
    with pytest.raises(UnknownQuerySet):
        world.db.unsubscribe("a", 1)
    world.db.subscribe("a", 1, [WHOLE])


def test_a_set_id_in_use_is_refused(world: World) -> None:
    world.db.subscribe("a", 1, [WHOLE])
    with pytest.raises(DuplicateQuerySet, match="Subscription with id 1 already exists for client: a"):
        world.db.subscribe("a", 1, [WHOLE])
    world.db.subscribe("b", 1, [WHOLE])


def test_one_refused_query_refuses_the_set(world: World) -> None:
    with pytest.raises(QueryError, match="no such table: `secret`"):
        world.db.subscribe("a", 1, [WHOLE, "SELECT * FROM secret"])
    assert _insert(world, (1, 1, 0)).groups == ()
    world.db.subscribe("a", 1, [WHOLE])


def test_private_tables_reach_their_owner_only(world: World) -> None:
    world.db.subscribe("owner", 1, ["SELECT * FROM secret"])
    committed = world.run(lambda t: t.insert("secret", 5))
    assert _updates(committed) == {"owner": {1: [("secret", [5], [])]}}


def test_all_tables_means_those_that_the_caller_may_read(world: World) -> None:
    world.run(lambda t: [t.insert("item", 1, 1, 1), t.insert("other", 1), t.insert("secret", 1)])
    assert [table for table, _ in world.db.subscribe("a", 1, ["SELECT * FROM *"]).tables] == ["item", "other"]
    assert len(world.db.subscribe("owner", 1, ["SELECT * FROM *"]).tables) == 3


def test_an_unknown_client_is_refused(world: World) -> None:
    with pytest.raises(UnknownClient):
        world.db.subscribe("ghost", 1, [WHOLE])
    world.db.disconnect("a")
    with pytest.raises(UnknownClient):
        world.db.unsubscribe("a", 1)


def test_events_are_sent_once_and_never_kept(world: World) -> None:
    assert world.db.subscribe("a", 1, ["SELECT * FROM shot", "SELECT * FROM shot WHERE x = 2"]).tables == ()
    committed = world.run(lambda t: [t.insert("shot", n) for n in (1, 2)])
    deltas = committed.groups[0].sets[0][1]
    assert all(delta.is_event for delta in deltas)
    assert [_show(delta) for delta in deltas] == [("shot", [1, 2], []), ("shot", [2], [])]
    assert world.db.subscribe("b", 1, ["SELECT * FROM shot"]).tables == ()
    assert world.db.unsubscribe("a", 1).tables == ()


def test_deltas_of_several_tables_come_in_one_update(world: World) -> None:
    world.db.subscribe("a", 1, ["SELECT * FROM other", WHOLE])
    committed = world.run(lambda t: [t.insert("other", 1), t.insert("item", 1, 1, 1)])
    assert _updates(committed) == {"a": {1: [("item", [1], []), ("other", [1], [])]}}


def test_many_filtered_queries_are_found_by_the_rows_value(world: World) -> None:
    """Each of 1,000 queries for another id: a commit evaluates the one that its row can match."""
    for n in range(1000):
        world.db.subscribe("a", n, [f"SELECT * FROM item WHERE id = {n} AND x > 0"])
    assert _updates(_insert(world, (7, 1, 1))) == {"a": {7: [("item", [7], [])]}}
    assert _insert(world, (8, 1, 0)).groups == ()


def test_queries_see_memory_and_say_which_transaction(world: World) -> None:
    _insert(world, (2, 1, 5), (1, 1, 6))
    result = world.db.query("SELECT x FROM item WHERE item.group = 1", ALICE, False)
    assert (result.table, [name for name, _ in result.columns], result.rows) == ("item", ["x"], ((6,), (5,)))
    assert result.data == (b"\x06\0\0\0", b"\x05\0\0\0")
    assert result.offset == world.db.last_offset
    assert world.db.query("SELECT COUNT(*) AS n FROM item", ALICE, False).rows == ((2,),)
    with pytest.raises(QueryError):
        world.db.query("SELECT * FROM secret", ALICE, False)
