"""Precision of decimals and context variables: set by the import, and by a call for itself alone."""

from pathlib import Path

from stdbctl.records import DONE

from .running import Running, program_of

THIRD = """
import decimal
from stdbctl.module import ReducerContext, reducer

@reducer
def third(ctx: ReducerContext) -> None:
    print(decimal.Decimal(1) / 3)

@reducer
def roughly(ctx: ReducerContext) -> None:
    decimal.getcontext().prec = 2
    print(decimal.Decimal(1) / 3)
"""
SHORTER = THIRD.replace("import decimal", "import decimal\ndecimal.getcontext().prec = 4")
VARIABLE = """
from contextvars import ContextVar
from stdbctl.module import ReducerContext, reducer

depth = ContextVar[int]("depth", default=0)
depth.set(depth.get() + 1)

@reducer
def deeper(ctx: ReducerContext) -> None:
    depth.set(depth.get() + 1)
    print(depth.get())
"""


def printed(running: Running, *names: str) -> list[str]:
    """What these calls print, one line each."""
    before = len(running.lines)
    for name in names:
        assert running.call(name) == DONE, running.lines
    return running.lines[before:]


def test_what_a_call_sets_for_decimals_ends_with_it(tmp_path: Path) -> None:
    running = Running(program_of(tmp_path, THIRD))
    exact = "0." + "3" * 28
    assert printed(running, "third", "roughly", "third") == [exact, "0.33", exact]


def test_what_the_import_sets_for_decimals_is_kept_for_its_own_calls(tmp_path: Path) -> None:
    shorter = Running(program_of(tmp_path / "shorter", SHORTER))
    other = Running(program_of(tmp_path / "other", THIRD))
    assert printed(shorter, "third", "roughly", "third") == ["0.3333", "0.33", "0.3333"]
    assert printed(other, "third") == ["0." + "3" * 28]


def test_context_variables_begin_each_call_as_the_import_left_them(tmp_path: Path) -> None:
    running = Running(program_of(tmp_path, VARIABLE))
    assert printed(running, "deeper", "deeper") == ["2", "2"]
