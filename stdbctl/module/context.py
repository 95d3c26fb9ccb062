"""What a function of the author's gets as its first argument."""

import random
import uuid
from typing import TYPE_CHECKING

from stdbctl.module.guard_classes import class_face
from stdbctl.module.guard_rules import CLASSES
from stdbctl.module.rows import Database
from stdbctl.records import Call
from stdbctl.sats import ConnectionId, Identity, Timestamp, Uuid

_COUNTER_BITS = 31
_Random: type[random.Random] = class_face("random.Random", random.Random, CLASSES["random.Random"])
"""Draws the same numbers, and cannot be seeded from the machine's chance."""


class ReducerContext:
    """The circumstances of one reducer call.

    `sender`: who calls. `connection_id`: over which connection, None when there is none. `timestamp`: when, strictly
    increasing per database. `identity`: the database's own. `db`: the tables, `ctx.db[Point]`.
    """

    __slots__ = ("_counter", "_random", "_seed", "connection_id", "db", "identity", "sender", "timestamp")

    if TYPE_CHECKING:
        sender: Identity
        connection_id: ConnectionId | None
        timestamp: Timestamp
        identity: Identity
        db: Database

    def __init__(self, call: Call, db: Database) -> None:
        self.sender, self.connection_id, self.timestamp, self.identity, self._seed = call
        self.db = db
        self._random: random.Random | None = None
        self._counter = -1

    @property
    def random(self) -> random.Random:
        """A generator seeded for this call: the same call draws the same numbers again."""
        if self._random is None:
            self._random = _Random(self._seed)
        return self._random

    def new_uuid_v4(self) -> Uuid:
        """A random UUID, drawn from `random`."""
        return Uuid(uuid.UUID(bytes=self.random.randbytes(16), version=4))

    def new_uuid_v7(self) -> Uuid:
        """A UUID that sorts by time, and within one call by order, drawn from `random`."""
        if self._counter < 0:
            # Half the range is left to count on, so that the order holds for a billion ids of one call.
            self._counter = self.random.getrandbits(_COUNTER_BITS - 1)
        counter, self._counter = self._counter, (self._counter + 1) % (1 << _COUNTER_BITS)
        data = bytearray(16)
        data[0:6] = (self.timestamp.micros // 1000 & (1 << 48) - 1).to_bytes(6, "big")
        data[7], data[9], data[10] = counter >> 23, counter >> 15 & 0xFF, counter >> 7 & 0xFF
        data[11] = (counter & 0x7F) << 1
        data[12:16] = self.random.randbytes(4)
        data[12] &= 0x7F
        # Version and variant have bytes of their own, so the counter stays in order around them.
        data[6], data[8] = 0x70, 0x80
        return Uuid(uuid.UUID(bytes=bytes(data)))
