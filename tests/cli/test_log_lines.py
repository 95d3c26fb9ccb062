"""Log records as text."""

import json

import pytest

from stdbctl.cli.log_lines import LogLine
from stdbctl.records import SYSTEM_TARGET, LogLevel


def shown(**fields: object) -> str:
    return LogLine.parse(json.dumps({"level": "Info", "ts": 1_500_000, "message": "hello", **fields})).styled().plain


def test_whole_record() -> None:
    line = shown(target="board", function="add_point", filename="module/__init__.py", line_number=24)
    assert line == "1970-01-01T00:00:01.500Z  INFO: add_point module/__init__.py:24: hello"


def test_absent_parts_are_left_out() -> None:
    assert shown() == "1970-01-01T00:00:01.500Z  INFO: hello"
    assert shown(function="f") == "1970-01-01T00:00:01.500Z  INFO: f: hello"
    assert shown(filename="a.py") == "1970-01-01T00:00:01.500Z  INFO: a.py: hello"


def test_records_of_the_server_itself_have_no_place() -> None:
    assert shown(function=SYSTEM_TARGET, filename=SYSTEM_TARGET) == "1970-01-01T00:00:01.500Z  INFO: hello"


@pytest.mark.parametrize("level", list(LogLevel))
def test_levels_are_aligned(level: LogLevel) -> None:
    line = shown(level=level.value)
    assert line.split("Z ")[1].split(":")[0] == f"{level.name:>5}"


def test_trace_has_a_line_per_frame() -> None:
    trace = [{"module_name": "board", "func_name": "add"}, {"func_name": "inner"}]
    assert shown(level="Panic", trace=trace).splitlines()[1:] == ["    in board :: add", "    in ? :: inner"]


def test_traceback_is_its_own_trace() -> None:
    message = 'Traceback (most recent call last):\n  File "module/__init__.py", line 3, in add\nValueError'
    assert (
        shown(level="Panic", message=message, trace=[{"func_name": "add"}]).splitlines()[1:] == message.splitlines()[1:]
    )


@pytest.mark.parametrize("raw", ["", "[]", "{}", '{"level": "Loud", "ts": 1}', "<html>"])
def test_what_is_no_record_is_refused(raw: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        LogLine.parse(raw)
