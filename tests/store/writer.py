"""Writes to the database in argv[1] until it is killed: what it printed as durable must be there afterwards.

Each transaction moves the counter row of table 4097, adds a row to table 4098, moves a sequence, and is in history;
groups have 1 to 5 of them. Committing is done on a second thread, as in a server.
"""

import random
import sys
import threading
from pathlib import Path

from stdbctl.records import SequenceState
from stdbctl.store import SqliteStore
from tests.store.samples import changed, entry, row


def counter(number: int) -> bytes:
    return b"%d" % number


def main(folder: Path) -> None:
    store = SqliteStore(folder)
    offset = store.load().last_offset
    print("open", offset, flush=True)
    while True:
        entries = []
        for _ in range(random.randint(1, 5)):
            offset += 1
            old, new = row(b"counter", counter(offset - 1)), row(b"counter", counter(offset))
            changes = (
                changed(4097, (old,) if offset > 3 else (), (new,)),  # the first one finds no counter
                changed(4098, (), (row(counter(offset) + b"." * (offset % 3_000)),)),
            )
            entries.append(entry(offset, *changes, sequences=(SequenceState(4097, 0, offset),)))
        store.write(entries)
        committer = threading.Thread(target=store.commit)
        committer.start()
        committer.join()
        print("durable", offset, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
