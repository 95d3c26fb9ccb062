"""Every write and sync of SQLite, recorded: from the record any disk can be made that a power cut may leave.

`install(trace)` puts our functions for xWrite, xTruncate and xSync before those of SQLite's own file system layer, by
way of the C interface (`sqlite3_vfs`): the library is the one that Python's `sqlite3` uses. One event per line of JSON:

    {"write": FILE, "at": OFFSET, "data": HEX}    {"truncate": FILE, "size": BYTES}    {"sync": FILE}    {"mark": TEXT}

A line is written after the operation has ended, so what a `sync` line follows is on disk.
"""

import _sqlite3
import ctypes
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

_POINTER, _INT, _INT64 = ctypes.c_void_p, ctypes.c_int, ctypes.c_int64
_OPEN = ctypes.CFUNCTYPE(_INT, _POINTER, _POINTER, _POINTER, _INT, _POINTER)
_WRITE = ctypes.CFUNCTYPE(_INT, _POINTER, _POINTER, _INT, _INT64)
_TRUNCATE = ctypes.CFUNCTYPE(_INT, _POINTER, _INT64)
_SYNC = ctypes.CFUNCTYPE(_INT, _POINTER, _INT)


class _Vfs(ctypes.Structure):
    """The first fields of `sqlite3_vfs`; the functions after xOpen are copied as they are."""

    _fields_ = (
        ("version", _INT),
        ("file_bytes", _INT),
        ("path_bytes", _INT),
        ("next", _POINTER),
        ("name", ctypes.c_char_p),
        ("data", _POINTER),
        ("open", _OPEN),
        ("others", _POINTER * 15),
    )


class _Methods(ctypes.Structure):
    """`sqlite3_io_methods`, version 3."""

    _fields_ = (
        ("version", _INT),
        ("close", _POINTER),
        ("read", _POINTER),
        ("write", _WRITE),
        ("truncate", _TRUNCATE),
        ("sync", _SYNC),
        ("others", _POINTER * 13),
    )


class RecordingDisk:
    """Records into `trace` until the process ends. `fail_sync`, when set, is asked before each sync of a file."""

    def __init__(self, trace: Path) -> None:
        self._fd = os.open(trace, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._kept: list[Any] = []  # Any: what C points to must not be collected
        self.fail_sync: Callable[[str], bool] | None = None

    def mark(self, text: str) -> None:
        """Note in the record that this has happened by now."""
        self._note(mark=text)

    def install(self) -> None:
        """Record every connection that is opened from now on."""
        library = ctypes.CDLL(_sqlite3.__file__)
        library.sqlite3_vfs_find.restype = _POINTER
        theirs = _Vfs.from_address(library.sqlite3_vfs_find(None))
        vfs = _Vfs.from_buffer_copy(theirs)
        self._open = theirs.open
        vfs.name, vfs.open = b"recording", _OPEN(self._opened)
        self._kept.append(vfs)
        assert library.sqlite3_vfs_register(ctypes.byref(vfs), 1) == 0

    def _opened(self, vfs: int, name: int | None, file: int, flags: int, given: int | None) -> int:
        code: int = self._open(vfs, name, file, flags, given)
        if code == 0 and name:
            self._watch(os.fsdecode(ctypes.string_at(name)), file)
        return code

    def _watch(self, name: str, file: int) -> None:
        """A file begins with the pointer to its functions: let it point to a copy with ours in it."""
        methods = ctypes.cast(file, ctypes.POINTER(_POINTER))
        theirs = _Methods.from_address(methods[0])
        ours = _Methods.from_buffer_copy(theirs)
        self._kept += (theirs, ours)
        name = os.path.basename(name)

        def write(handle: int, data: int, size: int, at: int) -> int:
            code: int = theirs.write(handle, data, size, at)
            if code == 0:
                self._note(write=name, at=at, data=ctypes.string_at(data, size).hex())
            return code

        def truncate(handle: int, size: int) -> int:
            code: int = theirs.truncate(handle, size)
            if code == 0:
                self._note(truncate=name, size=size)
            return code

        def sync(handle: int, flags: int) -> int:
            if self.fail_sync is not None and self.fail_sync(name):
                return 10 | (4 << 8)  # SQLITE_IOERR_FSYNC
            code: int = theirs.sync(handle, flags)
            if code == 0:
                self._note(sync=name)
            return code

        ours.write, ours.truncate, ours.sync = _WRITE(write), _TRUNCATE(truncate), _SYNC(sync)
        methods[0] = ctypes.addressof(ours)

    def _note(self, **event: object) -> None:
        os.write(self._fd, json.dumps(event).encode() + b"\n")
