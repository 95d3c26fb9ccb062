"""Defaults of the wrong type, out of range, shared, or where none may be."""

from dataclasses import field
from enum import Enum

from stdbctl.module import AutoInc, Identity, Index, PrimaryKey, Unique, table, u8, u64


class Kind(Enum):
    RED = 1


def explode() -> int:
    raise RuntimeError("not today")


@table()
class Player:
    id: PrimaryKey[AutoInc[u64]] = 1
    code: Unique[str] = "x"
    level: u8 = 256
    lives: u8 = -1
    name: str = None
    title: str = 5
    share: float = "half"
    ready: bool = 1
    kind: Kind = "RED"
    other: Kind = 1
    owner: Index[Identity] = "c200"
    tags: list[str] = []
    more: list[str] = field(default_factory=dict)
    made: int = field(default_factory=explode)
    note: str | None = 3
