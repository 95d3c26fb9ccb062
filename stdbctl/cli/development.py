"""Running a development session on this terminal: its orders, its signals, its end."""

import contextlib
import functools
import os
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from stdbctl.cli.dev_json import show_json
from stdbctl.cli.dev_text import TextShow
from stdbctl.cli.embedded import launch, running_server
from stdbctl.cli.exits import ExitCode
from stdbctl.cli.generation import find_jobs, refuse_same_folder
from stdbctl.cli.output import Format
from stdbctl.cli.publishing import check_name
from stdbctl.cli.target import Target, find_target
from stdbctl.dev import ClientCommand, EmbeddedServer, Event, Orders, Session

if TYPE_CHECKING:
    from stdbctl.project import Project

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What the command line asks of a session; see the options of `dev` and `deploy --watch`."""

    project: Path | None
    server: str | None
    user: str | None
    database: str | None
    format: Format
    with_client: bool
    run: str | None = None
    with_log: bool
    may_drop_clients: bool

    def target(self) -> Target:
        """Whom to deploy to, as stdbctl.toml says now."""
        target = find_target(self.project, self.server, self.user, self.database)
        check_name(target.database)
        return target

    def orders(self) -> Orders:
        """Put the command line and stdbctl.toml together, as it is now."""
        target = self.target()
        jobs = find_jobs(target.project, None, None, False) if target.project.config.generate else []
        refuse_same_folder(jobs)
        return Orders(
            target=target,
            bindings=tuple(jobs),
            client=self._client(target.project),
            shows_log=self.with_log,
            may_drop_clients=self.may_drop_clients,
            has_colors=self.format is Format.TEXT and sys.stdout.isatty() and not os.environ.get("NO_COLOR"),
        )

    def _client(self, project: "Project") -> ClientCommand | None:
        run = self.run or project.config.dev.run
        if not self.with_client or run is None:
            return None
        return ClientCommand(run=run, folder=project.root / project.config.dev.cwd)


def run_session(wishes: Wishes, *, leaves_server: bool) -> ExitCode:
    """Run a session until a signal ends it. `leaves_server`: a server that it starts outlives it."""
    project = wishes.target().project
    keeper = EmbeddedServer(
        lambda: running_server(project.state), functools.partial(launch, project), is_left=leaves_server
    )
    session = Session(wishes.orders, show_of(wishes), keeper)
    with told_by_signals(session.stop):
        return ExitCode.DONE if session.run() else ExitCode.INTERRUPTED


def show_of(wishes: Wishes) -> Callable[[Event], None]:
    """Whoever shows the events."""
    return show_json if wishes.format is Format.JSON else TextShow(wishes.target().database)


@contextlib.contextmanager
def told_by_signals(stop: Callable[[], None]) -> Iterator[None]:
    """Call `stop` at each signal that is to end this process; main thread only."""

    def handle(_number: int, _frame: FrameType | None) -> None:
        stop()

    old = {number: signal.signal(number, handle) for number in ENDING}
    try:
        yield
    finally:
        for number, handler in old.items():
            signal.signal(number, handler)
