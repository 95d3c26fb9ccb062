"""What is transferred: who gives whom how much, as frames ready to be sent, and the balances that must come of it.

A request is the same in every dialect but for its envelope:

    stdbctl   CallReducer "transfer" with (source u32, target u32, amount u32), one a frame (v2) or as many as go (v3)
    node      u32 id, source, target, amount, one a frame
"""

import itertools
import random
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from tests.support.server import call_reducer

ACCOUNTS = 100_000
BALANCE = 1_000_000_000
"""So much that nobody runs out of it: the answers to all transfers are then as long as each other."""
AMOUNT_MAX = 100
STREAM = 2_000
"""Transfers of one connection, after which they come again."""


class Transfer(NamedTuple):
    """One transfer between two accounts."""

    source: int
    target: int
    amount: int


Choice = Callable[[random.Random, int], Sequence[int]]
"""(chance, n) -> n accounts."""


def uniform(chance: random.Random, count: int) -> Sequence[int]:
    """Every account is as likely as any other."""
    return chance.choices(range(ACCOUNTS), k=count)


def zipf(chance: random.Random, count: int) -> Sequence[int]:
    """The n-th account is chosen in proportion to 1/n: the first takes part in every sixth transfer."""
    return chance.choices(range(ACCOUNTS), cum_weights=_ZIPF, k=count)


_ZIPF = list(itertools.accumulate(1 / place for place in range(1, ACCOUNTS + 1)))
CHOICES: dict[str, Choice] = {"uniform": uniform, "zipf": zipf}


def transfers(choice: Choice, seed: int) -> tuple[Transfer, ...]:
    """The transfers of one connection."""
    chance = random.Random(seed)
    made: list[Transfer] = []
    while len(made) < STREAM:
        source, target = choice(chance, 2)
        if source != target:
            made.append(Transfer(source, target, chance.randint(1, AMOUNT_MAX)))
    return tuple(made)


@dataclass(frozen=True, slots=True)
class Dialect:
    """How requests and answers look on the wire.

    `request(id, transfer)`: always as many bytes. `answers(payload bytes)`: how many a frame of the server's brings;
    ValueError when one of them cannot be a success. `is_batched`: requests that go at once share a frame.
    """

    request: Callable[[int, Transfer], bytes]
    answers: Callable[[int], int]
    is_batched: bool = False


_RESULT_BYTES = 22
"""A ReducerResult that brings no rows."""


def _results(payload_bytes: int) -> int:
    count, rest = divmod(payload_bytes - 1, _RESULT_BYTES)
    if rest:
        raise ValueError(f"a frame of {payload_bytes} bytes: not every transfer succeeded")
    return count


def _one_answer(payload_bytes: int) -> int:
    if payload_bytes != 5:
        raise ValueError(f"an answer of {payload_bytes} bytes")
    return 1


def _call(request_id: int, transfer: Transfer) -> bytes:
    return call_reducer(request_id, "transfer", struct.pack("<III", *transfer))


def _numbers(request_id: int, transfer: Transfer) -> bytes:
    return struct.pack("<IIII", request_id, *transfer)


V2_CALLS = Dialect(_call, _results)
V3_CALLS = Dialect(_call, _results, is_batched=True)
NODE = Dialect(_numbers, _one_answer)
ECHO = Dialect(_call, lambda _: 1)
"""What a bare echo of calls gets and gives."""


class Stream:
    """The requests of one connection, over and over; `sent` counts them."""

    def __init__(self, made: tuple[Transfer, ...], dialect: Dialect) -> None:
        self._transfers, self._is_batched = made, dialect.is_batched
        requests = [dialect.request(number, transfer) for number, transfer in enumerate(made)]
        self._request_bytes = len(requests[0])
        head = b"" if dialect.is_batched else frame_head(self._request_bytes)
        self._bytes = self._request_bytes + len(head)
        # Twice, so that what goes at once is always one slice.
        self._data = b"".join([head + request for request in requests]) * 2
        self.sent = 0

    def next(self, count: int) -> bytes:
        """The frames, or the one frame, of the next `count` requests."""
        start = self.sent % len(self._transfers) * self._bytes
        self.sent += count
        data = self._data[start : start + count * self._bytes]
        return frame_head(len(data)) + data if self._is_batched else data

    def book(self, balances: list[int]) -> None:
        """Change the balances as all that was sent must have changed them."""
        whole, rest = divmod(self.sent, len(self._transfers))
        for place, (source, target, amount) in enumerate(self._transfers):
            times = whole + (place < rest)
            balances[source] -= amount * times
            balances[target] += amount * times


def frame_head(payload_bytes: int) -> bytes:
    """The head of a client's binary frame, with a mask of zeros: the server unmasks it like any other."""
    if payload_bytes < 126:
        return struct.pack("!BB4x", 0x82, 0x80 | payload_bytes)
    return struct.pack("!BBH4x", 0x82, 0x80 | 126, payload_bytes)
