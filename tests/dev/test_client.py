"""The client's command: its packages, its surroundings, its crashes, its end."""

import os
from pathlib import Path

import pytest

from tests.dev.driving import SOURCE, TOML, developing, make_project, save
from tests.support.server import wait_until

ENVIRONMENT = "env | grep -E '^(VITE_)?SPACETIMEDB_' | sort; sleep 600"


def with_client(folder: Path, run: str, cwd: str = ".") -> Path:
    return make_project(folder, toml=f"{TOML}\n[dev]\nrun = '''{run}'''\ncwd = '{cwd}'\n")


@pytest.fixture
def npm(tmp_path: Path) -> Path:
    """A folder with an `npm` that notes how it was called and makes `node_modules`."""
    folder = tmp_path / "bin"
    folder.mkdir()
    script = folder / "npm"
    script.write_text(
        "#!/bin/sh\necho npm was asked: $*\n[ -e fail ] && exit 7\nmkdir -p node_modules\n"
        "touch node_modules/.package-lock.json\n",
        encoding="utf-8",
    )
    script.chmod(0o755)
    return folder


def test_the_client_runs_after_the_deploy_and_knows_server_and_database(project: Path) -> None:
    with developing(project, "--run", ENVIRONMENT) as dev:
        url = dev.wait_for("server_up")["url"]
        dev.wait_for("live")
        dev.wait_for("client_started", command=ENVIRONMENT, folder=".", is_again=False)
        lines = [dev.wait_for("client_said")["line"] for _ in range(4)]
        assert lines == [
            "SPACETIMEDB_DB_NAME=notes",
            f"SPACETIMEDB_HOST={url}",
            "VITE_SPACETIMEDB_DB_NAME=notes",
            f"VITE_SPACETIMEDB_HOST={url}",
        ]


def test_the_client_runs_where_the_project_file_says(tmp_path: Path) -> None:
    project = with_client(tmp_path / "notes", "pwd; sleep 600", "web")
    (project / "web").mkdir()
    with developing(project) as dev:
        assert dev.said("web") == str(project / "web")


def test_no_client_runs_none(project: Path) -> None:
    with developing(project, "--run", "echo no", "--no-client") as dev:
        dev.begun()
        save(project, SOURCE.replace("version 1", "version 2"))
        dev.wait_for("live")
        assert not [event for event in dev.seen if event["event"].startswith("client")]


def test_a_crashed_client_runs_again_after_a_stated_wait(project: Path) -> None:
    with developing(project, "--run", "echo here; exit 3") as dev:
        waits = []
        for _ in range(3):
            ended = dev.wait_for("client_ended")
            assert ended["status"] == 3
            waits.append(ended["retry_ms"])
        assert waits == [1000, 2000, 4000]
        assert sum(event.get("line") == "here" for event in dev.seen) == 3


def test_a_good_save_runs_a_crashed_client_at_once(project: Path) -> None:
    with developing(project, "--run", "[ -e ready ] && exec sleep 600; exit 1") as dev:
        for _ in range(4):
            dev.wait_for("client_ended")
        (project / "ready").touch()
        save(project, SOURCE + "\n\ndef broken(:\n")
        dev.wait_for("rejected")
        assert dev.seen[-1]["event"] == "rejected"
        save(project, SOURCE.replace("version 1", "version 2"))
        dev.wait_for("live")
        assert dev.next()["event"] == "client_started"


def test_a_client_that_is_done_runs_again_at_the_next_good_save(project: Path) -> None:
    with developing(project, "--run", "echo built") as dev:
        assert dev.wait_for("client_ended", status=0)["retry_ms"] is None
        save(project, SOURCE.replace("version 1", "version 2"))
        dev.wait_for("client_started", is_again=True)
        dev.said("built")


def test_a_client_killed_by_a_signal_says_so(project: Path) -> None:
    with developing(project, "--run", "kill -SEGV $$") as dev:
        assert dev.wait_for("client_ended")["status"] == 128 + 11


def test_a_command_that_does_not_exist_is_told(project: Path) -> None:
    with developing(project, "--run", "no-such-command") as dev:
        assert "not found" in dev.said("no-such-command")
        assert dev.wait_for("client_ended")["status"] == 127


def test_output_comes_line_by_line_without_cursor_movements(project: Path) -> None:
    write = r"printf '\033[2J\033[H\033[31mred\033[0m\n10%%\r100%%\nno end'"
    with developing(project, "--run", write) as dev:
        assert dev.wait_for("client_said")["line"] == "\x1b[31mred\x1b[0m"
        assert dev.wait_for("client_said")["line"] == "100%"
        assert dev.wait_for("client_said")["line"] == "no end"


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    project = with_client(tmp_path / "notes", "true", "nowhere")
    with developing(project) as dev:
        assert dev.wait_for("trouble")["error"]["code"] == "dev.no_client_folder"


def test_missing_packages_are_installed_before_the_client_runs(tmp_path: Path, npm: Path) -> None:
    project = with_client(tmp_path / "notes", "ls node_modules && echo started; sleep 600")
    for name in ("package.json", "package-lock.json"):
        (project / name).write_text("{}", encoding="utf-8")
    path = f"{npm}{os.pathsep}{os.environ['PATH']}"
    with developing(project, PATH=path) as dev:
        assert dev.wait_for("installing")["command"].startswith("npm ci")
        assert dev.wait_for("client_said")["line"].startswith("npm was asked: ci")
        dev.wait_for("installed")
        dev.said("started")
        assert dev.end() == 0
    with developing(project, PATH=path) as dev:
        dev.said("started")
        assert not [event for event in dev.seen if event["event"] == "installing"]


def test_a_failed_installation_is_tried_again(tmp_path: Path, npm: Path) -> None:
    project = with_client(tmp_path / "notes", "echo started; sleep 600")
    (project / "package.json").write_text("{}", encoding="utf-8")
    (project / "fail").touch()
    with developing(project, PATH=f"{npm}{os.pathsep}{os.environ['PATH']}") as dev:
        ended = dev.wait_for("client_ended")
        assert (ended["is_install"], ended["status"], ended["retry_ms"]) == (True, 7, 1000)
        (project / "fail").unlink()
        dev.said("started")


def test_another_command_in_the_project_file_replaces_the_client(tmp_path: Path) -> None:
    project = with_client(tmp_path / "notes", "echo first; sleep 600")
    with developing(project) as dev:
        dev.begun().said("first")
        (project / "stdbctl.toml").write_text(f"{TOML}\n[dev]\nrun = 'echo second; sleep 600'\n", encoding="utf-8")
        dev.said("second")
        wait_until(lambda: _running(dev.marked(), "echo first") == 0, "the end of the first client")


def _running(pids: list[int], text: str) -> int:
    """How many of these processes have `text` in their command line."""
    count = 0
    for pid in pids:
        try:
            count += text in Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
        except OSError:
            continue
    return count
