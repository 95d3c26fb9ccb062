"""The `stdbctl` command. `main` answers `--version` by itself: nothing is imported for it that it does not need."""

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from typing import NoReturn

from stdbctl import __version__
from stdbctl.cli.interrupts import keep_interrupts

__all__ = ["main", "run"]


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return the exit code (docs/cli.md)."""
    if arguments in (["--version"], ["-V"]):
        sys.stdout.write(f"stdbctl {__version__}\n")
        return 0
    with _quiet_interrupt():
        from stdbctl.cli.app import run_command

    return run_command(arguments)


def main() -> NoReturn:
    """Run the command line of this process."""
    _open_closed_streams()
    keep_interrupts()
    sys.exit(run(sys.argv[1:]))


@contextlib.contextmanager
def _quiet_interrupt() -> Iterator[None]:
    """Let Ctrl-C end the process without a traceback of ours while nobody is there yet to report it."""
    if signal.getsignal(signal.SIGINT) is not signal.default_int_handler or not _is_main_thread():
        yield
        return
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _is_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()


def _open_closed_streams() -> None:
    """Put /dev/null where stdin, stdout or stderr was closed: a pipe or file would get its number otherwise."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    sys.stdout = sys.stdout or open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115  # lives as long as we do
    sys.stderr = sys.stderr or open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
