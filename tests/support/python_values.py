"""Values of generated Python classes: made from engine values, and described, by their types alone.

Written without the client's own converters, so that tests can tell what those do.
"""

import enum
from dataclasses import fields
from typing import Any  # Any: values whose types are known only at run time

from stdbctl.client import Err, Ok, RemoteModule, Some, Union
from stdbctl.sats import (
    BYTES,
    UNIT,
    AlgebraicType,
    ArrayType,
    ProductType,
    Ref,
    SumType,
    option_inner,
    result_inner,
    special_name,
)
from tests.support.described import described


class PythonValues:
    """The values of one module's bindings."""

    def __init__(self, module: RemoteModule) -> None:
        self._space, self._classes = module.types, module.classes

    def made(self, type_: AlgebraicType, value: Any) -> Any:
        """The value that users of the bindings hold, from the engine's."""
        if isinstance(type_, Ref):
            return self._made_named(type_.index, value)
        if type_ == UNIT:
            return None
        if isinstance(type_, ArrayType) and type_ != BYTES:
            return [self.made(type_.element, item) for item in value]
        if (inner := option_inner(type_)) is not None:
            return self._made_option(inner, value)
        if (sides := result_inner(type_)) is not None:
            return (Ok, Err)[value[0]](self.made(sides[value[0]], value[1]))
        return value

    def _made_option(self, inner: AlgebraicType, value: Any) -> Any:
        if value is None:
            return None
        is_nested = option_inner(self._space.resolve(inner)) is not None
        held = self.made(inner, value.value if is_nested else value)
        return Some(held) if is_nested or inner == UNIT else held

    def _made_named(self, index: int, value: Any) -> Any:
        type_, held = self._space.types[index], self._classes[index]
        if held is None:
            return self.made(type_, value)
        if isinstance(type_, ProductType):
            assert isinstance(held, type)
            return self.record(held, type_, value)
        assert isinstance(type_, SumType)
        if isinstance(held, Union):
            variant, payload = held.variants[value[0]], self.made(type_.variants[value[0]].type, value[1])
            return payload if isinstance(payload, variant) else variant(payload)
        assert issubclass(held, enum.Enum)
        return list(held)[value[0]]

    def record(self, cls: type[Any], type_: ProductType, value: tuple[Any, ...]) -> Any:
        """The dataclass for a product."""
        names = [field.name for field in fields(cls)]
        items = [self.made(element.type, item) for element, item in zip(type_.elements, value, strict=True)]
        return cls(**dict(zip(names, items, strict=True)))

    def described(self, type_: AlgebraicType, value: Any) -> Any:
        """What a value of the bindings says, in the words of the npm package."""
        return described(type_, self._space, self.engine(type_, value), is_npm=True)

    def engine(self, type_: AlgebraicType, value: Any) -> Any:
        """The engine's value, from the one that users of the bindings hold."""
        if isinstance(type_, Ref):
            return self._engine_named(type_.index, value)
        if type_ == UNIT:
            assert value is None
            return ()
        if isinstance(type_, ArrayType) and type_ != BYTES:
            assert type(value) is list
            return tuple(self.engine(type_.element, item) for item in value)
        if (inner := option_inner(type_)) is not None:
            return self._engine_option(inner, value)
        if (sides := result_inner(type_)) is not None:
            assert type(value) in (Ok, Err)
            tag = int(type(value) is Err)
            return tag, self.engine(sides[tag], value.value)
        assert special_name(type_) in (None, type(value).__name__)
        return value

    def _engine_option(self, inner: AlgebraicType, value: Any) -> Any:
        if value is None:
            return None
        is_nested = option_inner(self._space.resolve(inner)) is not None
        if is_nested or inner == UNIT:
            assert type(value) is Some
            held = self.engine(inner, value.value)
            return Some(held) if is_nested else held
        return self.engine(inner, value)

    def _engine_named(self, index: int, value: Any) -> Any:
        type_, held = self._space.types[index], self._classes[index]
        if held is None:
            return self.engine(type_, value)
        if isinstance(type_, ProductType):
            assert type(value) is held
            names = [field.name for field in fields(value)]
            pairs = zip(type_.elements, names, strict=True)
            return tuple(self.engine(element.type, getattr(value, name)) for element, name in pairs)
        assert isinstance(type_, SumType)
        if isinstance(held, Union):
            tag = held.variants.index(type(value))
            payload = type_.variants[tag].type
            is_own = isinstance(payload, Ref) and self._classes[payload.index] is type(value)
            return tag, self.engine(payload, value if is_own else value.value)
        assert issubclass(held, enum.Enum)
        return list(held).index(value), ()
