"""Generates `normalize(x)`: the engine form of a value that may come with ints for floats and lists for arrays.

Only the parts of a type that can come in another form are touched. Any misfit is some exception; the reference
then leaves what does not fit as it is, for `encode` to refuse it.
"""

from stdbctl.sats.decoder import tuple_text
from stdbctl.sats.graph import Kind, TypeGraph, kind_of
from stdbctl.sats.leaves import leaf_of
from stdbctl.sats.source import Body, Source
from stdbctl.sats.types import AlgebraicType, ArrayType, Primitive, ProductType, SumType, option_inner


class NormalizerMaker:
    """Writes the normalizing functions of one type into a source."""

    def __init__(self, graph: TypeGraph, source: Source) -> None:
        self.graph, self.source = graph, source
        self._functions: dict[AlgebraicType, str] = {}

    def define(self, type_: AlgebraicType) -> None:
        """Define `normalize(v)`; it hands failures to `rescue_normalize`."""
        resolved = self.graph.resolve(type_)
        body = Body(self.source)
        self._write(resolved, body)
        body.define_guarded("normalize(v)", "x = v", "rescue_normalize(v)")

    def _function(self, type_: AlgebraicType) -> str:
        if type_ in self._functions:
            return self._functions[type_]
        name = self._functions[type_] = self.source.fresh("normal")
        body = Body(self.source)
        self._write(self.graph.resolve(type_), body)
        body.define(f"{name}(x)")
        return name

    def _write(self, type_: AlgebraicType, body: Body) -> None:
        match kind_of(type_):
            case Kind.SCALAR:
                self._float("x", type_, body)
                body.add("return x")
            case Kind.BYTES:
                body.add("return x if type(x) is bytes else bytes_from(x)")
            case Kind.ARRAY:
                assert isinstance(type_, ArrayType)
                self._array(type_.element, body)
            case Kind.PRODUCT:
                assert isinstance(type_, ProductType)
                self._product(type_, body)
            case Kind.OPTION:
                self._option(type_, body)
            case _:
                assert isinstance(type_, SumType)
                self._sum(type_, body)

    def _float(self, x: str, type_: AlgebraicType, body: Body) -> None:
        if type_ is Primitive.F32:
            pack, unpack = (self.source.struct_method("f", m) for m in ("pack", "unpack"))
            body.add(f"if type({x}) is not float and type({x}) is not int: raise Misfit")
            body.add(f"{x}, = {unpack}({pack}({x}))")
        else:
            body.add(f"if type({x}) is not float: {x} = float_from({x})")

    def _array(self, element: AlgebraicType, body: Body) -> None:
        body.add("if type(x) is not tuple and type(x) is not list: raise Misfit")
        if not self.graph.needs_normalize(element):
            body.add("return tuple(x)")
            return
        resolved = self.graph.resolve(element)
        leaf = leaf_of(resolved)
        if leaf is not None:
            body.add("if not FLOATS.issuperset(map(type, x)): raise Misfit")
            body.add(f"f = f'<{{len(x)}}{leaf.format}'")
            body.add("return unpack(f, pack(f, *x))")
        else:
            body.add(f"return tuple([{self._function(element)}(i) for i in x])")

    def _product(self, type_: ProductType, body: Body) -> None:
        fields = [self.source.fresh("f") for _ in type_.elements]
        body.add("if type(x) is not tuple: raise Misfit")
        body.add(f"{', '.join(fields)}, = x" if fields else "return x")
        narrow = []
        for element, field in zip(type_.elements, fields, strict=True):
            resolved = self.graph.resolve(element.type)
            if resolved is Primitive.F32:
                narrow.append(field)
            elif resolved is Primitive.F64:
                self._float(field, resolved, body)
            elif kind_of(resolved) is Kind.BYTES:
                body.add(f"if type({field}) is not bytes: {field} = bytes_from({field})")
            elif self.graph.needs_normalize(element.type):
                body.add(f"{field} = {self._function(element.type)}({field})")
        self._narrow(narrow, body)
        body.add(f"return {tuple_text(fields)}")

    def _narrow(self, fields: list[str], body: Body) -> None:
        """Round all F32 fields by one pack and unpack."""
        if fields:
            pack, unpack = (self.source.struct_method("f" * len(fields), m) for m in ("pack", "unpack"))
            misfits = (f"type({f}) is not float and type({f}) is not int" for f in fields)
            body.add(f"if {' or '.join(misfits)}: raise Misfit")
            names = ", ".join(fields)
            body.add(f"{names}, = {unpack}({pack}({names}))")

    def _option(self, type_: AlgebraicType, body: Body) -> None:
        inner = option_inner(type_)
        assert inner is not None
        body.add("if x is None: return x")
        function = self._function(inner)
        if self.graph.is_nested_option(inner):
            body.add("if type(x) is not Some: raise Misfit")
            body.add(f"return Some({function}(x.value))")
        else:
            body.add(f"return {function}(x)")

    def _sum(self, type_: SumType, body: Body) -> None:
        body.add("if type(x) is not tuple: raise Misfit")
        body.add("t, y = x")
        for tag, variant in enumerate(type_.variants):
            if self.graph.needs_normalize(variant.type):
                body.add(f"if t == {tag}: return t, {self._function(variant.type)}(y)")
        body.add("return x")
