"""What was written under an earlier module is told in the columns and names of its time."""

from pathlib import Path
from typing import Any

import pytest

from tests.server.test_history import history
from tests.support.server import RunningServer, program_of, serving

FIRST = """
from stdbctl.module import PrimaryKey, ReducerContext, f32, reducer, table, u32


@table(public=True)
class Spot:
    id: PrimaryKey[u32]
    height: u32


@table
class Note:
    id: PrimaryKey[u32]
    text: str


@reducer
def mark(ctx: ReducerContext, id: u32, height: u32) -> None:
    ctx.db[Spot].insert(Spot(id=id, height=height))
    ctx.db[Note].insert(Note(id=id, text="a note"))
"""
SECOND = """
from dataclasses import dataclass

from stdbctl.module import PrimaryKey, ReducerContext, f32, migration, reducer, table, u32


@table(public=True, was="spot")
class Place:
    number: PrimaryKey[u32]
    height: f32


@dataclass
class PlaceV1:
    number: u32
    height: u32


@migration(Place)
def place_from_v1(ctx: ReducerContext, old: PlaceV1) -> Place | None:
    return Place(number=old.number, height=old.height / 2)


@reducer
def mark(ctx: ReducerContext, id: f32, height: f32) -> None:
    ctx.db[Place].insert(Place(number=u32(int(id)), height=height))
"""


def deploy(server: RunningServer, source: str, **parameters: str) -> None:
    """Publish with consent to whatever it takes."""
    program = program_of({"module/__init__.py": source})
    plan: Any = {}
    if server.request("GET", "/database/places").status_code == 200:
        query = {"host_type": "Python", "style": "NoColor", **parameters}
        address = "/database/places/pre_publish"
        planned = server.request("POST", address, params=query, content=program.data, headers=server.headers)
        assert planned.status_code == 200, planned.text
        plan = {"token": planned.json()["AutoMigrate"]["token"], "policy": "BreakClients"}
    answer = server.publish("places", {"module/__init__.py": source}, **parameters, **plan)
    assert answer.status_code == 200, answer.text


def changes(told: dict[str, Any]) -> dict[str, tuple[Any, Any, bool]]:
    """Deleted and inserted rows by table, and whether their types are the present ones."""
    return {each["table"]: (each["deleted"], each["inserted"], each["has_present_types"]) for each in told["changes"]}


def assert_told_as_it_was(server: RunningServer) -> None:
    """The call before the migration, the migration, and the call after it."""
    old, new = (each for each in history(server, "places") if each["function"] == "mark")
    assert (old["args"], old["has_present_types"]) == ({"id": 7, "height": 4096}, False)
    assert changes(old) == {
        "spot": ([], [{"id": 7, "height": 4096}], False),
        "note": ([], [{"id": 7, "text": "a note"}], False),
    }
    migration = next(each for each in history(server, "places")[::-1] if each["kind"] == "migration")
    assert changes(migration) == {
        "place": ([{"id": 7, "height": 4096}], [{"number": 7, "height": 2048.0}], False),
        "note": ([{"id": 7, "text": "a note"}], [], False),
    }
    assert (new["args"], new["has_present_types"]) == ({"id": 8.0, "height": 0.5}, True)
    assert changes(new) == {"place": ([], [{"number": 8, "height": 0.5}], True)}
    of_the_table = history(server, "places", table="place")
    assert [each["offset"] for each in of_the_table] == [old["offset"], migration["offset"], new["offset"]]


@pytest.mark.parametrize("in_memory", [False, True])
def test_a_retyped_and_renamed_table_is_told_as_it_was(tmp_path: Path, in_memory: bool) -> None:
    with serving(tmp_path, in_memory=in_memory) as server:
        deploy(server, FIRST)
        assert server.call("places", "mark", 7, 4096).status_code == 200
        deploy(server, SECOND, rename="spot.id:number", drop_table="note")
        assert server.call("places", "mark", 8.0, 0.5).status_code == 200
        assert_told_as_it_was(server)
    if not in_memory:
        with serving(tmp_path) as server:
            assert_told_as_it_was(server)


def test_two_tables_that_exchanged_their_names_are_told_apart(tmp_path: Path) -> None:
    exchanged = FIRST.replace("height: u32\n\n", "text: str\n\n", 1).replace(
        "    text: str\n\n\n@reducer", "    height: u32\n\n\n@reducer"
    )
    exchanged = exchanged.replace("Spot(id=id, height=height)", 'Spot(id=id, text="a note")')
    exchanged = exchanged.replace('Note(id=id, text="a note")', "Note(id=id, height=height)")
    with serving(tmp_path) as server:
        deploy(server, FIRST)
        assert server.call("places", "mark", 1, 10).status_code == 200
        program = program_of({"module/__init__.py": exchanged})
        query = [("host_type", "Python"), ("style", "NoColor"), ("rename", "spot:note"), ("rename", "note:spot")]
        address = "/database/places/pre_publish"
        planned = server.request("POST", address, params=query, content=program.data, headers=server.headers)
        token = planned.json()["AutoMigrate"]["token"]
        query = [*query, ("token", token), ("policy", "BreakClients")]
        done = server.request("PUT", "/database/places", params=query, content=program.data, headers=server.headers)
        assert done.status_code == 200, done.text
        assert server.call("places", "mark", 2, 20).status_code == 200
        before, after = (each for each in history(server, "places") if each["function"] == "mark")
        rows = {each["table"]: each["inserted"] for each in before["changes"]}
        assert rows == {"spot": [{"id": 1, "height": 10}], "note": [{"id": 1, "text": "a note"}]}
        rows = {each["table"]: each["inserted"] for each in after["changes"]}
        assert rows == {"note": [{"id": 2, "height": 20}], "spot": [{"id": 2, "text": "a note"}]}


def test_what_was_before_delete_data_is_told_as_it_was(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        deploy(server, FIRST)
        assert server.call("places", "mark", 1, 10).status_code == 200
        answer = server.publish(
            "places", {"module/__init__.py": FIRST.replace("height: u32\n\n", "height: f32\n\n", 1)}, clear="true"
        )
        assert answer.status_code == 200, answer.text
        (old,) = (each for each in history(server, "places") if each["function"] == "mark")
        assert changes(old)["spot"] == ([], [{"id": 1, "height": 10}], False)
        (cleared,) = (each for each in history(server, "places") if each["kind"] == "migration" and each["changes"])
        assert changes(cleared)["spot"] == ([{"id": 1, "height": 10}], [], False)
