"""The command line as a user runs it: on a copy of a small project, with pipes or on a terminal."""

import io
import os
import pty
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stdbctl.cli import run
from stdbctl.project import STATE_FOLDER

BOARD = Path(__file__).parent / "board"
STDBCTL = (sys.executable, "-m", "stdbctl")


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str


Command = Callable[..., Ended]


_STARTING = (("deploy",), ("publish",), ("undo",), ("snapshot",), ("history",), ("export",), ("import",), ("reset",))
"""They start a server where none runs."""


def stdbctl(*arguments: str, cwd: Path) -> Ended:
    """Run the command line without a terminal; in this process, which is faster, unless it may start a server."""
    serves = (cwd / STATE_FOLDER / "server.json").exists()
    may_start = arguments[:1] == ("start",) or (arguments[:1] in _STARTING and not serves)
    if may_start and "--dry-run" not in arguments:
        return process(*arguments, cwd=cwd)
    with chdir(cwd), redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as err:
        code = run(arguments)
    return Ended(code, out.getvalue(), err.getvalue())


def process(*arguments: str, cwd: Path, **options: Any) -> Ended:  # Any: whatever subprocess.run takes
    """Run the command line without a terminal, in a process of its own."""
    options = {"stdin": subprocess.DEVNULL, "timeout": 100, **options}
    done = subprocess.run([*STDBCTL, *arguments], cwd=cwd, capture_output=True, text=True, **options)
    return Ended(done.returncode, done.stdout, done.stderr)


def background(*arguments: str, cwd: Path) -> "subprocess.Popen[str]":
    """Start a command that goes on until it is ended; its streams are pipes."""
    return subprocess.Popen(
        [*STDBCTL, *arguments],
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def on_a_terminal(*arguments: str, cwd: Path, typed: str = "", **environment: str) -> Ended:
    """Run the command line on a pseudo-terminal; `out` is all that appeared; each question gets a line of `typed`."""
    env = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR", "CI")}
    env |= {"TERM": "xterm-256color", "COLUMNS": "200", **environment}
    master, slave = pty.openpty()
    child = subprocess.Popen([*STDBCTL, *arguments], cwd=cwd, stdin=slave, stdout=slave, stderr=slave, env=env)
    os.close(slave)
    shown = b""
    while True:
        try:
            part = os.read(master, 65536)
        except OSError:  # how Linux says that nobody holds the other end any more
            break
        if not part:
            break
        shown += part
        if typed and shown.endswith((b"[y/N] ", b"]: ", b" to agree: ")):
            line, newline, typed = typed.partition("\n")
            os.write(master, f"{line}{newline}".encode())
    os.close(master)
    return Ended(child.wait(100), shown.decode().replace("\r\n", "\n"), "")


def copy_board(folder: Path) -> Path:
    """A fresh copy of the test project in `folder`."""
    shutil.copytree(BOARD, folder, ignore=shutil.ignore_patterns("__pycache__", ".stdbctl", "bindings"))
    return folder


def edit(project: Path, old: str, new: str) -> None:
    """Change the module of a copied project."""
    file = project / "module" / "__init__.py"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")
