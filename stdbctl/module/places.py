"""Where declarations stand: from classes, functions and names to places in the author's sources."""

import ast
import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

from stdbctl.errors import Place
from stdbctl.module.sources import Definition, SourceFile
from stdbctl.module.version import Version
from stdbctl.schema import Subject


@dataclass(frozen=True, slots=True)
class Written:
    """An annotation as written, and the file in which it stands."""

    file: SourceFile
    node: ast.expr


class PlaceBook:
    """Answers where things stand, and gathers the place of every subject of the definition."""

    def __init__(self, version: Version) -> None:
        self.version = version
        self.places: dict[Subject, Place] = {}

    def find(self, subject: Subject) -> Place | None:
        """The place of a subject, else of the nearest thing around it."""
        for end in range(len(subject), 0, -1):
            if subject[:end] in self.places:
                return self.places[subject[:end]]
        return None

    def definition(self, target: Any, line: int | None = None) -> tuple[SourceFile, Definition] | None:
        """The syntax of a class or function of the version's; Any: a class or a function."""
        file = self.version.file(getattr(target, "__module__", None) or "")
        node = file.definition(getattr(target, "__qualname__", ""), line) if file else None
        return (file, node) if file and node else None

    def name(self, target: Any, line: int | None = None) -> Place | None:
        """Where the name of a class or function stands."""
        found = self.definition(target, line)
        return found[0].name_place(found[1]) if found else self._assigned(target)

    def _assigned(self, target: Any) -> Place | None:
        """Where `Kind = Enum("Kind", …)` stands."""
        file = self.version.file(getattr(target, "__module__", None) or "")
        for node in file.tree.body if file and file.tree else ():
            names = node.targets if isinstance(node, ast.Assign) else []
            for name in names:
                if file and isinstance(name, ast.Name) and name.id == getattr(target, "__qualname__", ""):
                    return file.place(name)
        return None

    def field(self, cls: type[Any], name: str, part: str = "annotation") -> Place | None:
        """Where a field stands: its `annotation`, `value` or `target` (the name); inherited ones in their base."""
        for base in cls.__mro__:
            found = self.definition(base)
            node = _field_node(found[1], name) if found else None
            if found and node is not None:
                return found[0].place(getattr(node, part, None) or _target(node))
        return self.name(cls)

    def field_annotation(self, cls: type[Any], name: str) -> Written | None:
        """The annotation of a field as written; None when it stands where names of a function are seen."""
        for base in cls.__mro__:
            found = self.definition(base)
            node = _field_node(found[1], name) if found else None
            if found and isinstance(node, ast.AnnAssign):
                return None if "<locals>" in base.__qualname__ else Written(found[0], node.annotation)
        return None

    def union(self, name: str, case: str | None = None) -> Place | None:
        """Where the union of this name is made; with `case`, where it names that class."""
        found = self._unions.get(name)
        if found is None:
            return None
        file, members, call = found
        for node in ast.walk(members):
            if isinstance(node, ast.Name) and node.id == case:
                return file.place(node)
        return file.place(call)

    @cached_property
    def _unions(self) -> dict[str, tuple[SourceFile, ast.expr, ast.Call]]:
        """The members and the mark of every `Annotated[A | B, union("Name")]`, by name; the last one of a name."""
        files = self.version.sources.files.values()
        return {name: (file, members, mark) for file in files for name, members, mark in _unions_of(file)}

    def parameter_annotation(self, function: Any, name: str, line: int | None = None) -> Written | None:
        """The annotation of a parameter as written, `return` for that of the result; None as of `field_annotation`."""
        found = self.definition(function, line)
        if not found or isinstance(found[1], ast.ClassDef) or "<locals>" in function.__qualname__:
            return None
        file, node = found[0], found[1]
        annotations = {arg.arg: arg.annotation for arg, _ in _parameters(node.args)} | {"return": node.returns}
        annotation = annotations.get(name)
        return None if annotation is None else Written(file, annotation)

    def parameter(self, function: Any, name: str, line: int | None = None, part: str = "annotation") -> Place | None:
        """Where a parameter stands: its `annotation` if it has one, `name`, or its default (`value`)."""
        found = self.definition(function, line)
        if not found or isinstance(found[1], ast.ClassDef):
            return self.name(function, line)
        file, node = found[0], found[1]
        for arg, default in _parameters(node.args):
            if arg.arg == name:
                parts = {"annotation": arg.annotation, "value": default}
                return file.place(parts.get(part) or arg)
        return file.name_place(node)

    @staticmethod
    def text(place: Place | None) -> str:
        """What stands at a place, as written."""
        return place.source_line[place.column - 1 : place.end_column and place.end_column - 1] if place else ""

    def returns(self, function: Any, line: int | None = None) -> Place | None:
        """Where the return annotation of a function stands."""
        found = self.definition(function, line)
        if found and not isinstance(found[1], ast.ClassDef) and found[1].returns:
            return found[0].place(found[1].returns)
        return self.name(function, line)

    def option(
        self, file_path: str, line: int, keyword: str, item: int | None = None, text: str | None = None
    ) -> Place | None:
        """Where a keyword of the decorator or call at `line` stands, or one item of its list, or a `text` in that."""
        file = self.version.sources.by_path(file_path)
        given = (k for call in (file.calls_at.get(line, ()) if file else ()) for k in call.keywords if k.arg == keyword)
        found = next(given, None)
        if found is None or file is None:
            return file.place_at(line) if file else None
        items = found.value.elts if isinstance(found.value, ast.List | ast.Tuple) else []
        chosen = items[item] if item is not None and item < len(items) else found.value
        inner = [n for n in ast.walk(chosen) if isinstance(n, ast.Constant) and n.value == text]
        return file.place(inner[-1] if inner and text is not None else chosen)

    def bare_assignments(self, cls: type[Any]) -> list[tuple[str, Place]]:
        """Names that a class body gives a value but no type, in order."""
        found = self.definition(cls)
        if not found:
            return []
        file, node = found
        return [
            (target.id, file.place(target))
            for statement in node.body
            if isinstance(statement, ast.Assign)
            for target in statement.targets
            if isinstance(target, ast.Name)
        ]

    def docstring(self, target: Any, line: int | None = None) -> str | None:
        """The docstring as written."""
        found = self.definition(target, line)
        return ast.get_docstring(found[1]) if found else None

    def field_docs(self, cls: type[Any]) -> dict[str, str]:
        """The string literals that stand below fields of a class."""
        docs: dict[str, str] = {}
        for base in reversed(cls.__mro__):
            found = self.definition(base)
            body = found[1].body if found else []
            for field, below in pairwise(body):
                if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and _text(below):
                    docs[field.target.id] = inspect.cleandoc(_text(below))
        return docs


