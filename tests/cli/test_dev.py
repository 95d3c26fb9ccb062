"""`stdbctl dev` as a person sees it on a terminal, and its debugger."""

import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.dev_terminal import CTRL_C, terminal
from tests.cli.terminal import STDBCTL, stdbctl
from tests.dev.driving import SOURCE, make_project, save

MOMENT = r"\d\d:\d\d:\d\d"
CLIENT = "echo client is here; while [ ! -e crash ]; do sleep 0.1; done; rm crash; exit 9"


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    return make_project(tmp_path / "notes")


def version(number: int) -> str:
    return SOURCE.replace("version 1", f"version {number}")


def test_a_session_reads_well_from_the_first_deploy_to_ctrl_c(notes: Path) -> None:
    with terminal("dev", "--run", CLIENT, cwd=notes) as shown:
        assert re.fullmatch(r"serving http://127\.0\.0\.1:\d+ \(data \.stdbctl/data\)", shown.line_with("serving"))
        parts = r"load \d+ · deploy \d+ · generate \d+"
        first = rf"{MOMENT} deployed notes in .* · {parts} · 1 table, 2 reducers · 12 files written in bindings"
        assert re.fullmatch(first, shown.line_with("deployed"))
        shown.wait_for("running `echo client")
        shown.wait_for("watching module and stdbctl.toml · Ctrl-C ends\n")
        shown.wait_for("client │ client is here\n")

        save(notes, version(2))
        good = rf"{MOMENT} reloaded in \d+ ms · {parts} · changed add · bindings unchanged"
        assert re.fullmatch(good, shown.line_with("reloaded"))
        assert stdbctl("call", "add", cwd=notes).code == 0
        assert shown.line_with("log │") == "   log │  INFO: add module/__init__.py:14: adding"

        save(notes, version(3).replace("text: str", "text: Strr").replace("u64\n", "u46\n"))
        problems = shown.wait_for("; what was deployed before still serves\n")
        assert "module/__init__.py:9:11: error: the type `Strr` is not defined\n" in problems
        assert "9 │     text: Strr\n  │           ^^^^\n" in problems
        assert re.search(r"not deployed: \d problems? in \d+ ms; what", problems)
        assert stdbctl("call", "add", cwd=notes).code == 0

        save(notes, version(3))
        assert " ms, good again · load" in shown.line_with("reloaded")

        (notes / "crash").touch()
        shown.wait_for("ended with exit code 9; it runs again in 1 s, or at the next good save\n")
        shown.wait_for("client │ client is here\n")

        shown.type(CTRL_C)
        assert shown.ended() == 0
        assert shown.shown.endswith("^C\nending\n")
        assert "\x1b[" in shown.raw


def test_a_refused_schema_is_shown_where_it_stands(notes: Path) -> None:
    with terminal("dev", cwd=notes) as shown:
        shown.wait_for("watching")
        source = SOURCE.replace('text="version 1"', 'text="version 1", more=""')
        save(notes, source.replace("    text: str", "    text: str\n    more: str"))
        shown.wait_for("module/__init__.py:10:5: error: adding the column `more` of table `Note` requires a default")
        shown.wait_for("10 │     more: str\n   │     ^^^^")
        shown.wait_for("= fix: put it at the end of the table and give it a default, or write a migration function\n")
        shown.wait_for("not deployed in")


def test_a_second_ctrl_c_does_not_wait(notes: Path) -> None:
    with terminal("dev", "--run", "trap '' TERM; echo deaf; while :; do sleep 1; done", cwd=notes) as shown:
        shown.wait_for("client │ deaf")
        shown.type(CTRL_C)
        shown.wait_for("ending")
        shown.type(CTRL_C)
        assert shown.ended() == 130


def test_a_killed_server_comes_back_by_itself(notes: Path) -> None:
    with terminal("dev", cwd=notes) as shown:
        shown.wait_for("watching")
        stdbctl("stop", cwd=notes)
        shown.wait_for("is gone; starting it again\n")
        shown.wait_for("serving again http://")
        save(notes, version(2))
        shown.wait_for("reloaded in")
        shown.type(CTRL_C)
        assert shown.ended() == 0


