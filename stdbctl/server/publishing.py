"""Publishing: a program is prepared beside the running one, tried, and switched to, or refused with every reason."""

import asyncio
import contextlib
import time
import uuid
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from websockets.frames import CloseCode

from stdbctl.engine import Database, InitFailed, Prepared, Progress, Published
from stdbctl.errors import Problems
from stdbctl.records import Program
from stdbctl.sats import Identity
from stdbctl.schema import NO_CHOICES, Choices, RewriteRows
from stdbctl.server import limits
from stdbctl.server.auth import ISSUER, identity_of
from stdbctl.server.commits import NotStored
from stdbctl.server.hosting import HostedDatabase
from stdbctl.server.programs import plan_token, reasons
from stdbctl.server.refusal import Refusal
from stdbctl.server.site import Site
from stdbctl.store import SnapshotInfo

REJECTED = "Database update rejected: "
_DEPLOY = "a deploy"
MIGRATION = "migration"
"""What the guard calls a migration function."""
Tell = Callable[[Progress], None]
Publishing = Generator[Progress | None, None, Published]
S = TypeVar("S")
R = TypeVar("R")
MODULE_EXITED = "module exited"
"""Why clients are closed whose bindings the new module does not fit; SpacetimeDB's own words."""
FAILED = "Failed to create or update the database: "


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One publish. `target`: the database to update, None to create one. `names`: of a database that is created.

    `clear`: drop all tables and start anew. `choices`: what the plan follows beside the program. `token`: allows a plan
    that breaks clients. `durable_s`: how long the disk may take.
    """

    program: Program
    owner: Identity
    target: Identity | None
    names: tuple[str, ...] = ()
    clear: bool = False
    choices: Choices = NO_CHOICES
    breaks: bool = False
    token: str | None = None
    durable_s: float = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A publish that was carried out. `snapshot`: what was taken before it lost rows."""

    identity: Identity
    snapshot: SnapshotInfo | None = None


async def publish(site: Site, order: Order, tell: Tell = lambda _: None) -> Done:
    """Carry out a publish. Refusal with all reasons: what served before still serves.

    `tell` hears of migration functions: at their begin, at their end, and now and then between.
    """
    prepared = prepare(site, order.program, order.target)
    # Somebody else may have taken the name, or deleted the database, while this program was still on its way.
    taken = next((record for record in map(site.databases.named, order.names) if record is not None), None)
    target = order.target if taken is None or order.target is not None else taken.identity
    if target is None:
        return Done(identity=await _create(site, order, prepared, _new_identity(), order.names))
    async with site.databases.changing(target, _DEPLOY):
        return await _update(site.databases.find(target.to_hex()), prepared, order, tell)


async def _update(hosted: HostedDatabase, prepared: Prepared, order: Order, tell: Tell) -> Done:
    target = hosted.database.identity
    lost = _lost_rows(hosted.database, order)
    if _has_functions(hosted.database, prepared, order):
        return Done(identity=target, snapshot=await _switch_with_functions(hosted, prepared, order, tell))
    if not lost:
        await _switch(hosted, prepared, order)
        return Done(identity=target)
    return Done(identity=target, snapshot=await _switch_with_loss(hosted, prepared, order, lost))


def prepare(site: Site, program: Program, target: Identity | None) -> Prepared:
    """Compile a program and import it; Refusal 400 with all its problems."""
    prepared = site.prepare(program, target)
    if isinstance(prepared, Sequence):
        raise Refusal(400, REJECTED + reasons(prepared))
    return prepared


async def _create(site: Site, order: Order, prepared: Prepared, identity: Identity, names: tuple[str, ...]) -> Identity:
    hosted = site.databases.create(identity, order.owner, names)
    try:
        async with site.databases.changing(identity, _DEPLOY):
            await _switch(hosted, prepared, order)
    except BaseException:
        await site.databases.delete(identity)
        raise
    return identity


def _lost_rows(database: Database, order: Order) -> str:
    """What the publish takes away, in words; empty when no row is lost."""
    counts = database.row_counts
    tables = counts if order.clear else order.choices.dropped
    return ", ".join(f"{counts[name]} of `{name}`" for name in tables if counts.get(name))


async def _switch_with_loss(hosted: HostedDatabase, prepared: Prepared, order: Order, lost: str) -> SnapshotInfo | None:
    """Switch after a snapshot of all that was before; however long the disk takes, there is an answer."""
    try:
        _, snapshot = await hosted.lossy_step(
            lambda: _act(hosted, prepared, order), step="deploy", detail=f"deploy that drops rows: {lost}"
        )
    except NotStored as error:
        raise Refusal(503, f"Database update failed: {error}") from error
    return snapshot


