"""The same calls give the same state in every process, whatever its hash seed and its addresses."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

ROOT = Path(__file__).parents[2]
SEEDS = ("1", "2", "random")

texts = st.lists(st.text("abcdeäé☃", min_size=1, max_size=4), max_size=8)
floats = st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=5)
calls = st.one_of(
    st.tuples(st.just("words"), st.tuples(texts, texts)),
    st.tuples(st.just("objects"), st.tuples(texts)),
    st.tuples(st.just("draw"), st.tuples(floats)),
    st.tuples(st.just("refuse"), st.tuples(texts)),
)
histories = st.lists(st.tuples(calls, st.integers(1, 3)), min_size=1, max_size=6)


class Process:
    """One process that replays."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._input, self._output = process.stdin, process.stdout
        self.own_sets = self._output.readline()

    def replay(self, history: list[tuple[tuple[str, tuple[object, ...]], int]]) -> str:
        """What came of a history."""
        self._input.write(json.dumps([[name, args, sender] for (name, args), sender in history]) + "\n")
        self._input.flush()
        return self._output.readline()


@pytest.fixture(scope="module")
def processes() -> Iterator[list[Process]]:
    with ExitStack() as stack:
        started = [
            stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-m", "tests.module.replay"],
                    cwd=ROOT,
                    env={**os.environ, "PYTHONHASHSEED": seed},
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
            for seed in SEEDS
        ]
        yield [Process(process) for process in started]


def test_sets_of_python_differ_between_these_processes(processes: list[Process]) -> None:
    assert len({process.own_sets for process in processes}) > 1


@settings(max_examples=40, deadline=None)
@given(history=histories)
def test_the_same_calls_give_the_same_state(processes: list[Process], history: list[object]) -> None:
    first, *others = [process.replay(history) for process in processes]  # type: ignore[arg-type]  # drawn so
    assert json.loads(first)[0], "something was called"
    assert [*others] == [first] * len(others)
