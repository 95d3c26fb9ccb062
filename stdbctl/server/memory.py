"""The memory of the process that serves: how much it may take, how it is looked through, and how it is given back.

Imports next to nothing, for the supervisor's sake.
"""

import contextlib
import ctypes
import gc
import os
import resource
from collections.abc import Callable, Iterator
from pathlib import Path

from stdbctl.server import limits

_MIB = 1024 * 1024
_PROC = Path("/proc")
_CGROUP = Path("/sys/fs/cgroup")


def limit_memory(limit_mb: int | None) -> None:
    """A call that takes more gets a MemoryError and is rolled back, before the machine's own memory is gone.

    `limit_mb`: None = what `default_limit` says.
    """
    limit = default_limit() if limit_mb is None else limit_mb * _MIB
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))


def default_limit() -> int:
    """Bytes: three quarters of the machine's memory, of the container's, or nine tenths of what is free, the least."""
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    shares = [int(size * limits.MEMORY_SHARE) for size in (machine, *_container_limits())]
    shares += [int(free * limits.FREE_MEMORY_SHARE) for free in _free_memory()]
    return max(min(shares), limits.MEMORY_LEAST_MB * _MIB)


def _container_limits() -> Iterator[int]:
    """What the kernel kills this process for, in either version of control groups; nothing where it does not say."""
    for file in (_CGROUP / "memory.max", _CGROUP / "memory" / "memory.limit_in_bytes"):
        with contextlib.suppress(OSError, ValueError):  # no such file; "max"
            yield int(file.read_text(encoding="ascii"))


def _free_memory() -> Iterator[int]:
    """What can be had without swapping, on systems that say it."""
    with contextlib.suppress(OSError):
        for line in (_PROC / "meminfo").read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                yield int(line.split()[1]) * 1024


def _trimmer() -> Callable[[int], object]:
    try:
        trim: Callable[[int], object] = ctypes.CDLL(None).malloc_trim  # glibc's
    except (AttributeError, OSError):
        return lambda _: None
    return trim


_trim = _trimmer()


def give_memory_back() -> None:
    """Hand what was freed back to the machine; the C library keeps it for later otherwise. Cost: ms for each GiB."""
    _trim(0)


def calm_collector() -> None:
    """Look for cycles rarely: rows are many, live long, and hold none (measured: a tenth of the cost of a call).

    Of the rows that were read at the start none is ever looked at. The youngest generation takes more than what two
    groups of 1,000 small transactions hold until they are on disk and go by themselves; with 10,000 objects all of it
    was looked at (measured on a busy machine: an eighth of a transfer). A look takes 1 to 3 ms on a quiet machine; each
    second one is at the middle generation, which thus stays small: with 200,000 in it, it held calls up for 100 ms.
    """
    gc.freeze()
    gc.set_threshold(40_000, 0, 800)
