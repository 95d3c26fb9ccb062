"""A database whose disk takes no transactions: it answers reads, refuses the rest in a sentence, and tries again.

commit fails ─► begin(error) ─► a probe every 0.25 s ─► the disk takes one ─► recovered()
                                                   └──► the file cannot be trusted ─► gone(error)
"""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future

from stdbctl.protocol import taken_back
from stdbctl.server import limits
from stdbctl.server.commits import reason_of
from stdbctl.server.refusal import Refusal
from stdbctl.store import StoreDamaged, StoreLost

_LOGGER = logging.getLogger("stdbctl.server")
_Between = Callable[[Callable[[], bool], Callable[["Future[bool]"], None]], None]
_RETRY = "it goes on by itself once the disk does"


class Outage:
    """`reason` says why no transaction is taken; None while all is well. `between` runs a probe between two groups."""

    def __init__(
        self,
        name: str,
        *,
        probe: Callable[[], None],
        between: _Between,
        recovered: Callable[[], None],
        gone: Callable[[BaseException], None],
    ) -> None:
        self._name, self._probe, self._between = name, probe, between
        self._recovered, self._gone = recovered, gone
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._told = -limits.LOSS_TOLD_EVERY_S
        self._began = 0.0
        self.reason: str | None = None

    def begin(self, error: BaseException) -> None:
        """A commit has failed; a second one, while it lasts, changes only the reason."""
        is_new = self.reason is None
        self.reason = f"this database takes no transactions at the moment: {reason_of(error)}; {_RETRY}"
        if is_new:
            self._began = time.monotonic()
            self._wait()

    def check(self) -> None:
        """Refusal 503 while it lasts."""
        if self.reason is not None:
            raise Refusal(503, self.reason)

    def may_tell(self) -> bool:
        """Whether one more line on the loss is due; lines come 10 s apart."""
        now = time.monotonic()
        is_due = now - self._told >= limits.LOSS_TOLD_EVERY_S
        if is_due:
            self._told = now
        return is_due

    def stop(self) -> None:
        """Try no more."""
        if self._timer is not None:
            self._timer.cancel()

    def _wait(self) -> None:
        self._timer = self._loop.call_later(limits.STORE_PROBE_S, self._try)

    def _try(self) -> None:
        self._between(self._write, self._tried)

    def _write(self) -> bool:
        self._probe()
        return True

    def _tried(self, done: "Future[bool]") -> None:
        error = done.exception()
        if isinstance(error, StoreLost | StoreDamaged):
            self._gone(error)
        elif error is not None:
            self._wait()
        else:
            self.reason = None
            lasted_s = time.monotonic() - self._began
            _LOGGER.warning("database %s: its disk takes transactions again, after %.1f s", self._name, lasted_s)
            self._recovered()


def amends(messages: Sequence[bytes], text: str) -> list[bytes] | None:
    """What a client hears instead of messages that tell of undone transactions: its calls failed, saying `text`.

    None when it was to hear what cannot be taken back one by one, such as the rows of a subscription.
    """
    answers = [taken_back(message, text) for message in messages]
    kept = [answer for answer in answers if answer is not None]
    return [answer for answer in kept if answer] if len(kept) == len(messages) else None
