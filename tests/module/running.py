"""A database in memory that runs a module written by the test."""

import textwrap
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from stdbctl.engine import Committed, Database
from stdbctl.module import PythonHost, pack
from stdbctl.records import LogRecord, Outcome, Program, ProgramKind
from stdbctl.sats import Identity
from stdbctl.store import MemoryStore

DATABASE = Identity.from_int(2)
OWNER = Identity.from_int(1)
ALICE = Identity.from_int(0xA11CE)


def write_module(folder: Path, files: Mapping[str, str] | str) -> Path:
    """Write a package `module` (or its `__init__.py` alone) into a folder; its path."""
    given = {"__init__.py": files} if isinstance(files, str) else files
    for name, text in given.items():
        path = folder / "module" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")
    return folder / "module"


def program_of(folder: Path, files: Mapping[str, str] | str) -> Program:
    """The program of a package written into a folder."""
    return pack(write_module(folder, files), folder)


class Running:
    """A published program. `log`: what the module wrote; `micros`: the clock."""

    def __init__(
        self, program: Program, host: PythonHost | None = None, *, clock: Callable[[], int] | None = None
    ) -> None:
        self.micros = 1_000_000
        self.log: list[LogRecord] = []
        clock = clock or (lambda: self.micros)
        self.host = host or PythonHost(clock=clock)
        self.database = Database.open(
            MemoryStore(DATABASE, OWNER),
            {ProgramKind.PYTHON: self.host},
            clock=clock,
            log=self.log.append,
        )
        self.publish(program)

    def publish(self, program: Program) -> None:
        """Prepare and switch; the test fails when there are problems."""
        prepared = self.host.prepare(program)
        assert not isinstance(prepared, Sequence), prepared
        self.prepared = prepared
        self.database.publish(prepared, allow_breaking=True)

    def commit(self, name: str, *args: object) -> Committed:
        """Call a reducer as ALICE with JSON arguments."""
        self.micros += 1
        return self.database.call_json(name, list(args), identity=ALICE, connection_id=None, client=None, is_owner=True)

    def call(self, name: str, *args: object) -> Outcome:
        return self.commit(name, *args).outcome

    def rows(self, table: str) -> list[tuple[object, ...]]:
        """All rows of a table."""
        return [tuple(row) for row in self.database.query(f"SELECT * FROM {table}", OWNER, True).rows]

    @property
    def lines(self) -> list[str]:
        """The messages of the log."""
        return [record.message for record in self.log]
