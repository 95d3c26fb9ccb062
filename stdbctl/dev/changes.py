"""What a new version of a module does differently from the one before."""

import re
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from types import CodeType

from stdbctl.dev.events import Changes
from stdbctl.module import Loaded
from stdbctl.schema import ModuleDef, ProcedureDef, ReducerDef, TableDef, ViewDef

_REF = re.compile(r"Ref\(index=(\d+)\)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """A version reduced to what can be compared; holds none of its classes and functions."""

    module: ModuleDef
    code: Mapping[str, Hashable]

    @classmethod
    def of(cls, loaded: Loaded) -> "Outline":
        """Take the outline of a loaded version."""
        pairs = zip(loaded.module.reducers, loaded.functions, strict=True)
        return cls(
            module=loaded.module,
            code={reducer.accessor: _fingerprint(getattr(function, "__code__", None)) for reducer, function in pairs},
        )


def changes_between(old: Outline | None, new: Outline, files: tuple[str, ...]) -> Changes:
    """Compare two versions; without an old one nothing counts as changed."""
    if old is None:
        return Changes(files=files)
    before, now = _declared(old.module), _declared(new.module)
    changed = tuple(sorted(name for name in before.keys() & now.keys() if before[name] != now[name]))
    code = {name for name in old.code.keys() & new.code.keys() if old.code[name] != new.code[name]}
    return Changes(
        added=tuple(sorted(now.keys() - before.keys())),
        changed=changed,
        removed=tuple(sorted(before.keys() - now.keys())),
        code=tuple(sorted(code - set(changed))),
        files=files,
    )


def _declared(module: ModuleDef) -> dict[str, tuple[str, ...]]:
    """What clients can see, by name, written out. Types go by their names: their numbers shift when others come."""
    names = {definition.type.index: definition.accessor for definition in module.types}

    def text(thing: object) -> str:
        return _REF.sub(lambda match: names.get(int(match[1]), "of its own"), repr(thing))

    shown: dict[str, tuple[str, ...]] = {}
    declared: list[TableDef | ReducerDef | ProcedureDef | ViewDef] = []
    declared += [*module.tables, *module.reducers, *module.procedures, *module.views]
    for definition in declared:
        shown[definition.accessor] = (*shown.get(definition.accessor, ()), text(definition))
    for named in module.types:
        content = text(module.typespace.resolve(named.type))
        shown[named.accessor] = (*shown.get(named.accessor, ()), content)
    return shown


def _fingerprint(code: object) -> Hashable:
    """What a function does, wherever it stands in its file; of anything else, what it is."""
    if not isinstance(code, CodeType):
        return repr(code)
    constants = tuple(_fingerprint(item) for item in code.co_consts)
    return code.co_code, code.co_names, code.co_varnames, code.co_freevars, constants