def test_colours_reach_the_client_only_on_a_terminal(notes: Path) -> None:
    with terminal("dev", "--run", 'echo "colour: $FORCE_COLOR."; sleep 600', cwd=notes) as shown:
        shown.wait_for("colour: 1.")
    with terminal("dev", "--run", 'echo "colour: $FORCE_COLOR."; sleep 600', cwd=notes, NO_COLOR="1") as shown:
        shown.wait_for("colour: .")
        assert "\x1b[" not in shown.raw


def test_a_closed_window_ends_dev(notes: Path) -> None:
    with terminal("dev", cwd=notes) as shown:
        shown.wait_for("watching")
        shown.process.send_signal(signal.SIGHUP)
        assert shown.ended() == 0


@contextmanager
def calling(project: Path) -> "Iterator[subprocess.Popen[bytes]]":
    """A call of `add` that is under way."""
    call = subprocess.Popen(
        [*STDBCTL, "call", "add"], cwd=project, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield call
    finally:
        if call.poll() is None:
            call.kill()
            call.wait()


BREAKING = SOURCE.replace('    print("adding")', '    word = "looked at"\n    breakpoint()\n    print("adding")')


def test_a_breakpoint_stops_on_this_terminal_and_goes_on(notes: Path) -> None:
    with terminal("dev", "--debug", cwd=notes) as shown:
        shown.wait_for("debugging: no time limits")
        shown.wait_for("watching")
        save(notes, BREAKING)
        shown.wait_for("reloaded in")
        with calling(notes) as call:
            prompt = shown.wait_for("(Pdb) ")
            assert 'print("adding")' in prompt
            shown.type("word\n")
            shown.wait_for("'looked at'")
            shown.type("c\n")
            assert call.wait(60) == 0
        shown.wait_for("log │  INFO: add module/__init__.py:16: adding")
        shown.type(CTRL_C)
        assert shown.ended() == 0


def test_the_debugger_shows_the_sources_that_run(notes: Path) -> None:
    with terminal("dev", "--debug", cwd=notes) as shown:
        shown.wait_for("watching")
        for number in (2, 3):
            save(notes, BREAKING.replace("version 1", f"version {number}"))
            shown.wait_for("reloaded in")
            with calling(notes) as call:
                shown.wait_for("(Pdb) ")
                shown.type("n\n")
                assert f"version {number}" in shown.wait_for("(Pdb) ")
                shown.type("c\n")
                assert call.wait(60) == 0


def test_ctrl_c_at_the_prompt_gives_the_call_up_and_ends_dev(notes: Path) -> None:
    with terminal("dev", "--debug", cwd=notes) as shown:
        shown.wait_for("watching")
        save(notes, BREAKING)
        shown.wait_for("reloaded in")
        with calling(notes) as call:
            shown.wait_for("(Pdb) ")
            shown.type(CTRL_C)
            assert shown.ended() == 0
            assert call.wait(60) != 0


def test_debug_without_its_own_server_is_refused(notes: Path) -> None:
    assert stdbctl("start", "--detach", cwd=notes).code == 0
    try:
        with terminal("dev", "--debug", cwd=notes) as shown:
            assert shown.ended() == 2
            assert "end it first with `stdbctl stop`" in shown.shown
    finally:
        assert stdbctl("stop", cwd=notes).code == 0
    assert stdbctl("dev", "--debug", "--server", "http://127.0.0.1:9", cwd=notes).code == 2
    assert stdbctl("dev", "--debug", "--format", "json", cwd=notes).code == 2


def test_dry_run_and_watch_exclude_each_other(notes: Path) -> None:
    done = stdbctl("deploy", "--watch", "--dry-run", cwd=notes)
    assert (done.code, "exclude each other" in done.err) == (2, True)


def test_a_server_elsewhere_that_does_not_answer_ends_dev(notes: Path) -> None:
    done = stdbctl("dev", "--server", "http://127.0.0.1:9", cwd=notes)
    assert done.code == 2
    assert "no server answers" in done.err


def test_a_missing_program_of_the_client_is_named_with_what_to_do(notes: Path) -> None:
    with terminal("dev", "--run", "no-such-program --port 1", cwd=notes) as shown:
        shown.wait_for("`no-such-program --port 1` ended with exit code 127; it runs again in 1 s")
        shown.wait_for("= fix: install `no-such-program`, or go on with `--no-client`\n")
