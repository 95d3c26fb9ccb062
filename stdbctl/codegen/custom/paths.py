"""Which files a folder of templates makes.

    types.lua.jinja                 one file, `types.lua`
    [table]_table.lua.jinja         one per table, named by its snake_case name: `point_table.lua`
    rows/[type.pascal].kt.jinja     one per named type: `rows/PlayerId.kt`
    _types.jinja                    none: a part that other templates include or import

A file whose name does not end in `.jinja` makes nothing, and so does everything whose name begins with `_` or `.`.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from stdbctl.codegen.custom.model import Module, Name
from stdbctl.codegen.custom.problems import NoTemplates, TemplatePath
from stdbctl.errors import Place
from stdbctl.nearest import did_you_mean

SUFFIX = ".jinja"
FORMS = ("snake", "camel", "pascal", "upper_snake", "kebab", "source", "canonical")
KINDS = ("table", "view", "relation", "reducer", "procedure", "type")
_PLACEHOLDER = re.compile(r"\[([^\[\]/]*)\]")


class Item(Protocol):
    """Whatever has a name."""

    @property
    def name(self) -> Name:
        """Its name."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """One file to be made: its path, the template (path inside the folder), and what it is made for, if anything."""

    path: str
    template: str
    kind: str | None = None
    item: Item | None = None

    @property
    def about(self) -> str:
        """`table point`; empty for the file of a whole module."""
        return f"{self.kind} `{self.item.name}`" if self.item is not None else ""


def find_templates(folder: Path) -> tuple[str, ...]:
    """The templates of a folder that make files, as sorted paths with `/`.

    Raises:
        NoTemplates: there is no such folder, or it has none.
    """
    if not folder.is_dir():
        raise NoTemplates(folder, "is no folder of templates")
    paths = (path.relative_to(folder) for path in folder.rglob(f"*{SUFFIX}"))
    found = sorted(path.as_posix() for path in paths if not any(part[0] in "_." for part in path.parts))
    if not found:
        raise NoTemplates(folder, "holds no template that makes a file")
    return tuple(found)


def plan_outputs(
    templates: Iterable[str], module: Module, folder: Path
) -> tuple[tuple[Output, ...], tuple[TemplatePath, ...]]:
    """Say which files the templates make of a module; or what is wrong with their names."""
    outputs: dict[str, Output] = {}
    problems: list[TemplatePath] = []
    for template in templates:
        place = Place(file=(folder / template).as_posix(), line=1)
        found = _placeholder(template, place)
        if isinstance(found, TemplatePath):
            problems.append(found)
            continue
        kind, form = found
        for output in _outputs(template, kind, form, module):
            other = outputs.setdefault(output.path, output)
            if other is not output:
                problems.append(_same_path(output, other, place))
    return tuple(outputs.values()), tuple(problems)


def _placeholder(template: str, place: Place) -> tuple[str | None, str] | TemplatePath:
    """The kind of item that a template is for (None: the module), and the form of its name."""
    found = sorted(set(_PLACEHOLDER.findall(template)))
    if not found:
        return None, ""
    if len(found) > 1:
        what = f"`{template}` has several placeholders"
        return TemplatePath(what=what, fix="a template is made for one thing at a time", place=place)
    kind, _, form = found[0].partition(".")
    if kind not in KINDS:
        what = f"`[{found[0]}]` in the name of a template is no placeholder"
        return TemplatePath(what=what, fix=did_you_mean(kind, KINDS), place=place)
    if form and form not in FORMS:
        what = f"`[{found[0]}]` asks for a form that no name has"
        return TemplatePath(what=what, fix=did_you_mean(form, FORMS), place=place)
    return kind, form or "snake"


def _outputs(template: str, kind: str | None, form: str, module: Module) -> Iterator[Output]:
    target = template.removesuffix(SUFFIX)
    if kind is None:
        yield Output(path=target, template=template)
        return
    items: tuple[Item, ...] = getattr(module, f"{kind}s")
    for item in items:
        path = _PLACEHOLDER.sub(str(getattr(item.name, form)), target)
        yield Output(path=path, template=template, kind=kind, item=item)


def _same_path(output: Output, other: Output, place: Place) -> TemplatePath:
    first, second = (o.about or f"`{o.template}`" for o in (other, output))
    return TemplatePath(
        what=f"{second} and {first} would both be written to `{output.path}`",
        fix="rename one of them, or put more into the name of the template",
        place=place,
    )
