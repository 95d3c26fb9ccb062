"""What no signal stops: the supervisor ends the server, names the call, and has it run no more if it does so again."""

import contextlib
import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import ConnectionClosed

from stdbctl.protocol import InternalError, ReducerResult
from tests.faults.runaways import RUNAWAYS
from tests.support.server import RunningServer, call_reducer, serving, wait_until

IS_LONG = bool(os.environ.get("STDBCTL_LONG"))
"""Set by `make crash-test`: every way to end a server; otherwise one of each kind, because each costs a restart."""
QUICK = {"call_limit_s": 2.0, "deaf_grace_s": 0.5}
HEAD = """
import itertools
import os
import sys
from stdbctl.module import (
    AutoInc, ConnectionId, PrimaryKey, ReducerContext, ScheduleAt, TimeDuration, client_connected, client_disconnected,
    init, reducer, table, u64,
)

def crash():
    numbers = iter([1])
    for _ in range(200_000):
        numbers = filter(None, numbers)
    list(numbers)

def deaf():
    any(itertools.repeat(0))

@table(public=True)
class Row:
    id: PrimaryKey[u64]

@reducer
def add(ctx: ReducerContext, id: u64) -> None:
    ctx.db[Row].insert(Row(id=id))
"""


long = pytest.mark.skipif(not IS_LONG, reason="`make crash-test` runs it: it restarts servers several times")


def some(first: str, *others: str) -> list[str]:
    return [first, *others] if IS_LONG else [first]


def pid_of(server: RunningServer) -> int | None:
    """The process that serves now."""
    with contextlib.suppress(FileNotFoundError, ValueError):
        pid: int = json.loads((server.folder / "server.json").read_text())["pid"]
        return pid
    return None


@contextlib.contextmanager
def restarted(server: RunningServer) -> Iterator[None]:
    """What is done here takes the server down; it is served again by another process afterwards."""
    before = pid_of(server)
    yield
    wait_until(lambda: pid_of(server) not in (None, before), "the restarted server", 60)


def call_that_ends_the_server(server: RunningServer, name: str) -> None:
    with restarted(server), pytest.raises(httpx.TransportError):
        server.call("wild", name)


def test_call_that_ends_the_server_is_named_and_run_no_more(tmp_path: Path) -> None:
    with serving(tmp_path, **QUICK) as server:
        assert server.publish("wild", {"module/__init__.py": RUNAWAYS}).status_code == 200
        assert server.publish("calm", {"module/__init__.py": HEAD}).status_code == 200
        assert server.call("calm", "add", 1).status_code == 200
        ends = {
            "deaf": "did not end within 2 s and could not be stopped",
            "swallows_all": "did not end within 2 s and could not be stopped",
            "leaves_by_the_back_door": "ended the server with exit status 0",
        }
        for name in some(*ends):
            how = ends[name]
            call_that_ends_the_server(server, name)
            assert server.log_messages("wild")[-1] == f"`{name}` {how}: the server was restarted from disk"
        for _ in range(3):
            call_that_ends_the_server(server, "overflows_the_stack")
        reason = (
            "`overflows_the_stack` is not run until its module is changed or the server is stopped and started: "
            "it crashed the server (SIGSEGV)"
        )
        answer = server.call("wild", "overflows_the_stack")
        assert (answer.status_code, answer.text) == (530, reason)
        assert server.log_messages("wild")[-1] == reason
        with server.connect("wild") as client:
            client.receive()
            client.send(call_reducer(1, "overflows_the_stack"))
            result = client.receive()
            assert isinstance(result, ReducerResult)
            assert isinstance(result.outcome, InternalError)
            assert result.outcome.text == reason
        assert server.call("wild", "fill", 1).status_code == 200
        assert len(server.sql("wild", "SELECT id FROM row")) == 1
        assert server.sql("calm", "SELECT id FROM row") == [[1]]
        mended = RUNAWAYS.replace("    list(numbers)\n", "")
        assert server.publish("wild", {"module/__init__.py": mended}).status_code == 200
        assert server.call("wild", "overflows_the_stack").status_code == 200


HOOKS = """
@client_connected
def joined(ctx: ReducerContext) -> None:
    {joined}

@client_disconnected
def left(ctx: ReducerContext) -> None:
    {left}
"""


