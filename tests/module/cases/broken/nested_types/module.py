"""Types that are right by themselves, and not where they stand."""

from stdbctl.module import AutoInc, Index, Option, PrimaryKey, Result, Unique, table, u8, u64


@table()
class A:
    id: list[PrimaryKey[u64]]
    raw: list[u8]
    raws: list[list[u8]]
    deep: list[u8 | None] | None
    options: Option[str] | None
    more: list[Index[str]]
    result: Result[str]
    listed: list[str, int]
    key: Unique[list[str]]
    count: AutoInc[u64]
    maybe: Index[Option[u64]]
    nothing: Index[None]
