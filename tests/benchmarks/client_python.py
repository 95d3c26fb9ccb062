"""The Python client as a program of its own, measured: `python -m tests.benchmarks.client_python url database updates`.

Needs the package `board_bindings` on the path. Subscribes to every point, says `ready`, hears so many updates, and
prints what both took. `client_npm.ts` does the same.
"""

import asyncio
import gc
import json
import sys
import time
from pathlib import Path

from board_bindings import DbConnection, tables  # type: ignore[import-not-found]  # made by the benchmark


def resident_bytes() -> int:
    """Memory of this process that is in RAM."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * 4096


async def measure(url: str, database: str, updates: int) -> dict[str, float]:
    """Processor seconds, wall seconds, bytes per row."""
    async with DbConnection.connect(url, database) as conn:
        gc.collect()
        before = resident_bytes()
        cpu, wall = time.process_time(), time.perf_counter()
        await conn.subscribe(tables.point)
        rows_cpu, rows_wall = time.process_time() - cpu, time.perf_counter() - wall
        gc.collect()
        memory = (resident_bytes() - before) / len(conn.db.point)
        done = asyncio.get_running_loop().create_future()
        seen = 0

        def moved(_ctx: object, _old: object, _new: object) -> None:
            nonlocal seen
            seen += 1
            if seen == updates:
                done.set_result(None)

        conn.db.point.on_update(moved)
        print("ready", flush=True)
        cpu = time.process_time()
        await done
        updates_cpu = time.process_time() - cpu
        return {
            "rows": len(conn.db.point),
            "rows_cpu": rows_cpu,
            "rows_wall": rows_wall,
            "bytes_per_row": memory,
            "updates_cpu": updates_cpu,
        }


if __name__ == "__main__":
    print(json.dumps(asyncio.run(measure(sys.argv[1], sys.argv[2], int(sys.argv[3])))))
