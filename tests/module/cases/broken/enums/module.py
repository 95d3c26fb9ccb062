"""Enums that cannot be told apart, or have nothing to tell."""

import enum

from stdbctl.module import Index, PrimaryKey, table, u64


class Twins(enum.Enum):
    RED = 1
    CRIMSON = 1
    BLUE = 2


class Nothing(enum.Enum):
    pass


class Rights(enum.Flag):
    READ = 1
    WRITE = 2


Large = enum.Enum("Large", [f"M{number}" for number in range(300)])


class Casing(enum.Enum):
    RED_ONE = 1
    RedOne = 2


@table()
class Item:
    id: PrimaryKey[u64]
    colour: Index[Twins]
    nothing: Nothing
    rights: Rights
    large: Large
    casing: Casing
