"""Ctrl-C where Python ignores exceptions."""

import subprocess
import sys

import pytest

from stdbctl.cli import interrupts

LOSING = """
import signal, threading
from stdbctl.cli import interrupts

class Careless:
    def __del__(self) -> None:
        signal.raise_signal(signal.SIGINT)
        for _ in range(1000):
            pass

interrupts.AGAIN_S = {again_s}
interrupts.keep_interrupts()
try:
    Careless()
    threading.Event().wait(60)
except KeyboardInterrupt:
    print("interrupted")
"""


@pytest.mark.parametrize("again_s", [interrupts.AGAIN_S, 0.0], ids=["as it is", "as on a machine that stutters"])
def test_an_interrupt_within_a_destructor_comes_again(again_s: float) -> None:
    program = LOSING.format(again_s=again_s)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=100, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "interrupted\n", "")
