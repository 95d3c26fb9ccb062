"""Scheduled rows in a server: on time, in turn with the clients, and stopped like any other call."""

import re
from pathlib import Path

import httpx
import pytest

from stdbctl.protocol import InitialConnection, ReducerOk, ReducerResult
from tests.support.server import V3, RunningServer, call_reducer, serving, wait_until

EXAMPLE = re.findall(
    r"^```python\n(.*?)^```$",
    (Path(__file__).parent.parent.parent / "docs" / "schedules.md").read_text(encoding="utf-8"),
    re.DOTALL | re.MULTILINE,
)[0]
MODULE = """
import ctypes

from stdbctl.module import AutoInc, PrimaryKey, ReducerContext, ScheduleAt, TimeDuration, reducer, table, u64


@table(public=True)
class Job:
    id: PrimaryKey[AutoInc[u64]] = 0
    scheduled_at: ScheduleAt
    kind: str
    runs: u64 = 0


@table(public=True)
class Done:
    kind: PrimaryKey[str]


@reducer(schedule=Job)
def work(ctx: ReducerContext, job: Job) -> None:
    while job.kind == "endless":
        pass
    if job.kind == "deaf":
        sum(range(10**14))
    if job.kind == "crash":
        ctypes.string_at(0)
    if job.kind == "count":
        job.runs += 1
        ctx.db[Job].update(job)
    else:
        ctx.db[Done].insert(Done(kind=job.kind))


@reducer
def once(ctx: ReducerContext, seconds: float, kind: str) -> None:
    ctx.db[Job].insert(Job(scheduled_at=ScheduleAt.at(ctx.timestamp + TimeDuration.seconds(seconds)), kind=kind))


@reducer
def often(ctx: ReducerContext, seconds: float) -> None:
    ctx.db[Job].insert(Job(scheduled_at=ScheduleAt.every(TimeDuration.seconds(seconds)), kind="count"))


@reducer
def nothing(ctx: ReducerContext) -> None:
    pass
"""
SOURCES = {"module/__init__.py": MODULE}


def test_the_example_of_the_documentation_reminds(tmp_path: Path) -> None:
    with serving(tmp_path, in_memory=True) as server:
        assert server.publish("docs", {"module/__init__.py": EXAMPLE}).status_code == 200
        assert server.call("docs", "remind_me", 0.05, "tea").status_code == 200
        wait_until(lambda: "tea" in server.log_messages("docs"), "the reminder", 60)
        assert [row[2] for row in server.sql("docs", "SELECT * FROM reminder")] == ["another minute"]


def test_rows_that_are_always_due_and_clients_take_turns(tmp_path: Path) -> None:
    with serving(tmp_path, in_memory=True) as server:
        assert server.publish("jobs", SOURCES).status_code == 200
        for _ in range(20):
            assert server.call("jobs", "often", 0.0).status_code == 200

        def runs() -> list[int]:
            return [row[3] for row in server.sql("jobs", "SELECT * FROM job")]

        with server.connect("jobs", protocol=V3) as client:
            assert isinstance(client.receive(), InitialConnection)
            before = runs()
            client.send(*[call_reducer(number, "nothing") for number in range(2_000)])
            for number in range(2_000):
                answer = client.receive(60)
                assert isinstance(answer, ReducerResult)
                assert (answer.request_id, type(answer.outcome)) == (number, ReducerOk)
        wait_until(lambda: all(new > old for new, old in zip(runs(), before, strict=True)), "a run of every row", 60)


def test_a_scheduled_call_that_does_not_end_is_stopped_and_the_others_go_on(tmp_path: Path) -> None:
    with serving(tmp_path, in_memory=True, call_limit_s=0.5) as server:
        assert server.publish("jobs", SOURCES).status_code == 200
        assert server.call("jobs", "once", 0.0, "endless").status_code == 200
        assert server.call("jobs", "once", 0.0, "after").status_code == 200
        wait_until(lambda: server.sql("jobs", "SELECT * FROM done") == [["after"]], "the row behind it", 60)
        assert server.sql("jobs", "SELECT * FROM job") == []
        assert any("ran longer than allowed" in message for message in server.log_messages("jobs"))


@pytest.mark.parametrize(
    ("kind", "how"),
    [
        ("deaf", "did not end within 0.5 s and could not be stopped"),
        ("crash", "crashed the server (SIGSEGV)"),
    ],
)
def test_a_row_whose_run_takes_the_server_down_does_not_run_again(tmp_path: Path, kind: str, how: str) -> None:
    with serving(tmp_path, call_limit_s=0.5, deaf_grace_s=0.5) as server:
        assert server.publish("jobs", SOURCES).status_code == 200
        assert server.call("jobs", "once", 3600.0, "later").status_code == 200
        assert server.call("jobs", "once", 0.3, kind).status_code == 200
        message = f"`work` {how}: the server was restarted from disk"
        wait_until(lambda: message in messages(server), "the restarted server", 60)
        assert [row[2] for row in server.sql("jobs", "SELECT * FROM job")] == ["later"]
        assert server.call("jobs", "once", 0.0, "next").status_code == 200
        wait_until(lambda: server.sql("jobs", "SELECT * FROM done") == [["next"]], "the next row", 60)


def messages(server: RunningServer) -> list[str]:
    """The log of a server that may be away for a moment."""
    try:
        return server.log_messages("jobs")
    except httpx.TransportError:
        return []


@pytest.mark.parametrize("seconds", [0.0, 0.05])
def test_rows_run_while_nobody_is_connected_and_one_by_one_in_order(tmp_path: Path, seconds: float) -> None:
    with serving(tmp_path, in_memory=True) as server:
        assert server.publish("jobs", SOURCES).status_code == 200
        for kind in "cab":
            assert server.call("jobs", "once", seconds, kind).status_code == 200
        wait_until(lambda: len(server.sql("jobs", "SELECT * FROM done")) == 3, "all three", 60)
        assert server.sql("jobs", "SELECT * FROM job") == []


def test_a_stranger_cannot_call_what_a_schedule_calls(tmp_path: Path) -> None:
    with serving(tmp_path, in_memory=True) as server:
        assert server.publish("jobs", SOURCES).status_code == 200
        answer = server.call("jobs", "work", [1, {"Time": [0]}, "x", 0])
        assert answer.status_code == 404
