"""`stdbctl dev` as another program drives it: started on a small project, its events read as they come.

with developing(project) as dev:
    live = dev.wait_for("live")
    save(project, SOURCE.replace("1", "2"))
"""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from stdbctl.client.http import ControlClient
from stdbctl.project import STATE_FOLDER, StateFolder
from tests.support.ports import give_own_port
from tests.support.server import wait_until

SECONDS = 60.0
MARK = "STDBCTL_TEST_MARK"
Event = dict[str, Any]  # Any: decoded JSON

SOURCE = '''"""A list of notes."""

from stdbctl.module import AutoInc, PrimaryKey, ReducerContext, reducer, table, u64


@table(public=True)
class Note:
    id: PrimaryKey[AutoInc[u64]] = 0
    text: str


@reducer
def add(ctx: ReducerContext) -> None:
    print("adding")
    ctx.db[Note].insert(Note(text="version 1"))


@reducer
def clear(ctx: ReducerContext) -> None:
    for note in ctx.db[Note]:
        ctx.db[Note].delete(id=note.id)
'''

TOML = """database = "notes"
module = "module"

[[generate]]
lang = "typescript"
out_dir = "bindings"
"""


def make_project(folder: Path, source: str = SOURCE, toml: str = TOML) -> Path:
    """A project of one small module, whose server keeps its port while it is away."""
    (folder / "module").mkdir(parents=True)
    give_own_port(folder)
    (folder / "stdbctl.toml").write_text(toml, encoding="utf-8")
    save(folder, source)
    return folder


def save(project: Path, source: str, name: str = "__init__.py") -> None:
    """Write one file of the module in place, as simple editors do."""
    (project / "module" / name).write_text(source, encoding="utf-8")


class Dev:
    """One running `stdbctl dev --format json`."""

    def __init__(self, project: Path, arguments: tuple[str, ...], environment: Mapping[str, str]) -> None:
        self.project, self.mark = project, uuid.uuid4().hex
        self.seen: list[Event] = []
        self._events: queue.Queue[Event | None] = queue.Queue()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "stdbctl", *arguments, "--format", "json"],
            cwd=project,
            env={**os.environ, MARK: self.mark, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.errors: list[str] = []
        self._readers = [threading.Thread(target=self._read_events), threading.Thread(target=self._read_errors)]
        for reader in self._readers:
            reader.start()

    def _read_events(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._events.put(json.loads(line))
        self._events.put(None)

    def _read_errors(self) -> None:
        assert self.process.stderr is not None
        self.errors.extend(self.process.stderr)

    def next(self) -> Event:
        """The next event; the test fails when there is none in time."""
        try:
            event = self._events.get(timeout=SECONDS)
        except queue.Empty:
            raise AssertionError(f"nothing came after {self.seen[-5:]}; {''.join(self.errors)}") from None
        assert event is not None, f"dev ended after {self.seen[-5:]}; {''.join(self.errors)}"
        self.seen.append(event)
        return event

    def wait_for(self, name: str, **fields: object) -> Event:
        """The next event of this name with these fields; those before it are skipped."""
        while True:
            event = self.next()
            if event["event"] == name and all(event.get(key) == value for key, value in fields.items()):
                return event

    def begun(self) -> "Dev":
        """Wait until saves are waited for."""
        self.wait_for("watching")
        return self

    def said(self, text: str) -> str:
        """The next line of the client that contains `text`."""
        while True:
            line: str = self.wait_for("client_said")["line"]
            if text in line:
                return line

    # --- the server that it talks to

    def connect(self) -> ControlClient:
        """A client of the embedded server, as its operator."""
        state = StateFolder(self.project / STATE_FOLDER)
        record = state.server()
        assert record is not None
        return ControlClient(record.url, state.operator_token())

    def texts(self) -> list[str]:
        """The notes that are stored, oldest first, after one more call of `add`."""
        with self.connect() as client:
            client.call("notes", "add", "[]")
            (result,) = client.sql("notes", "SELECT id, text FROM note")
            return [text for _, text in sorted(result.rows)]

    def wait_for_text(self, text: str) -> None:
        """Wait until the module stores this text; how many deploys that takes is left open."""
        while self.texts()[-1] != text:
            self.wait_for("live")

    # --- its end

    def marked(self) -> list[int]:
        """All processes that it started, itself included, that still run."""
        return [pid for pid in map(int, filter(str.isdigit, os.listdir("/proc"))) if self._is_marked(pid)]

    def _is_marked(self, pid: int) -> bool:
        try:
            environment = Path(f"/proc/{pid}/environ").read_bytes()
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return False
        return f"{MARK}={self.mark}".encode() in environment.split(b"\0") and state != "Z"

    def end(self, number: int = signal.SIGINT) -> int:
        """End it as Ctrl-C does, or by another signal; the exit status."""
        self.process.send_signal(number)
        return self.ended()

    def ended(self) -> int:
        """Wait for its end; the exit status."""
        status = self.process.wait(SECONDS)
        for reader in self._readers:
            reader.join(SECONDS)
        for stream in (self.process.stdout, self.process.stderr):
            assert stream is not None
            stream.close()
        return status

    def none_is_left(self) -> None:
        """Wait until everything that it started is gone."""
        wait_until(lambda: not self.marked(), "the end of all that dev started")

    def clean(self) -> None:
        """Leave nothing behind, whatever the test did."""
        if self.process.poll() is None:
            self.process.kill()
        self.ended()
        for pid in self.marked():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue


@contextmanager
def developing(project: Path, *arguments: str, command: str = "dev", **environment: str) -> Iterator[Dev]:
    """Run `stdbctl dev` on a project; it and all that it started is gone afterwards."""
    dev = Dev(project, (command, *arguments), environment)
    try:
        yield dev
    finally:
        dev.clean()
        assert not [line for line in dev.errors if "Traceback" in line], "".join(dev.errors)


def answers(url: str) -> bool:
    """Whether a server answers there."""
    try:
        return httpx.get(f"{url}/v1/ping", trust_env=False, timeout=5).status_code == 200
    except httpx.TransportError:
        return False
