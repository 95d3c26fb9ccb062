"""What functions do with tables is judged before it runs: one folder per module, with everything that is found in it.

`STDBCTL_REWRITE=1 pytest tests/module/test_accesses.py` writes the expected texts anew; read the diff.
"""

import os
from pathlib import Path

import pytest

from stdbctl.module import Loaded, load_package

from .problems_text import problems_text

ACCESSES = Path(__file__).parent / "cases" / "accesses"
CASES = sorted(folder.name for folder in ACCESSES.iterdir())


def module_of(folder: Path) -> Path:
    package = folder / "module"
    return package if package.exists() else folder / "module.py"


@pytest.mark.parametrize("case", CASES)
def test_accesses_to_tables_are_judged(case: str) -> None:
    found = load_package(module_of(ACCESSES / case), ACCESSES / case)
    problems = found.findings if isinstance(found, Loaded) else found
    text = problems_text(problems) if problems else ""
    expected = ACCESSES / case / "expected.txt"
    if os.environ.get("STDBCTL_REWRITE"):
        expected.write_text(text, encoding="utf-8")
    assert text == expected.read_text(encoding="utf-8")


@pytest.mark.parametrize("case", CASES)
def test_nothing_right_is_reported(case: str) -> None:
    folder = ACCESSES / case
    found = load_package(module_of(folder), folder)
    for problem in found.findings if isinstance(found, Loaded) else found:
        assert problem.place is not None
        lines = (folder / problem.place.file).read_text(encoding="utf-8").splitlines()
        above = [line for line in lines[: problem.place.line] if line.startswith("def ")]
        assert not above or not above[-1].startswith("def right("), problem.place
