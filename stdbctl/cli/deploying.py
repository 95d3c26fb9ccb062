"""One `stdbctl deploy`, as the command line asks for it, once or at each save."""

import enum
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from stdbctl.cli.output import Format

if TYPE_CHECKING:
    from stdbctl.cli import publishing
    from stdbctl.cli.planners import Planner
    from stdbctl.cli.target import Target
    from stdbctl.client.http import ControlClient, PublishResult
    from stdbctl.module import Loaded
    from stdbctl.records import Program


class DeleteData(enum.Enum):
    """When all rows are lost to start over."""

    NEVER = "never"
    ON_CONFLICT = "on-conflict"
    ALWAYS = "always"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deploy:
    """What the command line says. `confirmed`: the name that was given for the database whose data may be lost.

    `plan`: the token of the only plan that may run. `asks`: whether a terminal is asked what a rename is.
    """

    database: str | None
    is_dry_run: bool
    plan: str | None
    may_drop_clients: bool
    renames: tuple[str, ...]
    drop_tables: tuple[str, ...]
    delete_data: DeleteData
    confirmed: str | None
    asks: bool
    project: Path | None
    server: str | None
    user: str | None
    format: Format

    def run(self) -> None:
        """Load, plan, ask for consent, publish, and close with a line."""
        from stdbctl.cli import publishing
        from stdbctl.cli.failures import show_warnings
        from stdbctl.cli.loading import load_module
        from stdbctl.cli.renaming import checked_renames
        from stdbctl.cli.serving import ensure_server
        from stdbctl.cli.target import find_target
        from stdbctl.module import concerns, pack

        started = time.perf_counter()
        checked_renames(self.renames)
        target = find_target(self.project, self.server, self.user, self.database)
        publishing.check_name(target.database)
        loaded = load_module(target.project)
        warnings = concerns(loaded)
        if self.format is Format.TEXT:
            show_warnings(warnings)
        program = pack(target.project.module_path, target.project.root)
        if self.is_dry_run:
            with self._planner(target) as (planner, client):
                verdict = self._verdict(planner, client, target, program, loaded)
                publishing.show_plan(target, verdict, warnings, self.format)
            return
        ensure_server(target)
        with self._planner(target) as (planner, client):
            assert client is not None, "the server runs"
            verdict = self._verdict(planner, client, target, program, loaded)
            result = None if verdict.is_same else self._publish(client, target, program, verdict)
            elapsed = time.perf_counter() - started
            publishing.close(target, client, verdict, result, loaded.module, warnings, elapsed, self.format)

    @contextmanager
    def _planner(self, target: "Target") -> "Iterator[tuple[Planner, ControlClient | None]]":
        """The server, or the stored database where there is none to ask."""
        from stdbctl.cli.embedded import running_server
        from stdbctl.cli.planners import ServerPlanner, stored_planner

        if target.is_local and running_server(target.project.state) is None:
            with stored_planner(target.project.state.data_dir, target.database) as planner:
                yield planner, None
            return
        with target.connect() as client:
            yield ServerPlanner(client, target.database), client

    def _verdict(
        self, planner: "Planner", client: "ControlClient | None", target: "Target", program: "Program", loaded: "Loaded"
    ) -> "publishing.Verdict":
        from stdbctl.cli import publishing
        from stdbctl.cli.renaming import ask_for_renames, checked_renames
        from stdbctl.schema import Choices

        renames = checked_renames(self.renames)
        if client is not None:
            renames = ask_for_renames(client, target.database, loaded.module, renames, asks=self.asks)
        choices = Choices(renames=renames, dropped=tuple(dict.fromkeys(self.drop_tables)))
        verdict = publishing.verdict(planner, program, choices, self.delete_data, loaded.places)
        if verdict.is_new:
            publishing.require_database(target.database, target.project.config.database, choices, self.delete_data)
        publishing.require_plan(target.database, verdict, self.plan)
        return verdict

    def _publish(
        self, client: "ControlClient", target: "Target", program: "Program", verdict: "publishing.Verdict"
    ) -> "PublishResult":
        from stdbctl.cli import publishing

        if verdict.clears:
            publishing.require_loss(client, target.database, verdict, given=self.confirmed)
        else:
            publishing.require_break(verdict, agreed=self.may_drop_clients)
        return publishing.publish(client, target.database, program, verdict)


def watch(wishes: Deploy) -> int:
    """The loop of `dev` without client and log; a server that it starts is left running, as by a plain deploy."""
    from stdbctl.cli.development import Wishes, run_session
    from stdbctl.cli.failures import UsageFault

    if wishes.is_dry_run:
        raise UsageFault("`--dry-run` and `--watch` exclude each other", fix="leave one of them out")
    if wishes.renames:
        raise UsageFault(
            "`--rename` and `--watch` exclude each other",
            why="it is about one deploy",
            fix='deploy once with `--rename`, or write `was` into the module: `Annotated[…, column(was="old")]`',
        )
    if wishes.drop_tables or wishes.plan or wishes.delete_data is not DeleteData.NEVER:
        flag = "--drop-table" if wishes.drop_tables else "--plan" if wishes.plan else "--delete-data"
        raise UsageFault(
            f"`{flag}` and `--watch` exclude each other",
            why="it is about one deploy",
            fix=f"deploy once with `{flag}`, then watch",
        )
    session = Wishes(
        project=wishes.project,
        server=wishes.server,
        user=wishes.user,
        database=wishes.database,
        format=wishes.format,
        with_client=False,
        with_log=False,
        may_drop_clients=wishes.may_drop_clients,
    )
    return run_session(session, leaves_server=True)
