"""The author's own frames of an exception, at the author's paths and lines; everybody else's are folded away."""

import re
import textwrap
from collections.abc import Iterator
from types import TracebackType
from typing import NamedTuple

from stdbctl.module.interruption import Stopped
from stdbctl.module.log import plain_name
from stdbctl.module.sources import Sources

FRAMES_MAX = 20
"""Frames shown of one exception: half from the outside, half from the inside; a deep recursion has thousands."""
_MARK = re.compile(r"(?<=\w)@\d+\b")
"""The mark of a version in the name of a module: `board@3.helpers`."""
CHAIN_MAX = 5
"""Exceptions shown of one chain of causes."""


class AuthorFrame(NamedTuple):
    """One frame of the author's."""

    file: str
    line: int
    function: str
    module: str
    source_line: str


def author_frames(error: BaseException, sources: Sources) -> list[AuthorFrame]:
    """The frames that run the version's own files, outermost first."""
    return [frame for entry in _walk(error.__traceback__) if (frame := _author_frame(entry, sources)) is not None]


def _walk(entry: TracebackType | None) -> Iterator[TracebackType]:
    while entry is not None:
        yield entry
        entry = entry.tb_next


def _author_frame(entry: TracebackType, sources: Sources) -> AuthorFrame | None:
    code = entry.tb_frame.f_code
    file = sources.by_path(code.co_filename)
    if file is None:
        return None
    source_line = file.lines[entry.tb_lineno - 1].strip() if entry.tb_lineno <= len(file.lines) else ""
    module = plain_name(str(entry.tb_frame.f_globals.get("__name__", "")))
    return AuthorFrame(file.path, entry.tb_lineno, code.co_name, module, source_line)


def error_text(error: BaseException) -> str:
    """`ValueError: what it says` and its notes, without the mark of a version in the name of the author's own class.

    Not by `traceback`: that walks the causes too, and leaves the version's loader behind in the global `linecache`.
    """
    cls = type(error)
    is_short = cls.__module__ in ("builtins", "__main__") or "@" in cls.__module__
    name = cls.__qualname__ if is_short else f"{cls.__module__}.{cls.__qualname__}"
    text = _asked(error, "<exception str() failed>")
    if isinstance(error, ImportError):
        text = _MARK.sub("", text)
    notes = [_asked(note, "<note str() failed>") for note in getattr(error, "__notes__", ())]
    return "\n".join([f"{name}: {text}" if text else name, *notes])


def _asked(value: object, otherwise: str) -> str:
    """The text of something of the author's, whose `__str__` may raise anything."""
    try:
        return str(value)
    except Stopped:
        raise
    except BaseException:
        return otherwise


def render(error: BaseException, sources: Sources) -> str:
    """The traceback as Python writes it, with the author's frames only."""
    text = _render_one(error, sources)
    for _ in range(CHAIN_MAX - 1):
        if error.__cause__ is not None:
            earlier, link = error.__cause__, "The above exception was the direct cause of the following exception:"
        elif error.__context__ is not None and not error.__suppress_context__:
            earlier, link = error.__context__, "During handling of the above exception, another exception occurred:"
        else:
            break
        text = f"{_render_one(earlier, sources)}\n\n{link}\n\n{text}"
        error = earlier
    return text


def _render_one(error: BaseException, sources: Sources) -> str:
    frames = author_frames(error, sources)
    half = FRAMES_MAX // 2
    lines = [_frame_text(frame) for frame in frames[:half]]
    if len(frames) > FRAMES_MAX:
        lines.append(f"  … {len(frames) - FRAMES_MAX} more frames …")
    lines += [_frame_text(frame) for frame in frames[half:][-half:]]
    head = ["Traceback (most recent call last):"] if frames else []
    return "\n".join([*head, *lines, error_text(error), *_render_group(error, sources)])


def _render_group(error: BaseException, sources: Sources) -> Iterator[str]:
    """The exceptions inside an exception group, indented."""
    inside = error.exceptions if isinstance(error, BaseExceptionGroup) else ()
    for number, inner in enumerate(inside[:CHAIN_MAX], 1):
        yield f"  +-- {number} of {len(inside)}"
        yield textwrap.indent(_render_one(inner, sources), "  | ")
    if len(inside) > CHAIN_MAX:
        yield f"  +-- … {len(inside) - CHAIN_MAX} more …"


def _frame_text(frame: AuthorFrame) -> str:
    return f'  File "{frame.file}", line {frame.line}, in {frame.function}\n    {frame.source_line}'
