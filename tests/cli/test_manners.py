"""How every command behaves: help, usage errors, closed streams, interrupts, broken project files."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from stdbctl import __version__
from stdbctl.cli import run
from tests.cli.terminal import STDBCTL, Command, Ended, background, on_a_terminal, process, stdbctl


def test_bare_command_shows_the_help(tmp_path: Path) -> None:
    bare = process(cwd=tmp_path)
    assert (bare.code, bare.err) == (0, "")
    assert "deploy" in bare.out
    assert bare.out == process("--help", cwd=tmp_path).out


@pytest.mark.parametrize("flag", ["--version", "-V"])
def test_version(flag: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([flag]) == 0
    assert capsys.readouterr().out == f"stdbctl {__version__}\n"


def test_version_among_other_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version", "deploy"]) == 0
    assert capsys.readouterr().out == f"stdbctl {__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["deplyo"], "deploy"),
        (["deploy", "--yess"], "--yes"),
        (["sql"], "QUERY"),
        (["logs", "-n", "many"], "integer"),
        (["ps", "--format", "yaml"], "json"),
        (["deploy", "a", "b"], "b"),
    ],
)
def test_usage_errors_say_what_is_wrong_and_where_help_is(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("error: ")
    assert said in shown.err
    assert "--help`" in shown.err


def test_help_shows_the_names_in_brackets(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["dev", "--help"]) == 0
    assert "`[dev]" in capsys.readouterr().out


def test_a_host_without_http_gets_the_url_that_was_meant(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "stdbctl.toml").write_text('database = "a"\nmodule = "a.py"\n')
    for host in ("localhost:3000", "127.0.0.1:3000", "[::1]:3000"):
        assert run(["list", "--project", str(tmp_path), "--server", host]) == 2
        assert f"did you mean `http://{host}`?" in capsys.readouterr().err


def test_no_project_says_what_to_write(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("start", "stop", "ps", "deploy", "generate", "check", "logs", "describe", "list"):
        done = Ended(run([name, "--project", str(tmp_path)]), *capsys.readouterr())
        assert done.code == 2
        assert "stdbctl init" in done.err


def test_broken_project_file_is_a_code_frame(tmp_path: Path) -> None:
    (tmp_path / "stdbctl.toml").write_text('databse = "board"\nmodule = "module"\n', encoding="utf-8")
    done = stdbctl("ps", cwd=tmp_path)
    assert done.code == 2
    assert "stdbctl.toml:1:1: error: unknown key `databse`" in done.err
    assert '1 │ databse = "board"\n  │ ^^^^^^^' in done.err
    assert "did you mean `database`?" in done.err


def test_project_may_be_named(project: Path, tmp_path: Path) -> None:
    assert stdbctl("check", "--project", str(project), cwd=tmp_path).code == 0
    missing = stdbctl("check", "--project", "nowhere", cwd=tmp_path)
    assert missing.code == 2
    assert "`nowhere` is no folder" in missing.err


def test_commands_need_no_stdin(served: Path) -> None:
    done = subprocess.run(
        ["sh", "-c", '"$0" -m stdbctl deploy <&-', sys.executable],
        cwd=served,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_reader_that_leaves_early_is_no_error(served: Path) -> None:
    for number in range(3):
        stdbctl("call", "speak", str(number), cwd=served)
    reading = subprocess.Popen([*STDBCTL, "logs", "-f"], cwd=served, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert reading.stdout is not None
    reading.stdout.readline()
    reading.stdout.close()
    for _ in range(3):
        stdbctl("call", "speak", "again", cwd=served)
    assert reading.stderr is not None
    assert reading.stderr.read() == b""
    assert reading.wait(60) == 0
    reading.stderr.close()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device that is always full is Linux's")
def test_answer_that_cannot_be_written_is_no_bug(tmp_path: Path) -> None:
    (tmp_path / "stdbctl.toml").write_text('database = "a"\nmodule = "module"\n', encoding="utf-8")
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*STDBCTL, "ps"], cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60
        )
    assert done.returncode == 2
    assert done.stderr.startswith("error: the answer cannot be written\n")
    assert "Traceback" not in done.stderr


def test_interrupt_exits_with_130(served: Path) -> None:
    stdbctl("call", "speak", "hello", cwd=served)
    running = background("logs", "-f", cwd=served)
    assert running.stdout is not None
    running.stdout.readline()
    running.send_signal(signal.SIGINT)
    _, err = running.communicate(timeout=60)
    assert running.returncode == 130
    assert "Traceback" not in err


def test_tables_and_logs_are_coloured_on_a_terminal_only(served: Path) -> None:
    stdbctl("call", "speak", "colours", cwd=served)
    for arguments in (["logs"], ["describe"]):
        assert "\x1b[" in on_a_terminal(*arguments, cwd=served).out
        assert "\x1b[" not in on_a_terminal(*arguments, cwd=served, NO_COLOR="1").out
        assert "\x1b[" not in stdbctl(*arguments, cwd=served).out


def test_output_off_a_terminal_is_never_cut(served: Path) -> None:
    narrow = {**os.environ, "COLUMNS": "20"}
    stdbctl("call", "speak", "x" * 300, cwd=served)
    assert f"{'x' * 300} shouting\n" in process("logs", "-n", "1", cwd=served, env=narrow).out
    assert "reducer draw(x: f32, y: f32, color: str)\n" in process("describe", cwd=served, env=narrow).out


def test_unforeseen_errors_are_bugs_with_a_traceback(
    command: Command, monkeypatch: pytest.MonkeyPatch, served: Path
) -> None:
    monkeypatch.setattr("stdbctl.cli.target.find_project", None)
    done: Ended = command("list")
    assert done.code == 1
    assert "TypeError" in done.err
    assert "this is a bug in stdbctl" in done.err
