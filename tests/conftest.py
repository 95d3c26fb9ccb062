"""What holds for all tests."""

import compileall
import signal
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "stdbctl"

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell gives that to what it starts in the background; programs under test would inherit it and ignore Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_configure(config: pytest.Config) -> None:
    """Compile the package once, before workers start: where PYTHONDONTWRITEBYTECODE is set, each server would."""
    if not hasattr(config, "workerinput"):
        compileall.compile_dir(PACKAGE, quiet=1)