@long
def test_greeting_that_ends_the_server_is_run_no_more_and_nobody_enters(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        source = HEAD + HOOKS.format(joined="crash()", left="pass")
        assert server.publish("wild", {"module/__init__.py": source}).status_code == 200
        for _ in range(3):
            call_that_ends_the_server(server, "add")
            assert server.log_messages("wild")[-1 if _ < 2 else -2].startswith("`client_connected` crashed the server")
        answer = server.call("wild", "add", 1)
        assert (answer.status_code, answer.text.startswith("`client_connected` is not run until")) == (403, True)


@pytest.mark.parametrize("end", some("deaf()", "crash()", "sys.modules['os']._exit(1)"))
def test_farewell_that_ends_the_server_is_left_out_at_its_start(tmp_path: Path, end: str) -> None:
    with serving(tmp_path, **QUICK) as server:
        source = HEAD + HOOKS.format(joined="pass", left=end)
        assert server.publish("wild", {"module/__init__.py": source}).status_code == 200
        assert server.publish("calm", {"module/__init__.py": HEAD}).status_code == 200
        with restarted(server), server.connect("wild") as client:
            client.receive()
        assert any("`client_disconnected` is not run until" in text for text in server.log_messages("wild"))
        assert server.call("wild", "add", 1).status_code == 200
        assert server.call("calm", "add", 1).status_code == 200
        assert server.stop() == 0


def test_farewells_that_loop_do_not_hold_up_the_start(tmp_path: Path) -> None:
    with serving(tmp_path, call_limit_s=0.5) as server:
        source = HEAD + HOOKS.format(joined="pass", left="while True: pass")
        assert server.publish("wild", {"module/__init__.py": source}).status_code == 200
        with contextlib.ExitStack() as clients:
            for _ in range(6):
                clients.enter_context(server.connect("wild")).receive()
            server.kill()
    with serving(tmp_path, call_limit_s=0.5) as again:
        messages = again.log_messages("wild")
        assert sum("`left` was stopped" in text for text in messages) == 3
        assert any(text.endswith("3 more connections of the last server are ended without it") for text in messages)


TIMER = """
@table()
class Timer:
    id: PrimaryKey[AutoInc[u64]] = 0
    at: ScheduleAt

@reducer(schedule=Timer)
def ring(ctx: ReducerContext, timer: Timer) -> None:
    ctx.db[Row].insert(Row(id=timer.id))
    {end}

@reducer
def wind(ctx: ReducerContext) -> None:
    ctx.db[Timer].insert(Timer(at=ScheduleAt.every(TimeDuration.seconds(0.02))))
"""


@long
def test_scheduled_row_that_ends_the_server_at_each_tick_is_run_no_more(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        assert server.publish("wild", {"module/__init__.py": HEAD + TIMER.format(end="crash()")}).status_code == 200
        with contextlib.suppress(httpx.TransportError):
            server.call("wild", "wind")

        def is_blocked() -> bool:
            with contextlib.suppress(httpx.TransportError, AssertionError):
                return any("`ring` is not run until" in text for text in server.log_messages("wild"))
            return False

        wait_until(is_blocked, "the end of the restarts", 60)
        assert server.call("wild", "add", 1).status_code == 200
        assert server.sql("wild", "SELECT id FROM row") == [[1]]
        assert server.publish("wild", {"module/__init__.py": HEAD + TIMER.format(end="pass")}).status_code == 200


def test_module_whose_import_does_not_end_well_is_refused(tmp_path: Path) -> None:
    ends = {
        "while True: pass": "it ran longer than allowed",
        "kept = []\nwhile True: kept.append(bytes(1_000_000))": "MemoryError",
        "sys.exit()": "SystemExit",
        "def deeper(): deeper()\ndeeper()": "RecursionError",
        "raise KeyboardInterrupt": "KeyboardInterrupt",
    }
    with serving(tmp_path, call_limit_s=2.0, memory_limit_mb=500) as server:
        assert server.publish("wild", {"module/__init__.py": HEAD}).status_code == 200
        for top_level, said in ends.items():
            refused = server.publish("wild", {"module/__init__.py": HEAD + top_level})
            assert (refused.status_code, said in refused.text) == (400, True), refused.text
        assert server.call("wild", "add", 1).status_code == 200


@pytest.mark.parametrize("top_level", some("sys.modules['os']._exit(0)", "crash()", "deaf()"))
def test_import_that_ends_the_server_leaves_the_old_module_serving(tmp_path: Path, top_level: str) -> None:
    with serving(tmp_path, **QUICK) as server:
        assert server.publish("wild", {"module/__init__.py": HEAD}).status_code == 200
        for name in ("wild", "other"):
            with restarted(server), pytest.raises(httpx.TransportError):
                server.publish(name, {"module/__init__.py": HEAD + top_level})
        assert len([text for text in server.log_messages("wild") if text.startswith("`import` ")]) == 1
        assert server.call("wild", "add", 1).status_code == 200
        assert server.request("GET", "/database/other").status_code == 404


@long
def test_init_that_ends_the_server_leaves_no_database(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        source = HEAD + "\n@init\ndef setup(ctx: ReducerContext) -> None:\n    crash()\n"
        with restarted(server), pytest.raises(httpx.TransportError):
            server.publish("wild", {"module/__init__.py": source})
        assert server.request("GET", "/database/wild").status_code == 404
        assert server.publish("wild", {"module/__init__.py": HEAD}).status_code == 200


SICK = """
import ctypes
import sys
import zlib_of_this_machine
"""


def test_database_whose_import_ends_the_server_at_its_start_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = tmp_path / "library"
    library.mkdir()
    (library / "zlib_of_this_machine.py").write_text("")
    monkeypatch.setenv("PYTHONPATH", str(library))
    with serving(tmp_path / "server", **QUICK) as server:
        assert server.publish("sick", {"module/__init__.py": HEAD + SICK}).status_code == 200
        assert server.publish("calm", {"module/__init__.py": HEAD}).status_code == 200
        assert server.stop() == 0
    ends = {
        "import os; os.abort()": "crashed the server (SIGABRT)",
        "import itertools; any(itertools.repeat(0))": "did not end within 2 s",
        "while True: pass": "it ran longer than allowed",
        "import os; os._exit(0)": "ended the server with exit status 0",
    }
    for text in some(*ends):
        said = ends[text]
        (library / "zlib_of_this_machine.py").write_text(text)
        with serving(tmp_path / "server", **QUICK) as again:
            answer = again.request("GET", "/database/sick")
            assert (answer.status_code, said in answer.text) == (503, True), answer.text
            number = len(again.sql("calm", "SELECT id FROM row"))
            assert again.call("calm", "add", number).status_code == 200
            assert again.stop() == 0
    (library / "zlib_of_this_machine.py").write_text("")
    with serving(tmp_path / "server") as healthy:
        assert healthy.call("sick", "add", 1).status_code == 200


LEFT = """
def numbers():
    try:
        yield 1
    finally:
        while True:
            pass

class LastWord:
    def __init__(self):
        self.me = self

    def __del__(self):
        while True:
            pass

kept = numbers()
next(kept)

@reducer
def leave(ctx: ReducerContext) -> None:
    LastWord()
"""


def test_what_a_module_leaves_behind_does_not_hold_up_the_server(tmp_path: Path) -> None:
    greedy = HEAD + "kept = []\nwhile True: kept.append(bytes(1_000_000))"  # has the collector come by
    with serving(tmp_path, call_limit_s=2.0, deaf_grace_s=60.0, memory_limit_mb=500) as server:
        assert server.publish("wild", {"module/__init__.py": HEAD + LEFT}).status_code == 200
        assert server.call("wild", "leave").status_code == 200
        assert server.publish("other", {"module/__init__.py": greedy}).status_code == 400
        assert server.call("wild", "add", 1).status_code == 200
        assert server.publish("wild", {"module/__init__.py": HEAD}).status_code == 200
        assert server.publish("other", {"module/__init__.py": greedy}).status_code == 400
        assert server.call("wild", "add", 2).status_code == 200
        assert pid_of(server) == server.pid
        assert server.stop() == 0
    said = (tmp_path / "server.log").read_text(encoding="utf-8")
    assert "Exception ignored in: <function LastWord.__del__" in said
    assert "Exception ignored in: <generator object numbers" in said


def test_server_told_to_end_ends_even_if_a_farewell_takes_it_down(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        source = HEAD + HOOKS.format(joined="pass", left="crash()")
        assert server.publish("wild", {"module/__init__.py": source}).status_code == 200
        with server.connect("wild") as client:
            client.receive()
            assert server.stop() == -signal.SIGSEGV
            with pytest.raises(ConnectionClosed):
                client.receive()
    with serving(tmp_path) as again:
        assert again.call("wild", "add", 1).status_code == 200
