"""A process that runs calls and tells what came of them; two of these must say the same.

Reads lines of JSON, `[[name, args, sender], …]`, each a history of its own; answers each with a line of text: outcomes,
rows of all tables in their order, the log. Its first line shows in which order Python's own sets come here.
"""

import json
import sys
from pathlib import Path

from stdbctl.module import pack
from stdbctl.sats import Identity
from tests.module.running import Running

CASE = Path(__file__).parent / "cases" / "determinism"


def told(running: Running, calls: list[tuple[str, list[object], int]]) -> str:
    """What came of these calls."""
    outcomes = []
    for name, args, sender in calls:
        running.micros += 1_000_003
        done = running.database.call_json(
            name, args, identity=Identity.from_int(sender), connection_id=None, client=None, is_owner=False
        )
        outcomes.append((done.outcome.kind.value, done.outcome.text, done.timestamp.micros))
    rows = [running.rows("line"), running.rows("draw")]
    return json.dumps([outcomes, repr(rows), running.lines])


def main() -> None:
    print(json.dumps([str(member) for member in {"alpha", "beta", "gamma", "delta", "epsilon"}]), flush=True)
    program = pack(CASE / "module", CASE)
    for line in sys.stdin:
        print(told(Running(program), json.loads(line)), flush=True)


if __name__ == "__main__":
    main()
