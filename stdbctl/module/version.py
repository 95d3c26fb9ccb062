"""One version of a module in memory: its own copy of the sources, imported under a name of its own.

Every version lives in `sys.modules` under its package's name plus a mark (`board@3.helpers`), so that versions
stand side by side and Python's own import machinery serves relative, late and circular imports. The module's own
files get their own `__builtins__`: its `__import__` maps absolute imports of the package (`import board.helpers`) to
the version and hands out guarded faces of Python's modules (`guard.py`), its sets are ordered (`ordered_sets.py`).
Code is compiled from the copy: `.pyc` files are neither read nor written. When the version is garbage, its names
leave `sys.modules`.
"""

import builtins
import importlib.abc
import importlib.machinery
import importlib.util
import io
import itertools
import sys
import typing
import warnings
import weakref
import zipfile
from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import Any

from stdbctl.module.guard import importing
from stdbctl.module.guard_faces import ModuleFace, face_of, guarded_input, guarded_open
from stdbctl.module.log import LogFace, ModuleLog
from stdbctl.module.log_faces import LogFaces
from stdbctl.module.ordered_sets import SET_DISPLAY, OrderedFrozenSet, OrderedSet, with_ordered_sets
from stdbctl.module.plain_sum import plain_sum
from stdbctl.module.python_state import PythonState
from stdbctl.module.sources import SourceFile, Sources

Runner = Callable[[SourceFile, ModuleType], None]
"""Fills a new module from its file."""

_serial = itertools.count(1)


def run_file(file: SourceFile, module: ModuleType) -> None:
    """Compile and run a whole file, as an import does."""
    if file.error is not None:
        raise SyntaxError(*file.error.args)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        code = compile(with_ordered_sets(file.text, file.path), file.path, "exec", dont_inherit=True)
    exec(code, vars(module))


class Version:
    """A version's modules. Imports nothing until `run`; drop all references to let it go."""

    def __init__(self, sources: Sources, log: ModuleLog, runner: Runner) -> None:
        self.sources = sources
        self.root = f"{sources.name}@{next(_serial)}"
        self.python_state = PythonState()
        self.builtins = _own_builtins(self.root, sources, LogFace(log))
        _Finder.serve(self.root, _Loader(self.root, sources, self.builtins, runner))
        self._finalizer = weakref.finalize(self, _forget, self.root)

    def run(self) -> None:
        """Import the package; whatever its code raises passes through."""
        importlib.import_module(self.root)

    def run_rest(self) -> None:
        """Import the files that `run` did not reach; whatever their code raises passes through."""
        for module in self.sources.files:
            importlib.import_module(self.root + module[len(self.sources.name) :])

    def close(self) -> None:
        """Take the version's names out of `sys.modules` now."""
        self._finalizer()

    def namespace(self, module: str) -> dict[str, Any] | None:
        """The globals of one of the version's modules by its marked name (`board@3.helpers`)."""
        found = sys.modules.get(module) if module.partition(".")[0] == self.root else None
        return None if found is None else vars(found)

    def namespace_of(self, name: str) -> dict[str, Any]:
        """The globals of one of the version's modules by its name within the package ("" = the package itself)."""
        return vars(sys.modules[f"{self.root}.{name}" if name else self.root])

    def file(self, module: str) -> SourceFile | None:
        """The source file of a module by its marked name."""
        head, _, rest = module.partition(".")
        name = f"{self.sources.name}.{rest}" if rest else self.sources.name
        return self.sources.files.get(name) if head == self.root else None

    def import_module(self, module: str, level: int, package: str, name: str = "") -> ModuleType:
        """Import a module as a file of `package` would; with `name`, also the submodule that it may be."""
        names = {"__package__": package, "__name__": package}
        found: ModuleType = self.builtins["__import__"](module, names, None, (name,) if name else ("__name__",), level)
        return found


def _forget(root: str) -> None:
    _Finder.versions.pop(root, None)
    for name in [n for n in sys.modules if n == root or n.startswith(root + ".")]:
        del sys.modules[name]
    # `list[Row] | None` and its like are remembered by typing and would keep the version's classes.
    for clear in getattr(typing, "_cleanups", ()):
        clear()


class _Finder(importlib.abc.MetaPathFinder):
    """Finds the modules of every living version by their marked names."""

    versions: typing.ClassVar[dict[str, "_Loader"]] = {}

    @classmethod
    def serve(cls, root: str, loader: "_Loader") -> None:
        if not any(isinstance(finder, cls) for finder in sys.meta_path):
            sys.meta_path.insert(0, cls())
        cls.versions[root] = loader

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        loader = self.versions.get(fullname.partition(".")[0])
        return None if loader is None else loader.spec(fullname)


