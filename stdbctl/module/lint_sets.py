"""Where the order of a set's members can show: loops, comprehensions, lists made of sets, `pop`.

A set is what can be seen to be one: a display, `set(…)`, an operation on sets, a name that is only ever given sets or
is annotated so, a constant of the module. Where it cannot be seen, nothing is said.
"""

import ast
from collections.abc import Iterator
from typing import NamedTuple

from stdbctl.module.lint_reach import Reached
from stdbctl.module.ordered_sets import OrderedFrozenSet, OrderedSet

_SET_TYPES = frozenset({"set", "frozenset", "Set", "FrozenSet", "AbstractSet", "MutableSet"})
_MAKING_SETS = frozenset({"union", "intersection", "difference", "symmetric_difference", "copy"})
_ORDERLESS = frozenset({"sorted", "len", "min", "max", "any", "all", "sum", "set", "frozenset"})
_PASSING = frozenset({"list", "tuple", "iter", "map", "filter", "reversed"})
_ORDERED = frozenset({"list", "tuple", "iter", "enumerate", "zip", "map", "filter", "next"})
_HARMLESS_METHODS = frozenset({"add", "discard", "remove", "delete"})
_VIEWS = frozenset({"keys", "items"})


class Site(NamedTuple):
    """One place where the order shows. `what`: "this loop goes through the members of a set"."""

    node: ast.AST
    what: str


class SetReader:
    """Reads one function."""

    def __init__(self, function: Reached) -> None:
        self._function = function
        self._sets = self._local_sets()
        self._calm: set[ast.AST] = set()
        """Nodes whose order is lost on the way: arguments of `sorted` and its like."""

    def sites(self) -> Iterator[Site]:
        """Every place, in no particular order."""
        nodes = self._function.nodes
        for node in nodes:
            self._calm_down(node)
        for node in nodes:
            if node not in self._calm:
                yield from self._sites_of(node)

    # --- what is a set

    def is_set(self, node: ast.expr) -> bool:
        """Whether an expression is seen to be a set."""
        match node:
            case ast.Set() | ast.SetComp():
                return True
            case ast.Name(id=name) if name in self._sets:
                return True
            case ast.Name() | ast.Attribute():
                return isinstance(self._function.value(node), set | frozenset)
            case ast.IfExp(body=body, orelse=other):
                return self.is_set(body) and self.is_set(other)
            case ast.NamedExpr(value=value):
                return self.is_set(value)
            case ast.BinOp(left=left, op=ast.BitOr() | ast.BitAnd() | ast.Sub() | ast.BitXor(), right=right):
                return any(self.is_set(side) or self._is_view(side) for side in (left, right))
            case ast.Call(func=ast.Attribute(value=base, attr=name)) if name in _MAKING_SETS and self.is_set(base):
                return True
            case ast.Call(func=func):
                made = self._function.value(func)
                return isinstance(made, type) and made in (set, frozenset, OrderedSet, OrderedFrozenSet)
        return False

    @staticmethod
    def _is_view(node: ast.expr) -> bool:
        return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _VIEWS

    def _local_sets(self) -> set[str]:
        """Names that are annotated as sets, or given nothing but sets."""
        self._sets = set[str]()
        given: dict[str, list[ast.expr | None]] = {}
        for node in self._function.nodes:
            match node:
                case ast.arg(arg=name, annotation=annotation):
                    given.setdefault(name, []).append(None)
                    if annotation is not None and _is_set_type(annotation):
                        self._sets.add(name)
                case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation):
                    if _is_set_type(annotation):
                        self._sets.add(name)
                case ast.Assign(targets=[ast.Name(id=name)], value=value) | ast.NamedExpr(ast.Name(id=name), value):
                    given.setdefault(name, []).append(value)
                case ast.AugAssign(target=ast.Name()):
                    pass  # keeps its kind
                case ast.For() | ast.comprehension() | ast.Assign() | ast.withitem():
                    for name in _stored(node):
                        given.setdefault(name, []).append(None)
        for name, values in given.items():
            if values and all(value is not None and self.is_set(value) for value in values):
                self._sets.add(name)
        return self._sets

    # --- where its order is lost

    def _calm_down(self, node: ast.AST) -> None:
        match node:
            case ast.Call(func=ast.Name(id=name), args=[first, *_]) if name in _ORDERLESS and self._is_builtin(
                node.func
            ):
                self._calm_argument(first)
            case ast.Call(func=ast.Attribute(attr=name)) if name in _MAKING_SETS or name.endswith("update"):
                for argument in node.args:
                    self._calm_argument(argument)
            case ast.SetComp() | ast.DictComp():
                self._calm.update(node.generators)
            case ast.Set(elts=elements):
                self._calm.update(elements)
            case ast.For(iter=source) if _is_harmless(node.body):
                self._calm.add(node)
                self._calm_argument(source)
            case ast.For(iter=source) if _unwrapped(source) is not source:
                # `for x in list(members)` is one place, not two; the loop itself says it.
                self._calm.add(source)
            case ast.Compare(ops=[ast.In() | ast.NotIn()], comparators=[right]):
                self._calm_argument(right)

    def _calm_argument(self, node: ast.AST) -> None:
        self._calm.add(node)
        match node:
            case ast.Call(func=ast.Name(id=name)) if name in _PASSING:
                for argument in node.args:
                    self._calm_argument(argument)
            case ast.GeneratorExp() | ast.ListComp():
                self._calm.update(node.generators)
            case ast.Starred(value=value):
                self._calm.add(value)

    def _is_builtin(self, node: ast.expr) -> bool:
        name = node.id if isinstance(node, ast.Name) else ""
        return self._function.value(node) is self._function.version.builtins.get(name)

    # --- where it shows

    def _sites_of(self, node: ast.AST) -> Iterator[Site]:
        match node:
            case ast.For(iter=source) if self.is_set(_unwrapped(source)):
                yield Site(source, "this loop goes through the members of a set")
            case ast.comprehension(iter=source) if self.is_set(source):
                yield Site(source, "this goes through the members of a set")
            case ast.Call(func=ast.Name(id=name), args=args) if name in _ORDERED and self._is_builtin(node.func):
                if any(map(self.is_set, args)):
                    yield Site(node, f"`{name}(…)` takes the members of a set")
            case ast.Call(func=ast.Attribute(value=base, attr="pop"), args=[], keywords=[]) if self.is_set(base):
                yield Site(node, "`pop()` takes a member of a set")
            case ast.Call(func=ast.Attribute(attr="join" | "extend" as name), args=[given]) if self.is_set(given):
                yield Site(node, f"`{name}(…)` takes the members of a set")
            case ast.Starred(value=value) | ast.YieldFrom(value=value) if self.is_set(value):
                yield Site(node, "this takes the members of a set")
            case ast.Assign(targets=[ast.Tuple() | ast.List()], value=value) if self.is_set(value):
                yield Site(value, "this takes the members of a set")


