from dataclasses import dataclass
from typing import ClassVar, Protocol

from stdbctl.module import Identity, Index, PrimaryKey, Timestamp, table, u64


class Stamped:
    created: Timestamp
    limit: ClassVar[int]
    version: int = 1
    _cached: int


class Owned(Stamped):
    owner: Index[Identity]
    note: str

    @property
    def short(self) -> str:
        return self.note[:3]


class Named(Protocol):
    name: str


@dataclass
class Counted:
    count: u64


@table()
class Message(Owned, Named, Counted):
    id: PrimaryKey[u64]
    note: str


@table()
class Draft(Stamped):
    id: PrimaryKey[u64]
