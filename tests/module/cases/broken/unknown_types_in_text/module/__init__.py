"""The same with annotations that Python does not evaluate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stdbctl.module import PrimaryKey, ReducerContext, reducer, table, u64

if TYPE_CHECKING:
    from .shapes import Spot, Spott


@table
class Point:
    id: PrimaryKey[u64]
    spot: Spot
    other: list[Sopt]
    third: Spott


@reducer
def add(ctx: ReducerContext, spot: Spot, count: u23) -> None: ...
