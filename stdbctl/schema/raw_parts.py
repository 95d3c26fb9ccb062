"""Parts that V9 and V10 definitions have in common, as engine values of the types in raw_types.py and back."""

from collections.abc import Sequence
from typing import Any  # Any: engine values of the types in raw_types.py

from stdbctl.sats import ProductType, Typespace, type_from_value, type_to_value
from stdbctl.schema.definition import IndexAlgorithm
from stdbctl.schema.raw import RawSequenceDef, RawTableDef, RawUniqueDef, RawViewDef
from stdbctl.schema.raw_types import HTTP_METHODS

SYSTEM, USER = (0, ()), (1, ())
PUBLIC, PRIVATE = (0, ()), (1, ())


def typespace_value(typespace: Typespace) -> Any:
    """A typespace as a value."""
    return (tuple(map(type_to_value, typespace.types)),)


def typespace_of(value: Any) -> Typespace:
    """The typespace that a value stands for."""
    return Typespace(tuple(map(type_from_value, value[0])))


def product_value(params: ProductType) -> Any:
    """A product type as a value: the payload of AlgebraicType's Product."""
    return type_to_value(params)[1]


def product_of(value: Any) -> ProductType:
    """The product type that a value stands for."""
    type_ = type_from_value((2, value))
    assert isinstance(type_, ProductType)
    return type_


def algorithm_value(algorithm: IndexAlgorithm, columns: Sequence[int]) -> Any:
    """An index algorithm with its columns; a direct index has exactly one."""
    return (algorithm.value, columns[0] if algorithm is IndexAlgorithm.DIRECT else tuple(columns))


def algorithm_of(value: Any) -> tuple[IndexAlgorithm, tuple[int, ...]]:
    """The algorithm and columns that a value stands for."""
    algorithm = IndexAlgorithm(value[0])
    return algorithm, (value[1],) if algorithm is IndexAlgorithm.DIRECT else value[1]


def constraint_value(raw: RawUniqueDef) -> Any:
    """A unique constraint."""
    return (raw.source_name, (0, (raw.columns,)))


def constraint_of(value: Any) -> RawUniqueDef:
    """The unique constraint that a value stands for."""
    name, (_, (columns,)) = value
    return RawUniqueDef(source_name=name, columns=columns)


def sequence_value(raw: RawSequenceDef) -> Any:
    """A sequence."""
    return (raw.source_name, raw.column, raw.start, raw.min_value, raw.max_value, raw.increment)


def sequence_of(value: Any) -> RawSequenceDef:
    """The sequence that a value stands for."""
    name, column, start, min_value, max_value, increment = value
    return RawSequenceDef(
        source_name=name, column=column, start=start, min_value=min_value, max_value=max_value, increment=increment
    )


def table_kind_value(raw: RawTableDef) -> tuple[Any, Any]:
    """Table type and table access."""
    return (SYSTEM if raw.is_system else USER, PUBLIC if raw.is_public else PRIVATE)


def view_value(raw: RawViewDef) -> Any:
    """A view."""
    return (
        raw.source_name,
        raw.index,
        raw.is_public,
        raw.is_anonymous,
        product_value(raw.params),
        type_to_value(raw.return_type),
    )


def view_of(value: Any) -> RawViewDef:
    """The view that a value stands for."""
    name, index, is_public, is_anonymous, params, return_type = value
    return RawViewDef(
        source_name=name,
        index=index,
        is_public=is_public,
        is_anonymous=is_anonymous,
        params=product_of(params),
        return_type=type_from_value(return_type),
    )


def method_value(method: str | None) -> Any:
    """The method of a route: Any, or Method with a known method or Extension."""
    if method is None:
        return (0, ())
    if method in HTTP_METHODS:
        return (1, (HTTP_METHODS.index(method), ()))
    return (1, (len(HTTP_METHODS), method))


def method_of(value: Any) -> str | None:
    """The method that a value stands for, upper case where it is a known one; None for any."""
    tag, method = value
    if tag == 0:
        return None
    text: str = HTTP_METHODS[method[0]] if method[0] < len(HTTP_METHODS) else method[1]
    return text
