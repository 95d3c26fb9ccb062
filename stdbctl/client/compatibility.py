"""Whether bindings fit a database: both schemas compared, part by part, before a row is read.

Rows travel without names or types, so bindings that are a little off would show wrong values and no error. The server's
side is its raw definition V9 as JSON (`GET …/schema?version=9`), whose names are canonical.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from stdbctl.client.remote import RemoteModule, RemoteProcedure, RemoteReducer, RemoteTable
from stdbctl.sats import (
    AlgebraicType,
    ArrayType,
    ProductType,
    Ref,
    SumType,
    Typespace,
    option_inner,
    type_from_json,
    type_text,
    typespace_from_json,
)

Json = Any
"""Decoded JSON of the server; another shape raises KeyError, TypeError or ValueError."""


class ServedModule(NamedTuple):
    """What a database serves: the row type of each table and view, the parameters of each reducer and procedure."""

    types: Typespace
    rows: dict[str, AlgebraicType]
    reducers: dict[str, AlgebraicType]
    procedures: dict[str, tuple[AlgebraicType, AlgebraicType]]

    @classmethod
    def read(cls, data: Json) -> "ServedModule":
        """A raw definition V9. Raises KeyError, TypeError, ValueError, InvalidType: it is none."""
        types = typespace_from_json(data["typespace"])
        rows: dict[str, AlgebraicType] = {t["name"]: Ref(int(t["product_type_ref"])) for t in data["tables"]}
        reducers: dict[str, AlgebraicType] = {r["name"]: _product(r["params"]) for r in data["reducers"]}
        procedures = {}
        for export in data["misc_exports"]:
            ((kind, held),) = export.items()
            if kind == "View":
                rows[held["name"]] = _element(type_from_json(held["return_type"]))
            elif kind == "Procedure":
                procedures[held["name"]] = (_product(held["params"]), type_from_json(held["return_type"]))
        return cls(types, rows, reducers, procedures)


def _product(data: Json) -> AlgebraicType:
    return type_from_json({"Product": data})


def _element(type_: AlgebraicType) -> AlgebraicType:
    """The row type of what a view returns: a list of it, an option, or a query, which is `{ __query__: T }`."""
    if isinstance(type_, ArrayType):
        return type_.element
    if isinstance(type_, ProductType) and [element.name for element in type_.elements] == ["__query__"]:
        return type_.elements[0].type
    return option_inner(type_) or type_


def differences(module: RemoteModule, served: ServedModule) -> Iterator[str]:
    """What in the bindings the database does not have, or has otherwise: one short sentence each.

    What the database has beyond the bindings is no difference: nobody asks for it.
    """
    same = _Comparison(module.types, served.types)
    for table in module.tables:
        if "." not in table.name:  # V9 leaves submodules out
            yield from _table(table, served, same)
    for reducer in module.reducers:
        if "." not in reducer.name:
            yield from _function("reducer", reducer, served.reducers.get(reducer.name), same)
    for procedure in module.procedures:
        if "." not in procedure.name:
            params, returns = served.procedures.get(procedure.name, (None, None))
            yield from _function("procedure", procedure, params, same)
            if returns is not None and not same(procedure.returns, returns):
                yield f"procedure `{procedure.name}` returns another type"


def _table(table: RemoteTable[Any], served: ServedModule, same: "_Comparison") -> Iterator[str]:
    row = served.rows.get(table.name)
    if row is None:
        yield f"there is no table `{table.name}`, or it is private"
        return
    theirs = served.types.resolve(row)
    assert isinstance(theirs, ProductType), "rows are products"
    for position, (column, other) in enumerate(zip(table.row.elements, theirs.elements, strict=False), start=1):
        if column.name != other.name:
            yield f"column {position} of `{table.name}` is `{other.name}`, not `{column.name}`"
            return
        if not same(column.type, other.type):
            now = type_text(served.types.resolve(other.type))
            yield f"column `{column.name}` of `{table.name}` is now {now}"
            return
    if len(table.row.elements) != len(theirs.elements):
        yield f"`{table.name}` has {len(theirs.elements)} columns, not {len(table.row.elements)}"


def _function(
    kind: str, function: RemoteReducer | RemoteProcedure, params: AlgebraicType | None, same: "_Comparison"
) -> Iterator[str]:
    if params is None:
        yield f"there is no {kind} `{function.name}`"
    elif not same(function.params, params):
        yield f"{kind} `{function.name}` takes other parameters"


class _Comparison:
    """Whether two types of two typespaces have the same values in the same bytes, named alike."""

    def __init__(self, ours: Typespace, theirs: Typespace) -> None:
        self._ours, self._theirs = ours, theirs
        self._equal: set[tuple[int, int]] = set()
        """Pairs of refs that are equal, or are being compared: a type that contains itself comes back to its pair."""

    def __call__(self, ours: AlgebraicType, theirs: AlgebraicType) -> bool:
        if isinstance(ours, Ref) and isinstance(theirs, Ref):
            pair = (ours.index, theirs.index)
            if pair in self._equal:
                return True
            self._equal.add(pair)
        ours, theirs = self._ours.resolve(ours), self._theirs.resolve(theirs)
        match ours, theirs:
            case ArrayType(element), ArrayType(other):
                return self(element, other)
            case ProductType(elements), ProductType(others):
                return len(elements) == len(others) and all(
                    _alike(a.name, b.name) and self(a.type, b.type) for a, b in zip(elements, others, strict=True)
                )
            case SumType(variants), SumType(others):
                return len(variants) == len(others) and all(
                    _alike(a.name, b.name) and self(a.type, b.type) for a, b in zip(variants, others, strict=True)
                )
        return ours == theirs


def _alike(ours: str | None, theirs: str | None) -> bool:
    """Whether two names are the same but for casing, which is a policy and not a meaning."""
    return (ours or "").replace("_", "").lower() == (theirs or "").replace("_", "").lower()
