"""A stopped call leaves the process as it was."""

import subprocess
import sys

STOPPED_THEN_TRACED = """
import sys, threading
from stdbctl.module.interruption import Interruptible, Stopped

work = Interruptible()
work.begin()
try:
    threading.Thread(target=work.interrupt).start()
    while True:
        pass
except Stopped:
    assert work.end()

def loop():
    return sum(n for n in range(100))

sys.settrace(lambda *_: None)
loop()
sys.settrace(None)
print("went on")
"""


def test_traced_code_goes_on_after_a_call_was_stopped_from_another_thread() -> None:
    done = subprocess.run(
        [sys.executable, "-c", STOPPED_THEN_TRACED], capture_output=True, text=True, timeout=100, check=False
    )
    assert done.stdout == "went on\n", done.stderr
