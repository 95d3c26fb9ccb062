"""Explicit names that cannot be names."""

from typing import Annotated

from stdbctl.module import PrimaryKey, ReducerContext, column, index, reducer, table, table_of, u64


@table(name="my table")
class A:
    id: PrimaryKey[u64]


@table(name="")
class B:
    id: PrimaryKey[u64]


@table(name="st_user")
class C:
    id: PrimaryKey[u64]


@table(name=7)
class D:
    id: PrimaryKey[u64]


@table()
class StClient:
    id: PrimaryKey[u64]


@table(indexes=[index("x", "y", name="by place")])
class E:
    id: PrimaryKey[u64]
    x: Annotated[u64, column(name="x-y")]
    y: Annotated[u64, index(name="1st")]


F = table_of(A, name="a b")


@reducer(name="add-point")
def add(ctx: ReducerContext) -> None: ...
