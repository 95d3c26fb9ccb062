"""Unions without a name, with cases that are none, and with cases that cannot be told apart."""

from dataclasses import dataclass
from typing import Annotated, Union

from stdbctl.module import PrimaryKey, Variant, f32, table, u64, union


class Circle(Variant[f32]): ...


class Label(Variant[str]): ...


class Bare(Variant): ...


@dataclass
class Spot:
    x: f32


class Plain:
    pass


Shape = Annotated[Circle | Label, union("Shape")]
Second = Annotated[Circle | Spot, union("Shape")]
Wrong = Annotated[Circle | Plain | int, union("Wrong")]
Nameless = Annotated[Circle | Label, union("")]
Uncalled = Annotated[Circle | Label, union]
Bared = Annotated[Circle | Bare, union("Bared")]


@table()
class Drawing:
    id: PrimaryKey[u64]
    first: Shape
    second: Second
    wrong: Wrong
    nameless: Nameless
    uncalled: Uncalled
    bared: Bared
    inline: Circle | Label
    older: Union[int, str]
    single: Circle
