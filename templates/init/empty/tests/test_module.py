"""The module loads: `stdbctl check` finds nothing wrong."""

import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).parent.parent


def test_the_module_has_no_problems() -> None:
    command = [sys.executable, "-m", "stdbctl", "check"]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
