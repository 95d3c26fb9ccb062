from collections.abc import Iterator

from stdbctl.module import Index, ReducerContext, client_connected, init, reducer, u64


@reducer
def nothing() -> None: ...


@reducer
def no_context(x: u64, y: u64) -> None: ...


@reducer
def bare_context(ctx, x: u64) -> None: ...


@reducer
def with_default(ctx: ReducerContext, x: u64 = 1, y: u64 = 2) -> None: ...


@reducer
def returns(ctx: ReducerContext) -> u64:
    return 1


@reducer
async def later(ctx: ReducerContext) -> None: ...


@reducer
def each(ctx: ReducerContext) -> Iterator[int]:
    yield 1


@reducer
def stars(ctx: ReducerContext, *args: u64, named: u64, **more: u64) -> None: ...


@reducer
def untyped(ctx: ReducerContext, x, y: Index[u64]) -> None: ...


@init
def setup(ctx: ReducerContext, size: u64) -> None: ...


@client_connected
def greet() -> None: ...
