"""What an expression means, where there is no doubt: a context, a table, a row of it, a value or at least its type.

Globals have the value that the import gave them. None stands for doubt.
"""

import ast
import builtins
import enum
import importlib.util
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import FunctionType, ModuleType
from typing import Any, get_args, get_origin

from stdbctl.module.accesses.scopes import Assigned, Binding, Element, FileNames, Imported, NameScope, Parameter
from stdbctl.module.context import ReducerContext
from stdbctl.module.rows import Database, Table
from stdbctl.module.scope import BadText, Scope, UnknownName
from stdbctl.module.tables import TableSpec
from stdbctl.module.unseen import UNSEEN, Unseen
from stdbctl.sats import (
    IDENTITY,
    TIMESTAMP,
    ConnectionId,
    Identity,
    Primitive,
    Scalar,
    ScheduleAt,
    Shape,
    TimeDuration,
    Timestamp,
    Uuid,
    above,
    at_least,
    at_most,
    below,
    between,
)

_PLAIN = (
    int,
    float,
    str,
    bytes,
    type(None),
    enum.Enum,
    Identity,
    ConnectionId,
    Timestamp,
    TimeDuration,
    Uuid,
    ScheduleAt,
)
_RANGES = (between, at_least, above, at_most, below)
_DEPTH_MAX = 40
"""Expressions and bindings followed one inside the other: far from Python's own limit of recursion."""
_EXPONENT_MAX = 512
"""Powers above this are not computed: no column holds them, and they may be large."""


@dataclass(frozen=True, slots=True)
class Context:
    """The context of a call."""


@dataclass(frozen=True, slots=True)
class Tables:
    """`ctx.db`."""


@dataclass(frozen=True, slots=True)
class OneTable:
    """A table: one of these, which all have the same row class."""

    specs: tuple[TableSpec, ...]


@dataclass(frozen=True, slots=True)
class RowOf:
    """A row of this class."""

    cls: type[Any]


@dataclass(frozen=True, slots=True)
class RowsOf:
    """Something to loop over that gives rows of this class."""

    cls: type[Any]


@dataclass(frozen=True, slots=True)
class Known:
    """This very object."""

    value: Any  # what the author's global or literal is


@dataclass(frozen=True, slots=True)
class Typed:
    """Some value of this shape."""

    shape: Shape


@dataclass(frozen=True, slots=True)
class Ranged:
    """A range between the values of these expressions."""

    ends: tuple[ast.expr, ...]


Meaning = Context | Tables | OneTable | RowOf | RowsOf | Known | Typed | Ranged | None

_TEXT = Typed(Scalar(Primitive.STRING, "str"))
_INT = Typed(Scalar(Primitive.I64, "int"))
_FLOAT = Typed(Scalar(Primitive.F64, "float"))
_BOOL = Typed(Scalar(Primitive.BOOL, "bool"))
_MADE: tuple[tuple[object, Meaning], ...] = (
    *((str, _TEXT), (repr, _TEXT), (int, _INT), (len, _INT), (float, _FLOAT), (bool, _BOOL)),
)
"""What calls of built-in functions give."""
_SEQUENCES = (list, sorted, reversed, iter, tuple)
"""Built-in functions that give what they are given, element by element."""
_CONTEXT: Mapping[str, Meaning] = {
    "db": Tables(),
    "sender": Typed(Scalar(IDENTITY, "Identity")),
    "identity": Typed(Scalar(IDENTITY, "Identity")),
    "timestamp": Typed(Scalar(TIMESTAMP, "Timestamp")),
}
_FOLDED: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Pow: lambda a, b: a**b if 0 <= b <= _EXPONENT_MAX else None,
}


class TableFinder:
    """The tables of a module, found by identity: what authors put somewhere may compare in any way."""

    def __init__(self, specs: Sequence[TableSpec]) -> None:
        self._by_key = {id(spec.key): spec for spec in specs}
        self._by_class: dict[int, tuple[TableSpec, ...]] = {}
        for spec in specs:
            self._by_class[id(spec.cls)] = (*self._by_class.get(id(spec.cls), ()), spec)

    def by_key(self, key: object) -> TableSpec | None:
        """The table that `ctx.db[key]` is."""
        return self._by_key.get(id(key))

    def by_class(self, cls: object) -> tuple[TableSpec, ...]:
        """All tables with this row class."""
        return self._by_class.get(id(cls), ())


