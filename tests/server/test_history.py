"""What the server tells its operator of the past, and how much of it is kept."""

import json
from pathlib import Path
from typing import Any

import pytest

from stdbctl.records import ChangedRows, EntryKind
from stdbctl.sats import Identity, Primitive, ProductElement, ProductType, Ref, Timestamp, Typespace
from stdbctl.schema import ColumnDef, ModuleDef, TableDef
from stdbctl.server.history_lines import HistoryWriter
from stdbctl.server.past import Reading
from stdbctl.store import HistoryEntry, HistoryPage
from tests.support.server import RunningServer, call_reducer, program_of, serving, wait_until

COUNTER = """
from stdbctl.module import AutoInc, PrimaryKey, ReducerContext, reducer, table, u32, u64


@table(public=True)
class Tick:
    id: PrimaryKey[AutoInc[u64]] = 0
    text: str


@reducer
def tick(ctx: ReducerContext, text: str) -> None:
    ctx.db[Tick].insert(Tick(text=text))


@reducer
def many(ctx: ReducerContext, count: u32) -> None:
    for _ in range(count):
        ctx.db[Tick].insert(Tick(text="one of many"))


@reducer
def nothing(ctx: ReducerContext) -> None:
    pass
"""


def publish(server: RunningServer, name: str, source: str, **parameters: str) -> None:
    answer = server.publish(name, {"module/__init__.py": source}, **parameters)
    assert answer.status_code == 200, answer.text


