"""What can still be said of a module whose import failed: declarations, statement by statement, from the syntax tree.

Only statements that declare are run: imports, classes without their plain methods, decorated functions (never
called) and type aliases. What fails, or comes from a file that does not parse, becomes UNSEEN, which is passed over
in silence. Annotations are kept as text, so each unknown name is found at its own place.
"""

import __future__

import ast
import copy
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from stdbctl.module.sources import SourceFile
from stdbctl.module.unseen import UNSEEN, UNSEEN_NAMES

_ABOUT_OPTIONS = ("got an unexpected keyword argument", "required keyword-only argument", "positional argument")
# Libraries whose functions make types; anything else that an alias calls is the author's own code.
_TYPE_MAKERS = ("stdbctl.", "typing", "dataclasses", "enum")


@dataclass(frozen=True, slots=True)
class Failure:
    """A name that could not be imported, or a declaration that is mistaken by itself, and where it stands."""

    file: SourceFile
    node: ast.AST
    error: Exception


class Salvage:
    """Runs what declares. `failed`: the imports that did not succeed, each name by itself, and wrong decorators."""

    def __init__(self) -> None:
        self.failed: list[Failure] = []

    def run(self, file: SourceFile, module: ModuleType) -> None:
        """Fill a module with what its file declares."""
        names = vars(module)
        if file.tree is None:
            names["__getattr__"] = _unseen_attribute
            return
        for statement in _statements(file.tree.body):
            self._run(statement, file, names)
        for name in _bound_names(file.tree):
            names.setdefault(name, UNSEEN)

    def _run(self, statement: ast.stmt, file: SourceFile, names: dict[str, Any]) -> None:
        match statement:
            case ast.Import() | ast.ImportFrom():
                for alias in statement.names:
                    self._import(statement, alias, file, names)
            case ast.ClassDef():
                self._judge(statement, _execute(_bare_class(statement, names), file, names), file, names)
            case ast.FunctionDef() | ast.AsyncFunctionDef() if statement.decorator_list:
                self._judge(statement, _execute(statement, file, names), file, names)
            case ast.Assign() | ast.AnnAssign() if statement.value is not None and _is_alias(statement.value, names):
                self._judge_alias(statement.value, _execute(statement, file, names), file, names)
            case _ if type(statement).__name__ == "TypeAlias":
                _execute(statement, file, names)

    def _judge(
        self,
        statement: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef,
        error: BaseException | None,
        file: SourceFile,
        names: dict[str, Any],
    ) -> None:
        """Keep an error that can follow from no other mistake: an unknown decorator, or a wrong option of ours."""
        for decorator in statement.decorator_list:
            head = decorator.func if isinstance(decorator, ast.Call) else decorator
            if not isinstance(head, ast.Name):
                continue
            is_unknown = isinstance(error, NameError) and error.name == head.id and UNSEEN_NAMES not in names
            is_wrong = isinstance(error, TypeError) and _is_ours(names.get(head.id)) and _is_about_options(error)
            if isinstance(error, Exception) and (is_unknown or is_wrong):
                self.failed.append(Failure(file, decorator, error))

    def _import_failed(
        self, statement: ast.Import | ast.ImportFrom, alias: ast.alias, error: ImportError, file: SourceFile
    ) -> None:
        """Keep the failure of one name; that of the whole statement once, at the name of the module."""
        is_whole = isinstance(statement, ast.ImportFrom) and (
            (isinstance(error, ModuleNotFoundError) and error.name == statement.module) or error.name is None
        )
        if not is_whole:
            self.failed.append(Failure(file, alias, error))
        elif alias is statement.names[0]:
            self.failed.append(Failure(file, _module_name(statement, file), error))

    def _judge_alias(
        self, value: ast.expr, error: BaseException | None, file: SourceFile, names: dict[str, Any]
    ) -> None:
        """Keep a wrong option of `table_of`."""
        head = value.func if isinstance(value, ast.Call) else None
        is_ours = isinstance(head, ast.Name) and _is_ours(names.get(head.id))
        if is_ours and isinstance(error, TypeError) and _is_about_options(error):
            self.failed.append(Failure(file, value, error))

    def _import(
        self, statement: ast.Import | ast.ImportFrom, alias: ast.alias, file: SourceFile, names: dict[str, Any]
    ) -> None:
        single = copy.copy(statement)
        single.names = [alias]
        error = _execute(single, file, names)
        if error is not None:
            if isinstance(error, ImportError):
                self._import_failed(statement, alias, error, file)
            if alias.name == "*":
                names[UNSEEN_NAMES] = True
            names[alias.asname or alias.name.partition(".")[0]] = UNSEEN


