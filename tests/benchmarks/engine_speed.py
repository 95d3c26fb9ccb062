"""What a call costs in the engine alone: `python -m tests.benchmarks.engine_speed`.

A reducer that inserts one row (auto-increment key, one index, six columns), a trivial instance, a store
that forgets. Prints microseconds of processor time per call, and the ratio to encoding the row, in the same run.
"""

import gc
import time
from collections.abc import Callable, Sequence

from stdbctl.engine import Log
from stdbctl.records import DONE, Call, Catalog, Entry, Outcome, Row, SchemaChange, TableAccess
from stdbctl.sats import IDENTITY, TIMESTAMP, AlgebraicType, ConnectionId, Timestamp, compile_codec, product
from stdbctl.store import MemoryStore
from tests.benchmarks.figures import Figure, compared, show
from tests.engine.scripted import ALICE, BOB, DATABASE, OWNER, P, ReducerSpec, Script, TableSpec, World

CALLS = 20_000
ROUNDS = 5
GROUP = 500
COLUMNS: dict[str, AlgebraicType] = {
    "id": P.U64,
    "x": P.F32,
    "y": P.F32,
    "color": P.STRING,
    "user_id": IDENTITY,
    "at": TIMESTAMP,
}
POINT = TableSpec("point", COLUMNS, "id", ("id",), indexes=(("user_id",),))
PARAMS: dict[str, AlgebraicType] = {"x": P.F32, "y": P.F32, "color": P.STRING}
ADD = ReducerSpec("add", lambda tables, call, args: None, PARAMS)


class Forgetful(MemoryStore):
    """Takes everything and keeps nothing."""

    def write(self, entries: Sequence[Entry], schema: SchemaChange | None = None) -> None:
        pass


class Inserter:
    """An instance that does nothing but insert."""

    def __init__(self, catalog: Catalog) -> None:
        self.table_id = catalog["point"].table_id

    def call_reducer(self, tx: TableAccess, function_id: int, call: Call, args: bytes, values: Row) -> Outcome:
        x, y, color = values
        tx.insert(self.table_id, (0, x, y, color, call.sender, call.timestamp))
        return DONE

    def interrupt(self) -> None: ...

    def close(self) -> None: ...


class Program(Script):
    """The script with that instance."""

    def new_instance(self, catalog: Catalog, log: Log) -> Inserter:  # type: ignore[override]  # another instance
        return Inserter(catalog)


def micros(action: Callable[[], object]) -> float:
    """Processor time of one of CALLS actions."""
    gc.collect()
    gc.freeze()
    start = time.process_time()
    for _ in range(CALLS):
        action()
    return (time.process_time() - start) / CALLS * 1e6


def call_micros(subscribers: int) -> float:
    """One call of a client, with so many others subscribed to the whole table."""
    world = World(Program((POINT,), (ADD,)), store=Forgetful(DATABASE, OWNER))
    for number in range(subscribers):
        world.db.connect(number, BOB, ConnectionId.from_int(number + 1))
        world.db.subscribe(number, 1, ["SELECT * FROM point"])
    db, args = world.db, compile_codec(product(**PARAMS)).encode((0.5, 2.0, "#ffffff"))

    def call() -> None:
        db.call("add", args, identity=ALICE, connection_id=None, client=None, is_owner=False)
        if db.last_offset % GROUP == 0:
            db.flush()

    return micros(call)


def measure() -> list[Figure]:
    """Calls with more and more subscribers beside encoding the row, in turns."""
    encode = compile_codec(product(**COLUMNS)).encode
    row = (1, 0.5, 2.0, "#ffffff", ALICE, Timestamp(1))
    samples: dict[str, list[float]] = {"encoding one row of 6 columns": []}
    for _ in range(ROUNDS):
        samples["encoding one row of 6 columns"].append(micros(lambda: encode(row)))
        for subscribers in (0, 1, 1_000):
            samples.setdefault(f"one-row call, {subscribers:,} subscribers", []).append(call_micros(subscribers))
    return compared("µs CPU", "encoding", samples)


if __name__ == "__main__":
    show("The engine alone", measure())
