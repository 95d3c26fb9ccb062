"""Whatever ends dev, nothing that it started is left; what it joined goes on."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from stdbctl.project import STATE_FOLDER, StateFolder
from tests.cli.terminal import stdbctl
from tests.dev.driving import SECONDS, SOURCE, answers, developing, save

LOUD = "trap '' TERM; echo deaf; while :; do sleep 1; done"
"""A client that does not end when it is asked to."""
RUNAWAY = "setsid sh -c 'echo away; sleep 600' & echo here; sleep 600"
"""A client that starts something in a session of its own."""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_client_and_server(project: Path, number: int) -> None:
    with developing(project, "--run", "echo here; sleep 600 & sleep 600") as dev:
        dev.said("here")
        assert dev.end(number) == 0
        assert dev.marked() == []


def test_a_client_that_does_not_listen_is_killed(project: Path) -> None:
    with developing(project, "--run", LOUD) as dev:
        dev.said("deaf")
        assert dev.end() == 0
        assert dev.marked() == []


def test_the_second_signal_ends_it_at_once(project: Path) -> None:
    with developing(project, "--run", LOUD) as dev:
        dev.said("deaf")
        dev.process.send_signal(signal.SIGINT)
        dev.wait_for("ending")
        assert dev.end() == 130
        dev.none_is_left()


def test_what_left_the_group_is_ended_too(project: Path) -> None:
    with developing(project, "--run", RUNAWAY) as dev:
        dev.said("away")
        assert dev.end() == 0
        assert dev.marked() == []


def test_a_client_that_ended_leaves_nothing_behind(project: Path) -> None:
    with developing(project, "--run", "sleep 600 & setsid sleep 600 & exit 0") as dev:
        server = dev.wait_for("server_up")["pid"]
        dev.wait_for("client_ended")
        commands = [Path(f"/proc/{pid}/cmdline").read_text() for pid in dev.marked()]
        assert not [command for command in commands if command.startswith("sleep")]
        assert server in dev.marked()


def test_kill_9_of_dev_ends_client_and_server(project: Path) -> None:
    with developing(project, "--run", RUNAWAY) as dev:
        dev.said("away")
        dev.end(signal.SIGKILL)
        dev.none_is_left()


def test_a_signal_before_the_server_is_up_leaves_nothing(project: Path) -> None:
    with developing(project, "--run", "sleep 600") as dev:
        # The server's process exists before it answers; dev is ended in between.
        while len(dev.marked()) < 2:
            pass
        assert dev.end(signal.SIGTERM) == 0
        dev.none_is_left()


def test_a_server_that_ran_before_goes_on(project: Path) -> None:
    assert stdbctl("start", "--detach", cwd=project).code == 0
    try:
        with developing(project) as dev:
            up = dev.wait_for("server_up")
            assert (up["is_started"], up["is_ours"]) == (False, False)
            dev.begun()
            assert dev.end() == 0
            assert answers(up["url"])
    finally:
        assert stdbctl("stop", cwd=project).code == 0


def test_a_killed_server_is_started_again_with_its_rows(project: Path) -> None:
    with developing(project) as dev:
        first = dev.wait_for("server_up")
        dev.begun()
        dev.texts()
        os.kill(first["pid"], signal.SIGKILL)
        assert dev.wait_for("server_lost")["pid"] == first["pid"]
        again = dev.wait_for("server_up")
        assert (again["url"], again["is_again"], again["is_ours"]) == (first["url"], True, True)
        assert dev.wait_for("live")["op"] == "unchanged"
        assert dev.texts() == ["version 1"] * 2
        save(project, SOURCE.replace("version 1", "version 2"))
        dev.wait_for("live")
        assert dev.texts()[-1] == "version 2"
        assert dev.end() == 0
        assert dev.marked() == []


def test_a_joined_server_that_ends_is_replaced(project: Path) -> None:
    assert stdbctl("start", "--detach", cwd=project).code == 0
    with developing(project) as dev:
        dev.begun()
        assert stdbctl("stop", cwd=project).code == 0
        dev.wait_for("server_lost")
        up = dev.wait_for("server_up")
        assert (up["is_started"], up["is_ours"], up["is_again"]) == (True, True, True)
        assert dev.end() == 0
        assert dev.marked() == []


def test_a_server_that_cannot_start_ends_dev_with_the_reason(project: Path) -> None:
    state = project / STATE_FOLDER
    state.mkdir(exist_ok=True)
    (state / "data").write_text("no folder", encoding="utf-8")
    with developing(project) as dev:
        assert dev.ended() == 2
        assert '"cli.start_failed"' in "".join(dev.errors)


def test_no_project_is_a_plain_error(tmp_path: Path) -> None:
    with developing(tmp_path) as dev:
        assert dev.ended() == 2
        assert '"project.not_found"' in "".join(dev.errors)


def test_a_reader_that_leaves_ends_dev(project: Path) -> None:
    command = [sys.executable, "-m", "stdbctl", "dev", "--run", "while :; do echo line; done"]
    process = subprocess.Popen(command, cwd=project, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    while "line" not in process.stdout.readline():
        pass
    process.stdout.close()
    _, errors = process.communicate(timeout=SECONDS)
    assert (process.returncode, errors) == (0, "")


def test_deploy_watch_leaves_its_server_running(project: Path) -> None:
    with developing(project, "--watch", command="deploy") as dev:
        up = dev.wait_for("server_up")
        assert (up["is_started"], up["is_ours"]) == (True, False)
        dev.begun()
        save(project, SOURCE.replace("version 1", "version 2"))
        dev.wait_for("live")
        assert dev.texts() == ["version 2"]
        assert not [event for event in dev.seen if event["event"] == "logged"]
        assert dev.end() == 0
        assert answers(up["url"])
        assert StateFolder(project / STATE_FOLDER).server() is not None
    assert stdbctl("stop", cwd=project).code == 0
