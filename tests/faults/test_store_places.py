"""A data folder that cannot be written, is held by others, is taken away in part, or is not wanted at all."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing, suppress
from pathlib import Path

import pytest

from tests.faults.disks import AS_A_PLAIN_USER, linux
from tests.server.conftest import BOARD
from tests.support import server as support
from tests.support.server import RunningServer, serving, start, wait_until


def publish(server: RunningServer, name: str = "board") -> None:
    answer = server.publish(name, BOARD)
    assert answer.status_code == 200, answer.text


def notes(server: RunningServer, name: str = "board") -> list[str]:
    return [row[0] for row in server.sql(name, "SELECT text FROM note")]


def folder_of(server: RunningServer, name: str) -> Path:
    return server.folder / "data" / "databases" / server.request("GET", f"/database/{name}/identity").text


def command(folder: Path) -> list[str]:
    return [sys.executable, str(support.SERVE), str(folder), "{}"]


@linux
def test_a_folder_that_cannot_be_written_is_named_and_left_alone(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        publish(server)
        assert server.call("board", "write", "kept").status_code == 200
    data = tmp_path / "data"
    everything = [data, *data.rglob("*")]
    for path in everything:
        path.chmod(path.stat().st_mode & ~0o222)
    try:
        ended = subprocess.run(
            [*AS_A_PLAIN_USER, *command(tmp_path)],
            capture_output=True,
            text=True,
            cwd=support.REPOSITORY,
            timeout=100,
        )
    finally:
        for path in everything:
            path.chmod(path.stat().st_mode | 0o200)
    assert ended.returncode == 2
    assert f"`{data}/lock` could not be opened; Permission denied (check who owns it" in ended.stderr
    assert "Traceback" not in ended.stderr
    with serving(tmp_path) as server:
        assert notes(server) == ["kept"]


def test_of_servers_that_start_at_the_same_moment_one_serves_and_the_others_name_it(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        publish(server)
        server.kill()
    starters = [
        subprocess.Popen(
            command(tmp_path), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=support.REPOSITORY
        )
        for _ in range(2)
    ]
    said = [starter.stdout.readline() for starter in starters if starter.stdout is not None]
    served = [(starter, json.loads(line)) for starter, line in zip(starters, said, strict=True) if line]
    refused = [starter for starter, line in zip(starters, said, strict=True) if not line]
    assert (len(served), len(refused)) == (1, 1)
    (winner, announced) = served[0]
    for loser in refused:
        _, errors = loser.communicate(timeout=60)
        assert loser.returncode == 2
        assert f"`{tmp_path}/data` is in use by process {announced['pid']}" in errors
    os.kill(announced["pid"], 9)
    winner.communicate(timeout=60)
    with serving(tmp_path) as server:
        assert notes(server) == []


def test_a_shell_in_a_transaction_holds_up_its_database_alone(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        publish(server)
        publish(server, "other")
        file = folder_of(server, "board") / "database.sqlite3"
        with closing(sqlite3.connect(file, isolation_level=None)) as shell:
            shell.execute("BEGIN IMMEDIATE")
            answers: list[int] = []
            waiting = threading.Thread(
                target=lambda: answers.append(server.call("board", "write", "waits").status_code)
            )
            waiting.start()
            assert server.call("other", "write", "beside").status_code == 200
            waiting.join()
            assert answers == [500]
            refused = server.call("board", "write", "nor this")
            assert refused.status_code == 503
            assert "another program holds the file's write lock" in refused.text
            assert notes(server) == []
            shell.execute("ROLLBACK")
        wait_until(lambda: server.call("board", "write", "after").status_code == 200, "the database", 60)
        assert (notes(server), notes(server, "other")) == (["after"], ["beside"])


@pytest.mark.parametrize("name", ["database.sqlite3", "database.sqlite3-wal"])
def test_a_file_that_is_deleted_under_the_server_is_noticed_before_anything_is_acknowledged(
    tmp_path: Path, name: str
) -> None:
    with serving(tmp_path) as server:
        publish(server)
        publish(server, "other")
        assert server.call("board", "write", "kept").status_code == 200
        folder = folder_of(server, "board")
        shutil.copytree(folder, tmp_path / "copy")
        (folder / name).unlink()
        lost = server.call("board", "write", "in no file")
        assert lost.status_code == 500
        assert "what was written after that is in no file" in lost.text
        assert server.call("other", "write", "beside").status_code == 200
        if name == "database.sqlite3":
            refused = server.call("board", "write", "nor this")
            assert refused.status_code == 503
            assert "could not be" in refused.text
            for copied in (tmp_path / "copy").glob("database*"):
                if copied.suffix != ".sqlite3-shm":
                    shutil.copy(copied, folder)
        wait_until(lambda: server.call("board", "write", "after").status_code == 200, "the database", 60)
        assert (notes(server)[0], notes(server)[-1]) == ("kept", "after")
        assert notes(server, "other") == ["beside"]
    said = (tmp_path / "server.log").read_text()
    assert f"{name}` was deleted, moved or replaced while it was served" in said


def opened_by(pid: int) -> list[str]:
    """The files that a process holds open."""
    opened = []
    for fd in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # the connection of an answered request closes at any time
            opened.append(os.readlink(fd))
    return [path for path in opened if path.startswith("/") and not path.startswith(("/dev/", "/memfd:"))]


@linux
def test_a_server_in_memory_touches_no_disk(tmp_path: Path) -> None:
    """What `deploy` needs to find it is written before it serves; from then on nothing is."""

    def tree() -> dict[str, tuple[int, int]]:
        stats = {str(path): path.stat() for path in sorted(tmp_path.rglob("*"))}
        return {path: (stat.st_mtime_ns, stat.st_size) for path, stat in stats.items()}

    with serving(tmp_path, in_memory=True) as server:
        before = tree()
        publish(server)
        with server.connect("board") as client:
            client.receive()
            for number in range(20):
                assert server.call("board", "write", str(number)).status_code == 200
        assert server.log_messages("board")
        assert len(notes(server)) == 20
        assert tree() == before
        assert {path.removeprefix(f"{tmp_path}/") for path in before} == {
            "keys",
            "keys/id_ecdsa",
            "keys/id_ecdsa.pub",
            "operator.token",
            "server.json",
            "server.log",
        }
        assert opened_by(server.pid) == [f"{tmp_path}/server.log"]


def test_a_lost_lock_file_lets_nobody_in_beside(tmp_path: Path) -> None:
    """The folder of each database has a lock of its own."""
    with serving(tmp_path) as server:
        publish(server)
        (tmp_path / "data" / "lock").unlink()
        other = start(tmp_path)
        try:
            refused = other.request("GET", "/database/board")
            assert refused.status_code == 503
            assert f"is in use by process {server.pid}" in refused.text
        finally:
            assert other.stop() == 0
            assert other.process.stdout is not None
            other.process.stdout.close()
