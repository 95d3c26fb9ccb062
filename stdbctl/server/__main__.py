"""`python -m stdbctl.server`: the process that serves (see `process`), as the supervisor starts it."""

import gc
import os
import sys


def main() -> int:
    """Load everything and serve; the exit status."""
    gc.disable()  # nothing of what is imported goes again: to look for it took a sixth of the start
    from stdbctl.server.process import main as serve

    gc.enable()
    return serve(sys.argv[1])


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # Without Python's own end, which would finalise what modules left behind, and wait for it.
    os._exit(code)
