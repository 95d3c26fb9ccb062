"""SATS types as TypeScript sees them: the builder that describes a type and the value it stands for.

A `TypeView` is a small tree of kinds; `templates/typescript/types.jinja` has one branch per kind that is not a plain
call of a builder. Named types appear as names, everything else is spelled out where it is used. TypeScript's own types
are written so that a named type called `Array` or `Uint8Array` does not come between.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from stdbctl.codegen.literals import Safe, TsName
from stdbctl.sats import (
    BYTES,
    NEVER,
    UNIT,
    AlgebraicType,
    ArrayType,
    Primitive,
    Ref,
    Typespace,
    option_inner,
    result_inner,
    special_name,
)

_PLAIN = {
    Primitive.BOOL: ("bool", "boolean"),
    Primitive.STRING: ("string", "string"),
    **{Primitive[name]: (name.lower(), "number") for name in ("I8", "U8", "I16", "U16", "I32", "U32", "F32", "F64")},
    **{Primitive[name]: (name.lower(), "bigint") for name in ("I64", "U64", "I128", "U128", "I256", "U256")},
}
_SPECIAL = {
    "Identity": "identity",
    "ConnectionId": "connectionId",
    "Timestamp": "timestamp",
    "TimeDuration": "timeDuration",
    "Uuid": "uuid",
    "ScheduleAt": "scheduleAt",
}
_UNIQUE_KINDS = {"identity", "connectionId", "timestamp", "timeDuration", "uuid"} | {
    method for primitive, (method, _) in _PLAIN.items() if primitive not in (Primitive.F32, Primitive.F64)
}
_UNNAMED_KINDS = {"unit", "result"}


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeView:
    """One type.

    `kind`: `named`, `array`, `option`, `result`, `never`, or the name of the builder's method.
    `method`: what is called on the SDK's builder object. `value`: the TypeScript type of a value, where it is fixed.
    `name`: the generated type, for `named`. `parts`: element, inner type, or ok and err.
    """

    kind: str
    method: Safe = Safe("")
    value: Safe = Safe("")
    name: TsName | None = None
    parts: tuple["TypeView", ...] = ()

    @property
    def can_be_unique(self) -> bool:
        """Whether the SDK's builder of this type knows `.unique()`."""
        return self.kind in _UNIQUE_KINDS

    @property
    def can_be_renamed(self) -> bool:
        """Whether the SDK's builder of this type knows `.name()`."""
        return self.kind not in _UNNAMED_KINDS

    @property
    def is_special(self) -> bool:
        """Whether it is one of SpacetimeDB's own types, which the SDK has a class for."""
        return self.kind in _SPECIAL.values()

    @property
    def is_union(self) -> bool:
        """Whether its TypeScript type is written with a `|`."""
        return self.kind in ("option", "result")

    def names(self) -> Iterator[TsName]:
        """Every named type that is mentioned, in order, repeats included."""
        if self.name is not None:
            yield self.name
        for part in self.parts:
            yield from part.names()

    @property
    def has_result(self) -> bool:
        """Whether a result is described in it; not those inside named types, which are described there."""
        return self.kind == "result" or any(part.has_result for part in self.parts)


_FIXED: dict[AlgebraicType, TypeView] = {
    **{primitive: TypeView(kind=m, method=Safe(m), value=Safe(v)) for primitive, (m, v) in _PLAIN.items()},
    BYTES: TypeView(kind="byteArray", method=Safe("byteArray"), value=Safe("globalThis.Uint8Array")),
    UNIT: TypeView(kind="unit", method=Safe("unit"), value=Safe("{}")),
    NEVER: TypeView(kind="never", value=Safe("never")),
}
_FIXED_SPECIAL = {
    name: TypeView(kind=m, method=Safe(m), value=Safe(f"__Infer<globalThis.ReturnType<typeof __t.{m}>>"))
    for name, m in _SPECIAL.items()
}


class TypeViews:
    """Makes the views of one module's types: `names` is typespace position -> generated name."""

    def __init__(self, typespace: Typespace, names: dict[int, TsName]) -> None:
        self._typespace = typespace
        self._names = names

    def view(self, type_: AlgebraicType) -> TypeView:
        """Give the view of a type as it is used: in a column, a field, a parameter."""
        if isinstance(type_, Ref):
            return self._ref(type_)
        if type_ in _FIXED:
            return _FIXED[type_]
        if isinstance(type_, ArrayType):
            return TypeView(kind="array", parts=(self.view(type_.element),))
        if (name := special_name(type_)) is not None:
            return _FIXED_SPECIAL[name]
        if (inner := option_inner(type_)) is not None:
            return TypeView(kind="option", parts=(self.view(inner),))
        sides = result_inner(type_)
        assert sides is not None, f"{type_} has no name; validation lets only named products and sums through"
        return TypeView(kind="result", parts=(self.view(sides[0]), self.view(sides[1])))

    def _ref(self, ref: Ref) -> TypeView:
        name = self._names.get(ref.index)
        if name is None:  # an alias in the typespace that no type definition names
            return self.view(self._typespace.types[ref.index])
        return TypeView(kind="named", name=name)
