"""Publishing over HTTP: create, update, refuse, clear, delete; what connected clients notice of it."""

import struct
from collections.abc import Iterator
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed

from stdbctl.protocol import ReducerOk, ReducerResult, SubscribeApplied, TransactionUpdate
from tests.support.server import RunningServer, call_reducer, program_of, serving, subscribe

TABLE = """
@table(public=True)
class Item:
    id: PrimaryKey[AutoInc[u32]] = 0
    name: str
"""
ADD = """
@reducer
def add(ctx: ReducerContext, name: str) -> None:
    ctx.db[Item].insert(Item(name=name))
"""
IMPORTS = "from stdbctl.module import AutoInc, PrimaryKey, ReducerContext, ReducerError, init, reducer, table, u32\n"
FIRST = IMPORTS + TABLE + ADD
SECOND = (
    FIRST
    + """
@reducer
def add_twice(ctx: ReducerContext, name: str) -> None:
    for _ in range(2):
        ctx.db[Item].insert(Item(name=name))
"""
)
OTHER_TYPE = FIRST.replace("    name: str\n", "    name: u32\n").replace("name=name", "name=1")
BAD_INIT = (
    FIRST
    + """
@init
def setup(ctx: ReducerContext) -> None:
    raise ReducerError("no good start")
"""
)


def files(source: str) -> dict[str, str]:
    return {"module/__init__.py": source}


def text(value: str) -> bytes:
    return struct.pack("<I", len(value)) + value.encode()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with serving(tmp_path_factory.mktemp("publishing")) as server:
        yield server


@pytest.fixture
def server(shared: RunningServer) -> Iterator[RunningServer]:
    """A server that has the database `items` with one row."""
    answer = shared.publish("items", files(FIRST))
    assert answer.status_code == 200, answer.text
    assert answer.json()["Success"]["op"] == "created"
    assert shared.call("items", "add", "one").status_code == 200
    yield shared
    shared.request("DELETE", "/database/items", headers=shared.headers)


def test_update_keeps_rows_clients_and_subscriptions(server: RunningServer) -> None:
    with server.connect("items") as client:
        client.receive()
        client.send(subscribe(1, 1, "SELECT * FROM item"))
        assert isinstance(client.receive(), SubscribeApplied)
        answer = server.publish("items", files(SECOND))
        assert answer.json()["Success"]["op"] == "updated"
        assert server.call("items", "add_twice", "two").status_code == 200
        assert isinstance(client.receive(), TransactionUpdate)
        client.send(call_reducer(2, "add", text("three")))
        result = client.receive()
        assert isinstance(result, ReducerResult)
        assert isinstance(result.outcome, ReducerOk)
    names = [name for (name,) in server.sql("items", "SELECT name FROM item")]
    assert sorted(names) == ["one", "three", "two", "two"]


def test_same_program_again_is_a_success(server: RunningServer) -> None:
    assert server.publish("items", files(FIRST)).json()["Success"]["op"] == "updated"


def test_update_writes_spacetimedbs_lines_into_the_log(server: RunningServer) -> None:
    server.publish("items", files(SECOND))
    messages = server.log_messages("items")
    assert messages[:2] == ["Creating table `item`", "Database initialized"]
    assert messages[-2:] == [f"Updated program to {program_of(files(SECOND)).hash}", "Database updated"]


@pytest.mark.parametrize(
    ("source", "reasons"),
    [
        ("def broken(:\n", ["module/__init__.py:1:"]),
        (FIRST.replace("name: str\n", "name: nonsense\n").replace("u32]] = 0", "wrong]] = 0"), ["wrong", "nonsense"]),
        (OTHER_TYPE, ["name"]),
    ],
)
def test_bad_program_is_refused_with_all_reasons_and_the_old_one_serves(
    server: RunningServer, source: str, reasons: list[str]
) -> None:
    refused = server.publish("items", files(source))
    assert refused.status_code == 400
    assert refused.text.startswith("Database update rejected: ")
    for reason in reasons:
        assert reason in refused.text
    assert server.call("items", "add", "two").status_code == 200


def test_failed_creation_leaves_no_name_behind(server: RunningServer) -> None:
    refused = server.publish("fresh", files(BAD_INIT))
    assert refused.status_code == 500
    assert "no good start" in refused.text
    assert server.request("GET", "/database/fresh").status_code == 404
    assert server.publish("fresh", files(FIRST)).status_code == 200
    server.request("DELETE", "/database/fresh", headers=server.headers)


