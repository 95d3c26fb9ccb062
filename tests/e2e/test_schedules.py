"""Scheduled tables as a user of the official npm client sees them: ticks, reminders, a kill, a restart, a save."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.test_npm_client import NODE, bundle, run
from tests.support.server import RunningServer, serving

SOURCE = Path(__file__).parent / "reminders"
pytestmark = pytest.mark.timeout(240)


class Watcher:
    """The Node process of tests/node/e2e/schedules.ts."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def ask(self, *order: object) -> Any:
        """Give an order and wait for its answer."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return self.answer()

    def answer(self) -> Any:
        """The next answer, after whatever the npm client logs."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith("ANSWER "):
                return json.loads(line.removeprefix("ANSWER "))
        raise AssertionError(f"the client ended with {self._process.wait()}")


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundled script with bindings made for the module."""
    project = tmp_path_factory.mktemp("reminders") / "project"
    shutil.copytree(SOURCE, project)
    run(sys.executable, "-m", "stdbctl", "generate", "--lang", "ts", "--out-dir", "bindings", cwd=project)
    return bundle("schedules.ts", project, NODE / "node_modules" / ".e2e" / f"{project.parent.name}-schedules.mjs")


@contextmanager
def watching(script: Path, server: RunningServer) -> Iterator[Watcher]:
    """A client that is subscribed to everything; its connection lasts as long as the context, or the test fails."""
    process = subprocess.Popen(
        ["node", script, server.url.replace("http", "ws"), "reminders"],
        cwd=NODE,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        watcher = Watcher(process)
        assert watcher.answer() == "ready"
        yield watcher
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(60) == 0
    finally:
        process.kill()
        process.wait()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.close()
        process.stdout.close()


def once(text: str) -> list[str]:
    """What is heard of one reminder from its beginning to its end; its run and its end are one update."""
    return [f"reminder {text} comes", f"reminder {text} goes", f"reminded of {text}"]


def test_ticks_and_reminders_survive_a_kill_a_restart_and_a_save(script: Path, tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        assert server.publish("reminders", SOURCE).status_code == 200
        with watching(script, server) as watcher:
            assert watcher.ask("ticks", 3) == [["1", "Interval"]]
            watcher.ask("remind", 0.2, "tea")
            tea = watcher.ask("reminded", "tea")
            assert sorted(tea.pop("heard")) == sorted(once("tea"))
            assert tea == {"version": "first", "isEarly": False}
            watcher.ask("remind", 0.5, "while it is down")
            watcher.ask("remind", 10_000, "far away")
        server.kill()
    with serving(tmp_path) as server, watching(script, server) as watcher:
        missed = watcher.ask("reminded", "while it is down")
        assert (missed["version"], missed["isEarly"]) == ("first", False)
        assert watcher.ask("rows") == ["far away"]
        assert watcher.ask("ticks", 3) == [["1", "Interval"]]
        watcher.ask("remind", 1.0, "cake")
        source = (SOURCE / "module" / "__init__.py").read_text(encoding="utf-8")
        changed = {"module/__init__.py": source.replace('"first"', '"second"')}
        assert server.publish("reminders", changed).status_code == 200
        assert watcher.ask("ticks", 3) == [["1", "Interval"]]
        watcher.ask("remind", 0.0, "pie")
        assert watcher.ask("reminded", "pie")["version"] == "second"
        assert sorted(watcher.ask("reminded", "cake")["heard"]) == sorted(once("cake"))
        assert watcher.ask("rows") == ["far away"]
        assert [row[0] for row in server.sql("reminders", "SELECT text FROM reminded")] == [
            "cake",
            "pie",
            "tea",
            "while it is down",
        ]
