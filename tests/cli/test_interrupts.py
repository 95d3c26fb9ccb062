"""Ctrl-C where Python ignores exceptions."""

import subprocess
import sys

LOSING = """
import signal, threading
from stdbctl.cli.interrupts import keep_interrupts

class Careless:
    def __del__(self) -> None:
        signal.raise_signal(signal.SIGINT)
        for _ in range(1000):
            pass

keep_interrupts()
try:
    Careless()
    threading.Event().wait(60)
except KeyboardInterrupt:
    print("interrupted")
"""


def test_an_interrupt_within_a_destructor_comes_again() -> None:
    done = subprocess.run([sys.executable, "-c", LOSING], capture_output=True, text=True, timeout=100, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "interrupted\n", "")
