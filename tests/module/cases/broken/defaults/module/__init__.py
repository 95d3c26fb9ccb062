from dataclasses import dataclass, field

from stdbctl.module import AutoInc, Identity, PrimaryKey, Unique, f32, table, u8, u64


@dataclass
class Spot:
    x: f32


def broken() -> str:
    raise LookupError("no default today")


@table()
class Point:
    id: PrimaryKey[AutoInc[u64]] = 1
    label: Unique[str] = "a"
    small: u8 = 256
    text: str = 7
    flag: bool = 0
    tags: list[str] = ["a"]
    empty: list[str] = []
    numbers: list[u8 | None] = field(default_factory=lambda: [1, 300])
    spot: Spot = field(default_factory=lambda: Spot(x="1"))
    later: str = field(default_factory=broken)
    owner: Identity = None
    size = 3


@table()
class Named:
    name: PrimaryKey[str] = ""
