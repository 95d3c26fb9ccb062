"""Every mistake of one annotation, each at the smallest part of it that is mistaken.

Reading an annotation stops at its first mistake; here its parts are read one by one, from the syntax tree.
"""

import ast
import typing
from collections.abc import Iterator
from dataclasses import dataclass
from types import UnionType
from typing import Annotated, Any, get_origin

from stdbctl.errors import Place, Problem
from stdbctl.module.places import Written
from stdbctl.module.problems import ModuleProblem, UnsupportedType
from stdbctl.module.resolve import Poisoned, TypeBook
from stdbctl.module.scope import BadText, Scope, UnknownName
from stdbctl.module.sources import SourceFile
from stdbctl.sats import Err, Ok, Some, Variant

_CASES = (Variant, Some, Ok, Err)
"""Classes that mean something in a union only, so that they are no mistake by themselves."""


@dataclass(frozen=True, slots=True)
class _Fault:
    problem: ModuleProblem
    node: ast.expr


def explain(
    problem: Problem, written: Written | None, place: Place | None, book: TypeBook, scope: Scope
) -> list[Problem]:
    """The problems of an annotation whose reading ended with `problem`, each with its place and each once.

    `written`: None when the annotation cannot be taken apart; the problem then has `place`.
    """
    if written is None:
        return [problem.at(place)]
    faults = _Explainer(book, scope, written.file).faults(written.node, is_whole=True)
    found: dict[str, Problem] = {}
    for fault in faults:
        found.setdefault(fault.problem.what, fault.problem.at(written.file.place(fault.node)))
    return list(found.values()) or [problem.at(place)]


class _Explainer:
    def __init__(self, book: TypeBook, scope: Scope, file: SourceFile) -> None:
        self._book, self._scope, self._file = book, scope, file

    def faults(self, node: ast.expr, *, is_whole: bool = False) -> list[_Fault]:
        """The mistakes of a part; one of its own only when its parts are right."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            inner = self._inside(node, node.value)
            return [_Fault(self._no_expression(node.value), node)] if inner is None else self.faults(inner)
        value = _no_type(node)
        if value is not None:
            return [_Fault(value, node)]
        found = [fault for part in self._parts(node) for fault in self.faults(part)]
        if found or (not is_whole and self._is_case(node)):
            return found
        try:
            self._book.read(ast.unparse(node), self._scope)
        except Poisoned:
            return []
        except ModuleProblem as problem:
            return [_Fault(problem, node)]
        return []

    def _parts(self, node: ast.expr) -> Iterator[ast.expr]:
        """The parts that are types themselves."""
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            yield from _alternatives(node)
        elif isinstance(node, ast.Subscript):
            yield from self._arguments(node)

    def _arguments(self, node: ast.Subscript) -> Iterator[ast.expr]:
        arguments = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        head = self._value(node.value)
        if head is None:
            yield node.value
            yield from (a for a in arguments if self._value(a) is None)
        elif head is Annotated:
            first = arguments[0]
            yield from [first] if isinstance(first, ast.Name | ast.Attribute | ast.Constant) else self._parts(first)
        elif _is_transparent(head):
            yield from arguments
        else:
            yield from (a for a in arguments if isinstance(a, ast.Name) and self._value(a) is None)

    def _is_case(self, node: ast.expr) -> bool:
        value = self._value(node)
        value = get_origin(value) or value
        return isinstance(value, type) and issubclass(value, _CASES)

    def _value(self, node: ast.expr) -> Any:  # whatever the author's expression is; None when it is nothing
        if isinstance(node, ast.Constant) and node.value is None:
            return type(None)
        try:
            return self._scope.evaluate(ast.unparse(node))
        except (UnknownName, BadText):
            return None

    def _inside(self, node: ast.Constant, text: str) -> ast.expr | None:
        """The expression in a text, at its own place where that can be told, else at that of the text."""
        try:
            inner = ast.parse(text, mode="eval").body
        except (SyntaxError, ValueError):
            return None
        place = self._file.place(node)
        is_plain = place.end_column is not None and place.end_column - place.column == len(text) + 2
        for part in ast.walk(inner):
            if isinstance(part, ast.expr):
                if is_plain:
                    part.col_offset += node.col_offset + 1
                    part.end_col_offset = (part.end_col_offset or 0) + node.col_offset + 1
                    part.lineno = part.end_lineno = node.lineno
                else:
                    ast.copy_location(part, node)
        return inner

    @staticmethod
    def _no_expression(text: str) -> ModuleProblem:
        return UnsupportedType(
            text=text, why="an annotation in quotes is read as a type", fix="write a type, as without the quotes"
        )


def _alternatives(node: ast.expr) -> Iterator[ast.expr]:
    """What stands between the bars of `a | b | c`."""
    while isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        yield node.right
        node = node.left
    yield node


def _is_transparent(head: Any) -> bool:
    """Whether what stands in the brackets are types of their own: `list[…]`, `Index[…]`, `Option[…]`, `Union[…]`."""
    if head in (list, typing.List, typing.Union, typing.Optional):  # noqa: UP006  # older spellings are read too
        return True
    return hasattr(head, "__metadata__") or get_origin(head) in (typing.Union, UnionType)


def _no_type(node: ast.expr) -> ModuleProblem | None:
    """The problem of a value where a type belongs, with the type that was probably meant."""
    text = ast.unparse(node)
    match node:
        case ast.List(elts=[element]):
            return UnsupportedType(
                text=text, why="this is a list, not a type", fix=f"write `list[{ast.unparse(element)}]`"
            )
        case ast.List() | ast.Tuple() | ast.Dict() | ast.Set():
            fix = "make a `@dataclass` with one field for each, and write its name"
            return UnsupportedType(text=text, why="this is a value, not a type", fix=fix)
        case ast.Constant(value=value) if value is not None and value is not Ellipsis:
            fix = f"write the type here, and the default behind it: `{type(value).__name__} = {text}`"
            return UnsupportedType(text=text, why="this is a value, not a type", fix=fix)
        case ast.Call(func=head, args=[argument]) if not isinstance(head, ast.Call):
            fix = f"write `{ast.unparse(head)}[{ast.unparse(argument)}]`"
            return UnsupportedType(text=text, why="types are put in square brackets", fix=fix)
        case ast.Call(func=head):
            return UnsupportedType(text=text, why="this is a value, not a type", fix=f"write `{ast.unparse(head)}`")
        case ast.BoolOp(op=ast.Or(), values=values):
            fix = f"write `{' | '.join(map(ast.unparse, values))}`"
            return UnsupportedType(text=text, why="`or` chooses one of two values", fix=fix)
    return None
