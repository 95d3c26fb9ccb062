"""Why an import failed, and what to do about it."""

import inspect
import re
import sys
from collections.abc import Sequence

from stdbctl.errors import Place
from stdbctl.module.columns import column, index, union
from stdbctl.module.declare import client_connected, client_disconnected, init, reducer, table, table_of
from stdbctl.module.frames import AuthorFrame
from stdbctl.module.problems import UnknownOption
from stdbctl.module.unknown_names import AUTHOR_NAMES, later_fix, name_fix
from stdbctl.module.version import Version
from stdbctl.nearest import did_you_mean, nearest

_DECLARING = {
    function.__name__: [
        name for name in inspect.signature(function).parameters if name not in ("cls", "function", "row", "columns")
    ]
    for function in (table, table_of, reducer, index, column, union, init, client_connected, client_disconnected)
}
"""What the functions that authors declare with take by name."""
_UNEXPECTED = re.compile(r"(\w+)\(\) got an unexpected keyword argument '(\w+)'(?:\..*)?")
_MISSING = re.compile(r"(\w+)\(\) missing \d+ required [\w-]+ arguments?: '(\w+)'.*")
_POSITIONAL = re.compile(r"(\w+)\(\) takes (?:from )?\d+ .*positional arguments? but .*")
_OPTION_FIXES = {
    ("table", "private"): "leave it out: a table is private unless it is `public=True`",
    ("table", "primary_key"): "write `PrimaryKey[…]` around the type of the column",
    ("table", "schedule"): "put it on the reducer: `@reducer(schedule=…)`, with the table's class",
    ("table", "scheduled"): "put it on the reducer: `@reducer(schedule=…)`, with the table's class",
    ("table", "accessor"): "leave it out: generated code is named after the class",
    ("reducer", "public"): "leave it out: clients may call a reducer unless it is `private=True`",
    ("reducer", "accessor"): "leave it out: generated code is named after the function",
}
"""Options that other languages have, or that stand elsewhere."""
_OTHER_PACKAGES = {"spacetimedb", "spacetimedb_sdk", "spacetime", "stdb", "spacetimedb_server"}
_WAY_MAX = 4
"""Places named of the way to a failure; a recursion has a thousand."""
ON_IMPORT = "correct the marked line; it runs when the module is imported"


def wrong_option(error: BaseException, place: Place | None) -> UnknownOption | None:
    """The problem of a wrong option of ours, such as `@table(privat=True)`; None when the error is another."""
    text = str(error)
    if not isinstance(error, TypeError):
        return None
    for pattern in (_UNEXPECTED, _MISSING, _POSITIONAL):
        found = pattern.fullmatch(text)
        if found is not None and found[1] in _DECLARING:
            return _option_problem(pattern, found[1], found[2] if pattern is not _POSITIONAL else "", place)
    return None


def _option_problem(pattern: re.Pattern[str], function: str, option: str, place: Place | None) -> UnknownOption:
    known = _DECLARING[function]
    why = "its options: " + ", ".join(f"`{name}`" for name in known) if known else "it has no options"
    if pattern is _POSITIONAL:
        return UnknownOption(what=f"`{function}` takes its options by name", why=why, fix="write `name=…`", place=place)
    if pattern is _MISSING:
        fix = f"add `{option}=…`"
        return UnknownOption(what=f"`{function}` lacks the option `{option}`", why=why, fix=fix, place=place)
    fix = _OPTION_FIXES.get((function, option)) or did_you_mean(option, known)
    return UnknownOption(what=f"`{function}` has no option `{option}`", why=why, fix=fix, place=place)


def advice(error: BaseException, frames: Sequence[AuthorFrame], version: Version) -> tuple[str, str]:
    """The reason for an exception at import, and what to do about it."""
    if isinstance(error, NameError) and error.name:
        return _way(frames), _undefined(error, error.name, frames, version)
    if isinstance(error, ModuleNotFoundError) and error.name:
        return _missing_module(error.name.replace(version.root, version.sources.name), version)
    if isinstance(error, ImportError):
        return _import_advice(error, frames, version)
    if isinstance(error, SystemExit):
        return "a module is imported, not run", "remove the call that ends the program"
    if isinstance(error, RecursionError):
        return _way(frames), "let it end, or do the work in a reducer"
    return _way(frames), ON_IMPORT


def _way(frames: Sequence[AuthorFrame]) -> str:
    """The author's lines that led there, without repetitions."""
    lines = list(dict.fromkeys(f"{frame.file}:{frame.line}" for frame in frames[:-1]))
    shown = ", ".join(lines[:_WAY_MAX]) + (", …" if len(lines) > _WAY_MAX else "")
    return f"reached by way of {shown}" if lines else ""


def _undefined(error: NameError, name: str, frames: Sequence[AuthorFrame], version: Version) -> str:
    file = version.sources.by_path(frames[-1].file) if frames else None
    later = later_fix(name, file, frames[-1].line) if frames else None
    return later or name_fix(name, nearest(name, {*_names_at(error), *AUTHOR_NAMES}), file, version.sources)


def _names_at(error: BaseException) -> set[str]:
    """The names that the line which raised could see."""
    entry = error.__traceback__
    while entry is not None and entry.tb_next is not None:
        entry = entry.tb_next
    return set() if entry is None else {*entry.tb_frame.f_locals, *entry.tb_frame.f_globals}


def _import_advice(error: ImportError, frames: Sequence[AuthorFrame], version: Version) -> tuple[str, str]:
    text = str(error)
    if "partially initialized" in text or "circular import" in text:
        return (
            "the two files import each other: one of them needs a name before the other has reached it",
            "import it inside the function that needs it, or, for annotations, under `if TYPE_CHECKING:`; "
            "or move what both need into a third file",
        )
    if "no known parent package" in text or "beyond top-level package" in text:
        return (
            "a module sees the files of its own folder, and a module of one file has none",
            "make the module a folder with an `__init__.py`, and put the file into it",
        )
    name = str(getattr(error, "name_from", None) or text.partition("'")[2].partition("'")[0])
    return _missing_name(error.name, name, version) if error.name else (_way(frames), ON_IMPORT)


def _missing_module(name: str, version: Version) -> tuple[str, str]:
    head, _, last = name.rpartition(".")
    why = "a module sees its own folder and what is installed beside stdbctl, not the files around it"
    if name.partition(".")[0] in _OTHER_PACKAGES:
        return why, "import from `stdbctl.module`, which has everything that a module needs"
    own = {module.removeprefix(f"{version.sources.name}.") for module in version.sources.files}
    beside = {n.removeprefix(f"{head}.") for n in sys.modules if head and n.startswith(f"{head}.")}
    near = nearest(last, beside or ({*own, *version.sources.files, *sys.stdlib_module_names} - {"this"}))
    shown = f"{head}.{near}" if beside else near
    return why, f"did you mean `{shown}`?" if near else f"install `{name}` where stdbctl runs, or correct the name"


def _missing_name(module: str, name: str, version: Version) -> tuple[str, str]:
    found = sys.modules.get(module)
    near = nearest(name, [n for n in vars(found) if not n.startswith("_")]) if found is not None else None
    shown = module.replace(version.root, version.sources.name)
    if near is None and module.partition(".")[0] == "stdbctl":
        near = nearest(name, AUTHOR_NAMES)
        if near is not None and module != "stdbctl.module":
            return f"`{shown}` has no such name", f"did you mean `from stdbctl.module import {near}`?"
    return f"`{shown}` has no such name", f"did you mean `{near}`?" if near else "correct the name"
