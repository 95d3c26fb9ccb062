"""Files of older formats are brought to the present one when they are opened, whole or not at all."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from stdbctl import __version__
from stdbctl.records import SequenceState
from stdbctl.sats import ConnectionId
from stdbctl.store import SqliteStore, StoreFault
from tests.store.samples import CALLER, DATABASE, OWNER, PROGRAM, TABLES, entry

FILE = "database.sqlite3"
DUMP = Path(__file__).parent / "format_1.sql"


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """The folder of a database of format 1, as its dump has it."""
    with closing(sqlite3.connect(tmp_path / FILE)) as connection:
        connection.executescript(DUMP.read_text(encoding="utf-8"))
        connection.execute("PRAGMA journal_mode = WAL")
    return tmp_path


def meta(folder: Path) -> dict[str, object]:
    with closing(sqlite3.connect(folder / FILE)) as connection:
        return dict(connection.execute("SELECT key, value FROM meta"))


def test_a_file_of_format_1_keeps_all_it_holds(old: Path) -> None:
    for _ in range(2):
        store = SqliteStore(old)
        kept = store.load()
        assert (kept.identity, kept.owner, kept.program, kept.tables) == (DATABASE, OWNER, PROGRAM, TABLES)
        assert kept.sequences == (SequenceState(4097, 0, 17),)
        assert kept.connections == ((ConnectionId.from_int(7), CALLER),)
        assert (kept.last_offset, kept.last_timestamp_micros) == (2, 1_002)
        assert (list(store.rows(4097)), list(store.rows(4098))) == ([b"row"], [b"note"])
        assert [found.offset for found in store.history()] == [1, 2]
        store.close()
    assert meta(old)["format"] == 3
    assert meta(old)["written_by"] == __version__
    assert meta(old)["table_names"] == '{"4097":"point","4098":"note","4099":"shout"}'
    store = SqliteStore(old)
    store.write([entry(3)])
    store.commit()
    store.close()


KILLED = """
import os, sqlite3, sys
from pathlib import Path
from stdbctl.store import SqliteStore, tables

def die(*_: object) -> None:
    os._exit(9)

tables.write_table_names = die
SqliteStore(Path(sys.argv[1]))
"""


def test_an_upgrade_that_is_cut_short_never_happened(old: Path) -> None:
    before = meta(old)
    died = subprocess.run([sys.executable, "-c", KILLED, str(old)], cwd=Path(__file__).parents[2], timeout=60)
    assert died.returncode == 9
    assert meta(old) == before
    SqliteStore(old).close()
    assert meta(old)["format"] == 3


def test_a_format_that_never_was_is_damage(old: Path) -> None:
    with closing(sqlite3.connect(old / FILE, isolation_level=None)) as connection:
        connection.execute("UPDATE meta SET value = 0 WHERE key = 'format'")
    before = (old / FILE).read_bytes()
    with pytest.raises(StoreFault, match="its format is 0, and the first one was 1"):
        SqliteStore(old)
    assert (old / FILE).read_bytes() == before
