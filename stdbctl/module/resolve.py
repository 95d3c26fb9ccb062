"""Annotations to shapes: the one place that knows what a Python type means to the database.

A `TypeBook` collects the named types (row classes, dataclasses, enums, unions) of one module into a typespace.
"""

import dataclasses
import enum
import types
import typing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ForwardRef, TypeVar, get_args, get_origin

from stdbctl.module.columns import (
    ColumnMark,
    Constraint,
    IndexMark,
    UnionMark,
    Width,
    column,
    index,
    union,
)
from stdbctl.module.problems import ListOfU8, ModuleProblem, UnknownType, UnsupportedType
from stdbctl.module.refused_types import Mark, as_cases, mark_name, no_case, no_column_type, type_name, without_type
from stdbctl.module.scope import BadText, Scope, UnknownName
from stdbctl.module.unseen import UNSEEN
from stdbctl.sats import (
    BYTES,
    CONNECTION_ID,
    IDENTITY,
    SCHEDULE_AT,
    TIME_DURATION,
    TIMESTAMP,
    UNIT,
    UUID,
    AlgebraicType,
    ConnectionId,
    Definition,
    EnumShape,
    Err,
    Identity,
    ListShape,
    Named,
    Ok,
    OptionShape,
    Primitive,
    ProductElement,
    ProductType,
    RecordShape,
    Ref,
    ResultShape,
    Scalar,
    ScheduleAt,
    Shape,
    Some,
    SumType,
    SumVariant,
    TimeDuration,
    Timestamp,
    Typespace,
    UnionShape,
    Unit,
    Uuid,
    Variant,
)

_SCALARS: dict[object, AlgebraicType] = {
    bool: Primitive.BOOL,
    int: Primitive.I64,
    float: Primitive.F64,
    str: Primitive.STRING,
    bytes: BYTES,
    Identity: IDENTITY,
    ConnectionId: CONNECTION_ID,
    Timestamp: TIMESTAMP,
    TimeDuration: TIME_DURATION,
    ScheduleAt: SCHEDULE_AT,
    Uuid: UUID,
}


LEVELS_MAX = 128
"""Levels of types within types: each takes up to six of Python's 1,000 frames while it is read."""


class Poisoned(Exception):
    """The type contains one that was reported already: say nothing more."""


@dataclass(frozen=True)
class FieldProblem:
    """A problem inside a named type: `cls` and `field` say where it stands."""

    cls: type[Any]
    field: str | None
    problem: ModuleProblem


@dataclass(frozen=True)
class CaseProblem:
    """A problem of one case of a union."""

    union: str
    case: str
    problem: ModuleProblem


