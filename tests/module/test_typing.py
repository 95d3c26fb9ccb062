"""Modules type-check as they are, without plug-ins, under both checkers at their strictest."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

GOOD = Path(__file__).parent / "cases" / "good"
PYRIGHT = Path(__file__).parent.parent / "node" / "node_modules" / ".bin" / "pyright"
CASES = sorted(folder.name for folder in GOOD.iterdir())


@pytest.mark.parametrize("case", CASES)
def test_modules_pass_mypy_strict(case: str, tmp_path: Path) -> None:
    config = tmp_path / "mypy.ini"
    config.write_text("[mypy]\nstrict = True\n")
    # The package's own folder is on the path for `import helpers`, as it is when the package is loaded.
    inside = [str(folder) for folder in (GOOD / case).iterdir() if folder.is_dir()]
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--config-file", str(config), "--cache-dir", str(tmp_path), "."],
        cwd=GOOD / case,
        env={**os.environ, "MYPYPATH": os.pathsep.join([str(GOOD / case)])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert inside or done.returncode == 0
    assert done.returncode == 0, done.stdout + done.stderr


def test_modules_pass_pyright_strict(tmp_path: Path) -> None:
    config = tmp_path / "pyrightconfig.json"
    roots = [{"root": str(GOOD / case), "extraPaths": [str(GOOD / case)]} for case in CASES]
    config.write_text(
        json.dumps({"include": [str(GOOD)], "typeCheckingMode": "strict", "executionEnvironments": roots})
    )
    done = subprocess.run(
        [str(PYRIGHT), "--project", str(config), "--pythonpath", sys.executable],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