class _Loader(importlib.abc.Loader):
    """Compiles and runs the files of one version."""

    def __init__(self, root: str, sources: Sources, own_builtins: dict[str, Any], runner: Runner) -> None:
        self.root, self.sources, self.builtins, self.runner = root, sources, own_builtins, runner

    def spec(self, fullname: str) -> importlib.machinery.ModuleSpec | None:
        name = self._plain(fullname)
        file = self.sources.files.get(name)
        if file is None:
            is_folder = any(other.startswith(name + ".") for other in self.sources.files)
            return importlib.machinery.ModuleSpec(fullname, None, is_package=True) if is_folder else None
        spec = importlib.machinery.ModuleSpec(fullname, self, origin=file.path, is_package=file.is_package)
        spec.has_location = True
        return spec

    def exec_module(self, module: ModuleType) -> None:
        vars(module)["__builtins__"] = self.builtins
        with importing():
            self.runner(self.sources.files[self._plain(module.__name__)], module)

    def get_source(self, fullname: str) -> str:
        return self.sources.files[self._plain(fullname)].text

    def is_package(self, fullname: str) -> bool:
        return self.sources.files[self._plain(fullname)].is_package

    def get_data(self, path: str) -> bytes:
        """One of the package's files by its path, for `pkgutil.get_data` and the like."""
        try:
            return self.sources.data[path.replace("\\", "/").removeprefix("./")]
        except KeyError:
            raise FileNotFoundError(path) from None

    def get_resource_reader(self, fullname: str) -> "_Resources":
        """Let `importlib.resources.files(__package__)` read the package's own copy of its data files."""
        file = self.sources.files[self._plain(fullname)]
        return _Resources(self.sources.data, file.path.rpartition("/")[0])

    def _plain(self, fullname: str) -> str:
        return self.sources.name + fullname[len(self.root) :]


class _Resources:
    """A resource reader over a version's files."""

    def __init__(self, data: Mapping[str, bytes], folder: str) -> None:
        self.data, self.folder = data, folder

    def files(self) -> zipfile.Path:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            for path, content in self.data.items():
                archive.writestr(path, content)
        return zipfile.Path(zipfile.ZipFile(buffer), f"{self.folder}/" if self.folder else "")


def _own_builtins(root: str, sources: Sources, log: LogFace) -> dict[str, Any]:
    own = dict(vars(builtins))
    own |= {"print": log.print, "open": guarded_open, "input": guarded_input, "sum": plain_sum}
    own |= {"set": OrderedSet, "frozenset": OrderedFrozenSet, SET_DISPLAY: OrderedSet}
    own["__import__"] = _own_import(root, sources, Faces(log, own))
    return own


class Faces:
    """What stands for the modules of Python in one version's own files."""

    def __init__(self, log: LogFace, own_builtins: dict[str, Any]) -> None:
        self._logs, self._builtins = LogFaces(log), own_builtins
        self._made: dict[str, ModuleType] = {}

    def face_of(self, module: ModuleType) -> ModuleType:
        """The face of a module, or the module."""
        if module.__name__ in ("builtins", "importlib"):
            return self._made.get(module.__name__) or self._make(module)
        return self._logs.face_of(face_of(module))

    def _make(self, module: ModuleType) -> ModuleType:
        own = self._made[module.__name__] = ModuleFace(module)
        vars(own).update(self._builtins if module is builtins else {"import_module": self._import_module})
        return own

    def _import_module(self, name: str, package: str | None = None) -> Any:  # Any: modules of all kinds
        """`importlib.import_module` as the module's own files see it."""
        level = len(name) - len(name.lstrip("."))
        if level and not package:
            raise TypeError(f"the 'package' argument is required to perform a relative import for {name!r}")
        names = {"__package__": package, "__name__": package}
        return self._builtins["__import__"](name[level:], names, None, ("__name__",), level)


def _own_import(root: str, sources: Sources, faces: Faces) -> Callable[..., Any]:
    """The `__import__` of a version's own files."""
    plain_import = builtins.__import__

    def own_import(
        name: str,
        globals: Mapping[str, object] | None = None,  # noqa: A002  # the names of builtins.__import__
        locals: Mapping[str, object] | None = None,  # noqa: A002
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> Any:
        if level:
            return plain_import(name, globals, locals, fromlist, level)
        head, _, rest = name.partition(".")
        if head == sources.name:
            return plain_import(f"{root}.{rest}" if rest else root, globals, locals, fromlist, 0)
        if _is_own_neighbour(head, sources, globals):
            found = plain_import(f"{root}.{name}", globals, locals, fromlist, 0)
            return found if fromlist else sys.modules[f"{root}.{head}"]
        return faces.face_of(plain_import(name, globals, locals, fromlist, 0))

    return own_import


def _is_own_neighbour(head: str, sources: Sources, importer: Mapping[str, object] | None) -> bool:
    """Whether `import helpers` means the package's own `helpers.py`: Python's own modules come first."""
    own = f"{sources.name}.{head}"
    is_file = own in sources.files or any(m.startswith(own + ".") for m in sources.files)
    if not is_file or head in sys.stdlib_module_names:
        return False
    name = str((importer or {}).get("__name__", ""))
    return name.partition(".")[2] != head