def test_zip_that_is_none_is_refused(server: RunningServer) -> None:
    answer = server.request(
        "PUT", "/database/items", params={"host_type": "Python"}, content=b"no zip", headers=server.headers
    )
    assert answer.status_code == 400
    assert answer.text.startswith("Database update rejected: ")


@pytest.mark.parametrize("host_type", [None, "Wasm", "Js", "python"])
def test_other_kinds_of_programs_are_refused_by_name(server: RunningServer, host_type: str | None) -> None:
    params = {} if host_type is None else {"host_type": host_type}
    answer = server.request("PUT", "/database/items", params=params, content=b"x", headers=server.headers)
    assert answer.status_code == 400
    assert f"host_type `{host_type or 'Wasm'}` is not served here" in answer.text


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ({"policy": "Never"}, "policy"),
        ({"policy": "BreakClients"}, "no migration token was provided"),
        ({"policy": "BreakClients", "token": "0x12"}, "Token provided is invalid or does not match expected hash"),
        ({"policy": "BreakClients", "token": "xyz"}, "token"),
        ({"num_replicas": "256"}, "Replication factor 256 out of bounds"),
        ({"update_confirmation_timeout": "soon"}, "update_confirmation_timeout"),
        ({"clear": "perhaps"}, "clear"),
    ],
)
def test_bad_query_of_a_publish_says_why(server: RunningServer, query: dict[str, str], reason: str) -> None:
    answer = server.publish("items", files(SECOND), **query)
    assert answer.status_code == 400
    assert reason in answer.text


def test_clear_starts_anew_under_the_same_identity(server: RunningServer) -> None:
    identity = server.request("GET", "/database/items/identity").text
    answer = server.publish("items", files(OTHER_TYPE), clear="true")
    assert answer.status_code == 200, answer.text
    assert server.sql("items", "SELECT * FROM item") == []
    assert server.request("GET", "/database/items/identity").text == identity


def test_clear_with_a_program_that_fails_costs_nothing(server: RunningServer) -> None:
    assert server.publish("items", files(BAD_INIT), clear="true").status_code == 500
    assert server.sql("items", "SELECT name FROM item") == [["one"]]


def test_reset_without_a_body_keeps_the_program(server: RunningServer) -> None:
    answer = server.request("PUT", "/database/items/reset", headers=server.headers)
    assert answer.status_code == 200, answer.text
    assert server.sql("items", "SELECT * FROM item") == []
    assert server.call("items", "add", "again").status_code == 200


def test_database_without_a_name_is_found_by_identity(server: RunningServer) -> None:
    answer = server.request(
        "POST",
        "/database",
        params={"host_type": "Python"},
        content=program_of(files(FIRST)).data,
        headers=server.headers,
    )
    success = answer.json()["Success"]
    assert success["domain"] is None
    identity = success["database_identity"]
    assert server.request("GET", f"/database/{identity}/names").json() == {"names": []}
    assert server.call(identity, "add", "x").status_code == 200
    assert server.request("DELETE", f"/database/{identity}", headers=server.headers).status_code == 200


def test_pre_publish_shows_the_plan_and_the_token_that_allows_it(server: RunningServer) -> None:
    def ask(source: str) -> dict[str, object]:
        answer = server.request(
            "POST",
            "/database/items/pre_publish",
            params={"host_type": "Python"},
            content=program_of(files(source)).data,
            headers=server.headers,
        )
        assert answer.status_code == 200, answer.text
        found: dict[str, object] = answer.json()
        return found

    plan = ask(SECOND)["AutoMigrate"]
    assert isinstance(plan, dict)
    assert plan["break_clients"] is False
    assert plan["token"].startswith("0x")
    assert "Database Migration Plan" in plan["migrate_plan"]
    manual = ask(OTHER_TYPE)["ManualMigrate"]
    assert isinstance(manual, dict)
    assert "name" in manual["reason"]
    answer = server.publish("items", files(SECOND), policy="BreakClients", token=plan["token"])
    assert answer.status_code == 200, answer.text


WIDER = (
    FIRST.replace("    name: str\n", "    name: str\n    level: u32 = 5\n")
    + """
@client_disconnected
def gone(ctx: ReducerContext) -> None:
    ctx.db[Item].insert(Item(name="gone", level=1))
"""
).replace("init, reducer", "client_disconnected, init, reducer")
"""Another column, and a reducer that sees clients off."""


