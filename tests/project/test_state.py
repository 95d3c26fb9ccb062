"""The `.stdbctl/` folder: one server per checkout, stale files, local users."""

import json
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from stdbctl.project import (
    BadUserName,
    BrokenStateFile,
    IdentityBook,
    RememberedIdentity,
    ServerAlreadyRuns,
    ServerRecord,
    StateFolder,
    StateNotWritable,
    is_alive,
)

SERVER = """
import json, os, pathlib, sys
from stdbctl.project import StateFolder
state = StateFolder(pathlib.Path(sys.argv[1]))
with state.claim():
    state.server_file.write_text(json.dumps({"url": "http://127.0.0.1:3000", "pid": os.getpid(), "data_dir": "d"}))
    print("ready", flush=True)
    sys.stdin.read()
"""


@contextmanager
def server_process(state: StateFolder) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the claim until its stdin is closed."""
    process = subprocess.Popen(
        [sys.executable, "-c", SERVER, str(state.path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == "ready\n"
        yield process
    finally:
        process.stdin.close()
        process.wait(60)
        process.stdout.close()


@pytest.fixture
def state(tmp_path: Path) -> StateFolder:
    return StateFolder(tmp_path / ".stdbctl")


def test_state_of_a_new_checkout_is_empty(state: StateFolder) -> None:
    assert state.server() is None
    assert state.server_pid() is None
    assert state.kept_port() is None
    assert state.operator_token() is None
    assert not state.path.exists()


def test_state_keeps_itself_out_of_git(state: StateFolder) -> None:
    state.keep_port(3000)
    assert (state.path / ".gitignore").read_text(encoding="utf-8") == "*\n"
    assert state.kept_port() == 3000


def test_running_server_is_known_and_a_second_one_is_refused(state: StateFolder) -> None:
    with server_process(state) as process:
        assert state.server() == ServerRecord(url="http://127.0.0.1:3000", pid=process.pid, data_dir="d")
        assert state.server_pid() == process.pid
        with pytest.raises(ServerAlreadyRuns, match=rf"127\.0\.0\.1:3000 \(pid {process.pid}\)"), state.claim():
            pass
    assert state.server() is None
    assert not state.server_file.exists()


def test_server_json_of_a_killed_server_is_stale(state: StateFolder) -> None:
    with server_process(state) as process:
        process.kill()
        process.wait(60)
        assert state.server_file.exists()
        assert state.server() is None
        assert state.server_pid() is None
        with state.claim():
            assert not state.server_file.exists()


def test_server_json_with_the_pid_of_somebody_else_is_stale(state: StateFolder) -> None:
    state.ensure()
    record = {"url": "http://127.0.0.1:3000", "pid": os.getpid(), "data_dir": "d"}
    state.server_file.write_text(json.dumps(record), encoding="utf-8")
    (state.path / "server.lock").write_text(f"{os.getpid()}\n", encoding="utf-8")
    assert state.server() is None


def test_broken_server_json_names_the_file(state: StateFolder) -> None:
    with server_process(state):
        state.server_file.write_text('{"url": 1}', encoding="utf-8")
        with pytest.raises(BrokenStateFile, match=r"server\.json"):
            state.server()


def test_state_that_cannot_be_written_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(StateNotWritable):
        StateFolder(tmp_path / "file" / ".stdbctl").ensure()


def test_ended_process_is_not_alive() -> None:
    process = subprocess.Popen([sys.executable, "-c", ""], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.read()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert not is_alive(process.pid), "a zombie counts as gone"
    process.wait(60)
    process.stdout.close()
    assert not is_alive(process.pid)
    assert is_alive(os.getpid())


# --- local users


def remembered(text: str) -> RememberedIdentity:
    return RememberedIdentity(identity="c2" * 32, token=text)


@pytest.fixture
def book(tmp_path: Path) -> IdentityBook:
    return IdentityBook(tmp_path / "identities")


def test_users_are_remembered_per_server(book: IdentityBook) -> None:
    assert book.find("local", "alice") is None
    book.keep("local", "alice", remembered("a"))
    book.keep("http://127.0.0.1:4000", "alice", remembered("b"))
    assert book.find("local", "alice") == remembered("a")
    assert book.find("http://127.0.0.1:4000", "alice") == remembered("b")
    assert book.users("local") == ("alice",)


def test_tokens_are_private_files(book: IdentityBook) -> None:
    book.keep("local", "alice", remembered("a"))
    (file,) = book.folder.rglob("alice.json")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_commands_that_meet_a_new_user_at_once_agree_on_its_identity(book: IdentityBook) -> None:
    with ThreadPoolExecutor(16) as pool:
        kept = list(pool.map(lambda n: book.keep("local", "alice", remembered(str(n))), range(64)))
    assert len(set(kept)) == 1
    assert book.find("local", "alice") == kept[0]
    assert [path.name for path in book.folder.rglob("*") if path.is_file()] == ["alice.json"]


def test_forgetting_drops_only_what_was_seen(book: IdentityBook) -> None:
    book.keep("local", "alice", remembered("new"))
    book.forget("local", "alice", remembered("old"))
    assert book.find("local", "alice") == remembered("new")
    book.forget("local", "alice", remembered("new"))
    assert book.find("local", "alice") is None


@pytest.mark.parametrize("name", ["", "../alice", ".hidden", "a/b", "a b", "x" * 65])
def test_user_names_are_file_names(book: IdentityBook, name: str) -> None:
    with pytest.raises(BadUserName):
        book.find("local", name)


def test_broken_identity_names_the_file(book: IdentityBook) -> None:
    book.keep("local", "alice", remembered("a"))
    (file,) = book.folder.rglob("alice.json")
    file.write_text("{}", encoding="utf-8")
    with pytest.raises(BrokenStateFile, match=r"alice\.json"):
        book.find("local", "alice")