def history(server: RunningServer, name: str, **parameters: str | int) -> list[dict[str, Any]]:
    """The transactions that the route tells of, oldest first."""
    answer = server.request("GET", f"/database/{name}/history", params=parameters, headers=server.headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("application/x-ndjson")
    return [json.loads(line) for line in answer.text.splitlines()][::-1]


@pytest.fixture
def ticks(server: RunningServer, request: pytest.FixtureRequest) -> str:
    """A database of the test's own with the module above; its name."""
    name: str = "ticks-" + str(request.node.name).removeprefix("test_").replace("_", "-")[:40].rstrip("-")
    publish(server, name, COUNTER)
    return name


def test_a_call_is_told_with_arguments_and_rows_by_name(server: RunningServer, ticks: str) -> None:
    answer = server.call(ticks, "tick", "first")
    (told,) = history(server, ticks, function="tick")
    assert told.pop("timestamp") > 1_700_000_000_000_000
    assert told.pop("offset") > 1
    assert told.pop("seed") >= 0
    assert len(told.pop("connection_id")) == 32
    assert len(told.pop("program")) == 64
    assert told == {
        "has_present_types": True,
        "kind": "reducer",
        "caller": answer.headers["spacetime-identity"],
        "function": "tick",
        "args": {"text": "first"},
        "is_running_program": True,
        "changes": [
            {
                "table": "tick",
                "table_id": told["changes"][0]["table_id"],
                "is_event": False,
                "has_present_types": True,
                "deleted_count": 0,
                "inserted_count": 1,
                "deleted": [],
                "inserted": [{"id": 1, "text": "first"}],
            }
        ],
    }


def test_a_publish_is_the_first_transaction(server: RunningServer, ticks: str) -> None:
    first = history(server, ticks)[0]
    assert (first["offset"], first["kind"], first["function"], first["args"]) == (1, "migration", None, None)


def test_history_is_the_operators_alone(server: RunningServer, ticks: str) -> None:
    answer = server.request("GET", f"/database/{ticks}/history")
    assert answer.status_code == 403
    assert answer.text.endswith("view history")
    unknown = server.request("GET", "/database/nowhere/history", headers=server.headers)
    assert unknown.status_code == 404


def test_no_page_of_another_origin_may_read_history(server: RunningServer, ticks: str) -> None:
    headers = {**server.headers, "origin": "http://elsewhere.test"}
    answer = server.request("GET", f"/database/{ticks}/history", headers=headers)
    assert answer.status_code == 403


def test_filters_leave_the_rest_out(server: RunningServer, ticks: str) -> None:
    server.call(ticks, "tick", "one")
    caller = server.call(ticks, "tick", "two").headers["spacetime-identity"]
    server.call(ticks, "nothing")
    everything = history(server, ticks)
    two = history(server, ticks, caller=caller, function="tick")
    assert [told["args"] for told in two] == [{"text": "two"}]
    assert history(server, ticks, caller=caller[:40], table="tick") == two
    assert [told["args"] for told in history(server, ticks, table="tick")] == [{"text": "one"}, {"text": "two"}]
    assert [told["args"] for told in history(server, ticks, table="tick", limit=1)] == [{"text": "two"}]
    assert history(server, ticks, offset=two[0]["offset"]) == two
    assert history(server, ticks, since=two[0]["timestamp"])[0] == two[0]
    assert history(server, ticks, before=two[0]["offset"]) == everything[: everything.index(two[0])]
    assert history(server, ticks, limit=0) == []
    assert history(server, ticks, offset=10**6) == []


@pytest.mark.parametrize(
    ("parameter", "value", "text"),
    [
        ("limit", "-1", "a number"),
        ("caller", "anna", "hex digits"),
        ("table", "tock", "no such table: `tock`"),
        ("since", "yesterday", "a number"),
    ],
)
def test_what_cannot_be_meant_is_refused(server: RunningServer, parameter: str, value: str, text: str) -> None:
    answer = server.request("GET", "/database/board/history", params={parameter: value}, headers=server.headers)
    assert answer.status_code == 400
    assert text in answer.text


def test_rows_can_be_limited_and_are_counted(server: RunningServer, ticks: str) -> None:
    server.call(ticks, "many", 50)
    (told,) = history(server, ticks, table="tick", rows=2)
    (change,) = told["changes"]
    assert (change["inserted_count"], [row["id"] for row in change["inserted"]]) == (50, [1, 2])
    (whole,) = history(server, ticks, table="tick")
    assert len(whole["changes"][0]["inserted"]) == 50


def test_long_histories_come_whole_and_in_order(server: RunningServer, ticks: str) -> None:
    with server.connect(ticks) as client:
        client.receive()
        for number in range(700):
            client.send(call_reducer(number, "nothing"))
        for _ in range(700):
            client.receive()
        told = history(server, ticks)
        assert [each["offset"] for each in told] == list(range(1, told[-1]["offset"] + 1))
        assert sum(each["function"] == "nothing" for each in told) == 700
        assert len(history(server, ticks, limit=450, function="nothing")) == 450


def test_arguments_are_read_by_the_module_of_their_time(server: RunningServer, ticks: str) -> None:
    server.call(ticks, "tick", "old")
    longer = COUNTER.replace("ctx: ReducerContext, text: str", "ctx: ReducerContext, text: str, times: u32")
    publish(server, ticks, longer, policy="BreakClients", token=_plan(server, ticks, longer))
    told = next(each for each in history(server, ticks) if each["function"] == "tick")
    assert told["is_running_program"] is False
    assert (told["args"], told["has_present_types"]) == ({"text": "old"}, False)
    assert told["changes"][0]["inserted"] == [{"id": 1, "text": "old"}]
    assert told["changes"][0]["has_present_types"] is True


def test_rows_that_the_module_cannot_read_are_written_as_bytes() -> None:
    row_type = ProductType((ProductElement("id", Primitive.U32),))
    column = ColumnDef(name="id", accessor="id", type=Primitive.U32)
    table = TableDef(name="thing", accessor="Thing", row_type=Ref(0), columns=(column,))
    module = ModuleDef(typespace=Typespace((row_type,)), tables=(table,))
    writer = HistoryWriter(Reading(module, {4097: "thing"}), "cd", {4097: "thing", 4099: "thing"})
    changes = (
        ChangedRows(4097, False, (b"\x07\0\0\0",), (b"\x07\0\0\0\x01",)),
        ChangedRows(4098, True, (), (b"\x01", b"")),
        ChangedRows(4099, False, (b"\x08\0\0\0",), ()),
    )
    caller = Identity.from_int(1)
    entry = HistoryEntry(5, EntryKind.REDUCER, Timestamp(9), caller, None, "gone", b"\x02", 0, "cd", changes)
    told = json.loads(writer.lines(HistoryPage((entry,))))
    assert (told["args"], told["connection_id"], told["is_running_program"]) == ("02", None, True)
    of_thing, of_dropped, of_its_namesake = told["changes"]
    assert (of_thing["deleted"], of_thing["inserted"]) == ([{"id": 7}], ["0700000001"])
    assert (of_dropped["table"], of_dropped["table_id"], of_dropped["inserted"]) == (None, 4098, ["01", ""])
    assert (of_its_namesake["table"], of_its_namesake["deleted"]) == ("thing", ["08000000"])
    of_another_program = json.loads(writer.lines(HistoryPage((entry._replace(program_hash="ab"),))))
    assert of_another_program["changes"][0]["deleted"] == ["07000000"]


def test_what_a_removed_function_did_is_still_told(server: RunningServer, ticks: str) -> None:
    server.call(ticks, "nothing")
    publish(server, ticks, COUNTER.replace("def nothing", "def quiet"))
    (told,) = history(server, ticks, function="nothing")
    assert (told["args"], told["has_present_types"], told["changes"]) == ({}, False, [])


def _plan(server: RunningServer, name: str, source: str) -> str:
    """The consent to a plan that disconnects clients."""
    data = program_of({"module/__init__.py": source}).data
    answer = server.request(
        "POST",
        f"/database/{name}/pre_publish",
        params={"host_type": "Python", "style": "NoColor"},
        content=data,
        headers=server.headers,
    )
    return str(answer.json()["AutoMigrate"]["token"])


@pytest.mark.parametrize("in_memory", [False, True])
def test_old_history_goes_in_the_background(tmp_path: Path, in_memory: bool) -> None:
    options = {"history_transactions": 10, "compact_every_s": 0.05, "in_memory": in_memory}
    with serving(tmp_path, **options) as server:
        publish(server, "board", COUNTER)
        for number in range(30):
            assert server.call("board", "tick", str(number)).status_code == 200
        last = history(server, "board", limit=1)[0]["offset"]
        # On disk a group goes whole: a call by HTTP is one, with the connection that comes and goes around it.
        wait_until(lambda: last - 12 < history(server, "board")[0]["offset"] <= last - 9, "the compaction", 60)
        told = [each["offset"] for each in history(server, "board")]
        assert told == list(range(told[0], last + 1))
        assert server.sql("board", "SELECT COUNT(*) AS n FROM tick") == [[30]]


def test_nothing_is_lost_by_a_kill_while_history_goes(tmp_path: Path) -> None:
    options = {"history_transactions": 1, "compact_every_s": 0.001}
    acknowledged = 0
    for _ in range(3):
        with serving(tmp_path, **options) as server:
            if not acknowledged:
                publish(server, "board", COUNTER)
            assert server.sql("board", "SELECT COUNT(*) AS n FROM tick") == [[acknowledged]]
            for number in range(25):
                assert server.call("board", "tick", str(number)).status_code == 200
                acknowledged += 1
            told = history(server, "board")
            assert [each["offset"] for each in told] == list(range(told[0]["offset"], told[-1]["offset"] + 1))
            assert told[-1]["offset"] > acknowledged
            server.kill()


def test_history_names_lifecycle_hooks_and_who_came(server: RunningServer) -> None:
    with server.connect("board") as client:
        client.receive()
        came = history(server, "board", function="joined", limit=1)[0]
    assert (came["kind"], came["args"]) == ("lifecycle", {})
    (online,) = came["changes"][0]["inserted"]
    assert online == {"connection": {"__connection_id__": int(came["connection_id"], 16)}}
    assert Identity.from_hex(came["caller"]).to_hex() == came["caller"]
