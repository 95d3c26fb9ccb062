"""The example of every page of a module's problem brings about that problem, and no other."""

import re
from pathlib import Path

import pytest

from stdbctl.module import Loaded, lint, load_package, state_changes

PAGES = Path(__file__).parent.parent.parent / "docs" / "errors"
PRELUDE = """from dataclasses import dataclass, field
from enum import Enum
from typing import Annotated

from stdbctl.module import *
"""
EXAMPLE = re.compile(r"\n\*\*Example:\*\*.*\n\n```\w+\n(.*?)```", re.DOTALL)
IN_WORDS = {
    "module.bad_archive",
    "module.import_hangs",
    "module.import_stopped",
    "module.not_found",
    "module.not_imported",
    "module.too_large",
}
"""Problems of more than one file's text, whose pages tell their example in words."""


def codes_of(source: str, folder: Path) -> set[str]:
    """The codes of everything that is said about a module."""
    (folder / "module.py").write_text(PRELUDE + source, encoding="utf-8")
    found = load_package(folder / "module.py", folder)
    if isinstance(found, Loaded):
        found = (*found.findings, *state_changes(found.version, found.reducers), *lint(found))
    return {problem.code for problem in found}


@pytest.mark.parametrize("page", sorted(PAGES.glob("module.*.md")), ids=lambda page: page.stem)
def test_example_of_a_page_has_exactly_its_problem(page: Path, tmp_path: Path) -> None:
    text = page.read_text(encoding="utf-8")
    example = EXAMPLE.search(text)
    if page.stem in IN_WORDS:
        assert "\n**Example:** " in text
    else:
        assert example is not None, "the page has no example"
        assert codes_of(example[1], tmp_path) == {page.stem}


@pytest.mark.parametrize("page", sorted(PAGES.glob("module.*.md")), ids=lambda page: page.stem)
def test_page_says_what_to_do(page: Path) -> None:
    assert "\n**What to do:** " in page.read_text(encoding="utf-8")
