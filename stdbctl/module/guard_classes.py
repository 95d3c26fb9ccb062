"""Faces of classes: `datetime`, `Random`, `Path`, `Thread`, … as a module's own files see them.

A face stands for its class wherever Python asks about it (`isinstance`, `issubclass`, `==`, `match`, subclassing), so
objects made elsewhere pass, too. Calling it makes an object of the real class, unless methods of objects are guarded:
then it is one of the face, which is a subclass.
"""

import pathlib
from collections.abc import Mapping
from typing import Any

from stdbctl.module.guard import Rule, check

Guarded = tuple[str, Rule]
"""What is refused, as it is called, and why: every guarded function, method and class carries it as RULE."""
RULE = "__stdbctl_rule__"

_BASES: Mapping[type, type] = {pathlib.Path: type(pathlib.Path())}
"""Classes whose constructor makes objects of a subclass."""


class ClassFace(type):
    """The class of faces."""

    face_of: type
    makes_real: bool

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:  # Any: whatever the class takes and makes
        guarded: Guarded | None = getattr(cls, RULE, None)
        if guarded is not None and not guarded[1].is_spared(args, kwargs):
            check(*guarded)
        if _is_face(cls) and cls.makes_real:
            return cls.face_of(*args, **kwargs)
        return super().__call__(*args, **kwargs)

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, cls.face_of) if _is_face(cls) else super().__instancecheck__(instance)

    def __subclasscheck__(cls, subclass: type) -> bool:
        return issubclass(subclass, cls.face_of) if _is_face(cls) else super().__subclasscheck__(subclass)

    def __eq__(cls, other: object) -> bool:
        return cls is other or (_is_face(cls) and cls.face_of is other)

    def __hash__(cls) -> int:
        return hash(cls.face_of) if _is_face(cls) else super().__hash__()


def _is_face(cls: ClassFace) -> bool:
    """Whether it is a face itself, not an author's subclass of one."""
    return "face_of" in vars(cls)


def class_face(name: str, real: type, rules: Mapping[str, Rule]) -> type:
    """The face of a class. `name`: as authors write it, `datetime.datetime`; `rules`: "" is its construction."""
    base = _BASES.get(real, real)
    body: dict[str, Any] = {
        "__slots__": (),
        "__module__": base.__module__,
        "__qualname__": base.__qualname__,
        "__doc__": base.__doc__,
        "face_of": real,
    }
    short = name.rpartition(".")[2]
    is_shared = True
    for method, rule in rules.items():
        found = _static(base, method) if method else None
        if found is None:
            continue
        is_of_class = type(found).__name__ in ("classmethod", "classmethod_descriptor")
        is_shared = is_shared and is_of_class
        body[method] = _guarded_method(f"{short}.{method}()", rule, found, method, is_of_class=is_of_class)
    if "" in rules:
        body[RULE] = (f"{short}()", rules[""])
    body["makes_real"] = is_shared
    metaclass = ClassFace if type(base) is type else type("ClassFace", (ClassFace, type(base)), {})
    made: type = metaclass(base.__name__, (base,), body)
    return made


def _static(cls: type, name: str) -> object | None:
    return next((vars(base)[name] for base in cls.__mro__ if name in vars(base)), None)


def _guarded_method(what: str, rule: Rule, found: Any, name: str, *, is_of_class: bool) -> object:
    """A method that asks first. Any: `found` is whatever stands in the class, a descriptor of some kind."""

    def method(self: Any, *args: Any, **kwargs: Any) -> Any:  # Any: as the method it stands for
        if not rule.is_spared(args, kwargs):
            check(what, rule)
        bound = found.__get__(None, self) if is_of_class else found.__get__(self)
        return bound(*args, **kwargs)

    method.__name__, method.__qualname__, method.__doc__ = name, what.removesuffix("()"), found.__doc__
    setattr(method, RULE, (what, rule))
    return classmethod(method) if is_of_class else method
