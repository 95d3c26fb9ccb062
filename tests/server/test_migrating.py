"""Migration functions on a real server: others are served meanwhile, and failures change nothing."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed

from stdbctl.protocol import ReducerResult
from tests.support.server import RunningServer, call_reducer, program_of, serving, subscribe

IMPORTS = """
from dataclasses import dataclass
from stdbctl.module import PrimaryKey, ReducerContext, init, migration, reducer, table, u32
"""
OLD = (
    IMPORTS
    + """
@table(public=True)
class Item:
    id: PrimaryKey[u32]
    name: str

@init
def fill(ctx: ReducerContext) -> None:
    for number in range(2_000):
        ctx.db[Item].insert(Item(id=number, name=str(number)))

@reducer
def add(ctx: ReducerContext, number: u32) -> None:
    ctx.db[Item].insert(Item(id=number, name="new"))
"""
)
NEW = (
    IMPORTS
    + """
@table(public=True)
class Item:
    id: PrimaryKey[u32]
    size: u32

@dataclass
class ItemV1:
    id: u32
    name: str

@migration(Item)
def item_from_v1(ctx: ReducerContext, old: ItemV1) -> Item | None:
    BODY
    return Item(id=old.id, size=len(old.name))

@reducer
def add(ctx: ReducerContext, number: u32) -> None:
    ctx.db[Item].insert(Item(id=number, size=0))
