"""A disk that refuses, without being root: the limit on the size of a process's files stands for it.

A write beyond the limit fails as on a full disk (SQLite: SQLITE_IOERR_WRITE instead of SQLITE_FULL), for every file of
the process that is that large, until the limit is raised again.
"""

import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.support.server import RunningServer

linux = pytest.mark.skipif(sys.platform != "linux", reason="the disk is made to refuse by Linux's prlimit")


def refuse(server: RunningServer, file_bytes: int = 4096) -> None:
    """Let no file of the server grow beyond so many bytes, nor be written there."""
    resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (file_bytes, _most()))


def accept(server: RunningServer) -> None:
    """Give the server all the room there is."""
    resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (_most(), _most()))


def _most() -> int:
    """The hard limit, which nobody but root may raise."""
    return resource.getrlimit(resource.RLIMIT_FSIZE)[1]


@contextmanager
def refused_from_the_start(file_bytes: int) -> Iterator[None]:
    """What is started in here has no room from its first moment on."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


AS_A_PLAIN_USER = [
    sys.executable,
    "-c",
    # Root obeys the modes of files, too, once it may not override them; to anybody else this does nothing.
    "import ctypes, os, sys; libc = ctypes.CDLL(None); [libc.prctl(24, number, 0, 0, 0) for number in (1, 2)];"
    "os.execv(sys.argv[1], sys.argv[1:])",
]
"""Put before a command: it runs without CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH."""
