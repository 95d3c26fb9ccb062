"""Warnings: shown by check, deploy and dev, and in nobody's way."""

import json
from pathlib import Path

from tests.cli.dev_terminal import terminal
from tests.cli.terminal import stdbctl
from tests.dev.driving import SOURCE, make_project, save

ASKING = """

import time


@reducer
def ask(ctx: ReducerContext) -> None:
    for name in {"a", "b"}:
        print(name, time.time())
"""


def ask_the_clock(project: Path) -> int:
    """Add a reducer that is warned of twice; the line of its loop."""
    module = project / "module" / "__init__.py"
    text = module.read_text(encoding="utf-8") + ASKING
    module.write_text(text, encoding="utf-8")
    return text.splitlines().index('    for name in {"a", "b"}:') + 1


def test_check_shows_warnings_and_ends_well(project: Path) -> None:
    line = ask_the_clock(project)
    done = stdbctl("check", cwd=project)
    assert done.code == 0, done.err
    assert done.out.endswith(" · 2 warnings\n")
    assert f"module/__init__.py:{line}:17: warning: this loop goes through the members of a set" in done.err
    assert f"module/__init__.py:{line + 1}:21: warning: `time.time()` reads the clock\n" in done.err
    assert "= fix: use `ctx.timestamp`\n" in done.err
    assert "^" * len("time.time()") in done.err


def test_check_strict_counts_warnings_as_findings(project: Path) -> None:
    assert stdbctl("check", "--strict", cwd=project).code == 0
    ask_the_clock(project)
    done = stdbctl("check", "--strict", cwd=project)
    assert (done.code, done.out) == (4, "")
    assert done.err.endswith("2 warnings\n")


def test_check_tells_warnings_and_errors_apart(project: Path) -> None:
    ask_the_clock(project)
    warned = json.loads(stdbctl("check", "--format", "json", cwd=project).out)
    assert warned["ok"]
    assert [(p["code"], p["severity"]) for p in warned["problems"]] == [
        ("module.set_order", "warning"),
        ("module.not_deterministic", "warning"),
    ]
    module = project / "module" / "__init__.py"
    counting = "\nseen: list[int] = []\n\n\n@reducer\ndef look(ctx: ReducerContext) -> None:\n    seen.append(1)\n"
    module.write_text(module.read_text(encoding="utf-8") + counting, encoding="utf-8")
    done = stdbctl("check", cwd=project)
    assert done.code == 4
    assert done.err.endswith("1 problem, 2 warnings\n")
    failed = json.loads(stdbctl("check", "--format", "json", cwd=project).out)
    assert not failed["ok"]
    assert {p["severity"] for p in failed["problems"]} == {"error", "warning"}


def test_deploy_says_warnings_in_a_line_each_and_goes_on(project: Path) -> None:
    line = ask_the_clock(project)
    done = stdbctl("deploy", cwd=project)
    assert done.code == 0, done.err
    assert (
        f"module/__init__.py:{line + 1}:21: warning: `time.time()` reads the clock (use `ctx.timestamp`)\n" in done.err
    )
    assert done.err.count("warning: ") == 2
    told = json.loads(stdbctl("deploy", "--format", "json", cwd=project).out)
    assert [p["severity"] for p in told["warnings"]] == ["warning", "warning"]


def test_dev_says_warnings_once_until_they_change(tmp_path: Path) -> None:
    notes = make_project(tmp_path / "notes")
    asking = SOURCE + ASKING
    with terminal("dev", cwd=notes) as shown:
        shown.wait_for("watching")
        save(notes, asking)
        assert "warning: `time.time()` reads the clock (use `ctx.timestamp`)\n" in shown.wait_for("reloaded")
        save(notes, asking.replace("version 1", "version 2\\n"))
        assert "warning" not in shown.wait_for("reloaded")
        save(notes, asking.replace("time.time()", "time.monotonic()"))
        assert "warning: `time.monotonic()` reads the clock" in shown.wait_for("reloaded")


LOOKING = """

@reducer
def look(ctx: ReducerContext) -> None:
    print(ctx.db[Note].delete(text="a"))
    print(ctx.db[Note].find(id=-1))
"""
COUNTING = """
seen: list[int] = []


@reducer
def count(ctx: ReducerContext) -> None:
    seen.append(1)
"""
NOT_INDEXED = "warning: no index of `Note` covers `text`"


def test_deploy_says_what_will_fail_before_its_warnings(project: Path) -> None:
    (project / "module" / "__init__.py").write_text(SOURCE + COUNTING + ASKING + LOOKING, encoding="utf-8")
    done = stdbctl("deploy", cwd=project)
    assert done.code == 0, done.err
    told = [line for line in done.err.splitlines() if "warning: " in line]
    assert len(told) == 5
    assert "warning: `count` changes `seen`" in told[0]
    assert NOT_INDEXED in told[1]
    assert "warning: `-1` cannot be in `Note.id`" in told[2]
    counted = json.loads(stdbctl("deploy", "--dry-run", "--format", "json", cwd=project).out)
    assert [problem["severity"] for problem in counted["warnings"]] == ["error"] * 3 + ["warning"] * 2


def test_dev_says_what_will_fail_once_until_it_changes(tmp_path: Path) -> None:
    notes = make_project(tmp_path / "notes")
    with terminal("dev", cwd=notes) as shown:
        shown.wait_for("watching")
        save(notes, SOURCE + LOOKING)
        assert NOT_INDEXED in shown.wait_for("reloaded")
        save(notes, (SOURCE + LOOKING).replace("version 1", "version 2"))
        assert "warning" not in shown.wait_for("reloaded")
        save(notes, (SOURCE + LOOKING + COUNTING).replace("version 1", "version 2"))
        assert "warning: `count` changes `seen`" in shown.wait_for("reloaded")