class Meanings:
    """Answers what expressions of one file mean.

    `parameters`: the shapes of the parameters of a function that a client calls, by the line where it begins.
    """

    def __init__(
        self, names: FileNames, scope: Scope, tables: TableFinder, parameters: Mapping[int, Mapping[str, Shape | None]]
    ) -> None:
        self._names, self._scope, self._tables, self._parameters = names, scope, tables, parameters
        self._bound: dict[tuple[NameScope, str], Meaning] = {}
        self._texts: dict[str, Meaning] = {}
        self._depth = 0

    def of(self, node: ast.expr, scope: NameScope | None) -> Meaning:
        """The meaning of an expression in a scope; what is nested deeper than anybody writes stays in doubt."""
        if self._depth >= _DEPTH_MAX:
            return None
        self._depth += 1
        try:
            return self._of(node, scope)
        finally:
            self._depth -= 1

    def _of(self, node: ast.expr, scope: NameScope | None) -> Meaning:
        match node:
            case ast.Constant(value=value):
                return Known(value)
            case ast.Name(id=name):
                return self._name(name, scope)
            case ast.Attribute(value=base, attr=name):
                return self._attribute(self.of(base, scope), name)
            case ast.Subscript(value=base, slice=key):
                return self._item(self.of(base, scope), key, scope)
            case ast.Call():
                return self._call(node, scope)
            case ast.JoinedStr():
                return _TEXT
            case ast.NamedExpr(value=value):
                return self.of(value, scope)
            case ast.UnaryOp(op=ast.USub() | ast.UAdd() as op, operand=operand):
                value = self._number(operand, scope)
                return None if value is None else Known(-value if isinstance(op, ast.USub) else value)
            case ast.BinOp(left=left, op=operator, right=right):
                return self._folded(left, operator, right, scope)
        return None

    def _name(self, name: str, scope: NameScope | None) -> Meaning:
        around, is_own = scope, True
        while around is not None:
            if name in around.shared:
                break
            if name in around.bindings and (is_own or not around.is_class):
                return self._local(name, around)
            around, is_own = around.parent, False
        if name in self._names.rebound:
            return None
        return _known(self._scope.names.get(name, vars(builtins).get(name, UNSEEN)))

    def _local(self, name: str, scope: NameScope) -> Meaning:
        """What a local name means: the one thing that all its bindings are."""
        key = (scope, name)
        if key not in self._bound:
            self._bound[key] = None  # the answer for a name that is bound by way of itself
            found = [self._binding(binding, scope) for binding in scope.bindings[name]]
            self._bound[key] = found[0] if all(_is_same(meaning, found[0]) for meaning in found) else None
        return self._bound[key]

    def _binding(self, binding: Binding, scope: NameScope) -> Meaning:
        match binding:
            case Assigned(value):
                return self.of(value, scope)
            case Element(source):
                # A comprehension looks for its first source outside, which differs only where names are shadowed.
                return self._element(self.of(source, scope))
            case Parameter(function, arg):
                return self._parameter(function, arg)
            case Imported(statement, alias):
                return self._imported(statement, alias)
        return None

    @staticmethod
    def _element(source: Meaning) -> Meaning:
        if isinstance(source, RowsOf):
            return RowOf(source.cls)
        return RowOf(source.specs[0].cls) if isinstance(source, OneTable) else None

    def _parameter(self, function: ast.AST, arg: ast.arg) -> Meaning:
        line = min([getattr(function, "lineno", 0), *(d.lineno for d in getattr(function, "decorator_list", ()))])
        annotated = self._annotated(arg.annotation)
        shape = self._parameters.get(line, {}).get(arg.arg)
        return Typed(shape) if annotated is None and shape is not None else annotated

    def _annotated(self, annotation: ast.expr | None) -> Meaning:
        """What a parameter or result of this annotation means."""
        if annotation is None or any(isinstance(n, ast.Call | ast.NamedExpr) for n in ast.walk(annotation)):
            return None
        text = annotation.value if isinstance(annotation, ast.Constant) else ast.unparse(annotation)
        if not isinstance(text, str):
            return None
        if text not in self._texts:
            self._texts[text] = self._of_type(text)
        return self._texts[text]

    def _of_type(self, text: str) -> Meaning:
        try:
            found = self._scope.evaluate(text)
        except (UnknownName, BadText):
            return None
        if found is ReducerContext:
            return Context()
        if found is Database:
            return Tables()
        cls = get_args(found)[0] if get_origin(found) is Table else found
        specs = self._tables.by_class(cls)
        if not specs:
            return None
        return RowOf(specs[0].cls) if cls is found else OneTable(specs)

    def _imported(self, statement: ast.Import | ast.ImportFrom, alias: ast.alias) -> Meaning:
        """A name that a function imports, where the import of the module brought the file in anyhow."""
        if isinstance(statement, ast.Import):
            return None
        found = None
        if statement.level and self._scope.file is not None:
            file = self._scope.file
            package = self._scope.module if file.is_package else self._scope.module.rpartition(".")[0]
            relative = "." * statement.level + (statement.module or "")
            try:
                found = sys.modules.get(importlib.util.resolve_name(relative, package))
            except ImportError:
                return None
        elif statement.module:
            version = self._scope.version
            head, _, rest = statement.module.partition(".")
            is_own = head == version.sources.name
            name = f"{version.root}.{rest}".rstrip(".") if is_own else statement.module
            found = sys.modules.get(name)
        return None if found is None else _known(vars(found).get(alias.name, UNSEEN))

    def _attribute(self, base: Meaning, name: str) -> Meaning:
        match base:
            case Context():
                return _CONTEXT.get(name)
            case RowOf(cls):
                return self._column(cls, name)
            case Known(value) if isinstance(value, ModuleType):
                return _known(vars(value).get(name, UNSEEN))
            case Known(value) if isinstance(value, enum.EnumMeta):
                return _known(value.__members__.get(name, UNSEEN))
        return None

    def _column(self, cls: type[Any], name: str) -> Meaning:
        column = self._tables.by_class(cls)[0].by_name.get(name)
        return None if column is None or column.shape is None else Typed(column.shape)

    def _item(self, base: Meaning, key: ast.expr, scope: NameScope | None) -> Meaning:
        found = self.of(key, scope) if isinstance(base, Tables) else None
        spec = self._tables.by_key(found.value) if isinstance(found, Known) else None
        return None if spec is None else OneTable((spec,))

    def _call(self, node: ast.Call, scope: NameScope | None) -> Meaning:
        if isinstance(node.func, ast.Attribute):
            table = self.of(node.func.value, scope)
            if isinstance(table, OneTable):
                return _result(table, node.func.attr)
        function = self.of(node.func, scope)
        if not isinstance(function, Known):
            return None
        called = function.value
        if any(called is made for made in _RANGES):
            is_plain = not node.keywords and not any(isinstance(arg, ast.Starred) for arg in node.args)
            return Ranged(tuple(node.args) if is_plain else ())
        if isinstance(called, type) and self._tables.by_class(called):
            return RowOf(called)
        if isinstance(called, FunctionType):
            return self._returned(called)
        if any(called is made for made in _SEQUENCES) and node.args:
            row = self._element(self.of(node.args[0], scope))
            return RowsOf(row.cls) if isinstance(row, RowOf) else None
        return next((meaning for made, meaning in _MADE if called is made), None)

    def _returned(self, function: FunctionType) -> Meaning:
        """What a helper of the same file returns, by its annotation."""
        file = self._names.file
        if function.__code__.co_filename != file.path or function.__module__ != self._scope.module:
            return None
        node = file.definition(function.__qualname__, function.__code__.co_firstlineno)
        if not isinstance(node, ast.FunctionDef) or node.decorator_list:
            return None
        found = self._annotated(node.returns)
        return found if isinstance(found, OneTable | Tables | Context) else None

    def _number(self, node: ast.expr, scope: NameScope | None) -> Any:  # an int, a float, or None
        found = self.of(node, scope)
        is_number = isinstance(found, Known) and type(found.value) in (int, float)
        return found.value if is_number and isinstance(found, Known) else None

    def _folded(self, left: ast.expr, operator: ast.operator, right: ast.expr, scope: NameScope | None) -> Meaning:
        fold = _FOLDED.get(type(operator))
        if fold is None:
            return None
        a, b = (self._number(side, scope) for side in (left, right))
        if type(a) is not int or type(b) is not int or abs(a).bit_length() > _EXPONENT_MAX:
            return None
        value = fold(a, b)
        return None if value is None else Known(value)


def _known(value: object) -> Meaning:
    """A global's value, where it can be relied on: types, functions, modules, tables and plain values."""
    return None if isinstance(value, Unseen) else Known(value)


def _is_same(a: Meaning, b: Meaning) -> bool:
    if isinstance(a, Known) and isinstance(b, Known):
        is_equal = type(a.value) is type(b.value) and is_plain(a.value) and bool(a.value == b.value)
        return a.value is b.value or is_equal
    return a == b


def is_plain(value: object) -> bool:
    """Whether a value is one that a column could hold and nothing can change."""
    return isinstance(value, _PLAIN)


def _result(table: OneTable, method: str) -> Meaning:
    cls = table.specs[0].cls
    if method in ("find", "insert", "update"):
        return RowOf(cls)
    return RowsOf(cls) if method == "filter" else None
