"""Every row of the table in docs/migrations.md that a deploy carries out or refuses, one folder per case.

`before.py` and `after.py` are modules; `init` of the first writes the rows. `expected.txt` has the plan or the refusal,
what became of a client that was subscribed to all public tables, and the rows that are served afterwards.
`renames.txt`, where there is one, has what `--rename` gives, one a line; `drop_tables.txt` what `--drop-table` gives.
`STDBCTL_REWRITE=1 pytest tests/migrations` writes it anew; read the diff.
"""

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from stdbctl.engine import Database
from stdbctl.errors import Problems
from stdbctl.module import PythonHost
from stdbctl.records import Program, ProgramKind
from stdbctl.sats import ConnectionId, Identity
from stdbctl.schema import Choices, read_rename
from stdbctl.store import SqliteStore
from tests.support.server import program_of

HERE = Path(__file__).parent
CASES = sorted(path.parent for path in HERE.glob("*/before.py"))
OWNER, CLIENT = Identity.from_int(1), Identity.from_int(2)


def opened(folder: Path) -> tuple[Database, SqliteStore]:
    store = SqliteStore(folder)
    database = Database.open(store, {ProgramKind.PYTHON: PythonHost()}, clock=lambda: 1_000_000_000, log=lambda _: None)
    return database, store


def program(path: Path) -> Program:
    """One file as a module."""
    return program_of({"module/__init__.py": path.read_text(encoding="utf-8")})


def publish(database: Database, path: Path, *, allow_breaking: bool = False) -> str:
    """Publish a module, and tell what became of it."""
    prepared = PythonHost().prepare(program(path))
    assert not isinstance(prepared, Sequence), prepared
    try:
        published = database.publish(prepared, allow_breaking=allow_breaking, choices=choices_of(path.parent))
    except Problems as error:
        return "refused:\n" + "".join(f"{problem.code}: {problem.what}\n" for problem in error.problems)
    if published.plan is None:
        return ""
    for client in published.drop:
        database.disconnect(client)
    return f"{published.plan.text()}\nclient: {'closed' if published.drop else 'stays'}\n"


def choices_of(case: Path) -> Choices:
    """What is given with the deploy."""
    renames = [rename for line in words_of(case / "renames.txt") if (rename := read_rename(line)) is not None]
    return Choices(renames=tuple(renames), dropped=words_of(case / "drop_tables.txt"))


def words_of(file: Path) -> tuple[str, ...]:
    return tuple(file.read_text(encoding="utf-8").split()) if file.exists() else ()


def subscribe(database: Database) -> None:
    """One client of all public tables."""
    assert database.module is not None
    database.connect("client", CLIENT, ConnectionId.from_int(1))
    tables = [table.name for table in database.module.tables if table.is_public]
    database.subscribe("client", 1, [f"SELECT * FROM {name}" for name in tables])


def rows_text(database: Database) -> str:
    """All rows of all tables, and when the next one is due."""
    assert database.module is not None
    lines = []
    for table in sorted(database.module.tables, key=lambda table: table.name):
        result = database.query(f"SELECT * FROM {table.name}", OWNER, True)
        lines.append(f"{table.name} ({', '.join(name for name, _ in result.columns)})")
        lines += [f"    {row}" for row in result.rows]
    due = database.next_due
    return "\n".join([*lines, f"next due: {'nothing' if due is None else f'{due} µs'}", ""])


def told_by_history(store: SqliteStore) -> dict[int, set[bytes]]:
    """The rows of each table as all transactions together leave them."""
    rows: dict[int, set[bytes]] = {table.table_id: set() for table in store.load().tables}
    for entry in store.history():
        for change in entry.changes:
            left = rows.setdefault(change.table_id, set())
            assert left.issuperset(change.deleted)
            left.difference_update(change.deleted)
            left.update(change.inserted)
    return {table_id: data for table_id, data in rows.items() if data}


def stored(store: SqliteStore) -> dict[int, set[bytes]]:
    found = {table.table_id: set(store.rows(table.table_id)) for table in store.load().tables}
    return {table_id: data for table_id, data in found.items() if data}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    SqliteStore.create(tmp_path / "database", OWNER, OWNER).close()
    return tmp_path / "database"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_deploy_over_rows_and_clients_leaves_what_is_expected_also_after_a_restart(case: Path, folder: Path) -> None:
    database, store = opened(folder)
    publish(database, case / "before.py")
    subscribe(database)
    outcome = publish(database, case / "after.py", allow_breaking=True)
    served = rows_text(database)
    database.flush()
    assert told_by_history(store) == stored(store)
    database.close()
    database, store = opened(folder)
    assert rows_text(database) == served
    newest = database.program
    assert newest is not None
    assert (newest.hash == program(case / "before.py").hash) == outcome.startswith("refused")
    database.close()
    text, expected = f"{outcome}\n{served}", case / "expected.txt"
    if os.environ.get("STDBCTL_REWRITE"):
        expected.write_text(text, encoding="utf-8")
    assert text == expected.read_text(encoding="utf-8")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_plan_that_closes_clients_runs_only_with_consent(case: Path, folder: Path) -> None:
    database, _ = opened(folder)
    publish(database, case / "before.py")
    before = rows_text(database)
    outcome = publish(database, case / "after.py")
    expected = (case / "expected.txt").read_text(encoding="utf-8")
    breaks = "All clients will be disconnected" in expected or "publish.migration_failed" in expected
    assert outcome.startswith("refused:\npublish.breaks_clients") == breaks
    if outcome.startswith("refused"):
        assert rows_text(database) == before
    database.close()
