"""All examples of the Python client: their bindings are fresh, and they pass both type checkers at their strictest."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.terminal import stdbctl
from tests.support.server import REPOSITORY

EXAMPLES = REPOSITORY / "docs" / "examples"
NAMES = ("game_loop", "notebook", "terminal_whiteboard")
PYRIGHT = REPOSITORY / "tests" / "node" / "node_modules" / ".bin" / "pyright"
OF_THE_SAMPLE = ("--project", "../../../sample_project", "--lang", "python", "--out-dir", "module_bindings")


@pytest.mark.parametrize("name", NAMES)
def test_bindings_are_what_the_readme_s_command_writes(name: str) -> None:
    arguments = () if (EXAMPLES / name / "stdbctl.toml").exists() else OF_THE_SAMPLE
    readme = (EXAMPLES / name / "README.md").read_text(encoding="utf-8")
    assert " ".join(("stdbctl generate", *arguments)) in readme
    done = stdbctl("generate", *arguments, "--check", cwd=EXAMPLES / name)
    assert done.code == 0, done.out + done.err


def test_module_of_the_game_has_no_problems_and_no_warnings() -> None:
    done = stdbctl("check", "--strict", cwd=EXAMPLES / "game_loop")
    assert done.code == 0, done.out + done.err


def test_examples_pass_mypy_strict(tmp_path: Path) -> None:
    config = tmp_path / "mypy.ini"
    config.write_text("[mypy]\nstrict = True\n", encoding="utf-8")
    for name in NAMES:
        command = [sys.executable, "-m", "mypy", "--config-file", str(config), "--cache-dir", str(tmp_path / "cache")]
        done = subprocess.run(
            [*command, "--explicit-package-bases", "."],
            cwd=EXAMPLES / name,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{name}: {done.stdout}{done.stderr}"


def test_examples_pass_pyright_strict(tmp_path: Path) -> None:
    config = tmp_path / "pyrightconfig.json"
    folders = [str(EXAMPLES / name) for name in NAMES]
    environments = [{"root": folder, "extraPaths": [str(REPOSITORY)]} for folder in folders]
    settings = {"include": folders, "executionEnvironments": environments, "typeCheckingMode": "strict"}
    config.write_text(json.dumps(settings), encoding="utf-8")
    command = [str(PYRIGHT), "--project", str(config), "--pythonpath", sys.executable]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
