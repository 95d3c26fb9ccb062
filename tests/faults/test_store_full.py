"""A disk that is full while a server serves: nothing is acknowledged that is not stored, and room heals everything."""

import struct
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed

from stdbctl.protocol import InternalError, ReducerOk, ReducerResult, SubscribeApplied, TransactionUpdate
from tests.faults.disks import accept, linux, refuse, refused_from_the_start
from tests.server.conftest import BOARD
from tests.support.server import V3, RawClient, RunningServer, call_reducer, serving, start, subscribe, wait_until

pytestmark = linux

TICKER = """
from stdbctl.module import AutoInc, PrimaryKey, ReducerContext, ScheduleAt, TimeDuration, init, reducer, table, u64

@table(public=True)
class Count:
    id: PrimaryKey[u64]
    ticks: u64

@table()
class Timer:
    id: PrimaryKey[AutoInc[u64]] = 0
    at: ScheduleAt

@reducer(schedule=Timer)
def tick(ctx: ReducerContext, timer: Timer) -> None:
    count = ctx.db[Count].find(id=0)
    assert count is not None
    ctx.db[Count].update(Count(id=0, ticks=count.ticks + 1))

@init
def setup(ctx: ReducerContext) -> None:
    ctx.db[Count].insert(Count(id=0, ticks=0))
    ctx.db[Timer].insert(Timer(at=ScheduleAt.every(TimeDuration.seconds(0.002))))
"""

CHATTY = """
from stdbctl.module import PrimaryKey, ReducerContext, reducer, table, u64

@table(public=True)
class Count:
    id: PrimaryKey[u64]

@reducer
def talk(ctx: ReducerContext, id: u64, length: u64) -> None:
    ctx.db[Count].insert(Count(id=id))
    for _ in range(length // 50_000):
        print("x" * 50_000)
"""


def text(value: str) -> bytes:
    return struct.pack("<I", len(value)) + value.encode()


def publish(server: RunningServer) -> None:
    answer = server.publish("board", BOARD)
    assert answer.status_code == 200, answer.text


def notes(server: RunningServer) -> list[str]:
    return [row[0] for row in server.sql("board", "SELECT text FROM note")]


def watch_notes(client: RawClient) -> None:
    client.receive()
    client.send(subscribe(1, 1, "SELECT * FROM note"))
    assert isinstance(client.receive(), SubscribeApplied)


def write_once_there_is_room(server: RunningServer, note: str) -> None:
    wait_until(lambda: server.call("board", "write", note).status_code == 200, "a disk that takes calls", 60)


