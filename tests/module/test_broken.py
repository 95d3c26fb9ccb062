"""Every mistake of a package, at its place: one folder per broken module.

`STDBCTL_REWRITE=1 pytest tests/module/test_broken.py` writes the expected texts anew; read the diff.
"""

import os
from pathlib import Path

import pytest

from stdbctl.module import load_package

from .problems_text import problems_text

BROKEN = Path(__file__).parent / "cases" / "broken"


@pytest.mark.parametrize("case", sorted(folder.name for folder in BROKEN.iterdir()))
def test_broken_module_is_explained_whole(case: str) -> None:
    found = load_package(BROKEN / case / "module", BROKEN / case)
    assert isinstance(found, tuple), "the module loads"
    text = problems_text(found)
    expected = BROKEN / case / "expected.txt"
    if os.environ.get("STDBCTL_REWRITE"):
        expected.write_text(text, encoding="utf-8")
    assert text == expected.read_text(encoding="utf-8")
