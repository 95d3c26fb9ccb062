"""Which functions of a module its reducers reach, and what the names in them mean after the import.

Names are followed by the values that they have: a call of `helpers.now` leads to that very function. Where the value
is not known (`row.score()`), every method of that name in the module's own classes counts.
"""

import ast
import contextlib
import importlib
import inspect
import types
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from stdbctl.module.guard_faces import FACED, face_of
from stdbctl.module.load import Loaded
from stdbctl.module.sources import SourceFile
from stdbctl.module.state_change import own_names
from stdbctl.module.version import Version

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
UNKNOWN: Final = object()
_CONSTRUCTION = ("__new__", "__init__", "__post_init__")


@dataclass(frozen=True, eq=False)
class Reached:
    """One function that reducers reach, with all that is written inside. `module`: its file's marked name."""

    version: Version
    file: SourceFile
    module: str
    node: Function

    @cached_property
    def nodes(self) -> list[ast.AST]:
        """Everything that is written inside."""
        return list(ast.walk(self.node))

    @cached_property
    def _values(self) -> dict[ast.expr, Any]:
        return {}

    @cached_property
    def globals(self) -> Mapping[str, Any]:
        return self.version.namespace(self.module) or {}

    @cached_property
    def own(self) -> frozenset[str]:
        """Names that mean something else inside than outside: parameters and what it assigns, inner functions' too."""
        functions = [node for node in self.nodes if isinstance(node, Function)]
        return frozenset().union(*map(own_names, functions))

    @cached_property
    def imported(self) -> Mapping[str, Any]:
        """What its own import statements bring, as far as that is known without running them."""
        found: dict[str, Any] = {}
        for node in self.nodes:
            if isinstance(node, ast.Import):
                for alias in node.names:
                    name = alias.name if alias.asname else alias.name.partition(".")[0]
                    found[alias.asname or name] = self._module(name, 0)
            elif isinstance(node, ast.ImportFrom):
                source = self._module(node.module or "", node.level)
                found |= {alias.asname or alias.name: attribute(source, alias.name) for alias in node.names}
        return found

    def _module(self, name: str, level: int) -> Any:  # Any: a module or UNKNOWN
        """A module by its name in an import: one with rules, or one of the version's own that is there already."""
        if level == 0 and name in FACED:
            return face_of(importlib.import_module(name))
        is_package = self.file.is_package
        package = self.module if is_package else self.module.rpartition(".")[0]
        own = self.version.root + name[len(self.version.sources.name) :] if level == 0 else None
        if level:
            base = package.split(".")[: len(package.split(".")) - level + 1]
            own = ".".join([*base, name] if name else base)
        elif name.partition(".")[0] != self.version.sources.name:
            return UNKNOWN
        found = self.version.namespace(own or "")
        return UNKNOWN if found is None else _Names(found)

    def value(self, node: ast.expr) -> Any:  # Any: whatever the author's names mean, or UNKNOWN
        """What an expression means, if it is a name, or a chain of attributes of one."""
        if node not in self._values:
            self._values[node] = self._value(node)
        return self._values[node]

    def _value(self, node: ast.expr) -> Any:
        match node:
            case ast.Name(id=name):
                if name in self.imported:
                    return self.imported[name]
                if name in self.own:
                    return UNKNOWN
                return self.globals.get(name, self.version.builtins.get(name, UNKNOWN))
            case ast.Attribute(value=base, attr=name):
                return attribute(self.value(base), name)
            case ast.Call(func=func):
                # A method of an object that was made just here: `Path(…).read_text()`.
                made = self.value(func)
                return made if isinstance(made, type) else UNKNOWN
        return UNKNOWN


class _Names:
    """A module of the version's, by its globals."""

    def __init__(self, names: Mapping[str, Any]) -> None:
        self.names = names


