"""The structure of a SQLite file, read by a thread of its own while its rows are being loaded.

SQLite reads without holding the interpreter: on a second processor this costs a start nothing (measured: 0.1 s of its
time for 100 MB).
"""

import contextlib
import signal
import sqlite3
import threading
from pathlib import Path

from stdbctl.store.errors import StoreDamaged, StoreFault, store_faults
from stdbctl.store.sqlite import check_whole


class StructureCheck:
    """Begins when it is made; `wait` tells how it ended, `stop` ends it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._fault: StoreDamaged | None = None
        uri = f"{path.absolute().as_uri()}?mode=ro"
        with store_faults(path, "opened"):
            self._connection = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)
        self._thread = threading.Thread(target=self._run, name="stdbctl-structure", daemon=True)
        self._thread.start()

    @property
    def has_failed(self) -> bool:
        """Whether something was found so far."""
        return self._fault is not None

    def wait(self) -> None:
        """Return when the whole file was read and is sound; StoreDamaged when it is not."""
        self._thread.join()
        if self._fault is not None:
            raise self._fault

    def stop(self) -> None:
        """Give up, if it goes on still."""
        if self._thread.is_alive():
            with contextlib.suppress(sqlite3.ProgrammingError):  # it has closed its connection just now
                self._connection.interrupt()
        self._thread.join()

    def _run(self) -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})  # the runaway guard's, for the main thread
        try:
            check_whole(self._path, self._connection)
        except StoreDamaged as fault:
            self._fault = fault
        except StoreFault:
            pass  # stopped, or the disk's: nothing was found, and whoever writes next hears of the disk
        finally:
            self._connection.close()
