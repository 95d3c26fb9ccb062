"""Whatever a module writes with reaches its log, at the author's line, and nothing of it the server's own streams."""

from pathlib import Path

import pytest

from stdbctl.records import DONE, LogLevel, OutcomeKind

from .running import Running, program_of

SOURCE = """
import pprint, sys, traceback, warnings
from pprint import pp
from stdbctl.module import ReducerContext, reducer

@reducer
def streams(ctx: ReducerContext) -> None:
    sys.stdout.write("one\\ntwo ")
    sys.stdout.write("parts\\n")
    print("to stderr", 1, file=sys.stderr)
    print("to stdout", file=sys.stdout, flush=True)
    sys.stdout.writelines(["a\\n", "b\\n"])
    sys.__stderr__.write("unfinished")

@reducer
def pretty(ctx: ReducerContext) -> None:
    pprint.pprint({"b": [1, 2], "a": None})
    pp("short")
    pprint.PrettyPrinter(width=20).pprint(["a" * 12, "b" * 12])

def helper() -> None:
    warnings.warn("look out", DeprecationWarning, stacklevel=2)

@reducer
def warned(ctx: ReducerContext) -> None:
    warnings.warn("careful")
    helper()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.warn("not seen")
    with warnings.catch_warnings(record=True) as caught:
        warnings.warn("caught")
    print([str(one.message) for one in caught or []])
    warnings.filterwarnings("error", "bad.*")
    try:
        warnings.warn("bad thing", RuntimeWarning)
    except RuntimeWarning as error:
        print("raised", error)
    warnings.resetwarnings()
    warnings.warn("bad thing")

@reducer
def traced(ctx: ReducerContext) -> None:
    try:
        1 / 0
    except ZeroDivisionError as error:
        traceback.print_exc()
        traceback.print_exception(error)
        print(traceback.format_exc().splitlines()[0])

@reducer
def fails(ctx: ReducerContext) -> None:
    sys.stdout.write("last words")
    raise ValueError("the end")

print("while importing", file=sys.stdout)
"""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Running:
    return Running(program_of(tmp_path_factory.mktemp("log"), SOURCE))


def call(running: Running, name: str) -> list[tuple[LogLevel, str, int | None]]:
    """The level, text and line of what one call logs."""
    before = len(running.log)
    assert running.call(name) == DONE, running.lines
    line = SOURCE.splitlines().index(f"def {name}(ctx: ReducerContext) -> None:") + 1
    return [(r.level, r.message, r.line_number and r.line_number - line) for r in running.log[before:]]


def test_streams_are_lines_of_the_log(running: Running) -> None:
    assert call(running, "streams") == [
        (LogLevel.INFO, "one", 1),
        (LogLevel.INFO, "two parts", 2),
        (LogLevel.WARN, "to stderr 1", 3),
        (LogLevel.INFO, "to stdout", 4),
        (LogLevel.INFO, "a", 5),
        (LogLevel.INFO, "b", 5),
        (LogLevel.WARN, "unfinished", 6),
    ]


def test_pretty_printing_is_one_record(running: Running) -> None:
    assert call(running, "pretty") == [
        (LogLevel.INFO, "{'a': None, 'b': [1, 2]}", 1),
        (LogLevel.INFO, "'short'", 2),
        (LogLevel.INFO, "['aaaaaaaaaaaa',", 3),
        (LogLevel.INFO, " 'bbbbbbbbbbbb']", 3),
    ]


def test_warnings_go_to_the_log_by_filters_of_their_own(running: Running) -> None:
    assert call(running, "warned") == [
        (LogLevel.WARN, "UserWarning: careful", 1),
        (LogLevel.WARN, "DeprecationWarning: look out", 2),
        (LogLevel.INFO, "['caught']", 8),
        (LogLevel.INFO, "raised bad thing", 13),
        (LogLevel.WARN, "UserWarning: bad thing", 15),
    ]


def test_tracebacks_show_the_authors_frames(running: Running) -> None:
    first, second, third = call(running, "traced")
    for level, message, line in (first, second):
        assert level is LogLevel.ERROR
        assert line in (4, 5)
        assert message.startswith('Traceback (most recent call last):\n  File "module/__init__.py", line ')
        assert message.endswith("in traced\n    1 / 0\nZeroDivisionError: division by zero")
    assert third[1] == "Traceback (most recent call last):"


def test_a_line_without_end_comes_before_the_error(running: Running) -> None:
    before = len(running.log)
    assert running.call("fails").kind is OutcomeKind.FAILED
    first, second = running.log[before:]
    assert first.message == "last words"
    assert second.message.endswith("ValueError: the end")


def test_the_servers_own_streams_stay_empty(
    running: Running, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    for name in ("streams", "pretty", "warned", "traced"):
        call(running, name)
    again = Running(program_of(tmp_path, SOURCE))
    assert again.log[0].message == "while importing"
    assert capfd.readouterr() == ("", "")
