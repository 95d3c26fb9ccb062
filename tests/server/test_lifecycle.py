"""How servers end and come back: told to, killed, crashed, hung."""

import contextlib
import json
import os
import shutil
import signal
import struct
import time
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed

from stdbctl.protocol import InternalError, ReducerOk, ReducerResult
from stdbctl.store import DataDir
from tests.server.conftest import BOARD
from tests.server.test_sockets import Wire
from tests.support.server import END_S, V3, RunningServer, call_reducer, serving, subscribe, wait_until


def text(value: str) -> bytes:
    return struct.pack("<I", len(value)) + value.encode()


def publish(server: RunningServer) -> None:
    answer = server.publish("board", BOARD)
    assert answer.status_code == 200, answer.text


def new_pid(server: RunningServer) -> int:
    """The serving process after a restart, once it serves."""

    def is_new() -> bool:
        file = server.folder / "server.json"
        return file.exists() and json.loads(file.read_text())["pid"] != server.pid

    wait_until(is_new, "the restarted server")
    pid: int = json.loads((server.folder / "server.json").read_text())["pid"]
    return pid


def test_announcement_stands_while_it_serves(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        announced = json.loads((tmp_path / "server.json").read_text())
        assert announced == {"url": server.url, "pid": server.pid, "data_dir": str(tmp_path / "data")}
        assert server.process.pid != server.pid
        assert (tmp_path / "operator.token").stat().st_mode & 0o777 == 0o600
        assert server.stop() == 0
        assert not (tmp_path / "server.json").exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_end_sends_clients_away_and_keeps_everything(tmp_path: Path, number: signal.Signals) -> None:
    with serving(tmp_path) as server:
        publish(server)
        with server.connect("board") as client:
            client.receive()
            client.send(call_reducer(1, "write", text("kept")))
            client.receive()
            server.process.send_signal(number)
            with pytest.raises(ConnectionClosed) as closed:
                client.receive()
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 1001
        assert server.process.wait(END_S) == 0
    with serving(tmp_path) as again:
        assert again.sql("board", "SELECT text FROM note") == [["kept"]]
        assert again.sql("board", "SELECT * FROM online") == []


def test_end_answers_every_call_that_ran(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        publish(server)
        with server.connect("board", protocol=V3) as client:
            client.receive()
            client.send(*(call_reducer(number, "write", text("x")) for number in range(4_000)))
            client.receive()
            server.process.send_signal(signal.SIGTERM)
            answered = 1
            with contextlib.suppress(ConnectionClosed):
                while isinstance(client.receive(), ReducerResult):
                    answered += 1
            assert client.socket.close_code == 1001
        assert server.process.wait(END_S) == 0
    with serving(tmp_path) as again:
        assert again.sql("board", "SELECT COUNT(*) AS n FROM note") == [[answered]]


def test_end_beside_a_stalled_reader_and_a_follower_takes_seconds(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        publish(server)
        stalled = Wire(server, receive_bytes=4096)
        stalled.send(2, subscribe(1, 1, "SELECT * FROM note"))  # type: ignore[arg-type]  # 2 = binary
        note = "x" * 500_000
        for _ in range(10):
            assert server.call("board", "write", note).status_code == 200
        with server.connect("board") as client:
            client.receive()
            began = time.monotonic()
            assert server.stop() == 0
        assert time.monotonic() - began < 30
        stalled.close()


def test_killed_server_ends_the_command_and_starts_again_whole(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        publish(server)
        with server.connect("board") as client:
            client.receive()
            client.send(call_reducer(1, "write", text("acknowledged")))
            assert isinstance(client.receive(), ReducerResult)
            assert len(server.sql("board", "SELECT * FROM online")) == 1
            assert server.kill() == -signal.SIGKILL
        assert not (tmp_path / "server.json").exists()
    with serving(tmp_path) as again:
        assert again.sql("board", "SELECT text FROM note") == [["acknowledged"]]
        assert again.sql("board", "SELECT * FROM online") == []


def test_crashed_server_comes_back_on_the_same_port(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        publish(server)
        assert server.call("board", "write", "before").status_code == 200
        os.kill(server.pid, signal.SIGSEGV)
        new_pid(server)
        assert server.sql("board", "SELECT text FROM note") == [["before"]]
        assert server.stop() == 0
    assert "crashed (SIGSEGV)" in (tmp_path / "server.log").read_text()


def test_server_ends_with_its_supervisor(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        publish(server)
        server.process.kill()
        server.process.wait()
        wait_until(lambda: not (tmp_path / "server.json").exists(), "the server's end")
    with serving(tmp_path) as again:
        assert again.sql("board", "SELECT * FROM note") == []


def test_runaway_reducer_is_stopped_and_rolled_back(tmp_path: Path) -> None:
    with serving(tmp_path, call_limit_s=0.5) as server:
        publish(server)
        with server.connect("board") as client, server.connect("board") as other:
            client.receive()
            other.receive()
            client.send(call_reducer(1, "spin"))
            other.send(call_reducer(2, "write", text("meanwhile")))
            stopped, done = client.receive(), other.receive()
            assert isinstance(stopped, ReducerResult)
            assert isinstance(stopped.outcome, InternalError)
            assert "`spin` was stopped" in stopped.outcome.text
            assert isinstance(done, ReducerResult)
            assert isinstance(done.outcome, ReducerOk)
        assert server.sql("board", "SELECT text FROM note") == [["meanwhile"]]
        assert any("`spin` was stopped" in message for message in server.log_messages("board"))
        answer = server.call("board", "spin")
        assert (answer.status_code, "was stopped" in answer.text) == (530, True)


def test_reducer_deaf_to_signals_is_ended_with_the_process(tmp_path: Path) -> None:
    with serving(tmp_path, call_limit_s=0.5, deaf_grace_s=0.3) as server:
        publish(server)
        assert server.call("board", "write", "before").status_code == 200
        with server.connect("board") as client:
            client.receive()
            client.send(call_reducer(1, "deaf"))
            with pytest.raises(ConnectionClosed):
                client.receive()
        new_pid(server)
        assert server.sql("board", "SELECT text FROM note") == [["before"]]
        assert any(message.startswith("`deaf` did not end within 0.5 s") for message in server.log_messages("board"))


def test_import_that_never_ends_is_refused_while_the_old_module_serves(tmp_path: Path) -> None:
    with serving(tmp_path, call_limit_s=0.5) as server:
        publish(server)
        refused = server.publish("board", {"module/__init__.py": "while True:\n    pass\n"})
        assert refused.status_code == 400, refused.text
        assert refused.text.startswith("Database update rejected: ")
        assert server.call("board", "write", "still here").status_code == 200


def test_server_in_memory_keeps_nothing(tmp_path: Path) -> None:
    with serving(tmp_path, in_memory=True) as server:
        publish(server)
        assert server.call("board", "write", "gone soon").status_code == 200
        assert json.loads((tmp_path / "server.json").read_text())["data_dir"] is None
    assert not (tmp_path / "data").exists()


def test_second_server_on_one_data_folder_is_refused(tmp_path: Path) -> None:
    with serving(tmp_path), pytest.raises(AssertionError, match="in use"), serving(tmp_path):
        pass


def test_operator_keeps_its_identity(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        publish(server)
        token = server.token
    (tmp_path / "operator.token").chmod(0o644)
    with serving(tmp_path) as again:
        assert again.token == token
        assert (tmp_path / "operator.token").stat().st_mode & 0o777 == 0o600
        publish(again)


def test_database_that_cannot_be_opened_does_not_stop_the_others(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        publish(server)
        assert server.publish("other", BOARD).status_code == 200
    shelf = DataDir(tmp_path / "data")
    record = shelf.find("other")
    assert record is not None
    folder = shelf.folder(record.identity)
    shelf.close()
    (folder / "database.sqlite3").write_bytes(b"no database")
    with serving(tmp_path) as again:
        assert again.call("board", "clear").status_code == 200
        broken = again.request("GET", "/database/other")
        assert broken.status_code == 503
        assert "could not be opened" in broken.text
        assert again.request("DELETE", "/database/other", headers=again.headers).status_code == 200
        assert again.publish("other", BOARD).status_code == 200


SLOW_START = """
from stdbctl.module import ReducerContext, init

@init
def setup(ctx: ReducerContext) -> None:
    while True:
        pass
"""


def test_init_that_never_ends_is_stopped_and_nothing_is_published(tmp_path: Path) -> None:
    with serving(tmp_path, call_limit_s=0.5) as server:
        refused = server.publish("board", {"module/__init__.py": SLOW_START})
        assert refused.status_code == 500, refused.text
        assert "`setup` was stopped" in refused.text
        assert server.request("GET", "/database/board").status_code == 404


GREEDY = """
from stdbctl.module import PrimaryKey, ReducerContext, reducer, table, u64

@table(public=True)
class Row:
    id: PrimaryKey[u64]

@reducer
def grow(ctx: ReducerContext) -> None:
    ctx.db[Row].insert(Row(id=1))
    kept = []
    while True:
        kept.append(bytes(10_000_000))

@reducer
def add(ctx: ReducerContext) -> None:
    ctx.db[Row].insert(Row(id=2))
"""


def test_reducer_that_wants_all_memory_is_stopped_and_is_rolled_back(tmp_path: Path) -> None:
    with serving(tmp_path, memory_limit_mb=600) as server:
        assert server.publish("greedy", {"module/__init__.py": GREEDY}).status_code == 200
        failed = server.call("greedy", "grow")
        assert failed.status_code == 530
        assert failed.text == "The reducer `grow` was stopped: it wanted more memory than allowed."
        assert server.call("greedy", "add").status_code == 200
        assert server.sql("greedy", "SELECT id FROM row") == [[2]]


@pytest.mark.parametrize("is_moved", [True, False])
def test_server_ends_when_its_data_is_taken_away(tmp_path: Path, is_moved: bool) -> None:
    with serving(tmp_path / "server") as server:
        publish(server)
        if is_moved:
            (tmp_path / "server").rename(tmp_path / "elsewhere")
        else:
            shutil.rmtree(tmp_path / "server")
        (tmp_path / "server" / "data").mkdir(parents=True)
        (tmp_path / "server" / "server.json").write_text("of another server")
        assert server.process.wait(END_S) == 2
        assert (tmp_path / "server" / "server.json").read_text() == "of another server"
