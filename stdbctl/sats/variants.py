"""The cases of unions, and the two unions that every module knows: options that nest, and results."""

from typing import Generic, TypeAlias, TypeVar, overload

from stdbctl.sats.values import Err, Ok, Some

T = TypeVar("T")
E = TypeVar("E")

Option: TypeAlias = Some[T] | None
Result: TypeAlias = Ok[T] | Err[E]


class Variant(Generic[T]):
    """One case of a union, with a payload: `class Circle(Variant[f32]): ...`, `Circle(1.5).value`.

    `Variant[None]` has no payload: `Nothing()`. Cases are compared by value and match by position.
    """

    __slots__ = ("value",)
    __match_args__ = ("value",)
    value: T

    @overload
    def __init__(self: "Variant[None]") -> None: ...
    @overload
    def __init__(self, value: T) -> None: ...
    def __init__(self, value: object = None) -> None:
        self.value = value  # type: ignore[assignment]  # a T by the overloads

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other.value == self.value

    def __hash__(self) -> int:
        return hash((type(self), self.value))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({'' if self.value is None else repr(self.value)})"
