"""`stdbctl init`: what it makes, asks and refuses."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.terminal import on_a_terminal, stdbctl
from tests.project.renew_sample import SAMPLE, files_in, make_whiteboard


def test_sample_project_is_what_the_whiteboard_template_makes(tmp_path: Path) -> None:
    made, sample = files_in(make_whiteboard(tmp_path)), files_in(SAMPLE)
    advice = "run `python -m tests.project.renew_sample`"
    assert sample.keys() == made.keys(), advice
    assert [path for path in made if made[path] != sample[path]] == [], advice


def test_closing_line_is_the_answer_and_the_next_steps_are_advice(tmp_path: Path) -> None:
    done = stdbctl("init", "my board", "--template", "whiteboard", "--yes", cwd=tmp_path)
    assert done.code == 0, done.err
    assert done.out.startswith("created my board in ")
    assert " · whiteboard, ts client · " in done.out
    assert done.out.endswith(" · database my-board\n")
    assert done.err == "next:\n  cd 'my board'\n  stdbctl dev\n"


def test_bindings_are_generated_already(tmp_path: Path) -> None:
    stdbctl("init", "wb", "--yes", cwd=tmp_path)
    assert stdbctl("generate", "--check", cwd=tmp_path / "wb").code == 0
    assert stdbctl("check", cwd=tmp_path / "wb").out.startswith("checked module in ")


def test_json_says_what_was_made(tmp_path: Path) -> None:
    done = stdbctl("init", "wb", "--template", "empty", "--client", "none", "--format", "json", cwd=tmp_path)
    answer = json.loads(done.out)
    assert answer.pop("duration_ms") >= 0
    assert answer == {
        "ok": True,
        "folder": "wb",
        "database": "wb",
        "template": "empty",
        "client": "none",
        "files": [".gitignore", "README.md", "module/__init__.py", "stdbctl.toml", "tests/test_module.py"],
    }
    assert done.err == ""


def test_working_folder_may_become_the_project(tmp_path: Path) -> None:
    folder = tmp_path / "Here It Is"
    folder.mkdir()
    done = stdbctl("init", ".", "--yes", "--client", "none", cwd=folder)
    assert done.out.endswith("database here-it-is\n")
    assert done.err == "next:\n  stdbctl dev\n"
    assert (folder / "stdbctl.toml").is_file()


def test_yes_takes_every_default(tmp_path: Path) -> None:
    assert stdbctl("init", "--yes", cwd=tmp_path).out.startswith("created whiteboard in ")
    assert stdbctl("init", "--yes", "--template", "empty", cwd=tmp_path).out.startswith("created my-project in ")
    assert (tmp_path / "my-project" / "client" / "src" / "main.ts").is_file()


@pytest.mark.parametrize(
    ("arguments", "flag"),
    [
        ([], "--template TEMPLATE"),
        (["wb"], "--template TEMPLATE"),
        (["--template", "empty"], "DIR"),
        (["wb", "--template", "empty"], "--client CLIENT"),
    ],
)
def test_without_a_terminal_the_missing_flag_is_named(arguments: list[str], flag: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "stdbctl", "init", *arguments],
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert f"`{flag}`" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_questions_are_asked_on_a_terminal(tmp_path: Path) -> None:
    done = on_a_terminal("init", cwd=tmp_path, typed="blackboard\nempty\nmy place\nnone\n")
    assert done.code == 0, done.out
    assert "template (whiteboard, empty) [whiteboard]: " in done.out
    assert "`blackboard` is none of whiteboard, empty\n" in done.out
    assert "folder [my-project]: " in done.out
    assert "client (ts, python, none) [ts]: " in done.out
    assert (tmp_path / "my place" / "stdbctl.toml").is_file()
    assert not (tmp_path / "my place" / "client").exists()


def test_enter_takes_the_default_and_only_what_is_missing_is_asked(tmp_path: Path) -> None:
    done = on_a_terminal("init", "--client", "none", cwd=tmp_path, typed="\n\n")
    assert done.code == 0, done.out
    assert "client (" not in done.out
    assert (tmp_path / "whiteboard" / "module").is_dir()


def test_end_of_input_is_no_answer(tmp_path: Path) -> None:
    done = on_a_terminal("init", cwd=tmp_path, typed="\x04")
    assert done.code == 2
    assert "`--template TEMPLATE`" in done.out


def test_folder_that_is_not_empty_is_refused_before_any_question(tmp_path: Path) -> None:
    (tmp_path / "wb").mkdir()
    (tmp_path / "wb" / "letter.txt").write_text("dear", encoding="utf-8")
    done = on_a_terminal("init", "wb", cwd=tmp_path)
    assert done.code == 2
    assert "`wb` is not empty: `letter.txt`" in done.out
    assert [path.name for path in (tmp_path / "wb").iterdir()] == ["letter.txt"]


def test_unknown_template_is_a_usage_error_that_lists_them(tmp_path: Path) -> None:
    done = stdbctl("init", "wb", "--template", "blackboard", cwd=tmp_path)
    assert done.code == 2
    assert done.err.startswith(
        "error: Invalid value for '--template' / '-t': 'blackboard' is not one of 'whiteboard', 'empty'"
    )


@pytest.mark.parametrize(("template", "program"), [("whiteboard", "client/board.py"), ("empty", "client/main.py")])
def test_what_to_run_next_of_a_python_client_is_there(template: str, program: str, tmp_path: Path) -> None:
    done = stdbctl("init", "wb", "--template", template, "--client", "python", cwd=tmp_path)
    assert done.err == f"next:\n  cd wb\n  stdbctl dev\n  python {program}  # in another terminal\n"
    assert (tmp_path / "wb" / program).is_file()


@pytest.mark.timeout(180)
@pytest.mark.parametrize("template", ["whiteboard", "empty"])
def test_tests_of_a_new_project_pass(template: str, tmp_path: Path) -> None:
    stdbctl("init", "new", "--template", template, "--client", "none", "--yes", cwd=tmp_path)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q"], cwd=tmp_path / "new", capture_output=True, text=True, timeout=170
    )
    assert done.returncode == 0, done.stdout + done.stderr
