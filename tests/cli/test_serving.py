"""start, stop, ps: one server per checkout, ready when it says so, gone when it says so."""

import json
import os
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from stdbctl.project import StateFolder
from tests.cli.terminal import background, copy_board, stdbctl
from tests.support.ports import give_own_port


def state_of(project: Path) -> dict[str, Any]:
    """What `ps` says, as JSON."""
    state: dict[str, Any] = json.loads(stdbctl("ps", "--format", "json", cwd=project).out)
    return state


def test_detached_server_serves_until_stopped(project: Path) -> None:
    started = stdbctl("start", "--detach", cwd=project)
    assert (started.code, started.err) == (0, "")
    state = state_of(project)
    assert started.out == f"stdbctl serving {state['url']} (data .stdbctl/data)\n"
    assert json.loads((project / ".stdbctl" / "server.json").read_text(encoding="utf-8")) == {
        "url": state["url"],
        "pid": state["pid"],
        "data_dir": str(project / ".stdbctl" / "data"),
    }
    stopped = stdbctl("stop", cwd=project)
    assert stopped.out == f"stopped {state['url']} (pid {state['pid']})\n"
    assert not (project / ".stdbctl" / "server.json").exists()
    assert not Path(f"/proc/{state['pid']}").exists()


def test_nothing_runs(project: Path) -> None:
    assert stdbctl("ps", cwd=project).out == "no embedded server is running\n"
    assert state_of(project) == {"url": None, "pid": None, "data_dir": None, "databases": []}
    stopped = stdbctl("stop", cwd=project)
    assert (stopped.code, stopped.out) == (0, "no embedded server was running\n")
    assert json.loads(stdbctl("stop", "--format", "json", cwd=project).out) == {"stopped": False, "pid": None}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_foreground_server_ends_clean_by_signal(project: Path, number: signal.Signals) -> None:
    serving = background("start", cwd=project)
    assert serving.stdout is not None
    line = serving.stdout.readline()
    assert line.startswith("stdbctl serving http://127.0.0.1:")
    serving.send_signal(number)
    out, err = serving.communicate(timeout=60)
    assert (serving.returncode, out, err) == (0, "", "")
    assert stdbctl("ps", cwd=project).out == "no embedded server is running\n"


def test_second_start_is_refused_naming_pid_and_url(project: Path) -> None:
    stdbctl("start", "--detach", cwd=project)
    state = state_of(project)
    second = stdbctl("start", cwd=project)
    assert (second.code, second.out) == (2, "")
    assert state["url"] in second.err
    assert f"pid {state['pid']}" in second.err


def test_second_detached_start_says_that_it_already_serves(project: Path) -> None:
    stdbctl("start", "--detach", cwd=project)
    state = state_of(project)
    second = stdbctl("start", "--detach", cwd=project)
    assert (second.code, second.out) == (0, f"already serving {state['url']} (pid {state['pid']})\n")


def test_commands_that_start_it_at_once_share_one_server(project: Path) -> None:
    with ThreadPoolExecutor(3) as pool:
        ends = list(pool.map(lambda _: stdbctl("start", "--detach", "--format", "json", cwd=project), range(3)))
    assert [ended.code for ended in ends] == [0, 0, 0], [ended.err for ended in ends]
    assert len({ended.out for ended in ends}) == 1


def test_killed_server_is_no_obstacle(project: Path) -> None:
    stdbctl("start", "--detach", cwd=project)
    before = state_of(project)
    supervisor = int((project / ".stdbctl" / "server.lock").read_text(encoding="utf-8"))
    os.kill(supervisor, signal.SIGKILL)
    again = stdbctl("start", "--detach", cwd=project)
    assert again.code == 0, again.err
    after = state_of(project)
    assert after["pid"] != before["pid"]


def test_port_is_kept(project: Path) -> None:
    own = give_own_port(project)
    for _ in range(2):
        stdbctl("start", "--detach", cwd=project)
        assert state_of(project)["url"] == own
        stdbctl("stop", cwd=project)


def test_port_that_was_found_is_the_next_one(project: Path) -> None:
    stdbctl("start", "--detach", cwd=project)
    assert state_of(project)["url"].endswith(f":{StateFolder(project / '.stdbctl').kept_port()}")


def test_two_checkouts_serve_side_by_side(project: Path, tmp_path: Path) -> None:
    other = copy_board(tmp_path / "other")
    stdbctl("start", "--detach", cwd=project)
    try:
        stdbctl("start", "--detach", cwd=other)
        assert state_of(project)["url"] != state_of(other)["url"]
    finally:
        stdbctl("stop", cwd=other)


def test_given_port_that_is_taken_is_said_in_front(project: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = stdbctl("start", "--detach", "--listen", f"127.0.0.1:{port}", cwd=project)
    assert (done.code, done.out) == (2, "")
    assert f"port {port} of 127.0.0.1 cannot be used" in done.err


def test_in_memory_server_keeps_nothing(project: Path) -> None:
    started = stdbctl("start", "--detach", "--in-memory", cwd=project)
    assert started.out.endswith(" (in memory)\n")
    assert state_of(project)["data_dir"] is None
    assert stdbctl("deploy", cwd=project).code == 0
    stdbctl("stop", cwd=project)
    assert not (project / ".stdbctl" / "data").exists()


def test_data_folder_is_relative_to_where_one_is(project: Path) -> None:
    started = stdbctl("start", "--detach", "--data-dir", "mine", "--project", str(project), cwd=project.parent)
    assert started.out.endswith(" (data mine)\n")
    stdbctl("deploy", cwd=project)
    assert any((project.parent / "mine").iterdir())


def test_contradicting_flags_are_refused(project: Path) -> None:
    assert stdbctl("start", "--in-memory", "--data-dir", "x", cwd=project).code == 2


def test_operators_token_is_private(project: Path) -> None:
    stdbctl("start", "--detach", cwd=project)
    assert (project / ".stdbctl" / "operator.token").stat().st_mode & 0o777 == 0o600
    assert (project / ".stdbctl" / ".gitignore").read_text(encoding="utf-8") == "*\n"


def test_start_works_with_closed_streams(project: Path) -> None:
    done = subprocess.run(
        ["sh", "-c", '"$0" -m stdbctl start --detach <&- >&- 2>&-', sys.executable],
        cwd=project,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0
    assert state_of(project)["url"] is not None
