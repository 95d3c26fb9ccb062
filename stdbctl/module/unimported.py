"""Files that declare tables or reducers and that no other file imports, so that their declarations do not count."""

import ast
from collections.abc import Iterator

from stdbctl.errors import Place, Problem, Severity
from stdbctl.module.load import Loaded
from stdbctl.module.problems import ModuleProblem
from stdbctl.module.sources import Definition, SourceFile

_DECLARING = frozenset({"table", "reducer", "init", "client_connected", "client_disconnected"})


class NotImported(ModuleProblem):
    """A file declares tables or reducers, and nothing imports it."""

    code = "module.not_imported"
    severity = Severity.WARNING
    what_text = "`{name}` is declared in a file that nothing imports"
    why_text = "a declaration counts when its file is imported, directly or by way of others"
    fix_text = "add `{statement}` to `{into}`, or delete the file"


def unimported(loaded: Loaded) -> tuple[Problem, ...]:
    """One warning for each file that is left out, at its first declaration."""
    return tuple(_left_out(loaded))


def _left_out(loaded: Loaded) -> Iterator[Problem]:
    version = loaded.version
    root = version.sources.files[version.sources.name]
    for file in version.sources.files.values():
        marked = version.root + file.module[len(version.sources.name) :]
        if version.namespace(marked) is None and (node := _first_declaration(file)) is not None:
            inside = file.module[len(version.sources.name) + 1 :]
            package, _, name = inside.rpartition(".")
            statement = f"from .{package} import {name}"
            place: Place = file.name_place(node)
            yield NotImported(name=node.name, statement=statement, into=root.path, place=place)


def _first_declaration(file: SourceFile) -> Definition | None:
    """The first class or function under one of our decorators, in a file that imports them."""
    own = _imported(file)
    for node in file.tree.body if file.tree else ():
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            for decorator in node.decorator_list:
                head = decorator.func if isinstance(decorator, ast.Call) else decorator
                if isinstance(head, ast.Name) and head.id in own:
                    return node
    return None


def _imported(file: SourceFile) -> set[str]:
    """What the file calls our decorators."""
    return {
        alias.asname or alias.name
        for node in (file.tree.body if file.tree else ())
        if isinstance(node, ast.ImportFrom) and node.module == "stdbctl.module"
        for alias in node.names
        if alias.name in _DECLARING
    }
