"""Every unknown name of an annotation is shown, in one go, at its place."""

from dataclasses import dataclass

from stdbctl.module import Index, PrimaryKey, ReducerContext, Result, reducer, table, u64


@dataclass
class Spot:
    way: list[Pnt] | Dcit[Kye]


@table()
class Point:
    id: PrimaryKey[u46]
    both: Result[Strng, Errr]
    same: Result[Twice, Twice]
    nested: Index[list[Inner[Deep]]]
    dotted: dataclass.Missing | Other
    split: Result[
        FirstLine,
        SecondLine,
    ]


@reducer
def add(ctx: ReducerContext, a: Result[Aaa, Bbb], b: "list[Ccc | Ddd]") -> Eee | Fff: ...
