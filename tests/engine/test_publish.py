"""Publishing over a running module: all of it, or nothing with the reason."""

from functools import partial
from typing import Any

import pytest

from stdbctl.engine import InitFailed
from stdbctl.errors import Problem, Problems, ReducerError
from stdbctl.records import Bound, LogLevel, Row
from stdbctl.sats import UNIT, Ref, sum_type
from stdbctl.schema import AddSequence, Lifecycle, RemoveSequence

from .scripted import ALICE, OWNER, RUN, P, ReducerSpec, Script, Tables, TableSpec, World, script

COLUMNS = {"id": P.U32, "group": P.U8}
ITEM = TableSpec("item", COLUMNS, "id")


def _world(old: TableSpec, *new: TableSpec, rows: int = 3) -> tuple[World, Script]:
    """A database with a few rows, and a newer program."""
    newer = script(*new, version="2")
    world = World(script(old), newer)
    world.run(lambda t: [t.insert(old.name, n, n % 2) for n in range(1, rows + 1)])
    return world, newer


def _problem(world: World, newer: Script, **options: Any) -> Problem:
    with pytest.raises(Problems) as raised:
        world.db.publish(newer, **options)
    assert world.program_hash == "1"
    assert world.rows("item") == [(n, n % 2) for n in (1, 2, 3)]
    (problem,) = raised.value.problems
    return problem


def test_a_new_table_is_there_at_once_and_after_a_restart() -> None:
    world, newer = _world(ITEM, ITEM, TableSpec("more", {"x": P.U8}))
    published = world.db.publish(newer)
    assert (published.is_new, published.is_changed, published.drop) == (False, True, ())
    world.run(lambda t: t.insert("more", 5))
    world.db.flush()
    world.open()
    assert (world.rows("more"), len(world.rows("item"))) == ([(5,)], 3)


def test_ids_of_tables_and_indexes_stay() -> None:
    newer = TableSpec("item", COLUMNS, "id", indexes=(("group",),))
    world, program = _world(ITEM, TableSpec("aaa", {"x": P.U8}), newer)
    before = world.ask(lambda t: t.catalog["item"])
    world.db.publish(program)
    after = world.ask(lambda t: t.catalog)
    assert after["item"].table_id == before.table_id == 4097
    assert after["aaa"].table_id == 4098
    assert before.index_ids.items() <= after["item"].index_ids.items()
    ids = [id_ for table in after.values() for id_ in table.index_ids.values()]
    assert len(set(ids)) == len(ids)


def test_indexes_come_and_go_over_stored_rows() -> None:
    newer = TableSpec("item", COLUMNS, "id", indexes=(("group",),))
    world, program = _world(ITEM, newer)
    world.db.publish(program)
    assert world.ask(lambda t: t.seek("item", "group", 1)) == [(1, 1), (3, 1)]
    assert world.ask(lambda t: t.seek("item", "group", lower=Bound(0, False))) == [(1, 1), (3, 1)]
    world.run(lambda t: t.delete("item", 3, 1))
    world.host.scripts["1"] = script(ITEM)
    world.db.publish(world.host.scripts["1"])
    assert world.rows("item") == [(1, 1), (2, 0)]


def test_a_unique_constraint_that_rows_keep_is_added() -> None:
    newer = TableSpec("item", COLUMNS, "id", unique=(("group",),))
    world, program = _world(ITEM, newer, rows=2)
    world.db.publish(program)
    assert "Unique constraint" in world.refusal(lambda t: t.insert("item", 9, 1))


def test_a_unique_constraint_that_rows_break_is_refused() -> None:
    newer = TableSpec("item", COLUMNS, "id", unique=(("group",),))
    problem = _problem(*_world(ITEM, newer))
    assert (problem.code, problem.what) == ("publish.unique_clash", "`item` has rows that share group = 1")


def test_a_removed_constraint_lets_equal_values_in() -> None:
    older = TableSpec("item", COLUMNS, "id", unique=(("group",),))
    world, program = _world(older, ITEM, rows=2)
    world.db.publish(program)
    world.run(lambda t: t.insert("item", 9, 1))
    assert len(world.rows("item")) == 3


def test_a_sequence_goes_on_through_a_publish() -> None:
    older = TableSpec("item", COLUMNS, "id", ("id",))
    newer = TableSpec("item", COLUMNS, "id", ("id",), indexes=(("group",),))
    world = World(script(older), script(newer, version="2"))
    world.run(lambda t: [t.insert("item", 0, 1) for _ in range(3)])
    world.db.publish(world.host.scripts["2"])
    assert world.ask(lambda t: t.insert("item", 0, 1))[0] == 4
    world.db.flush()
    world.open()
    assert world.ask(lambda t: t.insert("item", 0, 1))[0] == 5


