"""Restoring snapshots on a running server: in place, with another module, and of a database that cannot be opened."""

import functools
import json
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from stdbctl.protocol import ReducerResult, SubscribeApplied, TransactionUpdate
from tests.support.server import RunningServer, call_reducer, serving, subscribe, wait_until

HEAD = """
from stdbctl.module import (
    AutoInc, ConnectionId, PrimaryKey, ReducerContext, client_connected, client_disconnected, reducer, table, u64
)


@table(public=True)
class Note:
    id: PrimaryKey[AutoInc[u64]] = 0
    text: str


@table(public=True)
class Online:
    connection: PrimaryKey[ConnectionId]


@client_connected
def joined(ctx: ReducerContext) -> None:
    assert ctx.connection_id is not None
    ctx.db[Online].insert(Online(connection=ctx.connection_id))


@client_disconnected
def left(ctx: ReducerContext) -> None:
    assert ctx.connection_id is not None
    ctx.db[Online].delete(connection=ctx.connection_id)


@reducer
def write(ctx: ReducerContext, text: str) -> None:
    ctx.db[Note].insert(Note(text=text))
"""
SHOUTING = HEAD.replace("Note(text=text)", "Note(text=text.upper())")
WIDER = (
    HEAD
    + """

@table()
class Tag:
    name: PrimaryKey[str]


@reducer
def tag(ctx: ReducerContext, name: str) -> None:
    ctx.db[Tag].insert(Tag(name=name))
"""
)


@dataclass(frozen=True)
class Notes:
    """One database of a server."""

    server: RunningServer
    name: str = "notes"

    def publish(self, source: str) -> None:
        answer = self.server.publish(self.name, {"module/__init__.py": source})
        assert answer.status_code == 200, answer.text

    def write(self, text: str) -> None:
        answer = self.server.call(self.name, "write", text)
        assert answer.status_code == 200, answer.text

    def save(self, name: str) -> None:
        answer = self.ask("PUT", f"snapshots/{name}")
        assert answer.status_code == 200, answer.text

    def restore(self, name: str, **query: str) -> dict[str, Any]:
        answer = self.ask("POST", f"snapshots/{name}/restore", **query)
        assert answer.status_code == 200, answer.text
        done: dict[str, Any] = answer.json()
        return done

    def ask(self, method: str, path: str, **query: str) -> httpx.Response:
        """A request by the operator."""
        path = f"/database/{self.name}/{path}"
        return self.server.request(method, path, params=query, headers=self.server.headers)

    def rows(self, table: str = "note") -> list[list[Any]]:
        return sorted(self.server.sql(self.name, f"SELECT * FROM {table}"))

    def history(self) -> list[dict[str, Any]]:
        """Newest first."""
        return [json.loads(line) for line in self.ask("GET", "history").text.splitlines()]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with serving(tmp_path_factory.mktemp("restoring")) as running:
        yield running


@pytest.fixture
def notes(server: RunningServer, request: pytest.FixtureRequest) -> Notes:
    """A database of one's own with one row."""
    made = Notes(server, re.sub(r"[^a-z0-9]+", "-", request.node.name.lower()).strip("-"))
    made.publish(HEAD)
    made.write("one")
    return made


def test_rows_and_numbers_come_back(notes: Notes) -> None:
    notes.save("start")
    notes.write("two")
    done = notes.restore("start")
    assert (done["module"], done["disconnected"], done["before"]) == ("same", False, "before-restore-1")
    assert notes.rows() == [[1, "one"]]
    notes.write("again two")
    assert notes.rows() == [[1, "one"], [2, "again two"]]
    assert "restore" in [entry["kind"] for entry in notes.history()]


def test_a_restore_can_itself_be_taken_back(notes: Notes) -> None:
    notes.save("start")
    notes.write("two")
    before = notes.restore("start")["before"]
    assert notes.restore(before)["before"] == "before-restore-2"
    assert notes.rows() == [[1, "one"], [2, "two"]]