"""
)
SLOW = "sum(range(20_000))"
"""Some 0.3 ms a row: long enough that there is something between the first row and the last."""
ENDLESS = "sum(range(1_000_000))"
"""Some 20 ms a row: nobody waits for the end."""


def files(source: str) -> dict[str, str]:
    return {"module/__init__.py": source}


def new(body: str) -> str:
    return NEW.replace("BODY", body)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RunningServer]:
    with serving(tmp_path) as running:
        assert running.publish("items", files(OLD)).status_code == 200
        yield running


def pre_publish(server: RunningServer, source: str) -> dict[str, Any]:
    answer = server.request(
        "POST",
        "/database/items/pre_publish",
        params={"host_type": "Python"},
        content=program_of(files(source)).data,
        headers=server.headers,
    )
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


@contextmanager
def publishing(server: RunningServer, source: str) -> Iterator[Iterator[dict[str, Any]]]:
    """The lines of a publish with consent."""
    token = pre_publish(server, source)["AutoMigrate"]["token"]
    query = {"host_type": "Python", "policy": "BreakClients", "token": token}
    headers = server.headers | {"Accept": "application/x-ndjson"}
    with httpx.stream(
        "PUT",
        f"{server.url}/v1/database/items",
        params=query,
        content=program_of(files(source)).data,
        headers=headers,
        timeout=60,
        trust_env=False,
    ) as answer:
        assert answer.status_code == 200, answer.read()
        yield map(json.loads, answer.iter_lines())


def count(server: RunningServer) -> int:
    return len(server.sql("items", "SELECT * FROM item"))


def test_answer_in_lines_tells_how_far_it_is_and_ends_with_success(server: RunningServer) -> None:
    with server.connect("items") as client, publishing(server, new(SLOW)) as lines:
        client.receive()
        found = list(lines)
        with pytest.raises(ConnectionClosed):
            client.receive()
    told = [line["progress"] for line in found[:-1]]
    assert {(line["table"], line["function"], line["total"]) for line in told} == {("item", "item_from_v1", 2_000)}
    assert [line["done"] for line in told] == sorted(line["done"] for line in told)
    assert (told[-1]["done"], told[-1]["dropped"]) == (2_000, 0)
    assert found[-1]["Success"]["op"] == "updated"
    assert server.sql("items", "SELECT * FROM item WHERE id = 1999") == [[1999, 4]]


def test_others_are_served_meanwhile_and_calls_of_the_same_database_wait(server: RunningServer) -> None:
    assert server.publish("other", files(OLD)).status_code == 200
    with server.connect("items") as client, publishing(server, new(SLOW)) as lines:
        client.receive()
        first = next(lines)
        client.send(call_reducer(1, "add", (5_000).to_bytes(4, "little")))
        assert server.call("other", "add", 5_000).status_code == 200
        assert first["progress"]["done"] < 2_000
        assert [line for line in lines if "Success" in line]
    assert server.call("items", "add", 6_000).status_code == 200
    assert server.sql("items", "SELECT id FROM item WHERE size = 0") in ([[6_000]], [[5_000], [6_000]])


def test_whoever_goes_away_gives_up_and_the_old_module_serves(server: RunningServer) -> None:
    with publishing(server, new(ENDLESS)) as lines:
        assert next(lines)["progress"]["done"] < 2_000
    assert server.call("items", "add", 5_000).status_code == 200
    assert server.sql("items", "SELECT name FROM item WHERE id = 5000") == [["new"]]
    assert count(server) == 2_001


def test_failure_at_a_row_is_the_last_line_and_changes_nothing(server: RunningServer) -> None:
    with publishing(server, new("assert old.id < 1_500, 'too many'")) as lines:
        refused = list(lines)[-1]["Refused"]
    assert refused["status"] == 400
    assert "failed at the row of `item` with id = 1500" in refused["reason"]
    assert 'File "module/__init__.py", line 17, in item_from_v1' in refused["reason"]
    assert server.sql("items", "SELECT name FROM item WHERE id = 1500") == [["1500"]]


def test_calls_that_came_meanwhile_are_answered_though_it_failed(server: RunningServer) -> None:
    with server.connect("items") as client:
        client.receive()
        with publishing(server, new(f"{SLOW}; assert old.id < 1_999")) as lines:
            next(lines)
            client.send(call_reducer(1, "add", (5_000).to_bytes(4, "little")))
            assert "Refused" in list(lines)[-1]
        assert isinstance(client.receive(), ReducerResult)
    assert count(server) == 2_001


def test_pre_publish_shows_rows_before_and_after_and_finds_what_fails_at_once(server: RunningServer) -> None:
    (sample,) = pre_publish(server, new("if old.id == 1: return None"))["AutoMigrate"]["samples"]
    assert (sample["table"], sample["function"], sample["row_count"]) == ("item", "item_from_v1", 2_000)
    assert sample["rows"] == [
        {"before": '(id = 0, name = "0")', "after": "(id = 0, size = 1)"},
        {"before": '(id = 1, name = "1")', "after": None},
        {"before": '(id = 2, name = "2")', "after": "(id = 2, size = 1)"},
    ]
    assert "with id = 0" in pre_publish(server, new("1 / 0"))["ManualMigrate"]["reason"]
    assert count(server) == 2_000


def test_kill_9_in_the_middle_leaves_the_old_rows(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        assert server.publish("items", files(OLD)).status_code == 200
        with publishing(server, new(ENDLESS)) as lines:
            assert next(lines)["progress"]["done"] < 2_000
            server.kill()
    with serving(tmp_path) as again:
        assert again.sql("items", "SELECT name FROM item WHERE id = 7") == [["7"]]
        assert count(again) == 2_000
        with publishing(again, new("pass")) as lines:
            assert "Success" in list(lines)[-1]
        assert again.sql("items", "SELECT size FROM item WHERE id = 7") == [[1]]


def test_clients_stay_when_the_function_need_not_run(server: RunningServer) -> None:
    with publishing(server, new("pass")) as lines:
        list(lines)
    with server.connect("items") as client:
        client.receive()
        client.send(subscribe(1, 1, "SELECT * FROM item"))
        client.receive()
        assert server.publish("items", files(new("raise AssertionError"))).status_code == 200
        client.send(call_reducer(2, "add", (9_000).to_bytes(4, "little")))
        assert client.receive() is not None


def test_row_that_does_not_end_is_stopped_and_named(tmp_path: Path) -> None:
    with serving(tmp_path, call_limit_s=0.5) as server:
        assert server.publish("items", files(OLD)).status_code == 200
        with publishing(server, new("while old.id == 7: pass")) as lines:
            reason = list(lines)[-1]["Refused"]["reason"]
        assert "with id = 7" in reason
        assert "took longer than allowed" in reason
        assert count(server) == 2_000


def test_end_of_the_server_does_not_wait_for_the_last_row(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        assert server.publish("items", files(OLD)).status_code == 200
        with publishing(server, new(ENDLESS)) as lines:
            assert next(lines)["progress"]["done"] < 2_000
            server.process.terminate()
            assert server.process.wait(60) == 0
    with serving(tmp_path) as again:
        assert again.sql("items", "SELECT name FROM item WHERE id = 7") == [["7"]]