def test_a_sequence_removed_and_added_again_starts_anew() -> None:
    older = TableSpec("item", COLUMNS, "id", ("id",))
    world = World(script(older), script(ITEM, version="2"), script(older, version="3"))
    world.run(lambda t: [t.delete("item", *t.insert("item", 0, 1)) for _ in range(3)])
    for version in "23":
        world.db.publish(world.host.scripts[version])
        world.db.flush()
    world.open()
    assert world.ask(lambda t: t.insert("item", 0, 1))[0] == 1


def test_a_sequence_whose_numbers_are_in_use_is_refused() -> None:
    problem = _problem(*_world(ITEM, TableSpec("item", COLUMNS, "id", ("id",))))
    assert problem.code == "publish.sequence_in_use"


def _numbered(low: int, high: int) -> TableSpec:
    return TableSpec(
        "item", COLUMNS, "id", auto_inc=("id",), sequence={"min_value": low, "max_value": high, "start": low}
    )


def test_a_sequence_of_other_bounds_starts_anew_where_no_row_has_its_numbers() -> None:
    world, newer = _world(_numbered(1, 9), _numbered(10, 12))
    plan = world.db.publish(newer).plan
    assert plan is not None
    assert [type(step) for step in plan.steps] == [RemoveSequence, AddSequence]
    world.run(lambda t: t.insert("item", 0, 5))
    world.db.flush()
    world.open()
    world.run(lambda t: t.insert("item", 0, 5))
    assert [row[0] for row in world.rows("item")] == [1, 2, 3, 10, 11]


def test_a_sequence_of_other_bounds_is_refused_where_rows_have_its_numbers() -> None:
    problem = _problem(*_world(_numbered(1, 9), _numbered(3, 200)))
    assert problem.code == "publish.sequence_in_use"
    assert "would give 3 a second time" in str(problem)


def test_a_table_with_rows_is_not_dropped() -> None:
    problem = _problem(*_world(ITEM, TableSpec("other", COLUMNS)), allow_breaking=True)
    assert problem.code == "publish.table_has_rows"
    assert problem.what == "the module has no table `item` any more, and 3 rows in it would be lost"


def test_an_emptied_table_is_dropped_and_a_later_one_of_its_name_is_new() -> None:
    extra = TableSpec("extra", {"id": P.U32}, "id", ("id",))
    world = World(script(ITEM, extra), script(ITEM, version="2"), script(ITEM, extra, version="3"))
    world.run(lambda t: t.insert("extra", 0))
    world.run(lambda t: t.delete("extra", 1))
    world.db.publish(world.host.scripts["2"], allow_breaking=True)
    world.reopen()
    assert world.ask(lambda t: sorted(t.catalog)) == ["item"]
    world.db.publish(world.host.scripts["3"])
    world.reopen()
    assert world.ask(lambda t: t.insert("extra", 0)) == (1,)


def test_another_primary_key_takes_the_rows_along() -> None:
    older = TableSpec("pair", {"a": P.U32, "b": P.STRING}, "a")
    newer = TableSpec("pair", {"a": P.U32, "b": P.STRING}, "b", indexes=(("a",),))
    world = World(script(older), script(newer, version="2"))
    world.run(lambda t: [t.insert("pair", n, name) for n, name in ((1, "z"), (2, "y"), (3, "x"))])
    world.db.publish(world.host.scripts["2"])
    for _ in range(2):
        assert world.rows("pair") == [(3, "x"), (2, "y"), (1, "z")]
        world.reopen()
    assert "Unique constraint" in world.refusal(lambda t: t.insert("pair", 9, "z"))
    world.run(lambda t: t.update("pair", 7, "x"))
    world.reopen()
    assert world.rows("pair") == [(7, "x"), (2, "y"), (1, "z")]


def test_a_refused_plan_gives_its_reasons() -> None:
    problem = _problem(*_world(ITEM, TableSpec("item", {"id": P.U64, "group": P.U8}, "id")))
    assert "item" in str(problem)


def test_a_breaking_change_needs_consent_and_drops_everybody() -> None:
    older = TableSpec("shot", {"x": P.U8}, is_event=True)
    newer = TableSpec("shot", {"x": P.U8, "y": P.U8}, is_event=True)
    world = World(script(ITEM, older), script(ITEM, newer, version="2"))
    world.connect("a")
    world.db.subscribe("a", 1, ["SELECT * FROM item"])
    program = world.host.scripts["2"]
    with pytest.raises(Problems) as raised:
        world.db.publish(program)
    assert raised.value.problems[0].code == "publish.breaks_clients"
    assert world.db.publish(program, allow_breaking=True).drop == ("a",)
    assert world.run(lambda t: t.insert("item", 1, 1)).groups == ()
    assert world.db.disconnect("a").offset == world.db.last_offset


