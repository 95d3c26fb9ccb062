"""Faces of modules: what `import time` gives to a module's own files.

A face has all names of its module; functions and classes with a rule are replaced by ones that ask the guard first.
Faces are made at their first import, once for the process, and hold nothing of the versions that use them.
"""

import builtins
import functools
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

from stdbctl.module.guard import Rule, check
from stdbctl.module.guard_classes import RULE, class_face
from stdbctl.module.guard_rules import ALL_BUT, CLASSES, FUNCTIONS, INPUT, OS_KINDS, READ, VALUES, WRITE

_RULED = {*FUNCTIONS, *ALL_BUT, *VALUES, *(name.rpartition(".")[0] for name in CLASSES), "io", "_io"}
FACED = {name[: end or None] for name in _RULED for end in (0, name.find(".")) if end >= 0} | {"os.path"}
"""Modules with rules, and the packages around them, by whose attributes they are reached."""
_faces: dict[str, ModuleType] = {}


class ModuleFace(ModuleType):
    """A module as a module's own files see it. What is not in it is looked up in the real one."""

    def __init__(self, real: ModuleType) -> None:
        super().__init__(real.__name__, real.__doc__)
        vars(self).update({k: v for k, v in vars(real).items() if k not in ("__getattr__", "__dir__")})
        self.__stdbctl_real__ = real

    def __getattr__(self, name: str) -> Any:
        return faced(self.__stdbctl_real__, name, getattr(self.__stdbctl_real__, name))


def face_of(module: ModuleType) -> ModuleType:
    """What stands for a module: itself, when nothing of it is refused."""
    name = module.__name__
    if name not in FACED or isinstance(module, ModuleFace) or sys.modules.get(name) is not module:
        return module
    if name not in _faces:
        _faces[name] = face = ModuleFace(module)
        for key, value in list(vars(face).items()):
            if not key.startswith("__") or key in VALUES.get(name, ()):
                vars(face)[key] = faced(module, key, value)
    return _faces[name]


def faced(module: ModuleType, name: str, value: Any) -> Any:
    """What stands for one name of a module. Any: whatever modules hold."""
    if isinstance(value, ModuleType):
        return face_of(value)
    where = module.__name__
    full = f"{where}.{name}"
    if full in CLASSES and isinstance(value, type):
        return _class_face(full, value)
    if full in ("io.open", "_io.open"):
        return guarded_open
    if name in VALUES.get(where, ()):
        return GuardedValue(full, VALUES[where][name])
    rule = _rule(where, name, value)
    return value if rule is None else guarded(f"{_shown(where)}.{name}()", rule, value)


@functools.cache
def _class_face(full: str, value: type) -> type:
    return class_face(full, value, CLASSES[full])


def _shown(module: str) -> str:
    return "os.path" if module == "posixpath" else module.lstrip("_")


def _rule(module: str, name: str, value: object) -> Rule | None:
    named = FUNCTIONS.get(module, {}).get(name)
    if named is not None or module not in ALL_BUT or name.startswith("__"):
        return named
    rule, free = ALL_BUT[module]
    if name in free or isinstance(value, type) or not callable(value):
        return None
    return OS_KINDS.get(name, rule) if module in ("os", "posix") else rule


def guarded(what: str, rule: Rule, real: Callable[..., Any]) -> Callable[..., Any]:
    """A function that asks the guard first. Any: it takes and returns what `real` does."""

    @functools.wraps(real, updated=())
    def call(*args: Any, **kwargs: Any) -> Any:
        if not rule.is_spared(args, kwargs):
            check(what, rule)
        return real(*args, **kwargs)

    setattr(call, RULE, (what, rule))
    return call


class GuardedValue:
    """Something that may be named, but not used, as `os.environ`."""

    def __init__(self, what: str, rule: Rule) -> None:
        object.__setattr__(self, RULE, (what, rule))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real(), name)

    def __getitem__(self, key: Any) -> Any:
        return self._real()[key]

    def __setitem__(self, key: Any, value: Any) -> None:
        self._real()[key] = value

    def __delitem__(self, key: Any) -> None:
        del self._real()[key]

    def __contains__(self, key: object) -> bool:
        return key in self._real()

    def __iter__(self) -> Any:
        return iter(self._real())

    def __len__(self) -> int:
        return len(self._real())

    def _real(self) -> Any:  # Any: the object itself
        what, rule = vars(self)[RULE]
        check(what, rule)
        module, _, name = what.rpartition(".")
        return getattr(sys.modules[module], name)


@functools.wraps(builtins.open, updated=())
def guarded_open(file: Any, mode: str = "r", *args: Any, **kwargs: Any) -> Any:  # Any: as the real one
    """`open`: reading is for the import alone, writing for nobody."""
    check("open()", WRITE if isinstance(mode, str) and set(mode) & set("wax+") else READ)
    return builtins.open(file, mode, *args, **kwargs)


setattr(guarded_open, RULE, ("open()", READ))
guarded_input = guarded("input()", INPUT, builtins.input)
