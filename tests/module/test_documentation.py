"""Every example of docs/module-api.md is a module that loads, runs and type-checks."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from stdbctl.module import load_package, state_changes
from stdbctl.records import DONE

from .running import Running, program_of
from .test_typing import PYRIGHT

PAGE = Path(__file__).parent.parent.parent / "docs" / "module-api.md"
EXAMPLES = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
CALLS: dict[str, list[object]] = {
    "add": [1.5],
    "draw": [1, {"group": [{"circle": 1.0}, {"nothing": []}]}, {"x": 0.5, "y": 1.0}],
    "work": [],
    "nightly_work": [],
    "roll": [6],
}


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_example_loads_and_its_reducers_run(number: int, tmp_path: Path) -> None:
    program = program_of(tmp_path, EXAMPLES[number])
    loaded = load_package(tmp_path / "module", tmp_path)
    assert not isinstance(loaded, tuple), loaded
    assert state_changes(loaded.version, loaded.reducers) == ()
    running = Running(program)
    for reducer in loaded.module.reducers:
        if reducer.lifecycle is None:
            assert running.call(reducer.name, *CALLS[reducer.name]) == DONE, running.lines


def test_there_are_examples() -> None:
    assert len(EXAMPLES) >= 5


def test_examples_pass_mypy_and_pyright_strict(tmp_path: Path) -> None:
    for number, example in enumerate(EXAMPLES):
        (tmp_path / f"example_{number}.py").write_text(example, encoding="utf-8")
    mypy = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path / "cache"), "."]
    config = tmp_path / "pyrightconfig.json"
    config.write_text(json.dumps({"typeCheckingMode": "strict"}), encoding="utf-8")
    pyright = [str(PYRIGHT), "--project", str(config), "--pythonpath", sys.executable]
    for command in (mypy, pyright):
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
