"""Taking turns: what changes the same thing as a whole waits for what came before, and is told when that takes long."""

import asyncio
import contextlib
import math
import time
from collections.abc import AsyncIterator, Hashable
from dataclasses import dataclass, field

from stdbctl.server.refusal import Refusal


@dataclass(slots=True)
class _Turn:
    """Who has the turn at one thing (`holder`, since `began`), and how many have it or wait for it."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    users: int = 0
    holder: str = ""
    began: float = 0.0


class Turns:
    """First come, first served, for each key by itself. Nobody waits longer than `limit_s` seconds."""

    def __init__(self, limit_s: float) -> None:
        self._limit_s = limit_s
        self._turns: dict[Hashable, _Turn] = {}

    @contextlib.asynccontextmanager
    async def taken(self, key: Hashable, holder: str) -> AsyncIterator[None]:
        """Have the turn at `key`. `holder` says to those who wait what this is: `a deploy`, `the deletion`.

        Refusal 503, naming what is under way, when the turn does not come within the limit.
        """
        turn = self._turns.setdefault(key, _Turn())
        turn.users += 1
        try:
            await self._wait(turn)
            try:
                turn.holder, turn.began = holder, time.monotonic()
                yield
            finally:
                turn.lock.release()
        finally:
            turn.users -= 1
            if not turn.users:
                del self._turns[key]

    async def _wait(self, turn: _Turn) -> None:
        try:
            async with asyncio.timeout(self._limit_s):
                await turn.lock.acquire()
        except TimeoutError:
            lasted_s = math.floor(time.monotonic() - turn.began)
            raise Refusal(
                503, f"{turn.holder} has been under way for {lasted_s} s: try again when it has ended"
            ) from None