def _act(hosted: HostedDatabase, prepared: Prepared, order: Order) -> None:
    hosted.outage.check()
    if not order.clear:
        _check_token(hosted, order)
    # However many rows a migration writes anew by itself, it is no runaway call.
    watched = "init" if order.clear or hosted.database.program is None else None
    published = hosted.run(watched, lambda: _published(hosted.database, prepared, order))
    hosted.send_away(published.drop, CloseCode.GOING_AWAY, MODULE_EXITED)


async def _switch(hosted: HostedDatabase, prepared: Prepared, order: Order) -> None:
    _act(hosted, prepared, order)
    try:
        async with asyncio.timeout(order.durable_s):
            await hosted.durable()
    except TimeoutError as error:
        raise Refusal(504, "Database update failed: timeout waiting for transaction confirmation") from error
    except NotStored as error:
        raise Refusal(503, f"Database update failed: {error}") from error


def _has_functions(database: Database, prepared: Prepared, order: Order) -> bool:
    """Whether functions of the author's run over rows in this publish, which may take long."""
    if order.clear or database.program is None or not prepared.describe().migrations:
        return False
    with refused():
        plan = database.plan(prepared, order.choices)
    return any(isinstance(step, RewriteRows) for step in plan.steps)


async def _switch_with_functions(
    hosted: HostedDatabase, prepared: Prepared, order: Order, tell: Tell
) -> SnapshotInfo | None:
    hosted.outage.check()
    with stored():
        async with hosted.held():
            _check_token(hosted, order)
            return await _migrated(hosted, prepared, order, tell)


async def _migrated(hosted: HostedDatabase, prepared: Prepared, order: Order, tell: Tell) -> SnapshotInfo | None:
    """Run migration functions in short stretches, so that everybody else is served; each row has a call's limit."""
    clock, ends = _Stretch(), 0.0
    publishing = hosted.database.publishing(
        prepared, allow_breaking=order.breaks, choices=order.choices, pause=clock.is_over
    )
    with contextlib.closing(publishing):
        progress: Progress | None = None
        while True:
            is_in_rows = progress is not None and progress.done < progress.total
            clock.begin()
            with refused():
                step = hosted.run(MIGRATION if is_in_rows else None, lambda: next_step(publishing), holds=True)
            if not isinstance(step, Progress):
                break
            if step.done in (0, step.total) or clock.began >= ends:
                tell(step)
                ends = clock.began + limits.MIGRATION_TELL_S
            progress = step
            await asyncio.sleep(0)
            hosted.check_open()
        return await _finish(hosted, publishing)


async def _finish(hosted: HostedDatabase, publishing: Publishing) -> SnapshotInfo | None:
    """The step that changes the database: what was there before it is kept as a snapshot."""

    def finish() -> None:
        published = hosted.run(None, lambda: next_step(publishing), holds=True)
        assert isinstance(published, Published), "it is the last step"
        hosted.send_away(published.drop, CloseCode.GOING_AWAY, MODULE_EXITED, holds=True)

    _, snapshot = await hosted.lossy_step(finish, step="deploy", detail="rows made anew by migration functions")
    return snapshot


class _Stretch:
    """How long the stretch that runs may go on."""

    def __init__(self) -> None:
        self.began = 0.0

    def begin(self) -> None:
        self.began = time.monotonic()

    def is_over(self) -> bool:
        return time.monotonic() - self.began >= limits.MIGRATION_STRETCH_S


def next_step(steps: Generator[S, None, R]) -> S | R:
    """What a generator gives next, or what it returns."""
    try:
        return next(steps)
    except StopIteration as end:
        result: R = end.value
        return result


def _published(database: Database, prepared: Prepared, order: Order) -> Published:
    with refused():
        return database.publish(prepared, allow_breaking=order.breaks, choices=order.choices, clear=order.clear)


@contextlib.contextmanager
def stored() -> Iterator[None]:
    """Turn what the disk has against a publish into a Refusal."""
    try:
        yield
    except NotStored as error:
        raise Refusal(503, f"Database update failed: {error}") from error


@contextlib.contextmanager
def refused() -> Iterator[None]:
    """Turn what the engine has against a publish into a Refusal."""
    try:
        yield
    except Problems as error:
        raise Refusal(400, REJECTED + reasons(error)) from error
    except InitFailed as error:
        raise Refusal(500, f"{FAILED}{error}") from error


def _check_token(hosted: HostedDatabase, order: Order) -> None:
    """A caller who allows a break must have seen the plan that breaks."""
    running = hosted.database.program
    if not order.breaks or running is None:
        return
    if order.token is None:
        raise Refusal(400, "Migration policy is set to `BreakClients`, but no migration token was provided.")
    if order.token != plan_token(hosted.database.identity, running, order.program, order.choices):
        raise Refusal(400, f"{REJECTED}Token provided is invalid or does not match expected hash")


def _new_identity() -> Identity:
    return identity_of(ISSUER, str(uuid.uuid4()))
