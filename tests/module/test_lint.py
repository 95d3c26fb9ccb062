"""What would be refused in a call, or comes out in another order, is warned of at its place; nothing else is."""

import ast
import re
from collections import Counter
from pathlib import Path

import pytest

from stdbctl.errors import Severity
from stdbctl.module import Loaded, lint, load_package

from .running import write_module

CASES = Path(__file__).parent / "cases"
WARNED = sorted((CASES / "lint" / "warned").glob("*.py"))
CLEAN = [
    *sorted((CASES / "lint" / "clean").glob("*.py")),
    CASES / "good" / "everything" / "game",
    CASES / "good" / "whiteboard" / "whiteboard.py",
    Path(__file__).parents[2] / "sample_project" / "module",
]


def load(path: Path, root: Path) -> Loaded:
    loaded = load_package(path, root)
    assert not isinstance(loaded, tuple), loaded
    return loaded


def expected(path: Path) -> Counter[tuple[int, str]]:
    """`# module.set_order` at the end of a line: one warning there; `# 4 module.…`: four."""
    found: Counter[tuple[int, str]] = Counter()
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        for times, code in re.findall(r"(?:(\d+) )?\b(module\.[a-z_]+)\b", line.partition("  # ")[2]):
            found[number, code] += int(times or 1)
    return found


@pytest.mark.parametrize("path", WARNED, ids=lambda path: path.stem)
def test_every_marked_line_is_warned_of_and_no_other(path: Path) -> None:
    warnings = lint(load(path, path.parent))
    assert all(warning.severity is Severity.WARNING and warning.place and warning.why for warning in warnings)
    found = Counter((warning.place.line, warning.code) for warning in warnings if warning.place)
    assert found == expected(path)


@pytest.mark.parametrize("path", CLEAN, ids=lambda path: path.stem)
def test_clean_modules_are_left_in_peace(path: Path) -> None:
    found = [f"{warning.place}: {warning.what}" for warning in lint(load(path, path.parent))]
    assert found == []


def test_a_warning_says_what_to_do_instead(tmp_path: Path) -> None:
    source = """
    import random
    from . import helpers
    from stdbctl.module import ReducerContext, reducer

    @reducer
    def roll(ctx: ReducerContext) -> None:
        print(random.randint(1, 6), helpers.far())
    """
    helpers = """
    from datetime import datetime

    def far() -> str:
        for each in {1, 2}:
            print(each)
        return str(datetime.utcnow())
    """
    warnings = lint(load(write_module(tmp_path, {"__init__.py": source, "helpers.py": helpers}), tmp_path))
    assert [(str(w.place), w.what, w.fix) for w in warnings] == [
        ("module/__init__.py:8:11", "`random.randint()` is random", "use `ctx.random.randint()`"),
        (
            "module/helpers.py:5:17",
            "this loop goes through the members of a set in an order that the set does not have",
            "put `sorted(…)` around it, or use a list or the keys of a dictionary",
        ),
        ("module/helpers.py:7:16", "`datetime.utcnow()` reads the clock", "use `ctx.timestamp`"),
    ]


def test_marks_of_the_cases_are_read() -> None:
    assert len(WARNED) == 2
    assert all(expected(path) and ast.parse(path.read_text(encoding="utf-8")) for path in WARNED)
