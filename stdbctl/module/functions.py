"""Reading reducer declarations: signature, parameters, schedule, each rule with its place."""

import inspect
import types
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ForwardRef

from stdbctl.errors import Place, Problem
from stdbctl.module.annotations import explain
from stdbctl.module.context import ReducerContext
from stdbctl.module.declare import Declaration, ReducerOptions
from stdbctl.module.places import PlaceBook
from stdbctl.module.problems import (
    BadName,
    MissingAnnotation,
    ModuleProblem,
    NotDeclarable,
    ReducerAsync,
    ReducerDefault,
    ReducerParameter,
    ReducerReturn,
    ReducerWithoutContext,
    UnknownType,
)
from stdbctl.module.resolve import Poisoned, TypeBook
from stdbctl.module.scope import BadText, UnknownName
from stdbctl.module.tables import is_name, name_without_keyword
from stdbctl.module.unseen import UNSEEN
from stdbctl.sats import ProductElement, ProductType, Shape
from stdbctl.schema import RawReducerDef

Add = Callable[[Problem], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReducerSpec:
    """One reducer as read. `inner`: the author's function below other decorators.

    `params`: name and shape; a shape of None is a problem already.
    """

    function: Callable[..., Any]  # what is called; its parameters are known only at run time
    inner: types.FunctionType
    source_name: str
    options: ReducerOptions
    params: tuple[tuple[str, Shape | None], ...]
    place: Place | None
    declaration: Declaration

    @property
    def is_whole(self) -> bool:
        """Whether every type in it is known and sound."""
        return all(shape is not None for _, shape in self.params)

    def raw(self) -> RawReducerDef:
        """The raw definition; the reducer must be free of problems."""
        elements = tuple(ProductElement(name, shape.type) for name, shape in self.params if shape is not None)
        is_private = self.options.private or self.options.schedule is not None or self.options.lifecycle is not None
        return RawReducerDef(source_name=self.source_name, params=ProductType(elements), is_private=is_private)


def read_reducer(declaration: Declaration, book: TypeBook, places: PlaceBook, add: Add) -> ReducerSpec | None:
    """Read one declaration; problems go to `add`. None when there is no function at all."""
    function = declaration.target
    if isinstance(function, str):
        add(name_without_keyword("reducer", declaration, places))
        return None
    inner = inspect.unwrap(function) if callable(function) else function
    if not isinstance(inner, types.FunctionType) or not inner.__name__.isidentifier():
        add(_no_function(declaration, places))
        return None
    reader = _Reader(declaration, inner, book, places, add)
    if reader.is_method:
        add(_method(declaration, inner, places))
        return None
    assert isinstance(declaration.options, ReducerOptions)
    return ReducerSpec(
        function=function,
        inner=inner,
        source_name=inner.__name__,
        options=declaration.options,
        params=reader.read(),
        place=places.name(inner, declaration.line),
        declaration=declaration,
    )


def _no_function(declaration: Declaration, places: PlaceBook) -> ModuleProblem:
    return NotDeclarable(
        what="a reducer decorator stands on something that is no function",
        why="reducers are plain functions at the top of a file",
        fix="put it above `def name(ctx: ReducerContext, …) -> None:`",
        place=places.option(declaration.file, declaration.line, ""),
    )


def _method(declaration: Declaration, inner: types.FunctionType, places: PlaceBook) -> ModuleProblem:
    return NotDeclarable(
        what=f"`{inner.__qualname__}` is a method",
        why="there is no object that it could be called on",
        fix="move it out of the class, and begin with `ctx: ReducerContext`",
        place=places.name(inner, declaration.line),
    )


def annotations_of(function: Callable[..., Any]) -> dict[str, Any]:
    """The annotations as written: values, or text where they are not evaluated yet."""
    try:
        import annotationlib  # type: ignore[import-not-found,unused-ignore]  # Python 3.14 and later
    except ImportError:
        return dict(function.__annotations__)
    found = annotationlib.get_annotations(function, format=annotationlib.Format.FORWARDREF)
    return dict(found)


class _Reader:
    """Reads the signature of one function."""

    def __init__(
        self, declaration: Declaration, function: types.FunctionType, book: TypeBook, places: PlaceBook, add: Add
    ) -> None:
        self.declaration, self.function, self.book, self.places, self.add = declaration, function, book, places, add
        self.line = declaration.line
        self.name = function.__name__
        self.scope = book.scope_of(function.__module__)
        self.annotations = annotations_of(function)
        code = function.__code__
        self.names = code.co_varnames[: code.co_argcount]
        # Names of further parameters that are annotated as the context, which the first one should be.
        self.contexts = {name for name in self.annotations if name not in self.names[:1] and self._is_context(name)}

    @property
    def has_context(self) -> bool:
        """Whether the first parameter is the context."""
        return bool(self.names) and self._is_context(self.names[0])

    @property
    def is_method(self) -> bool:
        """Whether it stands in a class and begins with the object or class that it is called on."""
        owner = self.function.__qualname__.rpartition(".")[0]
        stands_in_class = bool(owner) and not owner.endswith("<locals>")
        return stands_in_class and bool(self.names) and not self._is_context(self.names[0])

    def read(self) -> tuple[tuple[str, Shape | None], ...]:
        self._check_name()
        self._check_kind()
        self._check_context()
        self._check_parameters()
        self._check_return()
        return tuple((name, self._parameter(name)) for name in self.names[1:])

    def _check_name(self) -> None:
        options = self.declaration.options
        assert isinstance(options, ReducerOptions)
        if options.name is not None and not is_name(options.name):
            place = self.places.option(self.declaration.file, self.line, "name")
            self.add(BadName(thing="a reducer", name=repr(options.name), place=place))

    def _check_kind(self) -> None:
        function, name = self.function, self.places.name(self.function, self.line)
        if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
            fix = "remove `async`, and everything that is awaited"
            self.add(ReducerAsync(function=self.name, kind="a coroutine", fix=fix, place=name))
        elif inspect.isgeneratorfunction(function):
            fix = "remove `yield`; do the work in a loop"
            self.add(ReducerAsync(function=self.name, kind="a generator", fix=fix, place=name))

    def _check_context(self) -> None:
        if self.names and self._is_context(self.names[0]):
            return
        if self.names and self._is_unknown(self.names[0]):
            return
        # A first parameter without a type is meant to be the context; any other is the first argument.
        meant = [name for i, name in enumerate(self.names) if i or name in self.annotations]
        rest = "".join(f", {name}: …" for name in meant if name not in ("ctx", "self", *self.contexts))
        place = self.places.parameter(self.function, self.names[0], self.line) if self.names else None
        place = place or self.places.name(self.function, self.line)
        self.add(ReducerWithoutContext(function=self.name, rest=rest, place=place))

    def _is_unknown(self, name: str) -> bool:
        """Whether the annotation of the first parameter has a name that is not defined, which is then reported."""
        if not isinstance(self._evaluated(self.annotations.get(name)), str | ForwardRef):
            return False
        place = self.places.parameter(self.function, name, self.line)
        try:
            self.book.read(self.annotations[name], self.scope)
        except UnknownType as problem:
            written = self.places.parameter_annotation(self.function, name, self.line)
            for found in explain(problem, written, place, self.book, self.scope):
                self.add(found)
            return True
        except (ModuleProblem, Poisoned):
            return False
        return False

    def _is_context(self, name: str) -> bool:
        annotation = self._evaluated(self.annotations.get(name))
        return annotation is ReducerContext or annotation is UNSEEN

    def _evaluated(self, annotation: Any) -> Any:
        """What an annotation means, once its text and aliases are followed; the text itself when it means nothing."""
        seen: list[Any] = []
        while True:
            try:
                if any(annotation is earlier for earlier in seen):
                    return annotation
                seen.append(annotation)
                if isinstance(annotation, str | ForwardRef):
                    annotation = self.scope.evaluate(annotation)
                elif type(annotation).__name__ == "TypeAliasType":
                    annotation = annotation.__value__
                else:
                    return annotation
            except (UnknownName, BadText):
                return annotation

    def _check_parameters(self) -> None:
        code = self.function.__code__
        flags, total = code.co_flags, code.co_argcount + code.co_kwonlyargcount
        for name in code.co_varnames[code.co_argcount : total]:
            self._refuse(name, "keyword-only", "the wire carries arguments by position", "remove the `*` before it")
        stars = [name for flag, name in ((inspect.CO_VARARGS, "*"), (inspect.CO_VARKEYWORDS, "**")) if flags & flag]
        for star, name in zip(stars, code.co_varnames[total:], strict=False):
            fix = "name every parameter, or take a `list[…]`"
            self._refuse(name, f"a `{star}` parameter", "clients need to know every argument", fix)
        for name in self.names[len(self.names) - len(self.function.__defaults__ or ()) :]:
            place = self.places.parameter(self.function, name, self.line, "value")
            self.add(ReducerDefault(function=self.name, parameter=name, fix=self._without_default(name), place=place))
        options = self.declaration.options
        if isinstance(options, ReducerOptions) and (options.lifecycle is not None or options.is_seed):
            for name in self.names[1:]:
                fix = "remove it; what a hook may know is in `ctx`"
                self._refuse(
                    name,
                    f"a parameter of a {'seed' if options.is_seed else 'lifecycle hook'}",
                    "the server calls it without arguments",
                    fix,
                )

    def _without_default(self, name: str) -> str:
        text = self.places.text(self.places.parameter(self.function, name, self.line))
        if name not in self.annotations:
            return "remove the default"
        if text.endswith("| None") or text.startswith("Opt"):
            return "remove the default; clients say that they have no value"
        return f"remove the default; for an argument that may be missing use `{text} | None`"

    def _refuse(self, parameter: str, kind: str, why: str, fix: str) -> None:
        if parameter in self.contexts and not self.has_context:
            return
        place = self.places.parameter(self.function, parameter, self.line, "name")
        self.add(ReducerParameter(function=self.name, parameter=parameter, kind=kind, why=why, fix=fix, place=place))

    def _check_return(self) -> None:
        annotation = self._evaluated(self.annotations.get("return"))
        if annotation is None or annotation is type(None) or annotation is UNSEEN:
            return
        place = self.places.returns(self.function, self.line)
        self.add(ReducerReturn(function=self.name, type=self.places.text(place), place=place))

    def _parameter(self, name: str) -> Shape | None:
        place = self.places.parameter(self.function, name, self.line)
        if name not in self.annotations:
            thing = f"the parameter `{name}` of `{self.name}`"
            self.add(MissingAnnotation(thing=thing, fix=f"write `{name}: TYPE`", place=place))
            return None
        if name in self.contexts and not self.has_context:
            return None
        try:
            shape, marks = self.book.read(self.annotations[name], self.scope)
        except ModuleProblem as problem:
            written = self.places.parameter_annotation(self.function, name, self.line)
            for found in explain(problem, written, place, self.book, self.scope):
                self.add(found)
            return None
        except Poisoned:
            return None
        if marks:
            fix = "write the plain type"
            self._refuse(name, "constrained", "keys and indexes belong to the columns of tables", fix)
        return shape
