"""A table of many points on a real server, for the benchmarks that ask what rows cost while nothing happens to them."""

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.server import RunningServer, serving

ROWS = 1_000_000
FILL = 20_000
"""Rows that one call makes; the server gives a call 10 s."""
OWNERS = 100
SOURCE = '''"""Version 1."""

from stdbctl.module import (
    AutoInc, Identity, Index, PrimaryKey, ReducerContext, Timestamp, f64, reducer, table, u32, u64,
)


@table(public=True)
class Point:
    id: PrimaryKey[AutoInc[u64]]
    x: f64
    y: f64
    color: str
    owner: Index[Identity]
    at: Timestamp


@reducer
def fill(ctx: ReducerContext, owner: u32, count: u32) -> None:
    who = Identity.from_int(owner)
    for number in range(count):
        color = f"#ff{number % 65536:04x}"
        ctx.db[Point].insert(Point(id=0, x=number * 0.5, y=number * 0.25, color=color, owner=who, at=ctx.timestamp))
'''
DATABASE = "points"


def version(number: int) -> dict[str, str]:
    """The files of the module; versions differ in a word of their first line."""
    return {"module/__init__.py": SOURCE.replace("Version 1", f"Version {number}")}


@contextmanager
def points(rows: int) -> Iterator[tuple[RunningServer, Path]]:
    """A server with so many points, and its folder."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with serving(folder) as server:
            server.publish(DATABASE, version(1))
            fill(server, rows)
            yield server, folder


def fill(server: RunningServer, rows: int) -> None:
    """Make points through the reducer, as a user would."""
    for done in range(0, rows, FILL):
        answer = server.call(DATABASE, "fill", done // FILL % OWNERS + 1, min(FILL, rows - done))
        assert answer.status_code == 200, answer.text


def resident_bytes(pid: int | str = "self") -> int:
    """What a process holds in memory; 0 where the system does not say (not Linux)."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except FileNotFoundError:
        return 0
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    return int(found[1]) * 1024 if found else 0
