"""The project's module, loaded on this side of the network: its definition, or all of its problems."""

import contextlib
import faulthandler
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from stdbctl.errors import Problems
from stdbctl.project import Project

if TYPE_CHECKING:
    from stdbctl.module import Loaded

IMPORT_S = 10.0
"""How long the import of a module, or a try of its functions, may take: as long as on the server."""
_REPEAT_S = 0.25
"""The author's code may swallow one interruption: it comes again."""
_DEAF_S = 5.0
"""How long after that it may go on in code deaf to signals, before the process ends and shows where it sits."""


def load_module(project: Project) -> "Loaded":
    """Load the module package of the project; raises Problems as `load_path` does."""
    return load_path(project.module_path, project.root)


def load_path(path: Path, root: Path) -> "Loaded":
    """Load the module package at `path`, whose places are to be shown relative to `root`.

    Raises:
        Problems: everything that is wrong with it; an import that does not end is stopped after IMPORT_S.
    """
    from stdbctl.module import PythonHost, pack

    program = pack(path, root)
    host = PythonHost()
    with limited(host.interrupt):
        prepared = host.prepare(program)
    if isinstance(prepared, Sequence):
        raise Problems(prepared)
    return prepared.loaded


@contextlib.contextmanager
def limited(interrupt: Callable[[], None]) -> Iterator[None]:
    """Stop an author's code that takes too long: by a signal, which ends even `time.sleep` and regular expressions."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def too_long(_number: int, _frame: FrameType | None) -> None:
        interrupt()

    old = signal.signal(signal.SIGALRM, too_long)
    signal.setitimer(signal.ITIMER_REAL, IMPORT_S, _REPEAT_S)
    with contextlib.suppress(AttributeError, OSError, ValueError):  # stderr may be no file of the system's
        faulthandler.dump_traceback_later(IMPORT_S + _DEAF_S, exit=True)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        faulthandler.cancel_dump_traceback_later()
        signal.signal(signal.SIGALRM, old)
