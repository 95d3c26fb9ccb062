"""Generates decoding functions: fixed fields in one unpack, strings by slices, the rest inline or in small functions.

Every generated function works on `d` (all bytes), `o` (offset), `n` (their length) and `k` (depth of recursive refs).
A slice past the end comes out short and leaves `o` past the end: the outermost function checks that once, and
every loop and every fixed-size block checks before it believes a count.
"""

from stdbctl.sats.graph import MAX_DEPTH, MAX_EMPTY_ELEMENTS, Kind, TypeGraph, kind_of
from stdbctl.sats.leaves import Leaf, enum_leaf, leaf_of
from stdbctl.sats.source import Body, Source
from stdbctl.sats.types import AlgebraicType, ArrayType, ProductType, Ref, SumType, option_inner

NESTING_MAX = 12
"""Levels of a type written into one function: Python allows 20 nested loops and 100 levels of indentation."""

INLINE_MAX = 48
"""Types behind a ref larger than this get their own function, so that code grows linearly with the typespace."""


FIXED_MAX = 1_000
"""Types inside an element of fixed size up to which all of them are written into one expression over one unpack."""

HEIGHT_MAX = 64
"""Levels of such an element: Python allows 200 parentheses within each other."""


class _Reader(Body):
    """A function body with the run of fixed fields that is still to be unpacked in front of it."""

    def __init__(self, source: Source, depth: int = 1) -> None:
        super().__init__(source, depth)
        self.format = ""
        self.variables: list[str] = []

    def field(self, format_: str, count: int = 1) -> list[str]:
        """Put fields into the run and name the variables that will hold them."""
        made = [self.source.fresh("v") for _ in range(count)]
        self.format += format_
        self.variables += made
        return made

    def flush(self) -> None:
        if self.variables:
            unpack = self.source.struct_method(self.format, "unpack_from")
            size = self.source.names["Struct"]("<" + self.format).size
            self.add(f"{', '.join(self.variables)}, = {unpack}(d, o)")
            self.add(f"o += {size}")
            self.format, self.variables = "", []


