"""`make demo`: the last line says where the page is, it is served there, and SIGTERM ends all of it."""

import os
import shutil
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

from tests.support.server import wait_until

ROOT = Path(__file__).parent.parent
NPM = """#!/bin/sh
case "$1 $2" in
"ci "*) mkdir -p node_modules && touch node_modules/.package-lock.json ;;
"run build") mkdir -p dist && echo "$VITE_SPACETIMEDB_HOST $VITE_SPACETIMEDB_DB_NAME" > dist/index.html ;;
"run preview") shift 3; exec "$PYTHON" -m http.server --bind "$2" --directory dist "$4" ;;
esac
"""
"""Stands for the real one, which needs a network: makes what npm and Vite would make."""


def test_demo_says_where_the_page_is_and_ends_clean(tmp_path: Path) -> None:
    for folder in ("scripts", "sample_project"):
        shutil.copytree(
            ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("node_modules", ".stdbctl", "dist")
        )
    npm = tmp_path / "bin" / "npm"
    npm.parent.mkdir()
    npm.write_text(NPM, encoding="utf-8")
    npm.chmod(0o755)
    environment = {**os.environ, "PATH": f"{npm.parent}{os.pathsep}{os.environ['PATH']}", "PYTHON": sys.executable}
    demo = subprocess.Popen(
        [sys.executable, tmp_path / "scripts" / "demo.py"], env=environment, stdout=subprocess.PIPE, text=True
    )
    assert demo.stdout is not None
    with demo.stdout as shown:
        line = next((line for line in shown if line.startswith("ready ")), "it ended before it was ready")
        url = line.removeprefix("ready ").strip()
        server, database = urllib.request.urlopen(url, timeout=60).read().decode().split()
        assert database == "whiteboard"
        assert urllib.request.urlopen(f"{server}/v1/ping", timeout=60).status == 200
        demo.send_signal(signal.SIGTERM)
        assert demo.wait(60) == 0
    wait_until(lambda: not (tmp_path / "sample_project" / ".stdbctl" / "server.json").exists(), "the server's end")