def _unions_of(file: SourceFile) -> Iterator[tuple[str, ast.expr, ast.Call]]:
    for node in ast.walk(file.tree) if file.tree and "union(" in file.text else ():
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Tuple):
            for mark in node.slice.elts[1:]:
                if isinstance(mark, ast.Call) and mark.args and isinstance(mark.args[0], ast.Constant):
                    yield str(mark.args[0].value), node.slice.elts[0], mark


def _text(node: ast.stmt) -> str:
    is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    return node.value.value if is_text else ""  # type: ignore[attr-defined]  # seen by is_text


def _field_node(node: Definition, name: str) -> ast.AnnAssign | ast.Assign | None:
    for statement in node.body:
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            if statement.target.id == name:
                return statement
        elif isinstance(statement, ast.Assign) and any(
            isinstance(t, ast.Name) and t.id == name for t in statement.targets
        ):
            return statement
    return None


def _target(node: ast.AnnAssign | ast.Assign) -> ast.expr:
    return node.target if isinstance(node, ast.AnnAssign) else node.targets[0]


def _parameters(args: ast.arguments) -> list[tuple[ast.arg, ast.expr | None]]:
    plain = [*args.posonlyargs, *args.args]
    defaults: list[ast.expr | None] = [None] * (len(plain) - len(args.defaults)) + list(args.defaults)
    named = list(zip(plain, defaults, strict=True)) + list(zip(args.kwonlyargs, args.kw_defaults, strict=True))
    return named + [(arg, None) for arg in (args.vararg, args.kwarg) if arg]