def test_calls_fail_with_the_reason_reads_go_on_and_room_heals(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        publish(server)
        assert server.call("board", "write", "before").status_code == 200
        with server.connect("board", protocol=V3) as client, server.connect("board") as bystander:
            watch_notes(client)
            watch_notes(bystander)
            refuse(server)
            client.send(call_reducer(7, "write", text("never stored")))
            failed = client.receive()
            assert isinstance(failed, ReducerResult)
            assert failed.request_id == 7
            assert isinstance(failed.outcome, InternalError)
            assert "could not be stored and was undone: the disk failed to read or write" in failed.outcome.text
            client.send(call_reducer(8, "write", text("nor this")))
            again = client.receive()
            assert isinstance(again, ReducerResult)
            assert isinstance(again.outcome, InternalError)
            assert "takes no transactions at the moment: the disk failed" in again.outcome.text
            refused = server.call("board", "write", "nor that")
            assert refused.status_code == 503
            assert "goes on by itself once the disk does" in refused.text

            assert notes(server) == ["before"]
            bystander.send(subscribe(2, 2, "SELECT * FROM note"))
            assert isinstance(bystander.receive(), SubscribeApplied)
            with server.connect("board") as late, pytest.raises(ConnectionClosed) as closed:
                late.receive()
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 1013
            assert "takes no transactions" in closed.value.rcvd.reason

            accept(server)
            write_once_there_is_room(server, "after")
            heard = bystander.receive()
            assert isinstance(heard, TransactionUpdate)
            client.send(call_reducer(9, "write", text("last")))
            while not isinstance(done := client.receive(), ReducerResult):
                assert isinstance(done, TransactionUpdate)
            assert isinstance(done.outcome, ReducerOk)
        assert notes(server) == ["before", "after", "last"]
    with serving(tmp_path) as restarted:
        assert notes(restarted) == ["before", "after", "last"]
        assert restarted.sql("board", "SELECT * FROM online") == []


def hear_all(client: RawClient) -> None:
    while True:
        client.receive()


def test_who_saw_what_was_undone_must_start_again(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        publish(server)
        with server.connect("board", query="&confirmed=false") as hasty:
            watch_notes(hasty)
            refuse(server)
            hasty.send(call_reducer(7, "write", text("seen, then undone")))
            with pytest.raises(ConnectionClosed) as closed:
                hear_all(hasty)
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 1011
            assert closed.value.rcvd.reason.startswith("the last transactions could not be stored: the disk failed")
        assert notes(server) == []
        accept(server)
        write_once_there_is_room(server, "after")
        assert server.sql("board", "SELECT * FROM online") == []


def test_schedules_wait_for_room_without_a_storm(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        assert server.publish("ticker", {"module/__init__.py": TICKER}).status_code == 200

        def ticks() -> int:
            return int(server.sql("ticker", "SELECT ticks FROM count")[0][0])

        wait_until(lambda: ticks() > 3, "some ticks", 60)
        refuse(server)
        wait_until(lambda: "could not be stored" in (tmp_path / "server.log").read_text(), "the disk's refusal", 60)
        stored = ticks()
        assert ticks() == stored
        accept(server)
        wait_until(lambda: ticks() > stored + 3, "further ticks", 60)
    said = (tmp_path / "server.log").read_text()
    assert said.count("could not be stored") == 1, said
    assert said.count("takes transactions again") == 1, said
    with serving(tmp_path) as restarted:
        assert int(restarted.sql("ticker", "SELECT ticks FROM count")[0][0]) > stored


def lines(server: RunningServer) -> int:
    return sum(message.startswith("x") for message in server.log_messages("chatty"))


def test_a_log_that_cannot_be_written_takes_no_call_down(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        assert server.publish("chatty", {"module/__init__.py": CHATTY}).status_code == 200
        assert server.call("chatty", "talk", 1, 1_000_000).status_code == 200
        refuse(server, 900_000)  # less than the log has, more than the database will
        assert server.call("chatty", "talk", 2, 1_000_000).status_code == 200
        assert lines(server) == 20
        accept(server)
        assert server.call("chatty", "talk", 3, 50_000).status_code == 200
        assert lines(server) == 21
        assert server.sql("chatty", "SELECT id FROM count") == [[1], [2], [3]]
    assert "log records are lost" in (tmp_path / "server.log").read_text()


def test_a_publish_that_cannot_be_stored_leaves_what_served(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        publish(server)
        assert server.call("board", "write", "kept").status_code == 200
        refuse(server)
        changed = {"module/__init__.py": (BOARD / "module" / "__init__.py").read_text() + "\n# another program\n"}
        refused = server.publish("board", changed)
        assert refused.status_code == 503
        assert "could not be stored and was undone: the disk failed" in refused.text
        assert notes(server) == ["kept"]
        created = server.publish("other", BOARD)
        assert created.status_code >= 500
        assert "disk" in created.text
        accept(server)
        write_once_there_is_room(server, "after")
        wait_until(lambda: server.publish("other", BOARD).status_code == 200, "room for another database", 60)
        assert server.publish("board", changed).status_code == 200
        assert notes(server) == ["kept", "after"]


def test_full_from_the_start_it_says_so_and_starts_once_there_is_room(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        publish(server)
        assert server.call("board", "write", "kept").status_code == 200
        server.kill()
    with refused_from_the_start(4096), pytest.raises(AssertionError, match="could not be opened"):
        start(tmp_path)
    with serving(tmp_path) as again:
        assert notes(again) == ["kept"]
        assert again.sql("board", "SELECT * FROM online") == []


def test_full_during_recovery_a_database_waits_for_room_and_opens_without_a_restart(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        publish(server)
        with server.connect("board") as client:
            client.receive()
            assert server.call("board", "write", "kept" * 20_000).status_code == 200
            server.kill()
    with refused_from_the_start(60_000):
        server = start(tmp_path)
    try:
        refused = server.call("board", "write", "too early")
        assert refused.status_code == 503
        assert "could not be opened" in refused.text
        accept(server)
        write_once_there_is_room(server, "after")
        assert notes(server) == ["kept" * 20_000, "after"]
        assert server.sql("board", "SELECT * FROM online") == []
        assert "is open again" in (tmp_path / "server.log").read_text()
    finally:
        assert server.stop() == 0
        assert server.process.stdout is not None
        server.process.stdout.close()
