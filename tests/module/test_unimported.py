"""Declarations in files that nothing imports are warned of."""

from pathlib import Path

from stdbctl.errors import Severity
from stdbctl.module import Loaded, lint, load_package

CASE = Path(__file__).parent / "cases" / "left_out"


def test_files_that_declare_and_that_nothing_imports_are_warned_of() -> None:
    loaded = load_package(CASE / "module", CASE)
    assert isinstance(loaded, Loaded)
    found = lint(loaded)
    assert [(problem.code, str(problem.place), problem.fix, problem.severity) for problem in found] == [
        (
            "module.not_imported",
            "module/deep/work.py:6:5",
            "add `from .deep import work` to `module/__init__.py`, or delete the file",
            Severity.WARNING,
        ),
        (
            "module.not_imported",
            "module/players.py:5:7",
            "add `from . import players` to `module/__init__.py`, or delete the file",
            Severity.WARNING,
        ),
    ]
