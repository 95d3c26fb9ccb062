"""Types and signatures as a module's author writes them: `u64`, `list[Point]`, `str | None`."""

from collections.abc import Iterable

from stdbctl.sats import (
    BYTES,
    UNIT,
    AlgebraicType,
    ArrayType,
    Primitive,
    ProductType,
    Ref,
    SumType,
    SumVariant,
    option_inner,
    result_inner,
    special_name,
)
from stdbctl.schema.definition import ModuleDef, ParamDef
from stdbctl.schema.rules.views import query_row


class TypeNames:
    """The names of one module's types."""

    def __init__(self, module: ModuleDef) -> None:
        self._by_ref = {type_.type.index: ".".join((*type_.scope, type_.name)) for type_ in module.types}

    def text(self, type_: AlgebraicType) -> str:
        """One type, on one line."""
        match type_:
            case Primitive():
                return {Primitive.STRING: "str"}.get(type_, type_.name.lower())
            case Ref(index):
                return self._by_ref.get(index, f"&{index}")
            case ArrayType(element):
                return "bytes" if type_ == BYTES else f"list[{self.text(element)}]"
            case ProductType():
                return special_name(type_) or self._product(type_)
            case SumType():
                return special_name(type_) or self._sum(type_)

    def signature(self, name: str, params: Iterable[ParamDef]) -> str:
        """`add_point(x: f32, y: f32, color: str)`."""
        return f"{name}({', '.join(f'{param.name}: {self.text(param.type)}' for param in params)})"

    def definition(self, type_: Ref, resolved: AlgebraicType) -> str:
        """What stands behind a name: `Size(width: f32, height: f32)`, `Reaction(like | laugh)`."""
        parts = self._sum(resolved) if isinstance(resolved, SumType) else self.text(resolved)
        return f"{self.text(type_)}{parts}"

    def _product(self, type_: ProductType) -> str:
        if type_ == UNIT:
            return "None"
        row = query_row(type_)
        if row is not None:
            return f"Query[{self.text(row)}]"
        return f"({', '.join(f'{element.name}: {self.text(element.type)}' for element in type_.elements)})"

    def _sum(self, type_: SumType) -> str:
        inner = option_inner(type_)
        if inner is not None:
            return f"{self.text(inner)} | None"
        ok_and_err = result_inner(type_)
        if ok_and_err is not None:
            return f"Result[{self.text(ok_and_err[0])}, {self.text(ok_and_err[1])}]"
        return f"({' | '.join(map(self._variant, type_.variants))})"

    def _variant(self, variant: SumVariant) -> str:
        return str(variant.name) if variant.type == UNIT else f"{variant.name}: {self.text(variant.type)}"
