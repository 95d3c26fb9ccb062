"""One database being served: its queue of requests, its batches, its commits, its clients.

Requests run on the event loop's own thread, the process's main thread, in batches of a few ms; clients take turns, and
so do scheduled rows once they are due. What clients are answered waits in `GroupCommit` until it is on disk, except for
clients that asked for unconfirmed reads.
"""

import asyncio
import contextlib
import logging
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Collection, Iterable
from typing import TypeVar, cast

from websockets.frames import CloseCode

from stdbctl.engine import Client as EngineClient
from stdbctl.engine import Database, Lost, UpdateGroup
from stdbctl.protocol import transaction_update
from stdbctl.records import SYSTEM_TARGET, LogLevel, LogRecord
from stdbctl.sats import Identity, Timestamp
from stdbctl.server import limits
from stdbctl.server.client import Client
from stdbctl.server.commits import GroupCommit, NotStored, loss_text, reason_of
from stdbctl.server.compaction import Compaction, CompactionPlan
from stdbctl.server.deliveries import Deliveries, Group, release
from stdbctl.server.due_rows import DueRows
from stdbctl.server.guard import RunawayGuard
from stdbctl.server.journal import Journal
from stdbctl.server.outage import Outage, amends
from stdbctl.server.programs import place_of
from stdbctl.server.refusal import Refusal
from stdbctl.server.snapshot_keeper import SnapshotKeeper
from stdbctl.store import KeptHistory, SnapshotInfo, StoreDamaged, StoreLost

T = TypeVar("T")
_LOGGER = logging.getLogger("stdbctl.server")


