"""Names in annotations: evaluating text with the names of the file in which it stands."""

import ast
import builtins
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ForwardRef

from stdbctl.module.sources import SourceFile
from stdbctl.module.unknown_names import COLUMN_TYPES, name_fix
from stdbctl.module.unseen import UNSEEN, UNSEEN_NAMES
from stdbctl.module.version import Version
from stdbctl.nearest import nearest


class UnknownName(Exception):
    """An annotation uses a name that means nothing in its file. `fix`: what to do about it."""

    def __init__(self, name: str, fix: str) -> None:
        self.name, self.fix = name, fix
        super().__init__(name)


class _Unknown(Exception):
    """A name is imported for type checkers from a file that does not have it."""

    def __init__(self, name: str, near: str | None) -> None:
        self.name, self.near = name, near


class BadText(Exception):
    """An annotation's text is no expression, or fails when it is evaluated."""


@dataclass(frozen=True)
class Scope:
    """The names that annotations of one file see: its globals, and what it imports for type checkers only."""

    version: Version
    module: str
    file: SourceFile | None
    names: dict[str, Any]

    @classmethod
    def of(cls, version: Version, module: str) -> "Scope":
        """The scope of a module by its marked name; a module outside the version has its own globals."""
        names = version.namespace(module) or vars(sys.modules.get(module, builtins))
        return cls(version, module, version.file(module), names)

    def evaluate(self, text: str | ForwardRef) -> Any:
        """The value of an annotation's text. Raises UnknownName or BadText."""
        source = text.__forward_arg__ if isinstance(text, ForwardRef) else text
        try:
            return eval(compile(source.strip(), "<annotation>", "eval", dont_inherit=True), self.names, _Late(self))
        except _Unknown as error:
            raise UnknownName(error.name, self._fix(error.name, error.near)) from None
        except NameError as error:
            name = error.name or str(error)
            if UNSEEN_NAMES in self.names:
                return UNSEEN
            raise UnknownName(name, self._fix(name, self.nearest(name))) from None
        except Exception as error:
            text = str(error).replace(" (<annotation>, line 1)", "")
            raise BadText(f"{type(error).__name__}: {text}") from error

    def _fix(self, name: str, near: str | None) -> str:
        return name_fix(name, near, self.file, self.version.sources)

    def late(self, name: str) -> Any:
        """A name that the file imports under `if TYPE_CHECKING:`; KeyError when it does not."""
        statement = (self.file.typing_imports if self.file else {})[name]
        package = self.module if self.file and self.file.is_package else self.module.rpartition(".")[0]
        alias = next(a for a in statement.names if (a.asname or a.name.partition(".")[0]) == name)
        if isinstance(statement, ast.Import):
            target = alias.name if alias.asname else alias.name.partition(".")[0]
            return self.version.import_module(target, 0, package)
        module = self.version.import_module(statement.module or "", statement.level, package, alias.name)
        try:
            return getattr(module, alias.name)
        except AttributeError:
            raise _Unknown(name, nearest(alias.name, vars(module))) from None

    def nearest(self, name: str) -> str | None:
        """The type that `name` was probably meant to be."""
        imported = self.file.typing_imports if self.file else ()
        return nearest(name, {*self._types(), *imported, *_BUILTIN_TYPES, *COLUMN_TYPES})

    def _types(self) -> Iterator[str]:
        for name, value in self.names.items():
            is_alias = hasattr(value, "__metadata__") or hasattr(value, "__origin__")
            if not name.startswith("_") and (isinstance(value, type) or is_alias):
                yield name


class _Late(dict[str, Any]):
    """Locals of an evaluation: asked before the globals, and knows only what the globals do not."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    def __missing__(self, name: str) -> Any:
        if name in self.scope.names or hasattr(builtins, name):
            raise KeyError(name)
        return self.scope.late(name)


_BUILTIN_TYPES = ("bool", "bytes", "float", "int", "list", "str")
