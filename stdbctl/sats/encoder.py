"""Generates encoding functions: fixed fields in one pack, after one condition that looks at all their Python types.

`struct` takes bools for ints and cuts or pads bytes, so every value's exact type is checked first. Any misfit ends
in some exception; the reference codec then says what was wrong.
"""

from stdbctl.sats.decoder import INLINE_MAX, NESTING_MAX
from stdbctl.sats.graph import MAX_DEPTH, MAX_EMPTY_ELEMENTS, Kind, TypeGraph, kind_of
from stdbctl.sats.leaves import Leaf, enum_leaf, leaf_of
from stdbctl.sats.source import Body, Source
from stdbctl.sats.types import AlgebraicType, ArrayType, ProductType, Ref, SumType, option_inner


class _Writer(Body):
    """A function body with conditions and packed fields that are still to be written, and the parts made so far."""

    def __init__(self, source: Source, depth: int = 1) -> None:
        super().__init__(source, depth)
        self.format = ""
        self.arguments: list[str] = []
        self.misfits: list[str] = []
        self.parts: list[str] = []

    def field(self, format_: str, *arguments: str) -> None:
        self.format += format_
        self.arguments += arguments

    def check(self) -> None:
        """Write the collected conditions."""
        if self.misfits:
            self.add(f"if {' or '.join(self.misfits)}: raise Misfit")
            self.misfits = []

    def flush(self) -> None:
        """Write the collected conditions and pack the collected fields as one part."""
        self.check()
        if self.format:
            pack = self.source.struct_method(self.format, "pack")
            self.parts.append(f"{pack}({', '.join(self.arguments)})")
            self.format, self.arguments = "", []

    def joined(self) -> str:
        """The expression of all parts in a row."""
        self.flush()
        if len(self.parts) > 4:
            return f"b''.join(({', '.join(self.parts)}))"
        return " + ".join(self.parts) or "b''"