def _unwrapped(node: ast.expr) -> ast.expr:
    """`members` of `list(members)`."""
    match node:
        case ast.Call(func=ast.Name(id="list" | "tuple"), args=[inner], keywords=[]):
            return inner
    return node


def _is_set_type(node: ast.expr) -> bool:
    match node:
        case ast.Subscript(value=head):
            return _is_set_type(head)
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name in _SET_TYPES
        case ast.Constant(value=str(text)):
            return text.partition("[")[0].rpartition(".")[2] in _SET_TYPES
    return False


def _stored(node: ast.AST) -> Iterator[str]:
    for child in ast.walk(node):
        if isinstance(child, ast.Name) and isinstance(child.ctx, ast.Store):
            yield child.id


def _is_harmless(body: list[ast.stmt]) -> bool:
    """Whether the order of a loop with this body cannot show: it counts, collects without order, deletes or asks."""
    return all(map(_is_harmless_step, body))


def _is_harmless_step(step: ast.stmt) -> bool:
    match step:
        case ast.Pass() | ast.Continue() | ast.Break() | ast.Raise() | ast.Return(value=None | ast.Constant()):
            return True
        case ast.Expr(value=ast.Call(func=ast.Attribute(attr=name))):
            return name in _HARMLESS_METHODS
        case ast.AugAssign(op=ast.BitOr() | ast.BitAnd() | ast.BitXor()):
            return True
        case ast.AugAssign(value=ast.Constant(value=int()) | ast.Call(func=ast.Name(id="len"))):
            return True
        case ast.Assign(targets=[ast.Subscript()]) | ast.Delete(targets=[ast.Subscript()]):
            return True
        case ast.If(body=body, orelse=other):
            return _is_harmless(body) and _is_harmless(other)
        case ast.For(body=body):
            return _is_harmless(body)
    return False
