"""Bringing a program to the server: at once when nothing is in the way, else with the reason why not."""

import contextlib
import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

from stdbctl.client.http import (
    AutoMigration,
    ControlClient,
    Json,
    ManualMigration,
    NoSuchDatabase,
    PublishRefused,
    PublishResult,
    ServerNotReachable,
)
from stdbctl.dev.events import Event, Rewriting
from stdbctl.dev.orders import Target
from stdbctl.errors import Problem
from stdbctl.records import Program


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """The program serves. `op`: "created", "updated" or "unchanged". `snapshot`: as in `events.Live`."""

    op: str
    dropped_clients: bool = False
    snapshot: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotTaken:
    """The server refused; parts as in `events.Refused`."""

    reason: str
    problems: tuple[Problem, ...] = ()
    is_schema: bool = False
    would_drop_clients: bool = False


class Publisher:
    """One database on one server, over a connection that stays open from save to save.

    `tell` hears how far migration functions are.
    """

    def __init__(self, target: Target, tell: Callable[[Event], None], *, may_drop_clients: bool) -> None:
        self._target, self._tell, self._may_drop_clients = target, tell, may_drop_clients
        self._client: ControlClient | None = None

    def close(self) -> None:
        """Close the connection; the next publish makes a new one, to wherever the server is then."""
        client, self._client = self._client, None
        if client is not None:
            client.close()

    def runs(self, program: Program) -> bool:
        """Whether the database runs this very program already."""
        try:
            return self._connected().database(self._target.database).program_hash == program.hash
        except NoSuchDatabase:
            return False

    def publish(self, program: Program) -> Taken | NotTaken:
        """Publish; raises Faults of the client when the server cannot be asked."""
        try:
            result = self._put(program)
        except PublishRefused as error:
            return NotTaken(reason=error.text)
        return Taken(op="created" if result.is_new else "updated")

    def insist(self, program: Program, refusal: NotTaken) -> Taken | NotTaken:
        """Find out why a program that is right by itself was refused, and do what may be done about it."""
        client, database = self._connected(), self._target.database
        try:
            migration = client.pre_publish(database, program.data, host_type=program.kind.value)
        except (PublishRefused, NoSuchDatabase):
            return refusal
        if isinstance(migration, ManualMigration):
            return NotTaken(reason=migration.reason, problems=migration.problems, is_schema=True)
        if not migration.breaks_clients:
            return refusal
        if not self._may_drop_clients:
            return NotTaken(reason=migration.plan.strip(), is_schema=True, would_drop_clients=True)
        return self._publish_breaking(program, migration)

    def _publish_breaking(self, program: Program, migration: AutoMigration) -> Taken | NotTaken:
        try:
            result = self._connected().publish(
                self._target.database,
                program.data,
                host_type=program.kind.value,
                allowed_plan=migration.token,
                on_progress=self._rewriting if migration.samples else None,
            )
        except PublishRefused as error:
            return NotTaken(reason=error.text)
        return Taken(op="updated", dropped_clients=True, snapshot=result.snapshot)

    def _rewriting(self, news: Json) -> None:
        self._tell(Rewriting(**{field.name: news[field.name] for field in dataclasses.fields(Rewriting)}))

    def _put(self, program: Program) -> PublishResult:
        """PUT, twice if need be: a server closes a connection that was idle just when it is used again."""
        with contextlib.suppress(ServerNotReachable):
            return self._connected().publish(self._target.database, program.data, host_type=program.kind.value)
        self.close()
        return self._connected().publish(self._target.database, program.data, host_type=program.kind.value)

    def _connected(self) -> ControlClient:
        if self._client is None:
            self._client = self._target.connect()
        return self._client
