"""SATS types as generated Python sees them: the annotation of a value, and what it takes to write it."""

from collections.abc import Mapping
from dataclasses import dataclass

from stdbctl.codegen.literals import Safe
from stdbctl.codegen.python.literals import PyName
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


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeView:
    """One type. `text`: its annotation. `named`: the generated classes in it; `client`: those of the client package.

    `is_none`: whether `None` is a value of it, so that an option of it needs a box.
    """

    text: Safe
    named: frozenset[PyName] = frozenset()
    client: frozenset[str] = frozenset()
    typing: frozenset[str] = frozenset()
    is_none: bool = False

    @property
    def quoted(self) -> Safe:
        """The annotation where it is evaluated at once: in quotes if it mentions what may stand further down."""
        return Safe(f'"{self.text}"') if self.named else self.text


_FIXED: Mapping[AlgebraicType, TypeView] = {
    Primitive.BOOL: TypeView(text=Safe("bool")),
    Primitive.STRING: TypeView(text=Safe("str")),
    Primitive.F32: TypeView(text=Safe("float")),
    Primitive.F64: TypeView(text=Safe("float")),
    **{p: TypeView(text=Safe("int")) for p in Primitive if p.name[0] in "IU"},
    BYTES: TypeView(text=Safe("bytes")),
    UNIT: TypeView(text=Safe("None"), is_none=True),
    NEVER: TypeView(text=Safe("Never"), typing=frozenset({"Never"})),
}


class TypeViews:
    """Makes the views of one module's types: `names` is typespace position -> generated name."""

    def __init__(self, typespace: Typespace, names: Mapping[int, PyName]) -> None:
        self._typespace = typespace
        self._names = names

    def view(self, type_: AlgebraicType) -> TypeView:
        """Give the view of a type as it is used: in a column, a field, a parameter."""
        if isinstance(type_, Ref):
            return self._ref(type_)
        if type_ in _FIXED:
            return _FIXED[type_]
        if isinstance(type_, ArrayType):
            return _around("list[{}]", [self.view(type_.element)])
        if (name := special_name(type_)) is not None:
            return TypeView(text=Safe(name), client=frozenset({name}))
        if (inner := option_inner(type_)) is not None:
            return self._option(self.view(inner))
        sides = result_inner(type_)
        assert sides is not None, f"{type_} has no name; validation lets only named products and sums through"
        return _around("Result[{}, {}]", [self.view(side) for side in sides], "Result")

    def _option(self, inner: TypeView) -> TypeView:
        if inner.is_none:
            return _around("Option[{}]", [inner], "Option", is_none=True)
        return _around("{} | None", [inner], is_none=True)

    def _ref(self, ref: Ref) -> TypeView:
        name = self._names.get(ref.index)
        if name is None:  # an alias in the typespace that no type definition names
            return self.view(self._typespace.types[ref.index])
        return TypeView(text=name, named=frozenset({name}))


def _around(form: str, parts: list[TypeView], client: str = "", *, is_none: bool = False) -> TypeView:
    return TypeView(
        text=Safe(form.format(*(part.text for part in parts))),
        named=frozenset().union(*(part.named for part in parts)),
        client=frozenset({client} if client else ()).union(*(part.client for part in parts)),
        typing=frozenset().union(*(part.typing for part in parts)),
        is_none=is_none,
    )
