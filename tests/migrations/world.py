"""One database on disk, published to and called by tests of migrations."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from stdbctl.engine import Database, Prepared, Published
from stdbctl.errors import Problem, Problems
from stdbctl.module import PythonHost
from stdbctl.records import LogRecord, OutcomeKind, ProgramKind
from stdbctl.sats import Identity
from stdbctl.schema import Choices, MigrationPlan, Rename, read_rename
from stdbctl.store import SqliteStore
from tests.support.server import program_of

OWNER = Identity.from_int(1)


class World:
    """`now`: what the clock says, µs. `log`: what the module and the server wrote."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.now = folder, 1_000_000
        self.log: list[LogRecord] = []
        SqliteStore.create(folder, OWNER, OWNER).close()
        self.open()

    def open(self) -> None:
        self.store = SqliteStore(self.folder)
        hosts = {ProgramKind.PYTHON: PythonHost()}
        self.database = Database.open(self.store, hosts, clock=lambda: self.now, log=self.log.append)

    def again(self) -> None:
        """Restart, with everything stored."""
        self.database.flush()
        self.database.close()
        self.open()

    def prepared(self, source: str) -> Prepared:
        found = PythonHost().prepare(program_of({"module/__init__.py": source}))
        assert not isinstance(found, Sequence), found
        return found

    def publish(self, source: str, *renames: str) -> Published:
        given = [rename for text in renames if isinstance(rename := read_rename(text), Rename)]
        assert len(given) == len(renames)
        return self.database.publish(self.prepared(source), allow_breaking=True, choices=Choices(renames=tuple(given)))

    def plan(self, source: str) -> MigrationPlan:
        return self.database.plan(self.prepared(source))

    def refusal(self, source: str) -> Problem:
        """The one problem for which a program is refused."""
        try:
            self.publish(source)
        except Problems as error:
            (problem,) = error.problems
            return problem
        raise AssertionError("it was published")

    def call(self, name: str, *arguments: object) -> OutcomeKind:
        committed = self.database.call_json(
            name, list(arguments), identity=OWNER, connection_id=None, client=None, is_owner=True
        )
        return committed.outcome.kind

    def rows(self, table: str) -> list[tuple[object, ...]]:
        return list(self.database.query(f"SELECT * FROM {table}", OWNER, True).rows)

    def messages(self) -> Iterable[str]:
        return [record.message for record in self.log]
