"""The context, in every form but its own."""

from typing import Optional

from stdbctl.module import ReducerContext, reducer, u64


@reducer
def untyped(ctx): ...


@reducer
def of_type(ctx: int, x: u64) -> None: ...


@reducer
def maybe(ctx: ReducerContext | None, x: u64) -> None: ...


@reducer
def second(x: u64, ctx: ReducerContext) -> None: ...


@reducer
def named(x: u64, *, ctx: ReducerContext) -> None: ...


@reducer
def twice(ctx: ReducerContext, other: ReducerContext) -> None: ...


@reducer
def quoted(ctx: "ReducerContex") -> None: ...


@reducer
def method_like(self, ctx: ReducerContext) -> None: ...


@reducer
def only_star(*ctx: ReducerContext) -> None: ...