class TypeBook:
    """Named types in the order in which they were met. `scope_of`: a module's marked name -> its scope."""

    def __init__(self, scope_of: Callable[[str], Scope]) -> None:
        self.scope_of = scope_of
        self.definitions: dict[int, Definition] = {}
        self.names: list[str] = []
        self.problems: list[FieldProblem | CaseProblem] = []
        self._types: list[AlgebraicType] = []
        self._refs: dict[object, int] = {}
        self._poisoned: set[int] = set()
        self._level = 0

    def typespace(self) -> Typespace:
        """All named types; refs point into it."""
        return Typespace(tuple(self._types))

    def row_ref(self, cls: type[Any]) -> int | None:
        """The position of a row class in the typespace; None when it has problems, which are in `problems` then."""
        try:
            shape = self._class(cls)
        except Poisoned:
            return None
        return shape.ref.index if isinstance(shape, Named) else None

    def read(self, annotation: Any, scope: Scope) -> tuple[Shape, tuple[Mark, ...]]:
        """The shape of an annotation and the constraints around it.

        Raises ModuleProblem (without a place) or Poisoned.
        """
        core, marks = _unwrap(annotation, scope)
        if isinstance(core, TypeVar):
            raise without_type(core, marks)
        bare = next((mark for mark in marks if mark in (index, column, union)), None)
        if bare is not None:
            example = "" if bare is index else 'name="…"' if bare is column else '"…"'
            raise UnsupportedType(text=bare.__name__, why="it is not called", fix=f"write `{bare.__name__}({example})`")
        shape = self._shape(core, [m for m in marks if isinstance(m, Width | UnionMark)], scope)
        return shape, tuple(m for m in marks if isinstance(m, Constraint | IndexMark | ColumnMark))

    def _inner(self, annotation: Any, scope: Scope) -> Shape:
        with self._one_level_down():
            shape, marks = self.read(annotation, scope)
        if marks:
            name = mark_name(marks[-1])
            raise UnsupportedType(
                text=f"{name}[…]",
                why="it stands inside another type, and constraints are on whole columns",
                fix=f"remove it, or make the whole column `{name}[{shape.text}]`",
            )
        return shape

    @contextmanager
    def _one_level_down(self) -> Iterator[None]:
        if self._level >= LEVELS_MAX:
            raise UnsupportedType(
                text="…",
                why=f"it stands more than {LEVELS_MAX} levels deep in other types",
                fix="nest types less deep, or let one contain itself by its name in quotes",
            )
        self._level += 1
        try:
            yield
        finally:
            self._level -= 1

    def _shape(self, core: Any, marks: list[Width | UnionMark], scope: Scope) -> Shape:
        if core is UNSEEN:
            raise Poisoned
        for mark in marks:
            if isinstance(mark, UnionMark):
                return self._union(core, mark, scope)
            if core in (int, float):
                return Scalar(mark.primitive, mark.primitive.name.lower())
        if core is None or core is type(None):
            return Unit()
        if isinstance(core, type) and core in _SCALARS:
            return Scalar(_SCALARS[core], core.__name__)
        origin = get_origin(core)
        if origin is list and len(get_args(core)) == 1:
            return self._list(get_args(core)[0], scope)
        if origin in (typing.Union, types.UnionType):
            return self._alternatives(get_args(core), scope)
        if isinstance(core, type) and origin is None:
            return self._class(core)
        raise no_column_type(core)

    def _list(self, annotation: Any, scope: Scope) -> Shape:
        element = self._inner(annotation, scope)
        if element.type is Primitive.U8:
            raise ListOfU8()
        return ListShape(element)

    def _alternatives(self, args: tuple[Any, ...], scope: Scope) -> Shape:
        present = [a for a in args if a is not type(None)]
        origins = [get_origin(a) for a in present]
        if len(present) == 1 and len(args) == 2:
            is_boxed = origins[0] is Some
            inner = self._inner(get_args(present[0])[0] if is_boxed else present[0], scope)
            if isinstance(inner, OptionShape) and not is_boxed:
                raise UnsupportedType(
                    text="an option within `… | None`",
                    why="`None` could not tell which of the two is meant",
                    fix="write `Option[…]`, whose present case is `Some(value)`",
                )
            return OptionShape(inner, is_boxed)
        if len(present) == 2 and set(origins) == {Ok, Err}:
            by_origin = {get_origin(a): get_args(a)[0] for a in present}
            found = ResultShape(self._inner(by_origin[Ok], scope), self._inner(by_origin[Err], scope))
            # `Result[T, E] | None` reaches us as `Ok[T] | Err[E] | None`.
            return found if len(present) == len(args) else OptionShape(found, is_boxed=False)
        raise UnsupportedType(
            text=" | ".join(type_name(a) for a in args),
            why="a union needs a name of its own, which clients see, and so does each case",
            fix=f"write {as_cases(present)}{', and `Name | None` here' if len(present) < len(args) else ''}",
        )

    def _class(self, cls: type[Any]) -> Shape:
        if issubclass(cls, enum.Enum):
            return self._define(cls, cls.__name__, lambda: self._enum(cls))
        if dataclasses.is_dataclass(cls):
            return self._define(cls, cls.__name__, lambda: self._record(cls))
        if cls is Some or issubclass(cls, Variant):
            raise UnsupportedType(
                text=cls.__name__,
                why="it is one case of a union, no type by itself",
                fix=f'name the union: `Annotated[{cls.__name__} | …, union("Name")]`',
            )
        raise no_column_type(cls)

    def _define(self, key: object, name: str, make: Callable[[], tuple[Definition, AlgebraicType]]) -> Shape:
        index = self._refs.get(key)
        if index is None:
            index = self._refs[key] = len(self._types)
            self._types.append(UNIT)  # its place, so that it may contain itself
            self.names.append(name)
            try:
                with self._one_level_down():
                    self.definitions[index], self._types[index] = make()
            except Poisoned:
                self._poisoned.add(index)
            except ModuleProblem:
                self._poisoned.add(index)  # told once, by whom it reaches
                raise
        if index in self._poisoned:
            raise Poisoned
        return Named(Ref(index), name)

    def _record(self, cls: type[Any]) -> tuple[Definition, AlgebraicType]:
        fields, is_whole = [], True
        for field in dataclasses.fields(cls):
            try:
                fields.append((field.name, self.read(field.type, self.field_scope(cls, field.name))))
            except ModuleProblem as problem:
                self.problems.append(FieldProblem(cls, field.name, problem))
                is_whole = False
            except Poisoned:
                is_whole = False
        if not is_whole:
            raise Poisoned
        elements = [ProductElement(name, shape.type) for name, (shape, _) in fields]
        return RecordShape(cls, tuple((name, shape) for name, (shape, _) in fields)), ProductType(tuple(elements))

    def constrained_fields(self, record: RecordShape) -> Iterator[tuple[str, str]]:
        """The fields of a record that carry constraints, which only tables keep, with the name of the first one."""
        for field in dataclasses.fields(record.cls):
            _, marks = self.read(field.type, self.field_scope(record.cls, field.name))
            if marks:
                yield field.name, mark_name(marks[-1])

    def field_scope(self, cls: type[Any], field: str) -> Scope:
        """The scope of a field's annotation: that of the class that wrote it, which may be a base."""
        made = cls.__dict__["__dataclass_fields__"].get(field)
        # A class inherits the very same field objects, so the last base that has this one wrote it.
        owners = [c for c in cls.__mro__ if c.__dict__.get("__dataclass_fields__", {}).get(field) is made]
        return self.scope_of((owners or [cls])[-1].__module__)

    def _enum(self, cls: type[enum.Enum]) -> tuple[Definition, AlgebraicType]:
        aliases = [name for name, member in cls.__members__.items() if member.name != name]
        problem: ModuleProblem | None = None
        if aliases:
            first = cls.__members__[aliases[0]].name
            problem = UnsupportedType(
                text=f"{cls.__name__}.{aliases[0]}",
                why=f"it has the value of `{first}`, so Python takes the two for one",
                fix="give every member a value of its own, for instance by `enum.auto()`",
            )
        elif issubclass(cls, enum.Flag):
            problem = UnsupportedType(
                text=cls.__name__, why="flags combine, variants do not", fix="use an unsigned integer for the flags"
            )
        elif not len(cls):
            problem = UnsupportedType(text=cls.__name__, why="it has no members", fix="give it at least one member")
        if problem is not None:
            self.problems.append(FieldProblem(cls, aliases[0] if aliases else None, problem))
            raise Poisoned
        return EnumShape(cls), SumType(tuple(SumVariant(member.name, UNIT) for member in cls))

    def _union(self, core: Any, mark: UnionMark, scope: Scope) -> Shape:
        if not isinstance(mark.name, str) or not mark.name.isidentifier():
            why, fix = (
                "the name of a union is what clients call it",
                'write `union("Name")`, with letters, digits and `_`',
            )
            raise UnsupportedType(text=f"union({mark.name!r})", why=why, fix=fix)
        args = get_args(core) if get_origin(core) in (typing.Union, types.UnionType) else (core,)
        classes = tuple(_unwrap(a, scope)[0] for a in args)
        return self._define((mark, classes), mark.name, lambda: self._variants(mark, classes))

    def _variants(self, mark: UnionMark, classes: tuple[Any, ...]) -> tuple[Definition, AlgebraicType]:
        found: list[tuple[Any, Shape | None]] = [(cls, self._case(mark, cls)) for cls in classes]
        variants = tuple((cls, payload) for cls, payload in found if payload is not None)
        if len(variants) < len(found):
            raise Poisoned
        return UnionShape(mark.name, variants), SumType(tuple(SumVariant(c.__name__, s.type) for c, s in variants))

    def _case(self, mark: UnionMark, cls: Any) -> Shape | None:
        """The payload of a case; None when it is a problem, which is noted."""
        try:
            return self._payload(mark, cls)
        except ModuleProblem as problem:
            self.problems.append(CaseProblem(mark.name, type_name(cls), problem))
        except Poisoned:
            pass
        return None

    def _payload(self, mark: UnionMark, cls: Any) -> Shape:
        if isinstance(cls, type) and issubclass(cls, Variant):
            for base in getattr(cls, "__orig_bases__", ()):
                if get_origin(base) is Variant:
                    return self._inner(get_args(base)[0], self.scope_of(cls.__module__))
        elif isinstance(cls, type) and dataclasses.is_dataclass(cls):
            return self._class(cls)
        elif cls is UNSEEN:
            raise Poisoned
        raise no_case(cls, mark.name)


def _unwrap(annotation: Any, scope: Scope) -> tuple[Any, list[Any]]:
    """Take off text, aliases, NewType and Annotated; the marks come innermost first."""
    marks: list[Any] = []
    texts: set[str] = set()
    while True:
        if isinstance(annotation, str | ForwardRef):
            text = annotation if isinstance(annotation, str) else annotation.__forward_arg__
            if text in texts:
                raise UnsupportedType(text=text, why="it stands for itself", fix="write the type that is meant")
            texts.add(text)
            try:
                annotation = scope.evaluate(annotation)
            except UnknownName as error:
                raise UnknownType(name=error.name, fix=error.fix) from None
            except BadText as error:
                raise UnsupportedType(
                    text=str(annotation), why=str(error), fix="write a type that Python can evaluate"
                ) from error
        elif hasattr(annotation, "__metadata__"):
            marks = [*annotation.__metadata__, *marks]
            annotation = annotation.__origin__
        elif isinstance(annotation, typing.NewType):
            annotation = annotation.__supertype__
        elif type(annotation).__name__ == "TypeAliasType":
            annotation = annotation.__value__
        elif isinstance(annotation, dataclasses.InitVar):
            annotation = annotation.type
        else:
            return annotation, marks
