"""Ports that stay free while a test's server is away: several tests run at once, and servers start all the time."""

import random
import socket
from pathlib import Path

from stdbctl.project import STATE_FOLDER, StateFolder


def free_port() -> int:
    """A port outside the ranges from which systems and our own servers pick theirs."""
    for port in random.SystemRandom().sample(range(10_000, 30_000), 100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port
    raise AssertionError("no free port")


def give_own_port(project: Path) -> str:
    """Let the project's server start on a port that no other test is likely to take; its URL."""
    port = free_port()
    StateFolder(project / STATE_FOLDER).keep_port(port)
    return f"http://127.0.0.1:{port}"
