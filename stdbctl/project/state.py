"""The `.stdbctl/` folder beside stdbctl.toml: all that one checkout remembers. It ignores itself in git.

data/             the databases of the embedded server
keys/             its signing keys
server.json       {"url": "http://127.0.0.1:3000", "pid": 4711, "data_dir": "…"} while it serves (`pid`: what serves)
server.lock       locked as long as the embedded server lives; holds the pid to signal
server.log        what a detached server printed, from its start on
port              the port that this checkout got last
operator.token    the token of the owner of the embedded server, mode 0600
identities/       local users (identities.py)
"""

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from stdbctl.project.atomic import write_if_absent, write_whole
from stdbctl.project.errors import BrokenStateFile, ServerAlreadyRuns, StateNotWritable
from stdbctl.project.identities import IdentityBook


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerRecord:
    """Where the embedded server of a checkout is. `pid`: the process that serves; `data_dir` None: all is in memory."""

    url: str
    pid: int
    data_dir: str | None


@dataclass(frozen=True, slots=True)
class StateFolder:
    """One `.stdbctl/` folder; it is made when something is first written."""

    path: Path

    @property
    def data_dir(self) -> Path:
        """Where the embedded server keeps its databases unless told otherwise."""
        return self.path / "data"

    @property
    def key_dir(self) -> Path:
        """The signing keys of the embedded server; apart from the data, so that tokens outlive a reset."""
        return self.path / "keys"

    @property
    def operator_file(self) -> Path:
        """The token of the embedded server's owner; the server makes it."""
        return self.path / "operator.token"

    @property
    def server_file(self) -> Path:
        """Where the embedded server says that it serves; the server writes it."""
        return self.path / "server.json"

    @property
    def log_file(self) -> Path:
        """What a detached server prints."""
        return self.path / "server.log"

    @property
    def identities(self) -> IdentityBook:
        """The local users."""
        return IdentityBook(self.path / "identities")

    def ensure(self) -> None:
        """Make the folder and keep it out of git; faults: StateNotWritable."""
        write_if_absent(self.path / ".gitignore", "*\n")

    # --- the operator's token and the kept port

    def operator_token(self) -> str | None:
        """The token of the embedded server's owner, or None before its first start."""
        return self._read("operator.token")

    def kept_port(self) -> int | None:
        """The port that this checkout got last, or None."""
        text = self._read("port")
        return int(text) if text and text.isdecimal() and 0 < int(text) < 65536 else None

    def keep_port(self, port: int) -> None:
        """Remember the port for the next start."""
        self.ensure()
        write_whole(self.path / "port", f"{port}\n")

    # --- the running server

    @contextlib.contextmanager
    def claim(self) -> Iterator[None]:
        """Be the one embedded server of this checkout for as long as the context lasts.

        The claim is a lock of the operating system: it ends with the process, however that ends. A `server.json` that
        was left behind is removed before and after. Faults: ServerAlreadyRuns, StateNotWritable.
        """
        self.ensure()
        with self._open_lock() as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                record = self._announced()
                pid = record.pid if record else self.server_pid()
                raise ServerAlreadyRuns(url=record.url if record else None, pid=pid) from error
            os.ftruncate(handle, 0)
            os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
            self.withdraw_server()
            try:
                yield
            finally:
                self.withdraw_server()
                os.ftruncate(handle, 0)

    def withdraw_server(self) -> None:
        """Take the announcement back."""
        self.server_file.unlink(missing_ok=True)

    def server(self) -> ServerRecord | None:
        """The running embedded server; None when there is none, also when a dead one left its `server.json`."""
        record = self._announced() if self.server_pid() is not None else None
        return record if record is not None and is_alive(record.pid) else None

    def server_pid(self) -> int | None:
        """The process to signal when the embedded server is to end, ready or not; None when there is none."""
        text = self._read("server.lock")
        pid = int(text) if text and text.isdecimal() else None
        # The lock is tried last: a look at a free one would get in the way of a server that starts at this moment.
        return pid if pid is not None and is_alive(pid) and self._is_locked() else None

    def _announced(self) -> ServerRecord | None:
        text = self._read("server.json")
        if text is None:
            return None
        try:
            data = json.loads(text)
            data_dir = data["data_dir"]
            return ServerRecord(
                url=str(data["url"]), pid=int(data["pid"]), data_dir=None if data_dir is None else str(data_dir)
            )
        except (ValueError, KeyError, TypeError) as error:
            raise BrokenStateFile(self.server_file, "url, pid and data_dir are expected") from error

    def _is_locked(self) -> bool:
        try:
            handle = os.open(self.path / "server.lock", os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(handle)
        return False

    @contextlib.contextmanager
    def _open_lock(self) -> Iterator[int]:
        path = self.path / "server.lock"
        try:
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise StateNotWritable(path, error.strerror or str(error)) from error
        try:
            yield handle
        finally:
            os.close(handle)

    def _read(self, name: str) -> str | None:
        try:
            return (self.path / name).read_text(encoding="utf-8").strip() or None
        except FileNotFoundError:
            return None


def is_alive(pid: int) -> bool:
    """Whether a process with this id runs; one that ended and only waits for its parent does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return not _is_zombie(pid)


def _is_zombie(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[:1] == ["Z"]
