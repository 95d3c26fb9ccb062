"""Which names a file binds where, and the expressions that may touch a table: one walk over the tree, no recursion.

A scope is a function, class body or comprehension. `bindings` says for each of its names everything that binds it:
an expression where the name gets the value of one, else None, which stands for anything.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from stdbctl.module.sources import SourceFile

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
_LEAVES = {ast.Constant, ast.Load, ast.Store, ast.Del}
_CATCHING = {"BaseException", "Exception", "ReducerError", "NotIndexed", "InvalidValue", "TypeError"}
_CATCHING_BLOCKS = {"suppress", "raises"}


@dataclass(frozen=True, slots=True)
class Assigned:
    """The name gets the value of an expression."""

    value: ast.expr


@dataclass(frozen=True, slots=True)
class Element:
    """The name gets each element of an expression in turn."""

    of: ast.expr


@dataclass(frozen=True, slots=True)
class Parameter:
    """The name is a parameter of the function."""

    function: Function
    arg: ast.arg


@dataclass(frozen=True, slots=True)
class Imported:
    """The name is imported inside the function."""

    statement: ast.Import | ast.ImportFrom
    alias: ast.alias


Binding = Assigned | Element | Parameter | Imported | None


@dataclass(slots=True, eq=False)
class NameScope:
    """The names of one function, class body or comprehension; `parent` None: the file's globals are around it."""

    parent: "NameScope | None"
    is_class: bool = False
    bindings: dict[str, list[Binding]] = field(default_factory=dict)
    shared: set[str] = field(default_factory=set)

    def bind(self, name: str, binding: Binding) -> None:
        self.bindings.setdefault(name, []).append(binding)


@dataclass(frozen=True, slots=True, eq=False)
class Use:
    """An expression that may touch a table, and the scope in which it stands.

    `is_caught`: it stands in a block that catches what a table refuses, so it may be wrong on purpose.
    """

    node: ast.Call | ast.Attribute | ast.Subscript
    scope: NameScope
    is_caught: bool


@dataclass(slots=True, eq=False)
class FileNames:
    """What one walk over a file found. `rebound`: globals that functions assign, whose value is not certain."""

    file: SourceFile
    uses: list[Use] = field(default_factory=list)
    rebound: set[str] = field(default_factory=set)


def read_names(file: SourceFile) -> FileNames:
    """Walk over one file."""
    walk = _Walk(file)
    if file.tree is not None:
        walk.run(file.tree)
    return walk.found


