"""Every stable error code has a page, and every page a code."""

import importlib
import pkgutil
from pathlib import Path

import stdbctl
from stdbctl.errors import Fault, Problem, StdbctlError

PAGES = Path(__file__).parent.parent / "docs" / "errors"


def every_code() -> set[str]:
    """The codes of all problems and faults of the whole package."""
    for module in pkgutil.walk_packages(stdbctl.__path__, "stdbctl."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    kinds: list[type[StdbctlError]] = [Problem, Fault]
    codes = set()
    while kinds:
        kind = kinds.pop()
        kinds += kind.__subclasses__()
        codes.add(str(getattr(kind, "code", "")))
    return {code for code in codes if "." in code}


def test_every_code_has_a_page_and_every_page_a_code() -> None:
    pages = {page.stem for page in PAGES.glob("*.md")} - {"README"}
    assert every_code() == pages


def test_every_page_names_its_code_first() -> None:
    for page in PAGES.glob("*.md"):
        if page.stem != "README":
            assert page.stem in page.read_text(encoding="utf-8").splitlines()[0], page.name
