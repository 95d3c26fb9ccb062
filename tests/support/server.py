"""A real server in a process of its own, for tests: started on a free port, published to, spoken to, stopped or killed.

with serving(tmp_path) as server:
    server.publish("board", {"module/__init__.py": SOURCE})
    with server.connect("board") as client: ...
"""

import json
import os
import select
import signal
import ssl
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from stdbctl.module import pack
from stdbctl.protocol import ServerMessage, decode_server_messages
from stdbctl.records import Program

REPOSITORY = Path(__file__).parent.parent.parent
SERVE = Path(__file__).parent / "serve.py"
"""The program that `start` runs."""
START_S = 60.0
END_S = 60.0
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""For requests that go without: to read the system's certificates for each one takes longer than the request."""
V2, V3 = Subprotocol("v2.bsatn.spacetimedb"), Subprotocol("v3.bsatn.spacetimedb")


@dataclass(slots=True)
class RunningServer:
    """`process` is the supervisor, `pid` the process that serves, `folder` holds everything that the server keeps."""

    process: "subprocess.Popen[str]"
    folder: Path
    url: str
    pid: int

    @property
    def token(self) -> str:
        """The operator's token."""
        return (self.folder / "operator.token").read_text(encoding="ascii").strip()

    @property
    def headers(self) -> dict[str, str]:
        """What makes a request the operator's."""
        return {"Authorization": f"Bearer {self.token}"}

    # --- HTTP

    def request(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        """A request by nobody in particular; `path` below /v1."""
        arguments = {"timeout": 60, "trust_env": False, "verify": NO_TLS, **arguments}
        return httpx.request(method, f"{self.url}/v1{path}", **arguments)

    def publish(self, name: str, sources: Mapping[str, str] | Path, **parameters: str) -> httpx.Response:
        """Publish a module, given as files or as the folder that holds `module`; the answer, whatever it is."""
        program = program_of(sources)
        query = {"host_type": "Python", **parameters}
        return self.request("PUT", f"/database/{name}", params=query, content=program.data, headers=self.headers)

    def call(self, name: str, reducer: str, *arguments: object) -> httpx.Response:
        """Call a reducer with JSON arguments."""
        return self.request("POST", f"/database/{name}/call/{reducer}", json=list(arguments))

    def sql(self, name: str, query: str) -> list[list[Any]]:
        """The rows of a query that must succeed, private tables included."""
        answer = self.request("POST", f"/database/{name}/sql", content=query, headers=self.headers)
        assert answer.status_code == 200, answer.text
        rows: list[list[Any]] = answer.json()[0]["rows"]
        return rows

    def log_messages(self, name: str) -> list[str]:
        """The messages in a database's log, oldest first."""
        answer = self.request("GET", f"/database/{name}/logs", headers=self.headers)
        assert answer.status_code == 200, answer.text
        return [json.loads(line)["message"] for line in answer.text.splitlines()]

    # --- WebSocket

    @contextmanager
    def connect(
        self,
        name: str,
        *,
        protocol: Subprotocol | list[Subprotocol] = V2,
        token: str | None = None,
        query: str = "",
        **arguments: Any,
    ) -> Iterator["RawClient"]:
        """A client that speaks bytes."""
        headers = {"Authorization": f"Bearer {token}"} if token else None
        url = f"{self.url.replace('http', 'ws', 1)}/v1/database/{name}/subscribe?compression=None{query}"
        arguments = {"compression": None, "max_size": None, "proxy": None, **arguments}
        offered = protocol if isinstance(protocol, list) else [protocol]
        with connect(url, subprotocols=offered, additional_headers=headers, **arguments) as socket:
            yield RawClient(socket, is_batched=socket.subprotocol == V3)

    # --- the end

    def stop(self) -> int:
        """End the server as a user would; the exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(END_S)

    def kill(self) -> int:
        """`kill -9` the process that serves; the supervisor's exit status."""
        os.kill(self.pid, signal.SIGKILL)
        return self.process.wait(END_S)


class RawClient:
    """A WebSocket client without any help, so that a test sees each message."""

    def __init__(self, socket: ClientConnection, *, is_batched: bool) -> None:
        self.socket, self._is_batched = socket, is_batched
        self._messages: list[ServerMessage] = []

    def send(self, *messages: bytes) -> None:
        """One frame that holds the messages back to back."""
        self.socket.send(b"".join(messages))

    def receive(self, timeout: float = 60.0) -> ServerMessage:
        """The next message; the test fails when there is none in time."""
        while not self._messages:
            frame = self.socket.recv(timeout)
            assert isinstance(frame, bytes)
            assert frame[0] == 0
            self._messages = decode_server_messages(frame[1:], self._is_batched)
        return self._messages.pop(0)

    def hears_nothing(self, seconds: float = 0.2) -> bool:
        """Whether no message comes for a moment."""
        try:
            self._messages.insert(0, self.receive(seconds))
        except TimeoutError:
            return True
        return False


def call_reducer(request_id: int, name: str, args: bytes = b"") -> bytes:
    """CallReducer, byte by byte as docs/protocol.md says."""
    data = name.encode()
    return struct.pack("<BIBI", 3, request_id, 0, len(data)) + data + struct.pack("<I", len(args)) + args


def subscribe(request_id: int, query_set_id: int, *queries: str) -> bytes:
    """Subscribe, byte by byte."""
    texts = b"".join(struct.pack("<I", len(query.encode())) + query.encode() for query in queries)
    return struct.pack("<BIII", 0, request_id, query_set_id, len(queries)) + texts


def unsubscribe(request_id: int, query_set_id: int, flags: int = 1) -> bytes:
    """Unsubscribe, byte by byte."""
    return struct.pack("<BIIB", 1, request_id, query_set_id, flags)


def program_of(sources: Mapping[str, str] | Path) -> Program:
    """The program of some files, or of the folder that holds `module`."""
    if isinstance(sources, Path):
        return pack(sources / "module", sources)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for path, text in sources.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, encoding="utf-8")
        return pack(root / "module", root)


@contextmanager
def serving(folder: Path, **options: object) -> Iterator[RunningServer]:
    """A server that keeps everything in `folder`; a folder that was served before is served again.

    `options`: fields of ServerOptions, as JSON. The server is gone when the context ends.
    """
    server = start(folder, **options)
    try:
        yield server
    finally:
        if server.process.poll() is None:
            server.process.send_signal(signal.SIGTERM)
        try:
            server.process.wait(END_S)
        except subprocess.TimeoutExpired:
            server.process.kill()
            server.process.wait()
        assert server.process.stdout is not None
        server.process.stdout.close()


def start(folder: Path, **options: object) -> RunningServer:
    """Start a server and wait until it answers."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "server.log").open("a", encoding="utf-8") as log:
        process = subprocess.Popen(
            [sys.executable, str(SERVE), str(folder), json.dumps(options)],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            cwd=REPOSITORY,
        )
    line = _line_of(process)
    if not line:
        process.kill()
        process.communicate()
        raise AssertionError((folder / "server.log").read_text(encoding="utf-8") or "the server did not start in time")
    announced = json.loads(line)
    return RunningServer(process, folder, announced["url"], announced["pid"])


def _line_of(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    readable, _, _ = select.select([process.stdout], [], [], START_S)
    return process.stdout.readline() if readable else ""


def wait_until(condition: Any, what: str, seconds: float = 60.0) -> None:
    """Wait for something outside this process that tells nobody when it happens."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"{what} did not come within {seconds} s"
        time.sleep(0.01)
