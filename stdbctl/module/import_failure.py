"""An exception at import, told as a problem at the author's line."""

import inspect
import re
import sys

from stdbctl.errors import Place, Problem
from stdbctl.module.columns import column, index
from stdbctl.module.declare import reducer, table, table_of
from stdbctl.module.frames import author_frames, error_text
from stdbctl.module.guard import NotDeterministic
from stdbctl.module.guard_problems import NotRepeatable
from stdbctl.module.interruption import Stopped
from stdbctl.module.problems import ImportFailed, ImportStopped
from stdbctl.module.unknown_names import COLUMN_TYPES
from stdbctl.module.version import Version
from stdbctl.nearest import did_you_mean, nearest

_UNEXPECTED = re.compile(r"(\w+)\(\) got an unexpected keyword argument '(\w+)'(?:\..*)?")
_KEYWORDS = {
    function.__name__: [
        name for name in inspect.signature(function).parameters if name not in ("cls", "function", "row")
    ]
    for function in (table, table_of, reducer, index, column)
}
"""What the functions that authors declare with take by name."""
AUTHOR_NAMES = (*COLUMN_TYPES, *_KEYWORDS, "init", "client_connected", "client_disconnected", "ReducerError")


def import_problem(error: BaseException, version: Version, place: Place | None = None) -> Problem:
    """The problem that an exception at import is. Its `__cause__` is the exception, without its frames."""
    frames = author_frames(error, version.sources)
    why, fix = _advice(error, version)
    way = ", ".join(f"{frame.file}:{frame.line}" for frame in frames[:-1])
    if not why and way:
        why = f"reached by way of {way}"
    text = error_text(error).replace(version.root, version.sources.name)
    if isinstance(error, ImportError) and error.path:
        # Where a library lies on this machine helps nobody.
        text = text.replace(f" ({error.path})", "")
    place = place or (_place(frames[-1].file, frames[-1].line, version) if frames else None)
    problem: Problem = ImportFailed(error=text, why=why, fix=fix, place=place)
    if isinstance(error, NotDeterministic):
        problem = NotRepeatable.of_error(error, place)
    # Frames hold the namespaces of a version that is on its way out.
    problem.__cause__ = error.with_traceback(None)
    error.__context__ = error.__cause__ = None
    return problem


def stopped_problem(error: Stopped, version: Version) -> ImportStopped:
    """The problem that an import is which a limit ended."""
    frames = author_frames(error, version.sources)
    return ImportStopped(place=_place(frames[-1].file, frames[-1].line, version) if frames else None)


def _names_at(error: BaseException) -> set[str]:
    """The names that the line which raised could see."""
    entry = error.__traceback__
    while entry is not None and entry.tb_next is not None:
        entry = entry.tb_next
    return set() if entry is None else {*entry.tb_frame.f_locals, *entry.tb_frame.f_globals}


def _place(path: str, line: int, version: Version) -> Place | None:
    file = version.sources.by_path(path)
    if file is None:
        return None
    text = file.lines[line - 1] if line <= len(file.lines) else ""
    return file.place_at(line, len(text) - len(text.lstrip()) + 1, len(text) + 1)


def _advice(error: BaseException, version: Version) -> tuple[str, str]:
    if isinstance(error, NameError) and error.name:
        near = nearest(error.name, {*_names_at(error), *AUTHOR_NAMES})
        return "", f"did you mean `{near}`?" if near else f"define or import `{error.name}`, or correct its name"
    wrong = _UNEXPECTED.fullmatch(str(error)) if isinstance(error, TypeError) else None
    if wrong is not None and wrong[1] in _KEYWORDS:
        return "", did_you_mean(wrong[2], _KEYWORDS[wrong[1]])
    if isinstance(error, ModuleNotFoundError) and error.name:
        return _missing_module(error.name.replace(version.root, version.sources.name), version)
    if isinstance(error, ImportError) and error.name and getattr(error, "name_from", None):
        return _missing_name(error.name, str(getattr(error, "name_from", "")), version)
    if isinstance(error, ImportError) and error.name:
        name = str(error).partition("'")[2].partition("'")[0]
        return _missing_name(error.name, name, version)
    if isinstance(error, SystemExit):
        return "a module is imported, not run", "remove the call that ends the program"
    return "", "correct the marked line; it runs when the module is imported"


def _missing_module(name: str, version: Version) -> tuple[str, str]:
    own = {module.removeprefix(f"{version.sources.name}.") for module in version.sources.files}
    near = nearest(name.rpartition(".")[2], {*own, *version.sources.files, *sys.stdlib_module_names} - {"this"})
    fix = f"did you mean `{near}`?" if near else f"install `{name}` where stdbctl runs, or correct the name"
    return "a module sees its own folder and what is installed beside stdbctl, not the files around it", fix


def _missing_name(module: str, name: str, version: Version) -> tuple[str, str]:
    found = sys.modules.get(module)
    near = nearest(name, [n for n in vars(found) if not n.startswith("_")]) if found is not None else None
    shown = module.replace(version.root, version.sources.name)
    return f"`{shown}` has no such name", f"did you mean `{near}`?" if near else "correct the name"
