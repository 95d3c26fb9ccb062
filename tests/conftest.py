"""What holds for all tests."""

import signal

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell gives that to what it starts in the background; programs under test would inherit it and ignore Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)
