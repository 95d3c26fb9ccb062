"""The clients of the crash test: each keeps its own book of what it sent and what was acknowledged."""

import itertools
import struct
import threading
import time
from collections.abc import Iterator
from random import Random

import httpx
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from stdbctl.protocol import ReducerOk, ReducerResult
from tests.support.server import V2, V3, RunningServer, call_reducer, program_of

DATABASE = "ledger"
PIPELINE = 24
NUMBERS_OF_A_CLIENT = 1 << 40


class Recorder(threading.Thread):
    """Writes entries until the server is gone. `first`: the lowest number of this life; `sent`: how many it asked for.

    `acknowledged`: the numbers whose calls were answered as done.
    """

    def __init__(self, server: RunningServer, client: int, first: int, chance: Random) -> None:
        super().__init__(daemon=True)
        self.server, self.client, self.first, self.chance = server, client, first, chance
        self.sent = 0
        self.acknowledged: set[int] = set()
        self.failure: BaseException | None = None

    def run(self) -> None:
        try:
            self.record()
        except (ConnectionClosed, InvalidHandshake, httpx.HTTPError, OSError, EOFError):
            return  # the server is gone
        except BaseException as failure:
            self.failure = failure

    def record(self) -> None:
        raise NotImplementedError

    def numbers(self) -> Iterator[int]:
        """The next numbers, counted as sent before they are."""
        for number in itertools.count(self.first):
            self.sent += 1
            yield number

    def text(self) -> str:
        """Some bytes, so that the store's log fills and is brought into its file."""
        return "x" * self.chance.randint(0, 6_000)


class SocketRecorder(Recorder):
    """Keeps some calls in flight over one WebSocket, in v2 or v3 frames."""

    def record(self) -> None:
        protocol = V3 if self.client % 2 else V2
        with self.server.connect(DATABASE, protocol=protocol, open_timeout=10, ping_interval=None) as connection:
            connection.receive()
            numbers, flying = self.numbers(), dict[int, int]()
            for request_id in itertools.count(1):
                number, text = next(numbers), self.text().encode()
                flying[request_id] = number
                args = struct.pack("<IQI", self.client, number, len(text)) + text
                connection.send(call_reducer(request_id, "record", args))
                if len(flying) >= PIPELINE:
                    reply = connection.receive()
                    assert isinstance(reply, ReducerResult), reply
                    assert isinstance(reply.outcome, ReducerOk), reply.outcome
                    self.acknowledged.add(flying.pop(reply.request_id))


class HttpRecorder(Recorder):
    """One call after the other over HTTP."""

    def record(self) -> None:
        url = f"{self.server.url}/v1/database/{DATABASE}/call/record"
        with httpx.Client(trust_env=False, timeout=30) as http:
            for number in self.numbers():
                answer = http.post(url, json=[self.client, number, self.text()])
                if answer.status_code != 200:
                    assert answer.status_code == 503, answer.text  # it is closing
                    return
                self.acknowledged.add(number)


class Operator(threading.Thread):
    """Publishes other versions of the module and takes snapshots, as long as the server lives."""

    def __init__(self, server: RunningServer, source: str, chance: Random) -> None:
        super().__init__(daemon=True)
        self.server, self.source, self.chance = server, source, chance
        self.failure: BaseException | None = None

    def run(self) -> None:
        try:
            while True:
                self.publish() if self.chance.random() < 0.6 else self.take_snapshot()
                time.sleep(self.chance.random() * 0.1)
        except (httpx.HTTPError, OSError):
            return  # the server is gone
        except BaseException as failure:
            self.failure = failure

    def publish(self) -> None:
        """With an index more or less, for which a table is built anew, and always another comment."""
        indexed = self.source.replace("group: u32", "group: Index[u32]")
        source = f"{self.chance.choice((self.source, indexed))}# {self.chance.random()}\n"
        answer = self._put(f"/database/{DATABASE}?host_type=Python", program_of({"module/__init__.py": source}).data)
        assert answer.status_code in (200, 503, 504), answer.text

    def take_snapshot(self) -> None:
        answer = self._put(f"/database/{DATABASE}/snapshots/crash-{self.chance.getrandbits(40):010x}", b"")
        assert answer.status_code in (200, 503, 504), answer.text

    def _put(self, path: str, content: bytes) -> httpx.Response:
        return self.server.request("PUT", path, content=content, headers=self.server.headers)
