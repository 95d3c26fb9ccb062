"""A PostgreSQL cluster of its own, for as long as a benchmark runs: durable, as it comes, on a Unix socket only."""

import contextlib
import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

START_S = 60.0
USER = "postgres"
"""Who runs it when we are root, as which PostgreSQL does not run; Debian's package makes this user."""


class Missing(Exception):
    """What a benchmark needs is not installed; the text says what to do."""


def binaries() -> Path:
    """Where `initdb` and `postgres` are; Missing when they are not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    elsewhere = shutil.which("postgres")
    if elsewhere is None:
        raise Missing("PostgreSQL is not installed: on Debian, `apt install postgresql`")
    return Path(elsewhere).resolve().parent


@contextlib.contextmanager
def cluster(folder: Path) -> Iterator[Path]:
    """Make a cluster in an empty folder and serve it; gives the folder of its socket."""
    at, sockets, log = binaries(), folder / "socket", folder / "postgres.log"
    sockets.mkdir()
    if os.geteuid() == 0:
        account = pwd.getpwnam(USER)
        for path in (folder, sockets):
            os.chown(path, account.pw_uid, account.pw_gid)
    data = folder / "data"
    _run([at / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale"], folder)
    _run([at / "pg_ctl", "-D", data, "-l", log, "-w", "-o", f"-c listen_addresses= -k {sockets}", "start"], folder)
    try:
        yield sockets
    finally:
        _run([at / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop"], folder)


def _run(command: Sequence[object], folder: Path) -> None:
    user = USER if os.geteuid() == 0 else None
    words = [str(word) for word in command]
    done = subprocess.run(
        words, cwd=folder, user=user, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, timeout=START_S
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(words)}: {done.stderr}")
