"""The rule that module-level names are constants: functions that change them, found in the syntax trees.

Judged are functions of the module's own files, by the values that their globals have after the import: a list, a
mapping or a set that a function changes by a method, an item, an operator or a function such as `heappush`, an iterator
whose `next` it takes, an attribute that it sets, and a name that it declares `global`. A function
that only runs during the import, such as a decorator that registers, may.
"""

import ast
import inspect
from collections import deque
from collections.abc import Iterator, Mapping, MutableMapping, MutableSequence, MutableSet, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from stdbctl.errors import Problem
from stdbctl.module.functions import ReducerSpec
from stdbctl.module.problems import StateChange
from stdbctl.module.sources import SourceFile
from stdbctl.module.version import Version

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_CLOSED = (*_FUNCTIONS, ast.ClassDef)
_LEAVES = (ast.Name, ast.Constant, ast.expr_context, ast.operator, ast.alias)
"""Nodes without a function in them: most of a tree."""
_CONTAINERS = (MutableSequence, MutableMapping, MutableSet, bytearray, deque)
_CHANGING = frozenset(
    {
        *("add", "append", "appendleft", "clear", "difference_update", "discard", "extend", "extendleft", "insert"),
        *("intersection_update", "move_to_end", "pop", "popitem", "popleft", "remove", "reverse", "rotate"),
        *("setdefault", "sort", "subtract", "symmetric_difference_update", "update"),
    }
)
_CHANGING_FIRST = frozenset(
    {
        *("next", "setattr", "delattr", "heapify", "heappop", "heappush", "heappushpop", "heapreplace"),
        *("insort", "insort_left", "insort_right", "shuffle"),
    }
)
"""Functions that change their first argument."""


@dataclass(frozen=True)
class _Body:
    """One function as read; `outer` is the one around it."""

    file: SourceFile
    node: Function
    name: str
    outer: "_Body | None"

    @cached_property
    def own(self) -> frozenset[str]:
        """The names that are its own or its outer functions'."""
        return own_names(self.node) | (self.outer.own if self.outer else frozenset())

    @cached_property
    def mentioned(self) -> frozenset[str]:
        """The names in what runs when it is called; its decorators and defaults ran before."""
        body = [self.node.body] if isinstance(self.node, ast.Lambda) else self.node.body
        return frozenset(name for statement in body for name in _mentioned(statement))


def state_changes(version: Version, reducers: Sequence[ReducerSpec]) -> tuple[Problem, ...]:
    """Every place where a function of the module changes what is kept at module level, in reading order."""
    files = version.sources.files
    bodies = [body for file in files.values() if file.tree for body in _bodies(file, file.tree, None)]
    root, name = version.root, version.sources.name
    found: list[tuple[_Body, Problem]] = []
    for body in bodies:
        names = version.namespace(root + body.file.module[len(name) :])
        if names is not None:
            found += ((body, problem) for problem in _changes(body, names))
    if not found:  # nearly always; then nobody needs to know who calls whom
        return ()
    spared = _run_by_the_import(files, bodies) - _reached({spec.inner.__name__ for spec in reducers}, bodies)
    return tuple(problem for body, problem in found if body.name not in spared)


def _bodies(file: SourceFile, parent: ast.AST, outer: _Body | None) -> Iterator[_Body]:
    """The functions below a node, which stands in the function `outer`."""
    for node in ast.iter_child_nodes(parent):
        if isinstance(node, _FUNCTIONS):
            body = _Body(file, node, getattr(node, "name", "<lambda>"), outer)
            yield body
            yield from _bodies(file, node, body)
        elif not isinstance(node, _LEAVES):
            yield from _bodies(file, node, outer)


def _inside(node: ast.AST) -> Iterator[ast.AST]:
    """What belongs to a function itself, without the functions in it."""
    for child in ast.iter_child_nodes(node):
        yield child
        if not isinstance(child, _CLOSED):
            yield from _inside(child)


def own_names(function: Function) -> frozenset[str]:
    own, shared = set(), set()
    for node in _inside(function):
        match node:
            case ast.arg(arg=name) | ast.Name(id=name, ctx=ast.Store()):
                own.add(name)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                own.add(name)
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                own.add(name)
            case ast.MatchMapping(rest=str(name)):
                own.add(name)
            case ast.Import(names=names) | ast.ImportFrom(names=names):
                own.update(alias.asname or alias.name.partition(".")[0] for alias in names)
            case ast.Global(names=given):
                shared.update(given)
    return frozenset(own - shared)


def _mentioned(node: ast.AST) -> Iterator[str]:
    for child in ast.walk(node):
        if isinstance(child, ast.Name):
            yield child.id
        elif isinstance(child, ast.Attribute):
            yield child.attr


def _run_by_the_import(files: Mapping[str, SourceFile], bodies: list[_Body]) -> set[str]:
    """The functions that are called or decorate outside functions, and what those reach."""
    called = {name for file in files.values() if file.tree for name in _called_outside(file.tree)}
    return _reached(called, bodies)


def _called_outside(node: ast.AST) -> Iterator[str]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Call):
            yield from _mentioned(child.func)
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            for decorator in child.decorator_list:
                yield from _mentioned(decorator)
        if not isinstance(child, _FUNCTIONS):
            yield from _called_outside(child)


def _reached(names: set[str], bodies: list[_Body]) -> set[str]:
    """These functions and all that they mention: by name alone, so that none is missed."""
    by_name: dict[str, list[_Body]] = {}
    for body in bodies:
        by_name.setdefault(body.name, []).append(body)
    reached: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += [mentioned for body in by_name.get(name, ()) for mentioned in body.mentioned]
    return reached


def _changes(body: _Body, names: Mapping[str, Any]) -> Iterator[Problem]:
    nodes = list(_inside(body.node))
    shared = {name for node in nodes if isinstance(node, ast.Global) for name in node.names}
    for node in nodes:
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load) and node.id in shared:
            yield _problem(body, node, node.id)
        elif isinstance(node, ast.Subscript | ast.Attribute) and not isinstance(node.ctx, ast.Load):
            name = _kept(node.value, body, names, any_object=isinstance(node, ast.Attribute))
            if name:
                yield _problem(body, node, name)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _CHANGING:
            name = _kept(node.func.value, body, names)
            if name:
                yield _problem(body, node, name)
        elif isinstance(node, ast.Call) and node.args and _last_name(node.func) in _CHANGING_FIRST:
            name = _kept(node.args[0], body, names, any_object=True)
            if name:
                yield _problem(body, node, name)


def _last_name(function: ast.expr) -> str:
    return getattr(function, "attr", getattr(function, "id", ""))


def _kept(node: ast.expr, body: _Body, names: Mapping[str, Any], *, any_object: bool = False) -> str | None:
    """The module-level name whose value an expression reaches into: `NAME`, `NAME[…]`, `helpers.NAME`."""
    path = [node]
    while isinstance(path[-1], ast.Attribute | ast.Subscript):
        path.append(path[-1].value)
    head = path[-1]
    if not isinstance(head, ast.Name) or head.id not in names or head.id in body.own:
        return None
    value, text = names[head.id], head.id
    for part in reversed(path[:-1]):
        if isinstance(part, ast.Attribute) and not isinstance(value, _CONTAINERS):
            value, text = inspect.getattr_static(value, part.attr, None), f"{text}.{part.attr}"
    is_kept = isinstance(value, _CONTAINERS) or (any_object and value is not None)
    return text if is_kept else None


def _problem(body: _Body, node: ast.AST, name: str) -> Problem:
    return StateChange(function=body.name, name=name, place=body.file.place(node))