def consent(server: RunningServer, source: str, **query: str) -> dict[str, str]:
    """The query of a publish by somebody who has seen the plan."""
    answer = server.request(
        "POST",
        "/database/items/pre_publish",
        params={"host_type": "Python", **query},
        content=program_of(files(source)).data,
        headers=server.headers,
    )
    plan = answer.json()["AutoMigrate"]
    assert plan["break_clients"] is True
    return {"policy": "BreakClients", "token": plan["token"], **query}


def test_added_column_needs_consent_to_this_very_plan_and_closes_clients(server: RunningServer) -> None:
    with server.connect("items") as client:
        client.receive()
        refused = server.publish("items", files(WIDER))
        assert refused.status_code == 400
        assert "clients" in refused.text
        stale = consent(server, WIDER.replace("= 5", "= 6"))
        assert "does not match expected hash" in server.publish("items", files(WIDER), **stale).text
        assert server.sql("items", "SELECT * FROM item") == [[1, "one"]]
        done = server.publish("items", files(WIDER), **consent(server, WIDER))
        assert done.status_code == 200, done.text
        with pytest.raises(ConnectionClosed) as closed:
            client.receive()
        assert closed.value.rcvd is not None
        assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (1001, "module exited")
    assert server.sql("items", "SELECT * FROM item") == [[1, "one", 5], [2, "gone", 1]]
    assert server.log_messages("items")[-4:-2] == ["Changing columns of table `item`", "Disconnecting all users"]


def test_rename_keeps_rows_and_needs_consent_to_the_plan_with_it(server: RunningServer) -> None:
    source = FIRST.replace("    name: str\n", "    label: str\n").replace("name=name", "label=name")
    with server.connect("items") as client:
        client.receive()
        assert "`--rename item.name:label`" in server.publish("items", files(source)).text
        token = consent(server, source, rename="item.name:label")
        without = {"policy": "BreakClients", "token": token["token"]}
        assert "does not match expected hash" in server.publish("items", files(source), **without).text
        assert "did you mean `name`?" in server.publish("items", files(source), rename="item.nam:label").text
        assert "table.old_column:new_column" in server.publish("items", files(source), rename="name").text
        assert server.sql("items", "SELECT name FROM item") == [["one"]]
        assert server.publish("items", files(source), **token).status_code == 200
        with pytest.raises(ConnectionClosed):
            client.receive()
    assert server.call("items", "add", "two").status_code == 200
    assert server.sql("items", "SELECT id, label FROM item") == [[1, "one"], [2, "two"]]


def test_table_with_rows_is_refused_beforehand_with_the_way_out(server: RunningServer) -> None:
    source = FIRST.replace("class Item", "class Thing").replace("Item", "Thing")
    answer = server.request(
        "POST",
        "/database/items/pre_publish",
        params={"host_type": "Python"},
        content=program_of(files(source)).data,
        headers=server.headers,
    )
    reason = answer.json()["ManualMigrate"]["reason"]
    assert "1 row in it would be lost" in reason
    assert "delete its rows in a reducer" in reason


def test_added_columns_and_their_history_survive_kill_9(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        assert server.publish("items", files(FIRST)).status_code == 200
        for name in ("one", "two"):
            assert server.call("items", "add", name).status_code == 200
        assert server.publish("items", files(WIDER), **consent(server, WIDER)).status_code == 200
        server.kill()
    with serving(tmp_path) as again:
        assert again.sql("items", "SELECT * FROM item") == [[1, "one", 5], [2, "two", 5]]
        assert again.call("items", "add", "three").status_code == 200
        assert again.sql("items", "SELECT name FROM item WHERE level = 5") == [["one"], ["two"], ["three"]]


def test_deletion_sends_clients_away_and_frees_the_name(server: RunningServer) -> None:
    with server.connect("items") as client:
        client.receive()
        assert server.request("DELETE", "/database/items", headers=server.headers).status_code == 200
        with pytest.raises(ConnectionClosed) as closed:
            client.receive()
        assert closed.value.rcvd is not None
        assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (1001, "module exited")
    assert server.request("GET", "/database/items").status_code == 404


def test_databases_survive_a_restart_with_names_and_programs(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        for name in ("one", "two"):
            assert server.publish(name, files(FIRST)).status_code == 200
            assert server.call(name, "add", name).status_code == 200
        assert server.request("DELETE", "/database/one", headers=server.headers).status_code == 200
    with serving(tmp_path) as again:
        assert again.request("GET", "/database/one").status_code == 404
        assert again.sql("two", "SELECT name FROM item") == [["two"]]
        assert again.call("two", "add", "more").status_code == 200