class DecoderMaker:
    """Writes the decoding functions of one type into a source."""

    def __init__(self, graph: TypeGraph, source: Source) -> None:
        self.graph, self.source = graph, source
        self._nesting = 0
        self._is_flat = False
        self._functions: dict[AlgebraicType, str] = {}
        self._enums: dict[AlgebraicType, Leaf] = {}

    def define(self, type_: AlgebraicType) -> None:
        """Define `decode(d, o)`, `decode_all(d)` and `decode_many(d)`; they hand failures to `rescue_<name>`."""
        self._define_top(type_, "decode(d, o=0)", "s = o", "o > n", "{value}, o", "rescue_decode(d, s)")
        self._define_top(type_, "decode_all(d)", "o = 0", "o != n", "{value}", "rescue_decode_all(d)")
        if self._is_fixed(type_) or self.graph.fixed_size(type_) == 0:
            self._define_fixed_rows(type_)
        else:
            self._define_rows(type_)

    def _define_top(
        self, type_: AlgebraicType, header: str, first: str, failure: str, answer: str, rescue: str
    ) -> None:
        body = _Reader(self.source)
        body.add("n = len(d)")
        value = self._value(type_, body, "0")
        body.flush()
        body.add(f"if {failure}: raise Misfit")
        body.add("return " + answer.format(value=value))
        body.define_guarded(header, first, rescue)

    def _define_rows(self, type_: AlgebraicType) -> None:
        body = _Reader(self.source, depth=2)
        value = self._value(type_, body, "0")
        body.flush()
        body.add(f"add({value})")
        body.lines.insert(0, "    while o < n:")
        body.lines += ["    if o != n: raise Misfit", "    return rows"]
        first = "n = len(d); o = 0; rows = []; add = rows.append"
        body.define_guarded("decode_many(d)", first, "rescue_decode_many(d)")

    def _define_fixed_rows(self, type_: AlgebraicType) -> None:
        body = Body(self.source)
        if self.graph.fixed_size(type_) == 0:
            body.add("if n: raise Misfit")
            body.add("return []")
        else:
            body.add(f"return {self._fixed_items(type_, 'd', 'list')}")
        body.define_guarded("decode_many(d)", "n = len(d)", "rescue_decode_many(d)")

    def _value(self, type_: AlgebraicType, body: _Reader, k: str) -> str:
        """Write what reads one value; the expression of the value (valid after the next flush)."""
        if isinstance(type_, Ref) and self._apart(type_):
            return self._call(self._function(type_), body, f"{k} + 1" if self.graph.is_recursive(type_) else k)
        type_ = self.graph.resolve(type_)
        leaf = self._leaf(type_)
        if leaf is not None:
            return leaf.read.format(*body.field(leaf.format, len(leaf.write)))
        if self._nesting >= NESTING_MAX and not self._is_flat:
            return self._call(self._function(type_), body, k)
        self._nesting += 1
        value = self._composite(type_, body, k)
        self._nesting -= 1
        return value

    def _composite(self, type_: AlgebraicType, body: _Reader, k: str) -> str:
        match kind_of(type_):
            case Kind.STRING:
                return self._slice(body, ".decode()")
            case Kind.BYTES:
                return self._slice(body, "")
            case Kind.PRODUCT:
                assert isinstance(type_, ProductType)
                return tuple_text([self._value(e.type, body, k) for e in type_.elements])
            case Kind.ARRAY:
                assert isinstance(type_, ArrayType)
                return self._array(type_.element, body, k)
            case Kind.OPTION:
                return self._option(type_, body, k)
        return self._call(self._function(type_), body, k)

    def _apart(self, ref: Ref) -> bool:
        if self._is_flat:
            return False
        return self.graph.is_recursive(ref) or self.graph.node_count(ref) > INLINE_MAX

    def _is_fixed(self, type_: AlgebraicType) -> bool:
        """Whether values back to back are read by one unpack that is repeated."""
        if self.graph.fixed_size(type_) is None or self.graph.node_count(type_) > FIXED_MAX:
            return False
        return self.graph.height(type_) <= HEIGHT_MAX

    def _leaf(self, type_: AlgebraicType) -> Leaf | None:
        leaf = leaf_of(type_) or self._enums.get(type_)
        if leaf is None and isinstance(type_, SumType) and self.graph.is_enum(type_):
            leaf = self._enums[type_] = enum_leaf(self.source.fresh("ENUM"), self.source.names, len(type_.variants))
        return leaf

    def _call(self, function: str, body: _Reader, k: str) -> str:
        body.flush()
        value = self.source.fresh("x")
        body.add(f"{value}, o = {function}(d, o, n, {k})")
        return value

    def _slice(self, body: _Reader, convert: str) -> str:
        (count,) = body.field("I")
        body.flush()
        end, value = self.source.fresh("e"), self.source.fresh("x")
        body.add(f"{end} = o + {count}")
        body.add(f"{value} = d[o:{end}]{convert}")
        body.add(f"o = {end}")
        return value

    def _array(self, element: AlgebraicType, body: _Reader, k: str) -> str:
        (count,) = body.field("I")
        body.flush()
        value = self.source.fresh("x")
        size = self.graph.fixed_size(element) if self._is_fixed(element) else None
        if size == 0:
            body.add(f"if {count} > {MAX_EMPTY_ELEMENTS}: raise Misfit")
            body.add(f"{value} = ({self._flat(element, _Reader(self.source))},) * {count}")
        elif size is not None:
            end = self.source.fresh("e")
            body.add(f"{end} = o + {count} * {size}")
            body.add(f"if {end} > n: raise Misfit")
            leaf = leaf_of(self.graph.resolve(element))
            if leaf is not None and leaf.is_plain:
                body.add(f"{value} = unpack_from(f'<{{{count}}}{leaf.format}', d, o)")
            else:
                body.add(f"{value} = {self._fixed_items(element, f'd[o:{end}]', 'tuple')}")
            body.add(f"o = {end}")
        else:
            self._array_loop(element, body, k, count, value)
        return value

    def _array_loop(self, element: AlgebraicType, body: _Reader, k: str, count: str, value: str) -> None:
        items = self.source.fresh("a")
        body.add(f"if {count} > n - o: raise Misfit")
        body.add(f"{items} = []")
        body.add(f"for _ in range({count}):")
        inner = _Reader(self.source, body.depth + 1)
        item = self._value(element, inner, k)
        inner.flush()
        inner.add(f"{items}.append({item})")
        body.lines += inner.lines
        body.add(f"{value} = tuple({items})")

    def _fixed_items(self, element: AlgebraicType, data: str, container: str) -> str:
        """The expression of all elements in `data`, whose length is a multiple of the element's size."""
        reader = _Reader(self.source)
        item = self._flat(element, reader)
        items = self.source.struct_method(reader.format, "iter_unpack")
        variables = ", ".join(reader.variables) + ","
        if item == f"({', '.join(reader.variables)})" or item == f"({variables})":
            return f"{container}({items}({data}))"
        loop = f"[{item} for {variables} in {items}({data})]"
        return loop if container == "list" else f"tuple({loop})"

    def _flat(self, element: AlgebraicType, reader: _Reader) -> str:
        """The expression of a value of fixed size over the variables of one unpack, without any lines of its own."""
        outer, self._is_flat = self._is_flat, True
        item = self._value(element, reader, "0")
        self._is_flat = outer
        return item

    def _option(self, type_: AlgebraicType, body: _Reader, k: str) -> str:
        inner = option_inner(type_)
        assert inner is not None
        (tag,) = body.field("B")
        body.flush()
        value = self.source.fresh("x")
        body.add(f"if {tag} == 0:")
        some = _Reader(self.source, body.depth + 1)
        present = self._value(inner, some, k)
        some.flush()
        some.add(f"{value} = " + (f"Some({present})" if self.graph.is_nested_option(inner) else present))
        body.lines += some.lines
        body.add(f"elif {tag} == 1: {value} = None")
        body.add("else: raise Misfit")
        return value

    def _function(self, type_: AlgebraicType) -> str:
        """The function `(d, o, n, k) -> (value, o)` of a sum or of what a ref points to."""
        if type_ in self._functions:
            return self._functions[type_]
        name = self._functions[type_] = self.source.fresh("read")
        body = _Reader(self.source)
        outer, self._nesting = self._nesting, 0
        resolved = self.graph.resolve(type_)
        if isinstance(type_, Ref):
            body.add(f"if k > {MAX_DEPTH}: raise Misfit")
        if kind_of(resolved) is Kind.SUM and self._leaf(resolved) is None:
            assert isinstance(resolved, SumType)
            self._sum_body(resolved, body)
        else:
            value = self._value(resolved, body, "k")
            body.flush()
            body.add(f"return {value}, o")
        self._nesting = outer
        body.define(f"{name}(d, o, n, k)")
        return name

    def _sum_body(self, type_: SumType, body: _Reader) -> None:
        body.add("t = d[o]")
        body.add("o += 1")
        for tag, variant in enumerate(type_.variants):
            body.add(f"if t == {tag}:")
            inner = _Reader(self.source, body.depth + 1)
            value = self._value(variant.type, inner, "k")
            inner.flush()
            inner.add(f"return ({tag}, {value}), o")
            body.lines += inner.lines
        body.add("raise Misfit")


def tuple_text(items: list[str]) -> str:
    """The source of a tuple."""
    return f"({', '.join(items)}{',' * (len(items) == 1)})"
