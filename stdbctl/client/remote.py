"""What generated code says of a module: plain, frozen data, read once when a connection is made.

Names come in pairs: `name` is the canonical one on the wire, `accessor` (and a row's field names) are Python's.
Types are SATS types over one typespace; `classes` says which Python class stands for each of its entries:

| entry of the typespace | its class |
|---|---|
| product | a dataclass whose fields are the elements, in order |
| sum without payloads | an `enum.Enum` whose members are the variants, in order |
| any other sum | a `Union` of classes: `Variant` subclasses, or dataclasses that are their own payload |
| anything else | None: it has no class |

Values without a name of their own: `T | None` for an option; `Some[T] | None` where the inner type is itself an option
or unit; `Ok[T] | Err[E]`, `list[T]`, `bytes` for an array of u8, `None` for unit.
"""

from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from stdbctl.sats import AlgebraicType, ProductType, Typespace

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Union:
    """The classes of a sum's variants, in the order of their tags."""

    name: str
    variants: tuple[type[Any], ...]


TypeClass = type[Any] | Union | None
"""What stands for one entry of the typespace. Any: a class known only at run time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteTable(Generic[Row]):
    """A table or view. `row`: its columns, in the order of `row_class`'s fields; keys are given by field names.

    `primary_key`: the field, None where there is none. `unique`, `indexes`: each a tuple of fields. `auto_inc`: the
    fields that the server numbers where 0 is inserted.
    """

    name: str
    accessor: str
    row: ProductType
    row_class: type[Row]
    primary_key: str | None = None
    unique: tuple[tuple[str, ...], ...] = ()
    indexes: tuple[tuple[str, ...], ...] = ()
    auto_inc: tuple[str, ...] = ()
    is_event: bool = False
    is_view: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteReducer:
    """A reducer. `params`: its parameters as a product; `param_names`: what Python calls them."""

    name: str
    accessor: str
    params: ProductType = field(default_factory=ProductType)
    param_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteProcedure:
    """A procedure; as a reducer, with the type of what it returns."""

    name: str
    accessor: str
    params: ProductType = field(default_factory=ProductType)
    param_names: tuple[str, ...] = ()
    returns: AlgebraicType


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteModule:
    """A module as its bindings know it. `types` and `classes` go in step."""

    types: Typespace = field(default_factory=Typespace)
    classes: tuple[TypeClass, ...] = ()
    tables: tuple[RemoteTable[Any], ...] = ()
    reducers: tuple[RemoteReducer, ...] = ()
    procedures: tuple[RemoteProcedure, ...] = ()
