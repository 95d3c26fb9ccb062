"""From a save to a live module: read, then deploy and load side by side, then write the bindings.

Deploying does not wait for the load: the server checks every program itself and keeps what it has. What the load finds
says why, with places, when the server refuses. Bindings are written after the server has switched, so that a client
that reloads because of them finds the module that they speak of.
"""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, replace

from stdbctl.client.http import placed
from stdbctl.dev.bindings import Rendered, render_bindings, write_bindings
from stdbctl.dev.changes import Outline, changes_between
from stdbctl.dev.events import Event, Live, Refused, Rejected
from stdbctl.dev.loading import in_background, load
from stdbctl.dev.orders import Orders
from stdbctl.dev.publishing import NotTaken, Publisher, Taken
from stdbctl.dev.snapshot import EMPTY, Snapshot, read_snapshot, settled_snapshot
from stdbctl.errors import Fault, Problem
from stdbctl.module import Loaded, concerns, pack_files
from stdbctl.records import Program


@dataclass(slots=True)
class Clock:
    """The time that the parts of one build took, in seconds."""

    started: float
    load_s: float = 0.0
    deploy_s: float = 0.0
    generate_s: float = 0.0

    @property
    def total_s(self) -> float:
        """Since the save was noticed."""
        return time.perf_counter() - self.started


class Builder:
    """Builds what is saved, one build at a time, and remembers what is live."""

    def __init__(self, orders: Orders, tell: Callable[[Event], None]) -> None:
        """`tell` hears at once, on another thread, how far a deploy is."""
        self._orders = orders
        self._publisher = Publisher(orders.target, tell, may_drop_clients=orders.may_drop_clients)
        self._tried = self._live_files = EMPTY
        self._live: Outline | None = None
        self._is_good = self._is_checked = False
        self._rendered: Rendered | None = None

    def close(self) -> None:
        """Close the connection to the server."""
        self._publisher.close()

    def server_changed(self) -> None:
        """What the server runs is not known any more: the next build asks."""
        self._publisher.close()
        self._is_checked = False

    def build(self, started: float, changed: threading.Event) -> list[Event]:
        """Build what is on disk now; nothing when that was tried before.

        `started`: on the performance counter, when the save was noticed. `changed` is set by whoever notices further
        ones. Faults: the server cannot be asked.
        """
        snapshot = settled_snapshot(self._orders.target.project, self._tried, changed)
        if not self._is_worth_trying(snapshot):
            return []
        clock = Clock(started)
        self._tried = snapshot
        if snapshot.problems:
            self._is_good = False
            return [Rejected(problems=snapshot.problems, total_s=clock.total_s)]
        program = pack_files(snapshot.files)
        deployed = in_background(lambda: self._deploy(program, clock))
        loaded = self._load(program, clock)
        rendered = None if isinstance(loaded, tuple) else self._render(loaded)
        return self._finish(snapshot, program, loaded, rendered, deployed, clock)

    def is_outdated(self) -> bool:
        """Whether something else is on disk than what was built last."""
        return not read_snapshot(self._orders.target.project).same_content(self._tried)

    def _is_worth_trying(self, snapshot: Snapshot) -> bool:
        if not self._is_checked or not snapshot.same_content(self._tried):
            return True
        # The same again after a failure is a wish to try again: rows may have been removed meanwhile.
        return not self._is_good and snapshot.stamps != self._tried.stamps

    def _deploy(self, program: Program, clock: Clock) -> Taken | NotTaken:
        began = time.perf_counter()
        try:
            if not self._is_checked and self._publisher.runs(program):
                return Taken(op="unchanged")
            return self._publisher.publish(program)
        finally:
            clock.deploy_s += time.perf_counter() - began

    def _load(self, program: Program, clock: Clock) -> Loaded | tuple[Problem, ...]:
        began = time.perf_counter()
        try:
            return load(program)
        finally:
            clock.load_s = time.perf_counter() - began

    # --- after both are done

    def _finish(
        self,
        snapshot: Snapshot,
        program: Program,
        loaded: Loaded | tuple[Problem, ...],
        rendered: Rendered | None,
        deployed: "Future[Taken | NotTaken]",
        clock: Clock,
    ) -> list[Event]:
        try:
            taken = deployed.result()
            if isinstance(taken, NotTaken) and not isinstance(loaded, tuple):
                taken = self._insist(program, taken, clock)
        except Fault:
            self._tried, self._is_good = EMPTY, False
            self.server_changed()
            raise
        self._is_checked = True
        was_good, self._is_good = self._is_good, isinstance(taken, Taken) and not isinstance(loaded, tuple)
        if isinstance(loaded, tuple) or rendered is None:
            assert isinstance(loaded, tuple), "what could be loaded was rendered"
            return [Rejected(problems=loaded, is_deployed=isinstance(taken, Taken), total_s=clock.total_s)]
        if isinstance(taken, NotTaken):
            return [self._refused(taken, loaded, clock)]
        return self._went_live(snapshot, loaded, rendered, taken, was_good, clock)

    def _insist(self, program: Program, refusal: NotTaken, clock: Clock) -> Taken | NotTaken:
        began = time.perf_counter()
        try:
            return self._publisher.insist(program, refusal)
        finally:
            clock.deploy_s += time.perf_counter() - began

    def _went_live(
        self,
        snapshot: Snapshot,
        loaded: Loaded,
        rendered: Rendered,
        taken: Taken,
        was_good: bool,
        clock: Clock,
    ) -> list[Event]:
        is_first, outline = self._live is None, Outline.of(loaded)
        changes = changes_between(self._live, outline, () if is_first else snapshot.changed_files(self._live_files))
        self._live, self._live_files = outline, snapshot
        began = time.perf_counter()
        written, troubles = write_bindings(rendered)
        live = Live(
            op=taken.op,
            is_first=is_first,
            is_recovered=not is_first and not was_good,
            module=loaded.module,
            changes=changes,
            written=written,
            dropped_clients=taken.dropped_clients,
            snapshot=taken.snapshot,
            problems=rendered.problems,
            warnings=concerns(loaded),
            total_s=clock.total_s,
            load_s=clock.load_s,
            deploy_s=clock.deploy_s,
            generate_s=rendered.total_s + time.perf_counter() - began,
        )
        return [live, *troubles]

    def _render(self, loaded: Loaded) -> Rendered:
        """The texts of all bindings; those of the live version again when the definition is the same."""
        known = self._rendered
        if known is not None and known.shows(loaded.module):
            return replace(known, total_s=0.0)
        self._rendered = render_bindings(self._orders.bindings, loaded)
        return self._rendered

    def _refused(self, refusal: NotTaken, loaded: Loaded, clock: Clock) -> Refused:
        return Refused(
            reason=refusal.reason,
            problems=placed(refusal.problems, loaded.places),
            is_schema=refusal.is_schema,
            would_drop_clients=refusal.would_drop_clients,
            total_s=clock.total_s,
        )
