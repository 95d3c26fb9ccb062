"""The whiteboard's Python client, as `init --client python` makes it: drawn on by keys in a terminal of its own."""

import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.server import serving, wait_until

LIMIT_S = 60.0


class Terminal:
    """A program on a terminal: its keyboard, and all that it has written."""

    def __init__(self, master: int, process: "subprocess.Popen[bytes]") -> None:
        self._master, self._process = master, process
        self._written = b""

    def press(self, keys: str) -> None:
        os.write(self._master, keys.encode())

    def wait_for(self, text: str) -> None:
        """Read until this was written; the test fails when it does not come in time."""
        end = time.monotonic() + LIMIT_S
        while text.encode() not in self._written:
            assert time.monotonic() < end, f"`{text}` did not come: {self._written[-2000:]!r}"
            if select.select([self._master], [], [], 0.1)[0]:
                self._written += os.read(self._master, 65536)
            else:  # what an ended program wrote before was read
                assert self._process.poll() is None, self._written.decode(errors="replace")[-2000:]
        self._written = self._written.partition(text.encode())[2]

    def read_to_the_end(self) -> int:
        """Let the program end, reading what it still writes; its exit status."""
        end = time.monotonic() + LIMIT_S
        while self._process.poll() is None:
            assert time.monotonic() < end, "the program did not end"
            if select.select([self._master], [], [], 0.1)[0]:
                try:
                    os.read(self._master, 65536)
                except OSError:  # the program's side is closed
                    break
        return self._process.wait(LIMIT_S)


@contextmanager
def on_a_terminal(*command: str, cwd: Path, **environment: str) -> Iterator[Terminal]:
    """Run a command on a terminal of 80 columns and 24 lines."""
    master, slave = pty.openpty()
    env = {**os.environ, "TERM": "xterm-256color", "LINES": "24", "COLUMNS": "80", **environment}
    process = subprocess.Popen(command, cwd=cwd, stdin=slave, stdout=slave, stderr=slave, env=env, close_fds=True)
    os.close(slave)
    try:
        yield Terminal(master, process)
    finally:
        process.kill()
        process.wait()
        os.close(master)


def test_a_board_in_a_terminal_draws_shows_and_clears(tmp_path: Path) -> None:
    project = tmp_path / "board"
    make = [sys.executable, "-m", "stdbctl", "init", str(project), "--client", "python", "--yes"]
    subprocess.run(make, check=True, capture_output=True, timeout=LIMIT_S)
    with serving(tmp_path / "server", in_memory=True) as server:
        assert server.publish("board", project).status_code == 200
        settings = {"SPACETIMEDB_HOST": server.url, "SPACETIMEDB_DB_NAME": "board", "HOME": str(tmp_path)}
        with on_a_terminal(sys.executable, "client/board.py", cwd=project, **settings) as terminal:
            terminal.wait_for("0 points")
            assert server.call("board", "add_point", 400.0, 300.0, "#00ff00").status_code == 200
            terminal.wait_for("█")
            terminal.press(" \x1bOC\x1bOB ")
            mine = "SELECT x, y FROM point WHERE color = '#d9480f'"
            wait_until(lambda: len(server.sql("board", mine)) == 2, "what the keys drew", LIMIT_S)
            (first, second) = sorted(server.sql("board", mine))
            assert 0 < first[0] < second[0] < 800 / 20
            assert 0 < first[1] < second[1] < 600 / 8
            terminal.press("c")
            wait_until(lambda: server.sql("board", mine) == [], "the end of what the keys drew", LIMIT_S)
            terminal.press("q")
            assert terminal.read_to_the_end() == 0
        with on_a_terminal(sys.executable, "client/board.py", cwd=project, **settings, TERM="vt100") as terminal:
            terminal.wait_for("1 points")
            terminal.press("q")
            assert terminal.read_to_the_end() == 0
        command = [sys.executable, "client/board.py"]
        env = {**os.environ, **settings, "TERM": "no-such-terminal"}
        refused = subprocess.run(command, cwd=project, env=env, capture_output=True, text=True, timeout=LIMIT_S)
        assert refused.returncode == 1
        assert refused.stderr.splitlines()[-1].startswith("the board needs a terminal")
        assert "Traceback" not in refused.stderr
        assert len(list((tmp_path / ".stdbctl" / "tokens").rglob("*"))) >= 1


def test_clients_whose_server_is_away_say_so_in_one_line(tmp_path: Path) -> None:
    for template, program in (("whiteboard", "client/board.py"), ("empty", "client/main.py")):
        project = tmp_path / template
        make = [sys.executable, "-m", "stdbctl", "init", str(project), "-t", template, "--client", "python"]
        subprocess.run(make, check=True, capture_output=True, timeout=LIMIT_S)
        settings = {"SPACETIMEDB_HOST": "http://127.0.0.1:9", "SPACETIMEDB_DB_NAME": "board", "HOME": str(tmp_path)}
        with on_a_terminal(sys.executable, program, cwd=project, **settings) as terminal:
            terminal.wait_for("no server answers at http://127.0.0.1:9")
            assert terminal.read_to_the_end() == 1