class HostedDatabase:
    """A database and everything around it that needs sockets, time or threads."""

    def __init__(
        self,
        database: Database,
        *,
        history: KeptHistory,
        compact: CompactionPlan,
        snapshots: SnapshotKeeper,
        journal: Journal,
        guard: RunawayGuard,
        operator: Identity,
        clock: Callable[[], int],
        probe: Callable[[], None],
    ) -> None:
        self.database, self.history, self.journal, self.guard = database, history, journal, guard
        self.snapshots = snapshots
        self.clients: set[Client] = set()
        self._operator, self._clock = operator, clock
        self._loop = asyncio.get_running_loop()
        self._ready: deque[Client | None] = deque()
        """Whose turn it is; None is the turn of the scheduled rows, which stands here once at most."""
        self._is_draining = self._is_due = self._is_ending = self._is_closed = self._is_held = False
        self._holding = asyncio.Lock()
        self._unconfirmed = Deliveries()
        name = database.identity.to_hex()[:12]
        self._commits = GroupCommit(database, name=name, lost=self._lost, broke=self.end_serving)
        self._confirmed = self._commits.held
        self._due_rows = DueRows(database, guard=guard, clock=clock, fan_out=self.fan_out, wake=self._queue_due_rows)
        self._due_rows.wait()
        self._compaction = Compaction(history, compact, clock=clock, between=self._commits.between)
        self.outage = Outage(
            name, probe=probe, between=self._commits.between, recovered=self._recovered, gone=self.end_serving
        )
        self._departed: dict[EngineClient, None] = {}
        """Clients that are gone, and whose `client_disconnected` waits for the end of an outage."""
        self.retire: Callable[[BaseException], None] = self.abandon
        """Takes the database out of service, with the reason; whoever serves several sets it."""

    # --- who and when

    def is_owner(self, identity: Identity) -> bool:
        """Whether private tables and reducers are this identity's to use."""
        return identity == self.database.owner or identity == self._operator

    def now(self) -> Timestamp:
        """The time on the server's clock."""
        return Timestamp(self._clock())

    # --- the queue

    def queue(self, client: Client) -> None:
        """The client's inbox has something in it."""
        if self._is_ending:
            return
        client.is_queued = True
        self._ready.append(client)
        self._drain_soon()

    def _queue_due_rows(self) -> None:
        """The moment of a scheduled row has come."""
        if self._is_ending or self._is_due or self.outage.reason is not None:
            return
        self._is_due = True
        self._ready.append(None)
        self._drain_soon()

    def _drain_soon(self) -> None:
        if not self._is_draining:
            self._is_draining = True
            self._loop.call_soon(self._drain)

    def _drain(self) -> None:
        """Run requests and scheduled rows for a few ms, then let the event loop turn."""
        self._is_draining = False
        if self._is_ending or self._holding.locked():
            return
        ready = self._ready
        deadline = time.monotonic() + limits.DRAIN_S
        self.guard.begin(place_of(self.database), self.database.interrupt)
        try:
            while ready:
                client = ready.popleft()
                has_more = self._due_turn(deadline) if client is None else self._turn(client, deadline)
                if has_more:
                    ready.append(client)
                elif client is None:
                    self._is_due = False
                else:
                    client.is_queued = False
                if time.monotonic() >= deadline:
                    break
        finally:
            self.guard.end()
        if ready:
            self._drain_soon()
        self.settle()

    def _due_turn(self, deadline: float) -> bool:
        """Run some of the scheduled rows; whether more wait. In an outage none runs."""
        return self.outage.reason is None and self._due_rows.turn(deadline)

    def _turn(self, client: Client, deadline: float) -> bool:
        """Run some of a client's requests; whether more wait."""
        inbox, handle, monotonic = client.inbox, client.handle, time.monotonic
        for _ in range(min(len(inbox), limits.CLIENT_TURN_MESSAGES)):
            try:
                handle(inbox.popleft())
            except Exception:
                _LOGGER.exception("a request failed inside the server")
                client.close(CloseCode.INTERNAL_ERROR, "error executing message (reducer: None) (err: internal error)")
                inbox.clear()
            if not inbox or monotonic() >= deadline:
                break
        if client.is_paused and len(inbox) * 2 < limits.INCOMING_PAUSE_MESSAGES:
            client.resume()
        return bool(inbox)

    @contextlib.asynccontextmanager
    async def held(self) -> AsyncIterator[None]:
        """Keep the database to oneself over several turns of the event loop: requests and scheduled rows wait.

        Everything before it is on disk when the block begins; inside, `run` with `holds` is the way to change it.
        Refusal 503 once the database is to close, or in an outage. NotStored.
        """
        try:
            async with self._holding:
                while self.database.durable_offset < self.database.last_offset:
                    await self.durable()
                self.check_open()
                self.outage.check()
                self._is_held = True
                try:
                    yield
                finally:
                    self._is_held = False
        finally:
            if self._ready:
                self._drain_soon()

    async def free(self) -> None:
        """Wait until nobody holds the database: what follows without another `await` has it."""
        while self._holding.locked():
            async with self._holding:
                pass

    def check_open(self) -> None:
        """Refusal 503 once the database is to close."""
        if self._is_ending:
            raise Refusal(503, "the database is closing")

    def run(self, name: str | None, action: Callable[[], T], *, holds: bool = False) -> T:
        """Do something now, for HTTP. `name`: what it runs of the module's code, under the guard; None = nothing.

        `holds`: by whoever holds the database; Refusal 503 for everybody else meanwhile.
        """
        if self._is_closed:
            raise Refusal(503, "the database is closing")
        if self._is_held and not holds:
            raise Refusal(503, "the database's rows are being migrated: try again when that has ended")
        try:
            if name is None:
                return action()
            with self.guard.watching(place_of(self.database), self.database.interrupt, name):
                return action()
        finally:
            self.journal.flush()
            self._wait_for_due_rows()

    def _wait_for_due_rows(self) -> None:
        if not self._is_due and not self._is_ending and self.outage.reason is None:
            self._due_rows.wait()

    # --- deliveries and commits

    def deliveries(self, client: Client) -> Deliveries:
        """Where this client's messages wait."""
        return self._confirmed if client.is_confirmed else self._unconfirmed

    def fan_out(self, groups: Iterable[UpdateGroup]) -> None:
        """Queue one transaction's updates for its subscribers; each different update is encoded once."""
        for group in groups:
            message = transaction_update(group.sets)
            # The engine knows clients by the objects that it was given: ours, and only those can subscribe.
            clients = cast("tuple[Client, ...]", group.clients)
            confirmed = [client for client in clients if client.is_confirmed]
            self._confirmed.put_all(confirmed, message)
            if len(confirmed) < len(clients):
                self._unconfirmed.put_all([client for client in clients if not client.is_confirmed], message)

    def settle(self) -> None:
        """After any work: write the log, send what need not wait, and start to commit the rest."""
        self.journal.flush()
        self._wait_for_due_rows()
        release(self._unconfirmed.take())
        self._commits.settle()

    async def durable(self) -> None:
        """Wait until all that was done so far is on disk; NotStored when it cannot be, Refusal 503 once closed."""
        if self._is_closed:
            raise Refusal(503, "the database is closing")
        self.journal.flush()
        release(self._unconfirmed.take())
        await self._commits.durable()

    async def lossy_step(self, action: Callable[[], T], *, step: str, detail: str) -> tuple[T, SnapshotInfo | None]:
        """Do something that loses data, on disk only once a snapshot is of all that was before it.

        `action` makes transactions (see `run`). `step` names it in the snapshot's name: `deploy`, `reset`, `restore`;
        `detail` says what is lost, in words. Returns once it is on disk: what `action` gave, and the snapshot (None in
        memory). Calls go on meanwhile; what is done after the action is answered when the snapshot is whole.

        Raises:
            NotStored: no snapshot could be taken, or the disk said no; memory is back as it was before.
            Whatever `action` raises: no snapshot was taken.
        """
        taken: list[SnapshotInfo | None] = []
        self.journal.flush()
        result = await self._commits.step(action, lambda: taken.append(self.snapshots.save_before(step, detail)))
        return result, taken[0] if taken else None

    def _lost(self, group: Group, loss: Lost) -> None:
        """The disk said no: calls have failed, and who was promised more, or saw it, must start again."""
        if self.outage.may_tell():
            text = f"transactions {loss.first} to {loss.last} could not be stored and were undone: {loss.error}"
            _LOGGER.error("database %s: %s", self.database.identity, text)
            self.log(LogLevel.ERROR, text)
        reason = reason_of(loss.error)
        losers: dict[EngineClient, None] = dict.fromkeys(loss.clients)
        losers.update(dict.fromkeys(client for client in self.clients if not client.is_confirmed))
        for receiver, messages in group:
            answers = amends(messages, loss_text(loss.error))
            if isinstance(receiver, Client) and (answers is None or receiver in losers):
                losers[receiver] = None
            elif answers:
                release([(receiver, answers)])
        self.outage.begin(loss.error)
        self._due_rows.stop()
        self._part_from(losers, CloseCode.INTERNAL_ERROR, f"the last transactions could not be stored: {reason}")
        self._departed |= losers
        if isinstance(loss.error, StoreLost | StoreDamaged):  # opening it again reads the whole file
            self.end_serving(loss.error)

    def _recovered(self) -> None:
        """The outage is over: what had to wait for its end goes on."""
        departed, self._departed = list(self._departed), {}
        self.send_away(departed, CloseCode.INTERNAL_ERROR, "")
        if self._ready:
            self._drain_soon()

    def depart(self, client: Client) -> None:
        """The client is gone: client_disconnected runs, after an outage if there is one."""
        self.clients.discard(client)
        if self.outage.reason is not None:
            self._departed[client] = None
        else:
            self.guard.name("client_disconnected")
            self.fan_out(self.database.disconnect(client).groups)

    def end_serving(self, error: BaseException) -> None:
        """What is in memory and what is on disk may differ: nothing more is served from here."""
        if not self._is_ending:
            _LOGGER.error("database %s: it is closed after a fault: %s", self.database.identity, error, exc_info=error)
            self.retire(error)

    def abandon(self, error: BaseException) -> None:
        """Let go of everything at once, whatever still waits: the file has what was acknowledged, and perhaps more."""
        reason = reason_of(error)
        self._stop()
        self._is_closed = True
        self._part_from(list(self.clients), CloseCode.INTERNAL_ERROR, f"the database is closed after a fault: {reason}")
        self._unconfirmed.take()
        self._commits.abandon(error)
        self.database.close()
        self.journal.close()

    def _stop(self) -> None:
        self._is_ending = True
        self._due_rows.stop()
        self._compaction.stop()
        self.outage.stop()

    def _part_from(self, clients: Iterable[EngineClient], code: int, reason: str) -> None:
        """Close these clients' connections."""
        for client in clients:
            if isinstance(client, Client):
                client.close(code, reason)
                client.forget()
                self.clients.discard(client)

    def send_away(self, clients: Collection[EngineClient], code: int, reason: str, *, holds: bool = False) -> None:
        """Close these clients' connections; client_disconnected has run for each when this returns. See `run`."""

        def send() -> None:
            self._part_from(clients, code, reason)
            for client in clients:
                self.fan_out(self.database.disconnect(client).groups)

        self.run("client_disconnected", send, holds=holds)

    # --- the log

    def log(self, level: LogLevel, message: str) -> None:
        """Write a line of the server's own into the module's log."""
        self.journal.write(
            LogRecord(
                level=level,
                ts=self._clock(),
                message=message,
                target=SYSTEM_TARGET,
                filename=SYSTEM_TARGET,
                function=SYSTEM_TARGET,
            )
        )

    # --- the end

    async def close(self, reason: str) -> None:
        """Answer what has run, send the clients away, commit what is left, and close the files."""
        self._stop()
        await self.free()
        await self._stored()
        self.send_away([*self.clients, *self._departed], CloseCode.GOING_AWAY, reason)
        await self._stored()
        self._is_closed = True
        self._commits.close()
        self.database.close()
        self.journal.close()

    async def _stored(self) -> None:
        try:
            await self.durable()
        except NotStored as error:
            _LOGGER.error("database %s: its last transactions could not be stored: %s", self.database.identity, error)