def test_subscribers_hear_of_the_rows_that_differ_and_of_no_others(notes: Notes) -> None:
    notes.write("two")
    notes.save("start")
    notes.write("three")
    with notes.server.connect(notes.name) as client:
        client.receive()
        client.send(subscribe(1, 1, "SELECT * FROM note"))
        assert isinstance(client.receive(), SubscribeApplied)
        notes.restore("start")
        update = client.receive()
        assert isinstance(update, TransactionUpdate)
        text = repr(update)
        assert "three" in text
        assert "one" not in text.replace("None", "")
        client.send(call_reducer(2, "write", struct.pack("<I", 5) + b"after"))
        assert isinstance(client.receive(), ReducerResult)


def test_those_who_are_here_are_in_the_restored_rows(notes: Notes) -> None:
    notes.save("empty")
    with notes.server.connect(notes.name) as client:
        client.receive()
        assert len(notes.rows("online")) == 1
        notes.save("full")
        notes.restore("empty")
        assert len(notes.rows("online")) == 1
    with notes.server.connect(notes.name) as client:
        client.receive()
        here = notes.rows("online")
        notes.restore("full")
        assert notes.rows("online") == here, "the one of then has gone"


def test_a_module_stays_when_the_tables_are_the_same(notes: Notes) -> None:
    notes.save("start")
    notes.publish(SHOUTING)
    notes.write("two")
    assert notes.restore("start")["module"] == "kept"
    notes.write("loud")
    assert notes.rows() == [[1, "one"], [2, "LOUD"]]


def test_a_module_comes_back_when_that_is_asked_for(notes: Notes) -> None:
    notes.save("start")
    notes.publish(SHOUTING)
    done = notes.restore("start", module="restore")
    assert (done["module"], done["disconnected"]) == ("restored", False)
    notes.write("quiet")
    assert notes.rows() == [[1, "one"], [2, "quiet"]]


def test_a_module_comes_back_when_the_tables_are_others(notes: Notes) -> None:
    notes.save("start")
    notes.publish(WIDER)
    assert notes.server.call(notes.name, "tag", "red").status_code == 200
    notes.write("two")
    with notes.server.connect(notes.name) as client:
        client.receive()
        done = notes.restore("start")
        assert (done["module"], done["disconnected"], done["before"]) == ("restored", True, "before-restore-1")
        with pytest.raises(Exception, match="restored to an earlier state"):
            client.receive()
    assert notes.rows() == [[1, "one"]]
    assert notes.server.call(notes.name, "tag", "blue").status_code == 404
    assert notes.rows("online") == []
    assert notes.restore("before-restore-1")["module"] == "restored"
    assert notes.rows("tag") == [["red"]]
    assert notes.rows() == [[1, "one"], [2, "two"]]
    notes.write("three")
    assert notes.rows()[-1] == [3, "three"]


def test_offsets_go_on_after_a_restore(notes: Notes) -> None:
    notes.save("start")
    notes.write("two")
    last = notes.history()[0]["offset"]
    assert notes.restore("start")["offset"] == last + 1


def test_a_damaged_snapshot_is_refused_and_nothing_changes(notes: Notes) -> None:
    notes.save("start")
    notes.write("two")
    identity = notes.ask("GET", "identity").text
    file = notes.server.folder / "data" / "snapshots" / identity / "start.sqlite3"
    data = bytearray(file.read_bytes())
    data[4096 : 3 * 4096] = bytes(2 * 4096)
    file.write_bytes(data)
    answer = notes.ask("POST", "snapshots/start/restore")
    assert answer.status_code == 400
    assert "start.sqlite3" in answer.text
    assert notes.rows() == [[1, "one"], [2, "two"]]


