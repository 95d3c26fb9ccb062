"""Types that are refused: what authors reach for that is no column type, and what to write instead."""

import dataclasses
import re
import types
import typing
from typing import Any, TypeVar, get_args, get_origin

from stdbctl.module.columns import ColumnMark, Constraint, IndexMark, UnionMark, Width
from stdbctl.module.problems import ModuleProblem, UnsupportedType
from stdbctl.sats import Variant

Mark = Constraint | IndexMark | ColumnMark
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
    "deque": "`list[…]`",
    "OrderedDict": "a list of a `@dataclass` with key and value",
    "defaultdict": "a list of a `@dataclass` with key and value",
    "Counter": "a list of a `@dataclass` with key and value",
    "Path": "`str`",
    "PosixPath": "`str`",
    "date": "`Timestamp`, or `str` in ISO form",
    "time": "`TimeDuration` since midnight",
    "timedelta": "`TimeDuration`",
    "UUID": "`Uuid`",
    "Decimal": "an integer of the smallest unit, or `str`",
    "Fraction": "a `@dataclass` with two integer fields",
    "Callable": "the name of a reducer as `str`",
    "Dict": "a list of a `@dataclass` with key and value",
    "Mapping": "a list of a `@dataclass` with key and value",
    "Set": "`list[…]`",
    "Sequence": "`list[…]`",
    "Iterable": "`list[…]`",
    "Tuple": "a `@dataclass` with one field per position",
    "Literal": "an `enum.Enum` with these members",
    "Final": "the plain type; rows may be updated",
    "Optional": "`T | None` with the type `T`",
    "ReducerContext": "the plain types of what is needed; the context is a reducer's first parameter",
}


def type_name(annotation: Any) -> str:
    """A type as an author would write it."""
    if hasattr(annotation, "__metadata__"):
        name = type_name(annotation.__origin__)
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
        return " | ".join(map(type_name, args))
    if origin is not None and args:
        head = getattr(origin, "__name__", str(origin))
        return f"{head}[{', '.join(map(type_name, args))}]"
    if isinstance(annotation, type):
        return "None" if annotation is type(None) else annotation.__name__
    if isinstance(annotation, types.FunctionType | types.BuiltinFunctionType):
        return annotation.__name__
    return repr(annotation) if isinstance(annotation, str) else str(annotation).replace("typing.", "")


def mark_name(mark: Mark) -> str:
    """A constraint as an author would write it."""
    return mark.name if isinstance(mark, Constraint) else "Index" if isinstance(mark, IndexMark) else "column"


def without_type(core: TypeVar, marks: list[Any]) -> ModuleProblem:
    """The problem of `Index` without `[…]`, or of a type variable of the author's own."""
    names = [mark_name(mark) for mark in reversed(marks) if isinstance(mark, Constraint | IndexMark)]
    if not names:
        return UnsupportedType(text=core.__name__, why="it stands for any type", fix="use a type of known shape")
    around = "[".join(names)
    return UnsupportedType(
        text=names[0],
        why="it does not say the type of the column",
        fix=f"write the type, as in `{around}[u64{']' * len(names)}`",
    )


def as_cases(alternatives: list[Any]) -> str:
    """What to write instead of a plain union: a class for each case, and the union of them."""
    classes, names = [], []
    for alternative in alternatives:
        name = type_name(alternative)
        if isinstance(alternative, type) and (
            dataclasses.is_dataclass(alternative) or issubclass(alternative, Variant)
        ):
            names.append(name)
        else:
            names.append(re.sub(r"\W+", " ", name).title().replace(" ", "") + "Case")
            classes.append(f"`class {names[-1]}(Variant[{name}]): ...`")
    return ", ".join([*classes, f'`Name = Annotated[{" | ".join(names)}, union("Name")]`'])


def _own_class(cls: type[Any]) -> str:
    """What to do about a class of the author's own."""
    written = " ".join(map(str, getattr(cls, "__annotations__", {}).values()))
    if any(word in written for word in ("PrimaryKey", "AutoInc", "Unique", "Index", "Constraint(", "IndexMark(")):
        return f"put `@table()` above `{cls.__name__}`"
    base = next((b.__name__ for b in cls.__mro__ if b in (tuple, dict)), None)
    instead = f" instead of a {base}" if base else ""
    return f"make `{cls.__name__}` a `@dataclass`{instead}, or use one of the column types"


def no_case(cls: Any, union: str) -> ModuleProblem:
    """The problem of a union's case that is no case."""
    name = type_name(cls)
    if isinstance(cls, type) and issubclass(cls, Variant):
        fix = f"write `class {name}(Variant[None]): ...`, or the type that it holds in place of `None`"
        return UnsupportedType(text=f"{name}` in the union `{union}", why="it does not say what it holds", fix=fix)
    fix = f"declare `class {name.title()}Case(Variant[{name}]): ...`, and name that"
    if isinstance(cls, type) and "@" in cls.__module__:
        fix = f"make `{name}` a `@dataclass`, or a subclass of `Variant[…]`"
    why = "a case is a subclass of `Variant[…]` or a `@dataclass`"
    return UnsupportedType(text=f"{name}` in the union `{union}", why=why, fix=fix)


def no_column_type(core: Any) -> ModuleProblem:
    name = type_name(core)
    origin = get_origin(core)
    head = getattr(core, "__name__", None) or (origin.__name__ if isinstance(origin, type) else name)
    instead = _INSTEAD.get(name.partition("[")[0], _INSTEAD.get(str(head)))
    if instead is None and dataclasses.is_dataclass(origin):
        fix = f"make `{head}` a `@dataclass` without type parameters"
    elif isinstance(core, type) and instead is None and "@" in core.__module__:
        fix = _own_class(core)
    else:
        fix = f"use {instead}" if instead else "use one of the column types"
    return UnsupportedType(text=name, why="clients of every language must be able to hold it", fix=fix)
