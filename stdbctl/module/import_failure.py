"""An exception at import, told as a problem at the author's line."""

import ast
import re
from dataclasses import replace

from stdbctl.errors import Place, Problem
from stdbctl.module.frames import author_frames, error_text
from stdbctl.module.guard import NotDeterministic
from stdbctl.module.guard_problems import NotRepeatable
from stdbctl.module.import_advice import advice, wrong_option
from stdbctl.module.interruption import Stopped
from stdbctl.module.problems import ImportFailed, ImportStopped
from stdbctl.module.version import Version


def import_problem(error: BaseException, version: Version, place: Place | None = None) -> Problem:
    """The problem that an exception at import is. Its `__cause__` is the exception, without its frames."""
    frames = author_frames(error, version.sources)
    why, fix = advice(error, frames, version)
    text = error_text(error).replace(version.root, version.sources.name)
    if isinstance(error, ImportError) and error.path:
        # Where a library lies on this machine helps nobody.
        text = text.replace(f" ({error.path})", "").replace(" (most likely due to a circular import)", "")
    place = place or (_place(frames[-1].file, frames[-1].line, version) if frames else None)
    problem: Problem = ImportFailed(error=text, why=why, fix=fix, place=_narrowed(error, place))
    option = wrong_option(error, _option_place(error, place, version))
    if option is not None:
        problem = option
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


def _place(path: str, line: int, version: Version) -> Place | None:
    file = version.sources.by_path(path)
    if file is None:
        return None
    text = file.lines[line - 1] if line <= len(file.lines) else ""
    return file.place_at(line, len(text) - len(text.lstrip()) + 1, len(text) + 1)


def _narrowed(error: BaseException, place: Place | None) -> Place | None:
    """The name alone, where a line uses a name that is not defined."""
    name = error.name if isinstance(error, NameError) else None
    found = re.search(rf"\b{re.escape(name)}\b", place.source_line) if name and place else None
    if found is None or place is None:
        return place
    return replace(place, column=found.start() + 1, end_column=found.end() + 1)


def _option_place(error: BaseException, place: Place | None, version: Version) -> Place | None:
    """The option alone, in a call that has one too many."""
    option = str(error).rpartition("keyword argument '")[2].partition("'")[0]
    file = version.sources.by_path(place.file) if place else None
    for node in ast.walk(file.tree) if place and file and file.tree else ():
        if isinstance(node, ast.Call) and place and node.lineno <= place.line <= (node.end_lineno or node.lineno):
            for keyword in node.keywords:
                if file and keyword.arg == option:
                    return file.place(keyword)
    return place