def _module_name(statement: ast.AST, file: SourceFile) -> ast.AST:
    """The name behind `from`, as a node with its place; the statement when it is not on its first line."""
    line = file.lines[getattr(statement, "lineno", 1) - 1]
    written = f"{'.' * getattr(statement, 'level', 0)}{getattr(statement, 'module', None) or ''}"
    start = line.find(written, line.find("from ") + 5)
    if not line.isascii() or start < 0:
        return statement
    name = ast.copy_location(ast.Name(written), statement)
    name.col_offset, name.end_col_offset, name.end_lineno = start, start + len(written), name.lineno
    return name


def _is_about_options(error: TypeError) -> bool:
    return any(text in str(error) for text in _ABOUT_OPTIONS)


def _is_ours(value: object) -> bool:
    return str(getattr(value, "__module__", "")).startswith("stdbctl.")


def _unseen_attribute(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    return UNSEEN


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements that may declare, also those within `if`, `try` and `with`."""
    for statement in body:
        if isinstance(statement, ast.If | ast.Try | ast.With):
            for part in ("body", "handlers", "orelse", "finalbody"):
                for child in getattr(statement, part, ()):
                    yield from _statements(child.body if isinstance(child, ast.ExceptHandler) else [child])
        else:
            yield statement


def _bare_class(node: ast.ClassDef, names: dict[str, Any]) -> ast.ClassDef:
    """The class without its methods, except what one of our decorators stands on."""
    body = [s for s in node.body if isinstance(s, ast.AnnAssign | ast.Assign | ast.ClassDef | ast.Expr)]
    kept: list[ast.stmt] = [s for s in body if not isinstance(s, ast.Expr) or isinstance(s.value, ast.Constant)]
    kept += (s for s in node.body if isinstance(s, ast.FunctionDef | ast.AsyncFunctionDef) and _declares(s, names))
    bare = copy.copy(node)
    bare.body = kept or [ast.copy_location(ast.Pass(), node)]
    return bare


def _declares(function: ast.FunctionDef | ast.AsyncFunctionDef, names: dict[str, Any]) -> bool:
    heads = [d.func if isinstance(d, ast.Call) else d for d in function.decorator_list]
    return any(isinstance(head, ast.Name) and _is_ours(names.get(head.id)) for head in heads)


def _is_alias(value: ast.expr, names: dict[str, Any]) -> bool:
    """Whether evaluating the expression runs none of the author's own functions."""
    for node in ast.walk(value):
        if isinstance(node, ast.Call):
            head = node.func
            made_by = names.get(head.id) if isinstance(head, ast.Name) else None
            if not str(getattr(made_by, "__module__", "")).startswith(_TYPE_MAKERS):
                return False
        elif isinstance(node, ast.Await | ast.Yield | ast.YieldFrom | ast.NamedExpr):
            return False
    return True


def _execute(statement: ast.stmt, file: SourceFile, names: dict[str, Any]) -> BaseException | None:
    """Run one statement; what it raised, which mostly follows from another mistake, is for the caller to judge."""
    tree = ast.fix_missing_locations(ast.Module([statement], []))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            code = compile(tree, file.path, "exec", flags=__future__.annotations.compiler_flag, dont_inherit=True)
        exec(code, names)
    except (Exception, SystemExit) as error:
        return error
    return None


def _bound_names(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name
