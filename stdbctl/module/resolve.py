"""Annotations to shapes: the one place that knows what a Python type means to the database.

A `TypeBook` collects the named types (row classes, dataclasses, enums, unions) of one module into a typespace.
"""

import dataclasses
import enum
import types
import typing
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ForwardRef, get_args, get_origin

from stdbctl.module.columns import ColumnMark, Constraint, IndexMark, UnionMark, Variant, Width
from stdbctl.module.problems import ListOfU8, ModuleProblem, UnknownType, UnsupportedType
from stdbctl.module.scope import BadText, Scope, UnknownName
from stdbctl.module.shapes import (
    Definition,
    EnumShape,
    ListShape,
    Named,
    OptionShape,
    RecordShape,
    ResultShape,
    Scalar,
    Shape,
    UnionShape,
    Unit,
)
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
    Err,
    Identity,
    Ok,
    Primitive,
    ProductElement,
    ProductType,
    Ref,
    ScheduleAt,
    Some,
    SumType,
    SumVariant,
    TimeDuration,
    Timestamp,
    Typespace,
    Uuid,
)

Mark = Constraint | IndexMark | ColumnMark
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
# What authors reach for that is no column type, and what to write instead.
_INSTEAD = {
    "dict": "a list of a `@dataclass` with key and value",
    "set": "`list[…]`",
    "frozenset": "`list[…]`",
    "tuple": "a `@dataclass` with one field per position",
    "bytearray": "`bytes`",
    "memoryview": "`bytes`",
    "complex": "a `@dataclass` with two `f64` fields",
    "object": "a type of known shape",
    "Any": "a type of known shape",
    "list": "`list[T]` with the element type",
    "List": "`list[T]` with the element type",
    "datetime": "`Timestamp`",
    "date": "`Timestamp`, or `str` in ISO form",
    "time": "`TimeDuration` since midnight",
    "timedelta": "`TimeDuration`",
    "UUID": "`Uuid`",
    "Decimal": "an integer of the smallest unit, or `str`",
    "Fraction": "a `@dataclass` with two integer fields",
    "Callable": "the name of a reducer as `str`",
}


class Poisoned(Exception):
    """The type contains one that was reported already: say nothing more."""


@dataclass(frozen=True)
class FieldProblem:
    """A problem inside a named type: `cls` and `field` say where it stands."""

    cls: type[Any]
    field: str | None
    problem: ModuleProblem