class EncoderMaker:
    """Writes the encoding functions of one type into a source."""

    def __init__(self, graph: TypeGraph, source: Source) -> None:
        self.graph, self.source = graph, source
        self._nesting = 0
        self._functions: dict[AlgebraicType, str] = {}
        self._enums: dict[AlgebraicType, Leaf] = {}

    def define(self, type_: AlgebraicType) -> None:
        """Define `encode(x)`; it hands failures to `rescue_encode`."""
        body = _Writer(self.source)
        self._value(type_, "x", body, "0")
        body.add(f"return {body.joined()}")
        body.define_guarded("encode(v)", "x = v", "rescue_encode(v)")

    def _value(self, type_: AlgebraicType, x: str, body: _Writer, k: str) -> None:
        """Write what encodes the value in the variable `x`."""
        if isinstance(type_, Ref) and self._apart(type_):
            self._call(self._function(type_), x, body, self._level(type_, k))
            return
        type_ = self.graph.resolve(type_)
        leaf = self._leaf(type_)
        if leaf is not None:
            body.misfits.append(leaf.misfit.format(v=x))
            body.field(leaf.format, *(w.format(v=x) for w in leaf.write))
        elif self._nesting == NESTING_MAX:
            self._call(self._function(type_), x, body, k)
        else:
            self._nesting += 1
            self._composite(type_, x, body, k)
            self._nesting -= 1

    def _composite(self, type_: AlgebraicType, x: str, body: _Writer, k: str) -> None:
        match kind_of(type_):
            case Kind.STRING:
                self._string(x, body)
            case Kind.BYTES:
                body.misfits.append(f"type({x}) is not bytes")
                body.field("I", f"len({x})")
                body.flush()
                body.parts.append(x)
            case Kind.PRODUCT:
                assert isinstance(type_, ProductType)
                self._product(type_, x, body, k)
            case Kind.ARRAY:
                assert isinstance(type_, ArrayType)
                self._array(type_.element, x, body, k)
            case Kind.OPTION:
                self._option(type_, x, body, k)
            case _:
                self._call(self._function(type_), x, body, k)

    def _level(self, type_: AlgebraicType, k: str) -> str:
        """The level of values of this type inside one of level `k`."""
        return f"{k} + 1" if isinstance(type_, Ref) and self.graph.is_recursive(type_) else k

    def _apart(self, ref: Ref) -> bool:
        return self.graph.is_recursive(ref) or self.graph.node_count(ref) > INLINE_MAX

    def _leaf(self, type_: AlgebraicType) -> Leaf | None:
        leaf = leaf_of(type_) or self._enums.get(type_)
        if leaf is None and isinstance(type_, SumType) and self.graph.is_enum(type_):
            leaf = self._enums[type_] = enum_leaf(self.source.fresh("ENUM"), self.source.names, len(type_.variants))
        return leaf

    def _call(self, function: str, x: str, body: _Writer, k: str) -> None:
        body.flush()
        body.parts.append(f"{function}({x}, {k})")

    def _string(self, x: str, body: _Writer) -> None:
        body.misfits.append(f"type({x}) is not str")
        body.check()
        encoded = self.source.fresh("u")
        body.add(f"{encoded} = {x}.encode()")
        body.field("I", f"len({encoded})")
        body.flush()
        body.parts.append(encoded)

    def _product(self, type_: ProductType, x: str, body: _Writer, k: str) -> None:
        body.misfits.append(f"type({x}) is not tuple")
        body.check()
        fields = [self.source.fresh("f") for _ in type_.elements]
        body.add(f"{', '.join(fields)}, = {x}" if fields else f"if {x}: raise Misfit")
        for element, field in zip(type_.elements, fields, strict=True):
            self._value(element.type, field, body, k)

    def _array(self, element: AlgebraicType, x: str, body: _Writer, k: str) -> None:
        body.misfits.append(f"type({x}) is not tuple")
        leaf = leaf_of(self.graph.resolve(element))
        if leaf is not None and leaf.is_plain:
            kinds = "FLOATS" if leaf.format in "fd" else "INTS"
            body.misfits.append(f"not {kinds}.issuperset(map(type, {x}))")
        if self.graph.fixed_size(element) == 0:
            body.misfits.append(f"len({x}) > {MAX_EMPTY_ELEMENTS}")
        body.field("I", f"len({x})")
        body.flush()
        if leaf is not None and leaf.is_plain:
            body.parts.append(f"pack(f'<{{len({x})}}{leaf.format}', *{x})")
        else:
            item = self.source.fresh("i")
            level = self._level(element, k)
            body.parts.append(f"b''.join([{self._function(element)}({item}, {level}) for {item} in {x}])")

    def _option(self, type_: AlgebraicType, x: str, body: _Writer, k: str) -> None:
        inner = option_inner(type_)
        assert inner is not None
        body.flush()
        part = self.source.fresh("p")
        body.add(f"if {x} is None: {part} = b'\\1'")
        body.add("else:")
        some = _Writer(self.source, body.depth + 1)
        present = x
        if self.graph.is_nested_option(inner):
            present = self.source.fresh("f")
            some.add(f"if type({x}) is not Some: raise Misfit")
            some.add(f"{present} = {x}.value")
        some.field("B", "0")
        self._value(inner, present, some, k)
        some.add(f"{part} = {some.joined()}")
        body.lines += some.lines
        body.parts.append(part)

    def _function(self, type_: AlgebraicType) -> str:
        """The function `(x, k) -> bytes` of an element, a sum, or of what a ref points to."""
        if isinstance(type_, Ref) and not self._apart(type_):
            type_ = self.graph.resolve(type_)
        if type_ in self._functions:
            return self._functions[type_]
        name = self._functions[type_] = self.source.fresh("write")
        body = _Writer(self.source)
        outer, self._nesting = self._nesting, 0
        resolved = self.graph.resolve(type_)
        if isinstance(type_, Ref):
            body.add(f"if k > {MAX_DEPTH}: raise Misfit")
        if kind_of(resolved) is Kind.SUM and self._leaf(resolved) is None:
            assert isinstance(resolved, SumType)
            self._sum_body(resolved, body)
        else:
            self._value(resolved, "x", body, "k")
            body.add(f"return {body.joined()}")
        self._nesting = outer
        body.define(f"{name}(x, k)")
        return name

    def _sum_body(self, type_: SumType, body: _Writer) -> None:
        body.add("if type(x) is not tuple: raise Misfit")
        body.add("t, y = x")
        body.add("if type(t) is not int: raise Misfit")
        for tag, variant in enumerate(type_.variants):
            body.add(f"if t == {tag}:")
            inner = _Writer(self.source, body.depth + 1)
            inner.field("B", str(tag))
            self._value(variant.type, "y", inner, "k")
            inner.add(f"return {inner.joined()}")
            body.lines += inner.lines
        body.add("raise Misfit")
