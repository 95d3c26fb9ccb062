"""Sets whose members come in the order in which they were added: what `set` and `frozenset` mean in a module.

Python's own sets come in the order of hashes. Those of text differ from process to process, and those of `None`,
classes, functions and plain objects are addresses. In a module's own files `{…}`, comprehensions, `set(…)` and
`frozenset(…)` make these instead; they are subclasses, so everybody takes them for sets. `pop` takes the last member.

`SET_DISPLAY` is the name by which the module's rewritten code finds the class (see `with_ordered_sets`).
"""

import ast
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from typing import Any

SET_DISPLAY = "__stdbctl_set__"
Members = Iterable[Any]  # Any: members are of any hashable type, here and below


class SetFace(type):
    """The class of the two: it stands for Python's own in `isinstance` and `issubclass`.

    Not in `==`: `copy` would find the way of Python's own sets in its table, which knows nothing of the order.
    """

    face_of: type

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, cls.face_of) if "face_of" in vars(cls) else super().__instancecheck__(instance)

    def __subclasscheck__(cls, subclass: type) -> bool:
        return issubclass(subclass, cls.face_of) if "face_of" in vars(cls) else super().__subclasscheck__(subclass)


def _is_set(other: object) -> bool:
    return isinstance(other, AbstractSet)


class _Ordered:
    """What both share. `_order` has the members as keys, in order; the set beneath has them for all who read in C."""

    __slots__ = ()
    _order: dict[Any, None]
    _plain: type

    def __iter__(self) -> Iterator[Any]:
        return iter(self._order)

    def __repr__(self) -> str:
        inside = ", ".join(map(repr, self))
        if type(self) is OrderedSet:
            return f"{{{inside}}}" if inside else "set()"
        return f"{type(self).__name__}({{{inside}}})" if inside else f"{type(self).__name__}()"

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (list(self),), getattr(self, "__dict__", None) or None

    def copy(self) -> Any:
        return self._plain(self)

    def union(self, *others: Members) -> Any:
        return self._plain([*self, *(member for other in others for member in other)])

    def intersection(self, *others: Members) -> Any:
        common = set(self).intersection(*others)
        return self._plain([member for member in self if member in common])

    def difference(self, *others: Members) -> Any:
        left = set(self).difference(*others)
        return self._plain([member for member in self if member in left])

    def symmetric_difference(self, other: Members) -> Any:
        others = dict.fromkeys(other)
        mine = [member for member in self if member not in others]
        return self._plain([*mine, *(member for member in others if member not in self)])

    def __or__(self, other: Any) -> Any:
        return self.union(other) if _is_set(other) else NotImplemented

    def __and__(self, other: Any) -> Any:
        return self.intersection(other) if _is_set(other) else NotImplemented

    def __sub__(self, other: Any) -> Any:
        return self.difference(other) if _is_set(other) else NotImplemented

    def __xor__(self, other: Any) -> Any:
        return self.symmetric_difference(other) if _is_set(other) else NotImplemented

    def __ror__(self, other: Any) -> Any:
        return self._plain(other).union(self) if _is_set(other) else NotImplemented

    def __rand__(self, other: Any) -> Any:
        return self._plain(other).intersection(self) if _is_set(other) else NotImplemented

    def __rsub__(self, other: Any) -> Any:
        return self._plain(other).difference(self) if _is_set(other) else NotImplemented

    def __rxor__(self, other: Any) -> Any:
        return self._plain(other).symmetric_difference(self) if _is_set(other) else NotImplemented