class _Walk:
    def __init__(self, file: SourceFile) -> None:
        self.found = FileNames(file)
        self._waiting: list[tuple[ast.AST, NameScope | None, bool]] = []
        self._known: set[ast.AST] = set()
        """Names whose binding is noted already, so that they are not noted as bound to anything."""

    def run(self, tree: ast.Module) -> None:
        self._later(tree.body, None, False)
        while self._waiting:
            self._visit(*self._waiting.pop())

    def _later(self, nodes: object, scope: NameScope | None, is_caught: bool) -> None:
        for node in reversed(nodes) if isinstance(nodes, list) else [nodes]:
            if isinstance(node, ast.AST):
                self._waiting.append((node, scope, is_caught))

    def _visit(self, node: ast.AST, scope: NameScope | None, is_caught: bool) -> None:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda():
                self._function(node, scope, is_caught)
            case ast.ClassDef():
                self._anything(node.name, scope)
                self._later([*node.decorator_list, *node.bases, *node.keywords], scope, is_caught)
                self._later(node.body, NameScope(scope, is_class=True), is_caught)
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                self._comprehension(node, scope, is_caught)
            case ast.Try() | ast.TryStar():
                self._later(node.body, scope, is_caught or _catches(node))
                self._later([*node.handlers, *node.orelse, *node.finalbody], scope, is_caught)
            case ast.With() | ast.AsyncWith():
                self._later(list(node.items), scope, is_caught)
                self._later(node.body, scope, is_caught or _suppresses(node))
            case _:
                self._bind(node, scope)
                if scope is not None and isinstance(node, ast.Call | ast.Attribute | ast.Subscript):
                    self.found.uses.append(Use(node, scope, is_caught))
                self._later(_children(node), scope, is_caught)

    def _function(self, node: Function, scope: NameScope | None, is_caught: bool) -> None:
        inner = NameScope(scope)
        arguments = node.args
        self._later([*arguments.defaults, *arguments.kw_defaults], scope, is_caught)
        if not isinstance(node, ast.Lambda):
            self._anything(node.name, scope)
            self._later(node.decorator_list, scope, is_caught)
        for arg in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
            inner.bind(arg.arg, Parameter(node, arg))
        for star in (arguments.vararg, arguments.kwarg):
            if star is not None:
                inner.bind(star.arg, None)
        self._later(node.body, inner, False if not isinstance(node, ast.Lambda) else is_caught)

    def _comprehension(self, node: Comprehension, scope: NameScope | None, is_caught: bool) -> None:
        inner = NameScope(scope)
        for position, generator in enumerate(node.generators):
            self._to(generator.target, Element(generator.iter), inner)
            self._later([generator.target, *generator.ifs], inner, is_caught)
            self._later(generator.iter, inner if position else scope, is_caught)
        parts = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        self._later(parts, inner, is_caught)

    def _bind(self, node: ast.AST, scope: NameScope | None) -> None:
        match node:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    self._to(target, Assigned(value), scope)
            case ast.AnnAssign(target=target, value=value):
                if value is None:
                    self._known.add(target)
                else:
                    self._to(target, Assigned(value), scope)
            case ast.NamedExpr(target=target, value=value):
                self._named(target, value, scope)
            case ast.For(target=target, iter=source):
                self._to(target, Element(source), scope)
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()) if node not in self._known:
                self._anything(name, scope)
            case ast.Global(names=names):
                self.found.rebound.update(names)
                if scope is not None:
                    scope.shared.update(names)
            case ast.Nonlocal(names=names):
                self._rebind(names, scope)
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                for alias in aliases:
                    self._import(node, alias, scope)
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                self._anything(name, scope)
            case ast.MatchMapping(rest=str(name)):
                self._anything(name, scope)

    def _import(self, node: ast.AST, alias: ast.alias, scope: NameScope | None) -> None:
        if scope is not None and isinstance(node, ast.Import | ast.ImportFrom):
            scope.bind(alias.asname or alias.name.partition(".")[0], Imported(node, alias))

    def _named(self, target: ast.Name, value: ast.expr, scope: NameScope | None) -> None:
        """`name := value` binds outside of comprehensions, which only ever makes this name less certain."""
        self._known.add(target)
        while scope is not None:
            scope.bind(target.id, Assigned(value))
            scope = scope.parent

    def _rebind(self, names: list[str], scope: NameScope | None) -> None:
        """What a function inside assigns is anything to the functions around it, too."""
        while scope is not None:
            for name in names:
                scope.bind(name, None)
            scope = scope.parent

    def _to(self, target: ast.expr, binding: Binding, scope: NameScope | None) -> None:
        if scope is not None and isinstance(target, ast.Name):
            self._known.add(target)
            scope.bind(target.id, binding)

    def _anything(self, name: str, scope: NameScope | None) -> None:
        if scope is not None:
            scope.bind(name, None)


def _children(node: ast.AST) -> list[ast.AST]:
    """What stands in a node and may bind or use something; most nodes of a tree are leaves that do not."""
    found: list[ast.AST] = []
    for name in node._fields:
        value = getattr(node, name, None)
        if isinstance(value, list):
            found += [item for item in value if isinstance(item, ast.AST)]
        elif isinstance(value, ast.AST) and type(value) not in _LEAVES and name != "annotation":
            found.append(value)
    return found


def _last_names(node: ast.expr | None) -> Iterator[str]:
    for part in node.elts if isinstance(node, ast.Tuple) else [node]:
        if isinstance(part, ast.Name):
            yield part.id
        elif isinstance(part, ast.Attribute):
            yield part.attr


def _catches(node: ast.Try | ast.TryStar) -> bool:
    return any(handler.type is None or _CATCHING & {*_last_names(handler.type)} for handler in node.handlers)


def _suppresses(node: ast.With | ast.AsyncWith) -> bool:
    calls = [item.context_expr for item in node.items if isinstance(item.context_expr, ast.Call)]
    return any(_CATCHING_BLOCKS & {*_last_names(call.func)} for call in calls)