class TypeBook:
    """Named types in the order in which they were met. `scope_of`: a module's marked name -> its scope."""

    def __init__(self, scope_of: Callable[[str], Scope]) -> None:
        self.scope_of = scope_of
        self.definitions: dict[int, Definition] = {}
        self.names: list[str] = []
        self.problems: list[FieldProblem] = []
        self._types: list[AlgebraicType] = []
        self._refs: dict[object, int] = {}
        self._poisoned: set[int] = set()

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
        shape = self._shape(core, [m for m in marks if isinstance(m, Width | UnionMark)], scope)
        return shape, tuple(m for m in marks if isinstance(m, Constraint | IndexMark | ColumnMark))

    def _inner(self, annotation: Any, scope: Scope) -> Shape:
        shape, marks = self.read(annotation, scope)
        if marks:
            name = marks[0].name if isinstance(marks[0], Constraint) else "Index"
            raise UnsupportedType(
                text=f"{name}[…] inside another type",
                why="constraints belong to the whole column",
                fix=f"write `{name}[…]` around the column's type",
            )
        return shape

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
        if origin is list:
            return self._list(get_args(core), scope)
        if origin in (typing.Union, types.UnionType):
            return self._alternatives(get_args(core), scope)
        if isinstance(core, type) and origin is None:
            return self._class(core)
        raise _no_column_type(core)

    def _list(self, args: tuple[Any, ...], scope: Scope) -> Shape:
        element = self._inner(args[0], scope)
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
        if len(args) == 2 and set(origins) == {Ok, Err}:
            by_origin = {get_origin(a): get_args(a)[0] for a in args}
            return ResultShape(self._inner(by_origin[Ok], scope), self._inner(by_origin[Err], scope))
        text = " | ".join(_type_name(a) for a in args)
        raise UnsupportedType(
            text=text,
            why="a union needs a name of its own, which clients see",
            fix=f'write `Name = Annotated[{text}, union("Name")]`, each case a `Variant[…]` or a `@dataclass`',
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
        raise _no_column_type(cls)

    def _define(self, key: object, name: str, make: Callable[[], tuple[Definition, AlgebraicType]]) -> Shape:
        index = self._refs.get(key)
        if index is None:
            index = self._refs[key] = len(self._types)
            self._types.append(UNIT)  # its place, so that it may contain itself
            self.names.append(name)
            try:
                self.definitions[index], self._types[index] = make()
            except Poisoned:
                self._poisoned.add(index)
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
        args = get_args(core) if get_origin(core) in (typing.Union, types.UnionType) else (core,)
        classes = tuple(_unwrap(a, scope)[0] for a in args)
        return self._define((mark, classes), mark.name, lambda: self._variants(mark, classes))

    def _variants(self, mark: UnionMark, classes: tuple[Any, ...]) -> tuple[Definition, AlgebraicType]:
        variants = tuple((cls, self._payload(mark, cls)) for cls in classes)
        return UnionShape(mark.name, variants), SumType(tuple(SumVariant(c.__name__, s.type) for c, s in variants))

    def _payload(self, mark: UnionMark, cls: Any) -> Shape:
        if isinstance(cls, type) and issubclass(cls, Variant):
            for base in getattr(cls, "__orig_bases__", ()):
                if get_origin(base) is Variant:
                    return self._inner(get_args(base)[0], self.scope_of(cls.__module__))
        elif isinstance(cls, type) and dataclasses.is_dataclass(cls):
            return self._class(cls)
        raise UnsupportedType(
            text=f"{_type_name(cls)} in the union `{mark.name}`",
            why="a case is a `Variant[…]` subclass or a `@dataclass`",
            fix=f"declare `class {_type_name(cls).title()}Case(Variant[{_type_name(cls)}]): ...`",
        )


def _unwrap(annotation: Any, scope: Scope) -> tuple[Any, list[Any]]:
    """Take off text, aliases, NewType and Annotated; the marks come innermost first."""
    marks: list[Any] = []
    while True:
        if isinstance(annotation, str | ForwardRef):
            try:
                annotation = scope.evaluate(annotation)
            except UnknownName as error:
                raise UnknownType(name=error.name, near=error.near) from None
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


def _type_name(annotation: Any) -> str:
    """A type as an author would write it."""
    if hasattr(annotation, "__metadata__"):
        name = _type_name(annotation.__origin__)
        for mark in annotation.__metadata__:
            if isinstance(mark, Width):
                name = mark.primitive.name.lower()
            elif isinstance(mark, Constraint | UnionMark):
                name = f"{mark.name}[{name}]" if isinstance(mark, Constraint) else mark.name
            elif isinstance(mark, IndexMark):
                name = f"Index[{name}]"
        return name
    origin, args = get_origin(annotation), get_args(annotation)
    if origin in (typing.Union, types.UnionType):
        return " | ".join(map(_type_name, args))
    if origin is not None and args:
        head = getattr(origin, "__name__", str(origin))
        return f"{head}[{', '.join(map(_type_name, args))}]"
    if isinstance(annotation, type):
        return "None" if annotation is type(None) else annotation.__name__
    return str(annotation).replace("typing.", "")


def _no_column_type(core: Any) -> ModuleProblem:
    name = _type_name(core)
    origin = get_origin(core)
    head = getattr(core, "__name__", None) or (origin.__name__ if isinstance(origin, type) else name)
    instead = _INSTEAD.get(name.partition("[")[0], _INSTEAD.get(str(head)))
    if isinstance(core, type) and instead is None:
        fix = f"make `{name}` a `@dataclass`, or use one of the column types"
    else:
        fix = f"use {instead}" if instead else "use one of the column types"
    return UnsupportedType(text=name, why="it is no column type", fix=fix)
