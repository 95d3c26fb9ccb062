"""Run `stdbctl dev` on the sample project, and say where its page is once it answers; signals end all of it."""

import contextlib
import queue
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

from stdbctl.project import is_free

SAMPLE = Path(__file__).parent.parent / "sample_project"
FIRST_PORT, PORTS = 4173, 100
READY_S = 300.0
"""How long installing, deploying and building may take; the packages come over the network."""
QUIET_S = 0.5
"""Nothing was said for so long: what is said about the start has been said."""


def main() -> int:
    port = next(port for port in range(FIRST_PORT, FIRST_PORT + PORTS) if is_free(port))
    serve = f"npm run build && exec npm run preview -- --host 127.0.0.1 --port {port} --strictPort"
    dev = subprocess.Popen(
        [sys.executable, "-m", "stdbctl", "dev", "--run", serve],
        cwd=SAMPLE,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        process_group=0,  # Ctrl-C reaches it once: by way of this process
    )
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: dev.send_signal(number))
    lines = lines_of(dev)
    url = f"http://127.0.0.1:{port}/"
    if not relay_until_it_answers(lines, url):
        if dev.poll() is None:
            print(f"the page did not answer within {READY_S:.0f} s", file=sys.stderr)
            dev.terminate()
        return dev.wait() or 1
    print(f"ready {url}", flush=True)
    while (line := lines.get()) is not None:
        print(line, end="", flush=True)
    return dev.wait()


def lines_of(dev: "subprocess.Popen[str]") -> "queue.Queue[str | None]":
    """What it says, line by line; None at its end."""
    lines: queue.Queue[str | None] = queue.Queue(maxsize=10_000)

    def read() -> None:
        assert dev.stdout is not None
        for line in dev.stdout:
            lines.put(line)
        lines.put(None)

    threading.Thread(target=read, daemon=True).start()
    return lines


def relay_until_it_answers(lines: "queue.Queue[str | None]", url: str) -> bool:
    """Show what is said until the page answers and nothing more is said; False when it ended, or takes too long.

    A server says where it is just after it began to answer: so silence counts only from the answer on.
    """
    deadline, has_answered = time.monotonic() + READY_S, False
    while time.monotonic() < deadline:
        try:
            line = lines.get(timeout=QUIET_S)
        except queue.Empty:
            if has_answered:
                return True
            has_answered = answers(url)
            continue
        if line is None:
            return False
        print(line, end="", flush=True)
    return False


def answers(url: str) -> bool:
    """Whether the page is served."""
    with contextlib.suppress(urllib.error.URLError, OSError), urllib.request.urlopen(url, timeout=5) as answer:
        return bool(answer.status == 200)
    return False


if __name__ == "__main__":
    sys.exit(main())
