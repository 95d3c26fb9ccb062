"""What stands in `indexes` and `unique`, and should not."""

from stdbctl.module import PrimaryKey, index, table, u64


@table(indexes="x")
class A:
    id: PrimaryKey[u64]
    x: u64


@table(indexes=index("x"))
class B:
    id: PrimaryKey[u64]
    x: u64


@table(indexes=[("x", "id")], unique=["x"])
class C:
    id: PrimaryKey[u64]
    x: u64


@table(indexes=[index("x"), index("x")], unique=[("x", "id"), ("id", "x")])
class D:
    id: PrimaryKey[u64]
    x: u64


@table(indexes=[index("x", algorithm="rtree"), index("X", "id")], unique=[("id", "xx")])
class E:
    id: PrimaryKey[u64]
    x: u64
