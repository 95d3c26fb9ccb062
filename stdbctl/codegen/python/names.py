"""What things are called in generated Python. One rule, for every scope:

1. A table, column, field, parameter, reducer or procedure whose declared name is in lower case keeps it; any other name
   becomes snake_case (`Point` -> `point`, `userId` -> `user_id`). A type or variant that begins with a capital keeps
   its name; any other becomes PascalCase. Members of enums keep theirs.
2. Underscores in front are dropped, and one is added at the end: `_x` is `x_`. Python takes such names for private, or
   for its own. A digit that comes to the front gets an `n` before it.
3. A name that Python or the generated code needs in that place gets a `_` at its end; so does the same name with `_` at
   its end already (`class` -> `class_`, `class_` -> `class__`).
4. Where two names still come out alike, the one that is declared so keeps it, and the others get `_` until they differ.

Python compares identifiers in normalization form NFKC, so names are brought to it first.
"""

import keyword
import unicodedata
from collections.abc import Sequence
from typing import Self

from stdbctl.codegen.python.literals import PyName
from stdbctl.schema import pascal, snake

VALUE_NEEDS = frozenset({"bool", "bytes", "float", "int", "list", "self", "str"})
"""What fields, parameters, tables and functions cannot be called: annotations mention it, and inside a class its
attributes come before it."""
ENUM_NEEDS = frozenset({"mro", "name", "value"})
"""What members of an enum cannot be called."""
FILES = frozenset({"connection", "reducers", "remote", "tables", "types"})
"""The files of a package, beside which its submodules have theirs."""
_CLASSES = """
    Any Call Callable Column Columns Condition ConnectionId Context Db DbConnection Enum Err EventContext
    EventTableHandle Identity KeyedTableHandle Never Ok Option Procedures Queries Range Reducers Result ScheduleAt Self
    Some SyncDbConnection SyncProcedures SyncReducers TYPE_CHECKING TableHandle TableQuery Tables TimeDuration
    Timestamp TypeAlias UNSET Union Unset Uuid Variant
"""
CLASS_NEEDS = frozenset(_CLASSES.split())
"""What types cannot be called: classes that every package has, or that its files import."""
CONST_NEEDS = frozenset(
    {"BYTES", "CONNECTION_ID", "IDENTITY", "MODULE", "SCHEDULE_AT", "TIMESTAMP", "TIME_DURATION", "UNIT", "UUID"}
)
"""What the constants of tables in `remote.py` cannot be called."""


def value_style(declared: str) -> str:
    """Name a table, column, field, parameter or function."""
    return declared if declared == declared.lower() else snake(declared) or declared


def class_style(declared: str) -> str:
    """Name a type or variant."""
    return declared if declared[:1] != declared[:1].lower() else pascal(declared) or declared


class Namer:
    """Gives names in one scope; `needed`: what that scope keeps for itself, beside Python's keywords."""

    def __init__(self, needed: frozenset[str] = frozenset()) -> None:
        self._needed = needed
        self._given: set[str] = set()

    def names(self, declared: Sequence[str], wanted: Sequence[str] | None = None) -> list[PyName]:
        """Take names for good, in order; `wanted`: what each would be called if it could, as declared by default."""
        normal = [_normal(name) for name in wanted or declared]
        free = [self._escaped(name) for name in normal]
        order = sorted(range(len(free)), key=lambda i: free[i] != declared[i])
        found = {i: self._claim(free[i]) for i in order}
        return [found[i] for i in range(len(free))]

    def name(self, declared: str) -> PyName:
        """Take one name for good."""
        return self.names([declared])[0]

    def after(self, *others: "Namer") -> Self:
        """Keep off all names that others have given, too."""
        self._given = self._given.union(*(other._given for other in others))
        return self

    def is_free(self, declared: str) -> bool:
        """Whether a name can be had as it is."""
        name = _normal(declared)
        return self._escaped(name) == name and name not in self._given

    def _escaped(self, name: str) -> str:
        is_private = name.startswith("_")
        body = (name.strip("_") if is_private else name) or "n"
        body = body if body[0].isidentifier() else f"n{body}"
        stem = body.rstrip("_")
        return f"{body}_" if is_private or keyword.iskeyword(stem) or stem in self._needed else body

    def _claim(self, name: str) -> PyName:
        while name in self._given:
            name += "_"
        self._given.add(name)
        return PyName(name)


def _normal(name: str) -> str:
    return unicodedata.normalize("NFKC", name)
