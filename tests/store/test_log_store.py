"""The module's log, on disk and in memory."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from stdbctl.records import LogLevel, LogRecord
from stdbctl.store import Log, LogStore, MemoryLog, StoreFault


@pytest.fixture(params=["sqlite", "memory"])
def make_log(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[int], Log]:
    if request.param == "memory":
        return lambda records_max: MemoryLog(records_max=records_max)
    return lambda records_max: LogStore(tmp_path, records_max=records_max)


@pytest.fixture
def log(make_log: Callable[[int], Log]) -> Iterator[Log]:
    made = make_log(5_000)
    yield made
    made.close()


def record(number: int, level: LogLevel = LogLevel.INFO) -> LogRecord:
    return LogRecord(level=level, ts=number, message=f"message {number}")


FULL = LogRecord(
    level=LogLevel.PANIC,
    ts=1_700_000_000_123_456,
    message="boom\nline 2 猫",
    target="whiteboard",
    filename="module/__init__.py",
    line_number=12,
    function="add_point",
    trace=(("module", "add_point"), (None, "inner"), ("other", None)),
)


def test_an_empty_log_has_nothing_to_show(log: Log) -> None:
    assert (log.tail(), log.tail(5), log.after(0), log.last_id) == ((), (), (), 0)


def test_records_come_back_as_they_went_in(log: Log) -> None:
    log.append([FULL, record(2)])
    assert [line.record for line in log.tail()] == [FULL, record(2)]


def test_the_tail_is_the_newest_oldest_first(log: Log) -> None:
    for number in range(10):
        log.append([record(number)])
    assert [line.record.ts for line in log.tail(3)] == [7, 8, 9]
    assert [line.record.ts for line in log.tail(99)] == list(range(10))
    assert log.tail(0) == ()


def test_a_level_lets_pass_what_is_at_least_as_grave(log: Log) -> None:
    log.append([record(number, level) for number, level in enumerate(LogLevel)])
    assert [line.record.level.value for line in log.tail(level=LogLevel.WARN)] == ["Warn", "Error", "Panic"]
    assert [line.record.level.value for line in log.tail(2, level=LogLevel.TRACE)] == ["Error", "Panic"]
    assert [line.record.level.value for line in log.after(5, level=LogLevel.DEBUG)] == ["Panic"]


def test_following_means_asking_for_what_came_after(log: Log) -> None:
    log.append([record(1), record(2)])
    seen = log.last_id
    assert log.after(seen) == ()
    log.append([record(3), record(4), record(5)])
    assert [line.record.ts for line in log.after(seen)] == [3, 4, 5]
    assert [line.record.ts for line in log.after(seen, limit=2)] == [3, 4]
    assert log.after(log.last_id) == ()


def test_the_oldest_records_make_room(make_log: Callable[[int], Log]) -> None:
    log = make_log(100)
    for start in range(0, 2_500, 50):
        log.append([record(number) for number in range(start, start + 50)])
    kept = log.tail()
    assert [line.record.ts for line in kept] == list(range(2_400, 2_500))
    assert log.after(0, limit=3) == kept[:3]
    assert log.last_id == 2_500
    log.close()


def test_overlong_messages_are_cut_and_say_so(log: Log) -> None:
    log.append([LogRecord(level=LogLevel.INFO, ts=1, message="x" * 70_000)])
    message = log.tail()[0].record.message
    assert message == "x" * 65_536 + "… (4464 more characters)"


def test_text_that_is_no_valid_unicode_is_made_fit(log: Log) -> None:
    log.append([LogRecord(level=LogLevel.INFO, ts=1, message="half \ud83d", function="f\udcff")])
    found = log.tail()[0].record
    assert (found.message, found.function) == ("half ?", "f?")
    json.dumps(found.message).encode("utf-8")


def test_a_log_on_disk_goes_on_where_it_ended(tmp_path: Path) -> None:
    log = LogStore(tmp_path)
    log.append([record(1)])
    log.close()
    log = LogStore(tmp_path)
    log.append([record(2)])
    assert [(line.id, line.record.ts) for line in log.tail()] == [(1, 1), (2, 2)]
    log.close()


def test_a_damaged_or_newer_log_is_named(tmp_path: Path) -> None:
    (tmp_path / "log.sqlite3").write_bytes(b"nonsense" * 100)
    with pytest.raises(StoreFault, match=r"log\.sqlite3. is damaged"):
        LogStore(tmp_path)
    (tmp_path / "log.sqlite3").unlink()
    LogStore(tmp_path).close()
    with sqlite3.connect(tmp_path / "log.sqlite3") as connection:
        connection.execute("PRAGMA user_version = 2")
    connection.close()
    with pytest.raises(StoreFault, match="newer stdbctl"):
        LogStore(tmp_path)
