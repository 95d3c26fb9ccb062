"""Named types of an author's that have the very form of a special type, which the engine holds in a way of its own.

An enum with the members SOME and NONE travels as `some: unit, none: unit`, and that is an option. On the wire nothing
changes by it; in memory the engine has None for none and the payload for some, where other sums have (tag, payload).
"""

from collections.abc import Callable
from typing import Any, NamedTuple  # Any: engine values of types known only at run time

from stdbctl.sats.graph import Kind, TypeGraph, kind_of
from stdbctl.sats.types import AlgebraicType, Ref, option_inner, special_name
from stdbctl.sats.values import ConnectionId, Identity, ScheduleAt, Some, TimeDuration, Timestamp, Uuid


class Adapter(NamedTuple):
    """`into`: from (tag, payload) or the tuple of fields to what the engine holds; `outof`: back."""

    into: Callable[[Any], Any]
    outof: Callable[[Any], Any]


def adapter(ref: Ref, graph: TypeGraph) -> Adapter | None:
    """The adapter of a named type; None for nearly all, and where the typespace is not known."""
    if not graph.typespace.types:
        return None
    type_ = graph.resolve(ref)
    if kind_of(type_) is Kind.SPECIAL:
        return _SPECIALS[special_name(type_)]
    inner = option_inner(type_)
    if inner is None:
        return None
    return _NESTED_OPTION if graph.is_nested_option(inner) else _OPTION


def is_nested_option(inner: AlgebraicType, graph: TypeGraph) -> bool:
    """Whether an option around `inner` holds its value in Some, because None is a value of `inner`."""
    if isinstance(inner, Ref) and not graph.typespace.types:
        return False
    return graph.is_nested_option(inner)


def _number(make: Callable[[int], Any], number: Callable[[Any], int]) -> Adapter:
    return Adapter(lambda fields: make(fields[0]), lambda value: (number(value),))


_SPECIALS: dict[str | None, Adapter] = {
    "Identity": _number(Identity.from_int, Identity.to_int),
    "ConnectionId": _number(ConnectionId.from_int, ConnectionId.to_int),
    "Uuid": _number(Uuid.from_int, Uuid.to_int),
    "Timestamp": _number(Timestamp, lambda value: value.micros),
    "TimeDuration": _number(TimeDuration, lambda value: value.micros),
    "ScheduleAt": Adapter(
        lambda case: ScheduleAt(case[1]), lambda value: (int(isinstance(value.value, Timestamp)), value.value)
    ),
}
_OPTION = Adapter(
    lambda case: case[1] if case[0] == 0 else None,
    lambda value: (1, ()) if value is None else (0, value),
)
_NESTED_OPTION = Adapter(
    lambda case: Some(case[1]) if case[0] == 0 else None,
    lambda value: (1, ()) if value is None else (0, value.value),
)
