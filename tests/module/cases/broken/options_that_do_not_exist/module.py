"""Options of decorators as other languages have them."""

from stdbctl.module import PrimaryKey, ReducerContext, index, reducer, table, table_of, u64


@table(private=True)
class A:
    id: PrimaryKey[u64]


@table(primary_key="id")
class B:
    id: PrimaryKey[u64]


@table(indices=[index("id")])
class C:
    id: PrimaryKey[u64]


@table(schedule="tick")
class D:
    id: PrimaryKey[u64]


@table(True)
class E:
    id: PrimaryKey[u64]


@reducer(public=True)
def add(ctx: ReducerContext) -> None: ...


F = table_of(A)
G = table_of(A, "more")
H = table_of(int, name="h")
