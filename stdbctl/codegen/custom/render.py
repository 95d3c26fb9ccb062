"""Rendering templates of a user's own: a sandbox, a few filters, and errors that name the template's line."""

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from traceback import walk_tb
from typing import NoReturn

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment

from stdbctl.codegen.custom.model import Module
from stdbctl.codegen.custom.paths import Output
from stdbctl.codegen.custom.problems import BadTemplate, TemplateHeader, TemplateRefused
from stdbctl.codegen.header import LINE_BYTES_MAX, digest, header_text, is_ours
from stdbctl.errors import Place, Problem
from stdbctl.schema import camel, pascal, snake

_UNKNOWN = "0" * 16
"""Stands for the digest in the header until the text is known."""


class _Refusal(Exception):
    """Raised by `refuse` in a template."""


def render_outputs(
    outputs: Iterable[Output], module: Module, folder: Path
) -> tuple[dict[str, str], tuple[Problem, ...]]:
    """Render files: path -> text, and what is wrong with the templates, each once.

    A template that places nothing makes no file.
    """
    environment = _environment(folder)
    texts: dict[str, str] = {}
    problems: dict[tuple[object, ...], Problem] = {}
    for output in outputs:
        text = _render(environment, output, module, folder)
        if isinstance(text, Problem):
            problems.setdefault((text.code, text.what, text.place), text)
        elif text.strip():
            texts[output.path] = text
    return dict(sorted(texts.items())), tuple(problems.values())


def _render(environment: jinja2.Environment, output: Output, module: Module, folder: Path) -> str | Problem:
    context: dict[str, object] = {"module": module, "header": header_text(_UNKNOWN)}
    if output.kind is not None:
        context[output.kind] = output.item
    try:
        text = environment.get_template(output.template).render(context)
    except _Refusal as refusal:
        return TemplateRefused(text=str(refusal), about=output.about, place=_place(refusal, output, folder))
    except Exception as error:  # a template is a program of the user's: whatever it raises is shown at its line
        return BadTemplate(what=_reason(error), about=output.about, place=_place(error, output, folder))
    return _with_digest(text, output, folder)


def _with_digest(text: str, output: Output, folder: Path) -> str | Problem:
    """Put the digest of the rest into the header, and a newline at the end."""
    if not text.strip():
        return ""
    first, newline, rest = text.partition("\n")
    if not is_ours(first[:LINE_BYTES_MAX]):
        return TemplateHeader(place=_line(folder / output.template, 1))
    rest = rest if rest.endswith("\n") or not rest else f"{rest}\n"
    return first.replace(_UNKNOWN, digest(rest.encode())) + (newline or "\n") + rest


def _environment(folder: Path) -> jinja2.Environment:
    environment = ImmutableSandboxedEnvironment(
        loader=jinja2.FileSystemLoader(folder),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
    # What gives another text each time has no place in generated code.
    del environment.filters["random"]
    environment.globals = {name: value for name, value in environment.globals.items() if name != "lipsum"}
    environment.globals["refuse"] = _refuse
    environment.filters |= {
        "snake": lambda text: snake(str(text)),
        "camel": lambda text: camel(str(text)),
        "pascal": lambda text: pascal(str(text)),
        "upper_snake": lambda text: snake(str(text)).upper(),
        "kebab": lambda text: snake(str(text)).replace("_", "-"),
        "quoted": lambda text: json.dumps(str(text), ensure_ascii=False),
        "json": lambda data: json.dumps(data, ensure_ascii=False),
        "comment": _comment,
        "avoid": _avoid,
    }
    return environment


def _refuse(text: object) -> NoReturn:
    raise _Refusal(str(text))


def _comment(text: object, prefix: str = "") -> str:
    """Each line of a text behind `prefix`, without spaces at the ends of lines; nothing for an empty text."""
    return "\n".join(f"{prefix}{line}".rstrip() for line in str(text).strip().splitlines())


def _avoid(name: object, words: Iterable[str], suffix: str = "_") -> str:
    """The name, with `suffix` behind it where it is one of `words`."""
    return f"{name}{suffix}" if str(name) in words else str(name)


def _reason(error: Exception) -> str:
    if isinstance(error, jinja2.TemplateNotFound):
        return f"there is no template `{error.name}` beside this one"
    if isinstance(error, RecursionError):
        return "the template calls itself without an end"
    text = (error.message if isinstance(error, jinja2.TemplateError) else None) or str(error)
    text = re.sub(r"'stdbctl\.codegen\.custom\.model\.(\w+) object'", r"a \1", text)
    return text if isinstance(error, jinja2.TemplateError) else f"{type(error).__name__}: {text}"


def _place(error: Exception, output: Output, folder: Path) -> Place:
    """Where an error arose: the innermost line of a template on its way, else the template's beginning."""
    if isinstance(error, jinja2.TemplateSyntaxError):
        return _line(Path(error.filename) if error.filename else folder / output.template, error.lineno)
    *_, innermost = [(folder / output.template, 1), *_template_lines(error, folder)]
    return _line(*innermost)


def _template_lines(error: Exception, folder: Path) -> Iterator[tuple[Path, int]]:
    for frame, line in walk_tb(error.__traceback__):
        file = Path(frame.f_code.co_filename)
        if file.is_relative_to(folder):
            yield file, line


def _line(file: Path, line: int) -> Place:
    try:
        lines = file.read_text(encoding="utf-8", errors="replace").split("\n")
    except OSError:
        lines = []
    source = lines[line - 1] if line <= len(lines) else ""
    column = len(source) - len(source.lstrip()) + 1
    return Place(file=file.as_posix(), line=line, column=column, source_line=source)
