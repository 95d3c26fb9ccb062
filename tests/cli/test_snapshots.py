"""`stdbctl snapshot` and `stdbctl undo`, as one uses them."""

import json
from pathlib import Path

import pytest

from tests.cli.terminal import Command, on_a_terminal, process, stdbctl


@pytest.fixture
def drawn(command: Command) -> Command:
    """One more point, and a snapshot of it under the name `start`."""
    command("snapshot", "delete", "start")
    assert command("call", "draw", "1", "2", '"#ff0000"').code == 0
    saved = command("snapshot", "save", "start")
    assert saved.code == 0, saved.err
    return command


def points(command: Command) -> int:
    return len(json.loads(command("sql", "SELECT * FROM point", "--format", "json").out)[0]["rows"])


def test_a_diff_shows_what_came_since(drawn: Command) -> None:
    drawn("call", "draw", "3", "4", '"#0000ff"')
    shown = drawn("snapshot", "diff", "start")
    assert "point: 1 new" in shown.out
    assert 'color = "#0000ff"' in shown.out
    assert 'color = "#ff0000"' not in shown.out
    assert json.loads(drawn("snapshot", "diff", "start", "--format", "json").out)["tables"][0]["only_after"] == 1


def test_two_snapshots_can_be_compared(drawn: Command) -> None:
    drawn("call", "draw", "3", "4", '"#0000ff"')
    drawn("snapshot", "delete", "end")
    assert drawn("snapshot", "save", "end").code == 0
    assert "point: 1 new" in drawn("snapshot", "diff", "start", "end").out
    assert "point: 1 gone" in drawn("snapshot", "diff", "end", "start").out
    assert drawn("snapshot", "diff", "end").err == "no differences\n"


def test_a_restore_needs_the_name_of_the_database(drawn: Command) -> None:
    drawn("call", "draw", "3", "4", '"#0000ff"')
    before = points(drawn)
    refused = drawn("snapshot", "restore", "start")
    assert refused.code == 3
    assert "point: 1 row goes" in refused.err
    assert "--confirm board" in refused.err
    assert drawn("snapshot", "restore", "start", "--confirm", "other").code == 3
    assert points(drawn) == before
    assert drawn("snapshot", "restore", "start", "--confirm", "board").code == 0
    assert points(drawn) == before - 1


def test_undo_takes_back_a_restore_and_then_itself(drawn: Command) -> None:
    drawn("call", "draw", "3", "4", '"#0000ff"')
    before = points(drawn)
    done = drawn("snapshot", "restore", "start", "--confirm", "board")
    assert "`stdbctl undo` brings it back" in done.err
    assert "takes back: restore of `start`" in drawn("undo").err
    assert drawn("undo", "--confirm", "board").code == 0
    assert points(drawn) == before
    assert drawn("undo", "--confirm", "board").code == 0
    assert points(drawn) == before - 1


def test_the_list_shows_what_there_is(drawn: Command) -> None:
    shown = drawn("snapshot", "list")
    assert "start" in shown.out
    listed = json.loads(drawn("snapshot", "list", "--format", "json").out)["snapshots"]
    assert "start" in [snapshot["name"] for snapshot in listed]


def test_an_unknown_snapshot_gets_the_nearest_name(drawn: Command) -> None:
    refused = drawn("snapshot", "diff", "strat")
    assert refused.code == 2
    assert "did you mean `start`?" in refused.err
    assert (
        json.loads(drawn("snapshot", "diff", "strat", "--format", "json").err)["error"]["code"] == "snapshots.not_found"
    )


@pytest.mark.parametrize("name", ["before/the party", ".", "..", "-x"])
def test_a_name_that_no_file_can_have_is_refused_as_such(drawn: Command, name: str) -> None:
    refused = drawn("snapshot", "save", "--", name)
    assert refused.code == 2
    assert f"`{name}` cannot be a snapshot's name" in refused.err


@pytest.mark.parametrize("name", ["..", "../..", "a/.."])
def test_no_name_of_a_snapshot_reaches_the_database(drawn: Command, name: str) -> None:
    assert f"`{name}` cannot be a snapshot's name" in drawn("snapshot", "delete", name).err
    assert "1 row" in drawn("sql", "SELECT COUNT(*) AS n FROM point").err


def test_a_restore_asks_on_a_terminal(drawn: Command, served: Path) -> None:
    shown = on_a_terminal("snapshot", "restore", "start", cwd=served, typed="boards\n")
    assert shown.code == 3
    assert "nothing was changed" in shown.out
    shown = on_a_terminal("snapshot", "restore", "start", cwd=served, typed="board\n")
    assert shown.code == 0, shown.out
    assert "restored board to `start` in " in shown.out


def test_each_step_closes_with_how_long_it_took(drawn: Command) -> None:
    assert drawn("snapshot", "delete", "start").out.startswith("deleted snapshot `start` in ")
    assert drawn("snapshot", "save", "start").out.startswith("saved `start` in ")
    for words in (
        ("snapshot", "restore", "start", "--confirm", "board"),
        ("undo", "board"),
        ("snapshot", "delete", "start"),
        ("snapshot", "save", "start"),
    ):
        done = json.loads(drawn(*words, "--format", "json").out)
        assert done["ok"] is True
        assert done["duration_ms"] >= 0


def test_a_server_is_started_for_what_is_stored_and_not_where_nothing_is(project: Path) -> None:
    refused = process("history", cwd=project)
    assert refused.code == 2
    assert "`stdbctl deploy` does so by itself" in refused.err
    assert stdbctl("deploy", cwd=project).code == 0
    assert stdbctl("stop", cwd=project).code == 0
    done = process("snapshot", "save", "one", cwd=project)
    assert done.err.startswith("started the embedded server: "), done.err
    assert (done.code, done.out.startswith("saved `one` in ")) == (0, True)
