"""The sources of one version of a module, and where things stand in them (from the syntax tree).

A source file is known by its project-relative path with `/`; its module name is that of the package
(`board.helpers`), whatever folder the package lies in.
"""

import ast
import importlib.util
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from stdbctl.errors import Place

UNNAMED = "module"
"""The name of a package whose folder has none."""

Definition = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class SourceFile:
    """One Python file: `text` is decoded, with `\\n` newlines; `tree` is None when it does not parse."""

    path: str
    module: str
    is_package: bool
    text: str
    tree: ast.Module | None = None
    error: SyntaxError | None = None

    @cached_property
    def lines(self) -> list[str]:
        return self.text.split("\n")

    def place(self, node: ast.AST) -> Place:
        """Where a node stands; columns count characters, not bytes."""
        line, end_line = getattr(node, "lineno", 1), getattr(node, "end_lineno", None)
        end = self._character(line, getattr(node, "end_col_offset", 0)) if end_line == line else None
        return self.place_at(line, self._character(line, getattr(node, "col_offset", 0)), end)

    def place_at(self, line: int, column: int = 1, end_column: int | None = None) -> Place:
        """A place by its numbers, with the line's text."""
        text = self.lines[line - 1] if 0 < line <= len(self.lines) else ""
        return Place(file=self.path, line=line, column=column, end_column=end_column, source_line=text)

    def name_place(self, node: Definition) -> Place:
        """Where the name of a class or function stands."""
        keyword = "class " if isinstance(node, ast.ClassDef) else "def "
        text = self.lines[node.lineno - 1]
        start = text.find(keyword)
        column = text.find(node.name, start + len(keyword)) + 1 if start >= 0 else 0
        if column <= 0:
            return self.place(node)
        return self.place_at(node.lineno, column, column + len(node.name))

    def _character(self, line: int, byte: int) -> int:
        text = self.lines[line - 1] if 0 < line <= len(self.lines) else ""
        return len(text.encode()[:byte].decode(errors="ignore")) + 1

    @cached_property
    def definitions(self) -> Mapping[str, tuple[Definition, ...]]:
        """Every class and function by qualified name, in order (a name may be defined more than once)."""
        found: dict[str, list[Definition]] = {}
        for name, node in _definitions(self.tree, "") if self.tree else ():
            found.setdefault(name, []).append(node)
        return {name: tuple(nodes) for name, nodes in found.items()}

    def definition(self, qualname: str, line: int | None = None) -> Definition | None:
        """The definition of this name whose decorators and head span `line`, else the last one."""
        nodes = self.definitions.get(qualname, ())
        if line is None or len(nodes) < 2:
            return nodes[-1] if nodes else None
        for node in nodes:
            first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
            if first <= line < max(node.body[0].lineno, node.lineno + 1):
                return node
        return nodes[-1]

    @cached_property
    def calls_at(self) -> Mapping[int, tuple[ast.Call, ...]]:
        """The calls that have keywords, by each line that they span, outer ones first."""
        found: dict[int, list[ast.Call]] = {}
        for node in ast.walk(self.tree) if self.tree else ():
            if isinstance(node, ast.Call) and node.keywords:
                for line in range(node.lineno, (node.end_lineno or node.lineno) + 1):
                    found.setdefault(line, []).append(node)
        return {line: tuple(calls) for line, calls in found.items()}

    @cached_property
    def typing_imports(self) -> Mapping[str, ast.Import | ast.ImportFrom]:
        """Names that are imported for type checkers only (`if TYPE_CHECKING:`), with their statements."""
        found: dict[str, ast.Import | ast.ImportFrom] = {}
        for node in ast.walk(self.tree) if self.tree else ():
            if isinstance(node, ast.If) and _is_type_checking(node.test):
                for child in node.body:
                    if isinstance(child, ast.Import | ast.ImportFrom):
                        found.update((a.asname or a.name.partition(".")[0], child) for a in child.names)
        return found


def _definitions(parent: ast.AST, prefix: str) -> Iterator[tuple[str, Definition]]:
    for node in ast.iter_child_nodes(parent):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield prefix + node.name, node
            inner = "." if isinstance(node, ast.ClassDef) else ".<locals>."
            yield from _definitions(node, prefix + node.name + inner)
        elif not isinstance(node, ast.expr):
            yield from _definitions(node, prefix)


def _is_type_checking(test: ast.expr) -> bool:
    name = test.attr if isinstance(test, ast.Attribute) else test.id if isinstance(test, ast.Name) else ""
    return name == "TYPE_CHECKING"


@dataclass(frozen=True)
class Sources:
    """The files of one version. `name`: the package's name; `files`: module name -> Python file.

    `folder`: where the package's files lie ("" = at the top); `data`: all of them by path, Python or not.
    """

    name: str
    folder: str
    files: Mapping[str, SourceFile]
    data: Mapping[str, bytes] = field(repr=False)

    def by_path(self, path: str) -> SourceFile | None:
        return self._paths.get(path)

    @cached_property
    def _paths(self) -> Mapping[str, SourceFile]:
        return {file.path: file for file in self.files.values()}


def read_sources(data: Mapping[str, bytes]) -> Sources:
    """Read a package from its files (path -> bytes). The package is the shallowest `__init__.py`, else the one file.

    Raises ValueError when there is neither.
    """
    inits = sorted((p for p in data if p.rpartition("/")[2] == "__init__.py"), key=lambda p: (p.count("/"), p))
    scripts = sorted(p for p in data if p.endswith(".py"))
    if not inits and len(scripts) != 1:
        raise ValueError("neither a package with `__init__.py` nor one Python file")
    folder = inits[0].rpartition("/")[0] if inits else ""
    above = (folder if inits else scripts[0]).rpartition("/")[0]
    skip = len(above) + 1 if above else 0
    # A package that is the whole archive has no name of its own.
    prefix = f"{UNNAMED}/" if inits and not folder else ""
    files = [_read_file(path, prefix + path[skip:], data[path]) for path in scripts]
    name = min((f.module for f in files), key=lambda m: m.count("."))
    return Sources(name=name, folder=folder or above, files={f.module: f for f in files}, data=dict(data))


def _read_file(path: str, inside: str, data: bytes) -> SourceFile:
    parts = inside.removesuffix(".py").split("/")
    is_package = parts[-1] == "__init__"
    module = ".".join(parts[:-1] if is_package else parts)
    text = ""
    try:
        text = importlib.util.decode_source(data)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return SourceFile(path, module, is_package, text, tree=ast.parse(text, path))
    except SyntaxError as error:
        return SourceFile(path, module, is_package, text or data.decode("latin-1"), error=error)
    except (ValueError, RecursionError, MemoryError) as error:
        wrapped = SyntaxError(str(error) or "too deeply nested")
        wrapped.lineno = 1
        return SourceFile(path, module, is_package, text or data.decode("latin-1"), error=wrapped)
