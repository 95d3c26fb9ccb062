"""A machine whose clock is set back, while a server runs and between two runs of it."""

import json
from pathlib import Path

import pytest

from tests.faults.test_store_full import TICKER
from tests.support.server import RunningServer, serving, wait_until

MACHINE = """
import time
from pathlib import Path

_real, _set = time.time_ns, Path(__file__).with_name("set_by_s")
time.time_ns = lambda: _real() + int(_set.read_text() or 0) * 1_000_000_000
"""
HOUR_S = 3_600


def ticks(server: RunningServer) -> int:
    return int(server.sql("ticker", "SELECT ticks FROM count")[0][0])


def wait_for_ticks(server: RunningServer) -> None:
    enough = ticks(server) + 5
    wait_until(lambda: ticks(server) >= enough, "further ticks", 60)


def test_a_clock_that_is_set_back_stalls_no_schedule_and_turns_no_history_round(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The clock of the server's processes stands for the machine's: nobody but root may set that one."""
    machine = tmp_path / "machine"
    machine.mkdir()
    (machine / "sitecustomize.py").write_text(MACHINE)
    (machine / "set_by_s").write_text("0")
    monkeypatch.setenv("PYTHONPATH", str(machine))
    with serving(tmp_path / "server") as server:
        assert server.publish("ticker", {"module/__init__.py": TICKER}).status_code == 200
        wait_for_ticks(server)
        (machine / "set_by_s").write_text(str(-HOUR_S))
        wait_for_ticks(server)
    (machine / "set_by_s").write_text(str(-5 * HOUR_S))
    with serving(tmp_path / "server") as server:
        wait_for_ticks(server)
        answer = server.request("GET", "/database/ticker/history", headers=server.headers)
    newest_first = [json.loads(line)["timestamp"] for line in answer.text.splitlines()]
    assert len(newest_first) > 15
    assert newest_first == sorted(set(newest_first), reverse=True)