def test_an_event_table_may_become_another_one_but_for_being_one() -> None:
    plain = TableSpec("shot", {"id": P.U32, "x": P.U8}, is_event=True)
    keyed = TableSpec("shot", {"name": P.STRING, "id": P.U32}, "id", ("id",), indexes=(("name",),), is_event=True)
    world = World(script(plain), script(keyed, version="2"), script(plain, version="3"))
    world.run(lambda t: t.insert("shot", 1, 1))

    def insert(row: Row, tables: Tables) -> Row:
        return tables.insert("shot", *row)

    for version, row, kept in (("2", ("a", 0), ("a", 1)), ("3", (5, 6), (5, 6))):
        world.db.publish(world.host.scripts[version], allow_breaking=True)
        for _ in range(2):
            assert world.ask(partial(insert, row)) == kept
            assert world.rows("shot") == []
            world.reopen()


def test_subscriptions_survive_a_publish_that_leaves_their_tables_alone() -> None:
    newer = TableSpec("item", COLUMNS, "id", indexes=(("group",),))
    world, program = _world(ITEM, newer, TableSpec("more", {"x": P.U8}))
    world.connect("a")
    world.db.subscribe("a", 1, ["SELECT * FROM item", "SELECT * FROM item WHERE item.group = 7"])
    assert world.db.publish(program).drop == ()
    (group,) = world.run(lambda t: t.insert("item", 9, 7)).groups
    assert group.clients == ("a",)
    assert len(group.sets[0][1]) == 2
    assert len(world.db.unsubscribe("a", 1).tables) == 2


def test_subscribers_of_a_table_that_becomes_private_are_dropped() -> None:
    hidden = TableSpec("item", COLUMNS, "id", is_public=False)
    world, program = _world(ITEM, hidden, TableSpec("more", {"x": P.U8}))
    for client, identity in (("a", ALICE), ("b", ALICE), ("owner", OWNER)):
        world.connect(client, identity)
    for client in ("a", "owner"):
        world.db.subscribe(client, 1, ["SELECT * FROM item"])
    world.db.subscribe("b", 1, ["SELECT * FROM item WHERE id = 1"])
    world.db.unsubscribe("b", 1)
    assert world.db.publish(program).drop == ("a",)
    (group,) = world.run(lambda t: t.insert("item", 9, 7)).groups
    assert group.clients == ("owner",)


def test_a_union_may_gain_variants_at_the_end() -> None:
    def program(version: str, *variants: str) -> Script:
        table = TableSpec("t", {"id": P.U8, "v": Ref(1)}, "id")
        return Script((table,), (RUN,), version, {"V": sum_type(**dict.fromkeys(variants, UNIT))})

    world = World(program("1", "a", "b"), program("2", "a", "b", "c"))
    world.run(lambda t: t.insert("t", 1, (1, ())))
    assert "`t.v` expects" in world.refusal(lambda t: t.insert("t", 2, (2, ())))
    for client in ("old", "elsewhere"):
        world.connect(client, ALICE)
    world.db.subscribe("old", 1, ["SELECT * FROM t"])
    assert world.db.publish(world.host.scripts["2"]).drop == ("old",)  # its bindings do not know the new variant
    world.run(lambda t: t.insert("t", 2, (2, ())))
    assert world.rows("t") == [(1, (1, ())), (2, (2, ()))]


def test_the_same_program_again_changes_nothing() -> None:
    world, _ = _world(ITEM)
    offset = world.db.last_offset
    assert not world.db.publish(world.host.scripts["1"]).is_changed
    assert world.db.last_offset == offset


def test_a_failing_init_publishes_nothing() -> None:
    def fail(*_: Any) -> None:
        raise ReducerError("not today")

    init = ReducerSpec("setup", fail, lifecycle=Lifecycle.INIT)
    world = World(script(ITEM, reducers=[init]), publish=False)
    with pytest.raises(InitFailed, match="not today"):
        world.db.publish(world.host.scripts["1"])
    assert world.db.program is None
    assert world.db.last_offset == 0
    world.db.publish(script(ITEM))
    assert world.rows("item") == []


def test_the_log_tells_of_a_publish() -> None:
    world, program = _world(ITEM, ITEM, TableSpec("more", {"x": P.U8}))
    world.db.publish(program)
    told = [record.message for record in world.log if record.level is LogLevel.INFO]
    assert told == [
        "Creating table `item`",
        "Database initialized",
        "Creating table `more`",
        "Updated program to 2",
        "Database updated",
    ]