def attribute(value: Any, name: str) -> Any:
    """What an attribute of a module or a class means, without running code of the author's."""
    if isinstance(value, _Names):
        return value.names.get(name, UNKNOWN)
    if isinstance(value, types.ModuleType):
        return getattr(value, name, UNKNOWN)
    if isinstance(value, type):
        found = inspect.getattr_static(value, name, UNKNOWN)
        return found.__func__ if isinstance(found, staticmethod | classmethod) else found
    return UNKNOWN


def reached_functions(loaded: Loaded) -> list[Reached]:
    """Every function of the module's that its reducers reach, in reading order."""
    reducers = (spec.inner for spec in (*loaded.reducers, *loaded.seeds))
    return _Search(loaded.version).run([*reducers, *(m.inner for m in loaded.migrations)])


class _Search:
    def __init__(self, version: Version) -> None:
        self.version = version
        self.found: dict[tuple[str, int, int], Reached] = {}
        self._waiting: list[Reached] = []
        self._named: set[str] = set()

    def run(self, roots: list[types.FunctionType]) -> list[Reached]:
        for function in roots:
            self._reach(function)
        while self._waiting:
            self._follow(self._waiting.pop())
        order = list(self.version.sources.files)
        return sorted(self.found.values(), key=lambda r: (order.index(r.file.module), r.node.lineno, r.node.col_offset))

    def _follow(self, reached: Reached) -> None:
        for node in reached.nodes:
            if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load):
                value = reached.value(node)
                self._reach(value)
                if value is UNKNOWN and isinstance(node, ast.Attribute) and node.attr not in self._named:
                    self._named.add(node.attr)
                    for method in self._methods.get(node.attr, ()):
                        self._reach(method)

    def _reach(self, value: Any) -> None:
        if isinstance(value, property):
            value = value.fget
        if isinstance(value, type) and self.version.file(value.__module__ or ""):
            for name, method in vars(value).items():
                if name in _CONSTRUCTION or (name.startswith("__") and isinstance(method, types.FunctionType)):
                    self._reach(method)
            return
        if not isinstance(value, types.FunctionType):
            value = getattr(value, "__wrapped__", None) if callable(value) else None  # as `functools.cache` leaves it
        while isinstance(value, types.FunctionType):
            self._reach_function(value)
            value = vars(value).get("__wrapped__")

    def _reach_function(self, value: types.FunctionType) -> None:
        file = self.version.file(value.__module__ or "")
        node = _node_of(file, value) if file else None
        if file is None or node is None:
            return
        key = (file.path, node.lineno, node.col_offset)
        if key not in self.found:
            self.found[key] = Reached(self.version, file, value.__module__, node)
            self._waiting.append(self.found[key])
            for cell in value.__closure__ or ():
                with contextlib.suppress(ValueError):  # a cell may be empty
                    self._reach(cell.cell_contents)

    @cached_property
    def _methods(self) -> Mapping[str, list[Any]]:
        """The methods of the version's classes by name."""
        found: dict[str, list[Any]] = {}
        for module in self.version.sources.files:
            names = self.version.namespace(self.version.root + module[len(self.version.sources.name) :]) or {}
            for cls in names.values():
                if isinstance(cls, type) and self.version.file(cls.__module__ or ""):
                    for name, method in vars(cls).items():
                        method = method.__func__ if isinstance(method, staticmethod | classmethod) else method
                        if isinstance(method, types.FunctionType | property):
                            found.setdefault(name, []).append(method)
        return found


def _node_of(file: SourceFile, function: types.FunctionType) -> Function | None:
    """The syntax of a function, by its name and the line on which it begins, decorators included."""
    line = function.__code__.co_firstlineno
    if function.__code__.co_name == "<lambda>":
        nodes = ast.walk(file.tree) if file.tree else ()
        return next((node for node in nodes if isinstance(node, ast.Lambda) and node.lineno == line), None)
    for node in file.definitions.get(function.__code__.co_qualname, ()):
        if not isinstance(node, ast.ClassDef) and line == min([node.lineno, *(d.lineno for d in node.decorator_list)]):
            return node
    return None