def test_a_snapshot_of_another_database_is_refused_and_nothing_changes(notes: Notes) -> None:
    other = Notes(notes.server, f"{notes.name}-other")
    other.publish(HEAD)
    other.save("theirs")
    notes.save("start")
    of_notes, of_other = (
        notes.server.folder / "data" / "snapshots" / each.ask("GET", "identity").text for each in (notes, other)
    )
    (of_notes / "theirs.sqlite3").write_bytes((of_other / "theirs.sqlite3").read_bytes())
    answer = notes.ask("POST", "snapshots/theirs/restore")
    assert answer.status_code == 400
    assert "is a snapshot of another database" in answer.text
    assert notes.rows() == [[1, "one"]]


def test_what_was_restored_survives_a_kill(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        notes = Notes(server)
        notes.publish(HEAD)
        notes.write("one")
        notes.save("start")
        notes.write("two")
        notes.restore("start")
        server.kill()
    with serving(tmp_path) as again:
        notes = Notes(again)
        assert notes.rows() == [[1, "one"]]
        notes.write("next")
        assert notes.rows() == [[1, "one"], [2, "next"]]


def shows_way_out(server: RunningServer, name: str) -> bool:
    return "stdbctl snapshot restore start" in server.call(name, "write", "no").text


def test_damage_that_is_found_while_it_is_served_ends_the_serving(tmp_path: Path) -> None:
    finders = {"automatic": ("POST", "reset", 500), "named": ("PUT", "snapshots/another", 400)}
    files = {}
    with serving(tmp_path) as server:
        for name in finders:
            notes = Notes(server, name)
            notes.publish(HEAD)
            notes.write("one")
            notes.save("start")
            notes.write("unmistakable")
            identity = notes.ask("GET", "identity").text
            files[name] = tmp_path / "data" / "databases" / identity / "database.sqlite3"
    with serving(tmp_path) as server:
        for name, (method, path, status) in finders.items():
            notes = Notes(server, name)
            data = files[name].read_bytes()
            with files[name].open("r+b") as on_disk:
                on_disk.write(data.replace(b"unmistakable", b"mistakable un"[:12]))
            assert notes.ask(method, path).status_code == status
            wait_until(functools.partial(shows_way_out, server, name), "the way out")
            assert server.call(name, "write", "no").status_code == 503
            notes.restore("start")
            assert notes.rows() == [[1, "one"]]


DAMAGES = ("zero", "cut", "text", "folder", "gone")


def test_databases_that_cannot_be_opened_are_restored_while_others_serve(tmp_path: Path) -> None:
    files = {}
    with serving(tmp_path) as server:
        for name in (*DAMAGES, "whole"):
            notes = Notes(server, name)
            notes.publish(HEAD)
            notes.write("one")
            notes.save("start")
            notes.write("two")
            identity = notes.ask("GET", "identity").text
            files[name] = tmp_path / "data" / "databases" / identity / "database.sqlite3"
    for damage in DAMAGES:
        spoil(files[damage], damage)
    with serving(tmp_path) as server:
        Notes(server, "whole").write("fine")
        for damage in DAMAGES:
            assert_brought_back(Notes(server, damage), files[damage], is_kept=damage != "gone")
        Notes(server, "whole").write("fine")
    with serving(tmp_path) as server:
        for damage in DAMAGES:
            assert Notes(server, damage).rows() == [[1, "one"], [2, "next"]]


def assert_brought_back(notes: Notes, file: Path, *, is_kept: bool) -> None:
    refused = notes.server.call(notes.name, "write", "no")
    assert refused.status_code == 503
    assert str(file) in refused.text
    assert "stdbctl snapshot restore start" in refused.text
    done = notes.restore("start")
    assert (done["damaged"] is not None, done["before"]) == (is_kept, None)
    notes.write("next")
    assert notes.rows() == [[1, "one"], [2, "next"]]


def spoil(file: Path, damage: str) -> None:
    data = file.read_bytes()
    file.unlink()
    if damage == "folder":
        file.mkdir()
    elif damage != "gone":
        file.write_bytes({"zero": b"", "cut": data[: len(data) // 2], "text": b"not a database " * 400}[damage])
