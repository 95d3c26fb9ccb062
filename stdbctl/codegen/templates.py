"""The Jinja environment of the generators: one loader, undefined names are errors, only safe text gets through.

Templates live in `templates/<language>/` beside the `stdbctl` package in a checkout (an editable install points there
too) and in `stdbctl/_templates/<language>/` in an installed wheel.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

import jinja2

import stdbctl
from stdbctl.codegen.literals import Safe


def templates_dir() -> Path:
    """Find the folder that holds one folder of templates per language.

    Raises:
        FileNotFoundError: the installation is broken: neither place exists.
    """
    package = Path(stdbctl.__file__).parent
    places = (package / "_templates", package.parent / "templates")
    for place in places:
        if place.is_dir():
            return place
    raise FileNotFoundError(f"stdbctl's templates are missing; looked in {places[0]} and {places[1]}")


def make_environment(language: str, filters: Mapping[str, Callable[..., Safe]]) -> jinja2.Environment:
    """Make the environment for one language's folder; `filters` turn texts into its literals and comments."""
    env = jinja2.Environment(
        loader=jinja2.FileSystemLoader(templates_dir() / language),
        undefined=jinja2.StrictUndefined,
        autoescape=True,
        finalize=_only_safe,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
    env.filters.update(filters)
    return env


def _only_safe(value: object) -> object:
    """Let through what was checked or quoted (it has `__html__`, as macros' output has), and nothing else."""
    if not hasattr(value, "__html__") and not isinstance(value, jinja2.Undefined):
        raise TypeError(f"a template placed {value!r}, which is neither a checked name nor a literal")
    return value