class OrderedSet(_Ordered, set[Any], metaclass=SetFace):
    """`set`."""

    __slots__ = ("_order",)
    face_of = set

    def __new__(cls, *args: Any, **kwargs: Any) -> "OrderedSet":
        made: OrderedSet = super().__new__(cls)
        made._order = {}
        return made

    def __init__(self, members: Members = (), /) -> None:
        self._order = dict.fromkeys(members)
        super().__init__(self._order)

    def add(self, member: Any, /) -> None:
        self._order[member] = None
        set.add(self, member)

    def discard(self, member: Any, /) -> None:
        if member in self:
            self.remove(member)

    def remove(self, member: Any, /) -> None:
        set.remove(self, member)
        # A set is looked for as a frozenset; only that has a place in a dictionary.
        self._order.pop(frozenset(member) if isinstance(member, set) else member)

    def pop(self) -> Any:
        if not self._order:
            raise KeyError("pop from an empty set")
        member = self._order.popitem()[0]
        set.remove(self, member)
        return member

    def clear(self) -> None:
        self._order.clear()
        set.clear(self)

    def update(self, *others: Members) -> None:
        for other in others:
            added = dict.fromkeys(other)
            self._order.update(added)
            set.update(self, added)

    def intersection_update(self, *others: Members) -> None:
        self._become(self.intersection(*others))

    def difference_update(self, *others: Members) -> None:
        self._become(self.difference(*others))

    def symmetric_difference_update(self, other: Members, /) -> None:
        self._become(self.symmetric_difference(other))

    def _become(self, members: Members) -> None:
        found = list(members)
        self.clear()
        self.update(found)

    def __ior__(self, other: Any) -> Any:
        if not _is_set(other):
            return NotImplemented
        self.update(other)
        return self

    def __iand__(self, other: Any) -> Any:
        if not _is_set(other):
            return NotImplemented
        self.intersection_update(other)
        return self

    def __isub__(self, other: Any) -> Any:
        if not _is_set(other):
            return NotImplemented
        self.difference_update(other)
        return self

    def __ixor__(self, other: Any) -> Any:
        if not _is_set(other):
            return NotImplemented
        self.symmetric_difference_update(other)
        return self


class OrderedFrozenSet(_Ordered, frozenset[Any], metaclass=SetFace):
    """`frozenset`."""

    __slots__ = ("_order",)
    face_of = frozenset

    def __new__(cls, members: Members = (), /, *args: Any, **kwargs: Any) -> "OrderedFrozenSet":
        if cls is OrderedFrozenSet and type(members) is OrderedFrozenSet:
            return members
        order = dict.fromkeys(members)
        made: OrderedFrozenSet = super().__new__(cls, order)
        made._order = order
        return made

    def copy(self) -> Any:
        return self if type(self) is OrderedFrozenSet else OrderedFrozenSet(self)


OrderedSet._plain, OrderedFrozenSet._plain = OrderedSet, OrderedFrozenSet
for _face in (OrderedSet, OrderedFrozenSet):
    _face.__name__ = _face.__qualname__ = _face.face_of.__name__
    _face.__module__, _face.__doc__ = "builtins", _face.face_of.__doc__


def with_ordered_sets(text: str, path: str) -> ast.Module | str:
    """A file's syntax tree with its set displays and comprehensions rewritten; the text itself when it has none.

    `x in {1, 2}` stays as it is: Python makes it a constant, and no order is seen.
    """
    if "{" not in text:
        return text
    rewriter = _Rewriter()
    tree = rewriter.visit(ast.parse(text, path))
    return ast.fix_missing_locations(tree) if rewriter.has_changed else text


class _Rewriter(ast.NodeTransformer):
    def __init__(self) -> None:
        self.has_changed = False

    def visit_Set(self, node: ast.Set) -> ast.AST:  # the names of ast.NodeVisitor
        self.generic_visit(node)
        return self._call(node, ast.Tuple(elts=node.elts, ctx=ast.Load()))

    def visit_SetComp(self, node: ast.SetComp) -> ast.AST:
        self.generic_visit(node)
        return self._call(node, ast.ListComp(elt=node.elt, generators=node.generators))

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        node.left = self.visit(node.left)
        for place, (op, right) in enumerate(zip(node.ops, node.comparators, strict=True)):
            if isinstance(op, ast.In | ast.NotIn) and isinstance(right, ast.Set):
                self.generic_visit(right)
            else:
                node.comparators[place] = self.visit(right)
        return node

    def _call(self, node: ast.expr, members: ast.expr) -> ast.AST:
        self.has_changed = True
        name = ast.copy_location(ast.Name(id=SET_DISPLAY, ctx=ast.Load()), node)
        return ast.copy_location(ast.Call(func=name, args=[ast.copy_location(members, node)], keywords=[]), node)
