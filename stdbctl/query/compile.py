"""Turn a checked predicate into one Python function over rows.

The function is generated, so a row costs no interpretation: `row[2] == c0 and not row[3] <= c1`. Values never stand
in the source, they are its free variables `c0`, `c1`, …: queries that differ in their constants alone share one
compiled body, and the pair (source, constants) is a normal form of the condition.

Floats are compared in SpacetimeDB's total order: NaN equals itself and is greater than all else; -0.0 equals 0.0.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from stdbctl.query.expression import Chain, Column, Comparison, Constant, Expression
from stdbctl.query.literals import FLOATS
from stdbctl.query.syntax import Operator
from stdbctl.sats import Primitive

_DEPTH_MAX = 20
"""Deeper conditions go through local variables: CPython's own parser gives up beyond 100 to 200 levels."""

_EVERY_ROW = Constant(True, Primitive.BOOL)
_ONE_OF_MIN = 4
"""From this many alternatives on, `a = 1 OR a = 2 OR …` becomes a look-up in a set."""

_CACHED_CHARS_MAX = 4_096
_PYTHON = {
    Operator.EQ: "==",
    Operator.NE: "!=",
    Operator.LT: "<",
    Operator.GT: ">",
    Operator.LE: "<=",
    Operator.GE: ">=",
}
_FLOAT_CONSTANT = {Operator.GT: "not {a} <= {b}", Operator.GE: "not {a} < {b}"}
"""Where a NaN in the column must count as greater; no literal is NaN."""
_FLOAT_COLUMNS = {
    Operator.EQ: "({a} == {b} or {a} != {a} and {b} != {b})",
    Operator.NE: "not ({a} == {b} or {a} != {a} and {b} != {b})",
    Operator.LT: "({a} < {b} or {b} != {b} and {a} == {a})",
    Operator.GT: "({b} < {a} or {a} != {a} and {b} == {b})",
    Operator.LE: "({a} <= {b} or {b} != {b})",
    Operator.GE: "({b} <= {a} or {a} != {a})",
}


@dataclass(frozen=True, slots=True)
class Compiled:
    """A compiled predicate. `source` and `constants` together say what it means, and nothing else does."""

    source: str
    constants: tuple[Any, ...]  # engine values, and frozensets of them
    function: Callable[..., bool]


def compile_predicate(expression: Expression | None, relation_count: int = 1) -> Compiled:
    """Compile a predicate over rows of `relation_count` relations, one parameter each; None = every row."""
    writer = _Writer()
    source = writer.write(_EVERY_ROW if expression is None else expression, relation_count)
    factory = _factory_cached(source) if len(source) <= _CACHED_CHARS_MAX else _factory(source)
    constants = tuple(writer.constants)
    return Compiled(source, constants, factory(constants))


class _Writer:
    """Writes the function's source; collects its constants in the order in which they appear."""

    def __init__(self) -> None:
        self.constants: list[Any] = []
        self.steps: list[str] = []
        self.texts: dict[Expression, tuple[str, int]] = {}

    def write(self, root: Expression, relation_count: int) -> str:
        for node in _post_order(root):
            self.texts[node] = self._condition(node)
        result = f"  return {self.texts[root][0]}"
        names = "".join(f" c{index}," for index in range(len(self.constants)))
        unpack = [f" {names.strip()} = constants"] if names else []
        rows = ", ".join(f"r{index}" for index in range(relation_count))
        lines = ["def make(constants):", *unpack, f" def matches({rows}):", *self.steps, result, " return matches"]
        return "\n".join(lines)

    def _condition(self, node: Expression) -> tuple[str, int]:
        """The text of a node whose parts are written, and how deep it nests."""
        if isinstance(node, Column):
            return f"r{node.relation}[{node.position}]", 0
        if isinstance(node, Constant):
            return repr(node.value) if isinstance(node.value, bool) else self._constant(node.value), 0
        if isinstance(node, Comparison):
            return self._comparison(node)
        return self._chain(node)

    def _constant(self, value: Any) -> str:  # an engine value
        self.constants.append(value)
        return f"c{len(self.constants) - 1}"

    def _comparison(self, node: Comparison) -> tuple[str, int]:
        (a, a_depth), (b, b_depth) = self.texts[node.left], self.texts[node.right]
        depth = max(a_depth, b_depth) + 1
        if isinstance(node.left, Column) and node.left.type in FLOATS:
            forms = _FLOAT_CONSTANT if isinstance(node.right, Constant) else _FLOAT_COLUMNS
            if node.operator in forms:
                return self._limited(f"({forms[node.operator].format(a=a, b=b)})", depth)
        is_plain = isinstance(node.left, Column) and isinstance(node.right, Column | Constant)
        text = f"{a} {_PYTHON[node.operator]} {b}" if is_plain else f"({a}) {_PYTHON[node.operator]} ({b})"
        return self._limited(f"({text})", depth)

    def _chain(self, node: Chain) -> tuple[str, int]:
        if node.operator is Operator.OR and (column := one_of(node)) is not None:
            values = frozenset(_constant_of(part) for part in node.parts)
            return f"({self.texts[column][0]} in {self._constant(values)})", 1
        texts = [self.texts[part] for part in node.parts]
        joint = f" {node.operator.value.lower()} "
        return self._limited(f"({joint.join(text for text, _ in texts)})", max(depth for _, depth in texts) + 1)

    def _limited(self, text: str, depth: int) -> tuple[str, int]:
        if depth < _DEPTH_MAX:
            return text, depth
        self.steps.append(f"  t{len(self.steps)} = {text}")
        return f"t{len(self.steps) - 1}", 0


def one_of(chain: Chain) -> Column | None:
    """The column of `a = 1 OR a = 2 OR …`, when the chain is nothing else and long enough to gain from it."""
    first = chain.parts[0]
    if len(chain.parts) < _ONE_OF_MIN or not isinstance(first, Comparison) or not isinstance(first.left, Column):
        return None
    column = first.left
    is_one_of = column.type not in FLOATS and all(
        isinstance(part, Comparison)
        and part.operator is Operator.EQ
        and isinstance(part.right, Constant)
        and isinstance(part.left, Column)
        and (part.left.relation, part.left.position) == (column.relation, column.position)
        for part in chain.parts
    )
    return column if is_one_of else None


def _constant_of(part: Expression) -> Any:  # an engine value
    assert isinstance(part, Comparison)
    assert isinstance(part.right, Constant)
    return part.right.value


def _post_order(root: Expression) -> list[Expression]:
    """Every node after its parts, left before right, without recursion; the parts of a look-up are left out."""
    order: list[Expression] = []
    stack = [root]
    while stack:
        node = stack.pop()
        order.append(node)
        if isinstance(node, Comparison):
            stack += [node.left, node.right]
        elif isinstance(node, Chain):
            column = one_of(node) if node.operator is Operator.OR else None
            stack += node.parts if column is None else [column]
    return order[::-1]


def _factory(source: str) -> Callable[[tuple[Any, ...]], Callable[..., bool]]:
    """Build the function that binds constants to the source (which holds positions only, no outside text)."""
    namespace: dict[str, Any] = {"__builtins__": {}}
    exec(source, namespace)
    made: Callable[[tuple[Any, ...]], Callable[..., bool]] = namespace["make"]
    return made


_factory_cached = functools.lru_cache(maxsize=512)(_factory)
