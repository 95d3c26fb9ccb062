"""Who says what a deploy would do: the server; for a dry run while none runs, the stored database itself."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from stdbctl.client.http import AutoMigration, ControlClient, ManualMigration, NoSuchDatabase
from stdbctl.errors import Problems
from stdbctl.schema import Choices, hash_text, migration_token, steps_json

if TYPE_CHECKING:
    from pathlib import Path

    from stdbctl.engine import Database
    from stdbctl.records import Program


class Planner(Protocol):
    """Answers for one database."""

    def program_hash(self) -> str | None:
        """What it runs; None when there is no such database."""
        ...

    def migration(self, program: "Program", choices: Choices) -> AutoMigration | ManualMigration:
        """What a deploy of `program` would do; raises Problems, or PublishRefused, for a bad program."""
        ...


class ServerPlanner:
    """The server's word."""

    def __init__(self, client: ControlClient, database: str) -> None:
        self._client, self._database = client, database

    def program_hash(self) -> str | None:
        """What it runs."""
        try:
            return self._client.database(self._database).program_hash
        except NoSuchDatabase:
            return None

    def migration(self, program: "Program", choices: Choices) -> AutoMigration | ManualMigration:
        """As `pre_publish` says it."""
        renames = [*map(str, choices.renames)]
        kind = program.kind.value
        return self._client.pre_publish(
            self._database, program.data, host_type=kind, renames=renames, dropped=choices.dropped
        )


class StoredPlanner:
    """The same, read from the database's file, which stays as it is. Cost: all rows are read."""

    def __init__(self, database: "Database | None") -> None:
        self._database = database

    def program_hash(self) -> str | None:
        """What is stored."""
        program = None if self._database is None else self._database.program
        return None if program is None else program.hash

    def migration(self, program: "Program", choices: Choices) -> AutoMigration | ManualMigration:
        """As the server's `pre_publish` says it."""
        from stdbctl.cli.loading import limited
        from stdbctl.module import PythonHost

        running = self.program_hash()
        assert self._database is not None
        assert running is not None, "asked only where there is a database"
        prepared = PythonHost().prepare(program)
        if isinstance(prepared, Sequence):
            raise Problems(prepared)
        try:
            plan = self._database.plan(prepared, choices)
            with limited(self._database.interrupt):
                samples = self._database.samples(prepared, plan, choices)
        except Problems as error:
            return ManualMigration(reason="\n".join(map(str, error.problems)), problems=error.problems)
        counts = self._database.row_counts
        return AutoMigration(
            plan=plan.text(),
            breaks_clients=plan.breaks_clients,
            token=hash_text(migration_token(self._database.identity.to_hex(), running, program.hash, choices)),
            steps=tuple(steps_json(plan)),
            lost_rows={name: counts[name] for name in choices.dropped if counts[name]},
            samples=tuple(sample.json() for sample in samples),
        )


@contextmanager
def stored_planner(data_dir: "Path", name: str) -> Iterator[StoredPlanner]:
    """The planner of a database in a folder that no server serves from; Faults for a file that cannot be read."""
    from stdbctl.engine import Database
    from stdbctl.module import PythonHost
    from stdbctl.records import ProgramKind
    from stdbctl.store import StoredView, stored_copy

    copy = stored_copy(data_dir, name)
    if copy is None:
        yield StoredPlanner(None)
        return
    with copy:
        hosts = {ProgramKind.PYTHON: PythonHost()}
        database = Database.open(StoredView(copy), hosts, clock=lambda: time.time_ns() // 1000, log=lambda _: None)
        try:
            yield StoredPlanner(database)
        finally:
            database.close()
