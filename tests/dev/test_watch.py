"""Noticing saves where the system reports none."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.dev.driving import make_project

# A process of its own: it uses up what the system lets it have.
WATCHING = """
import os, resource, sys, threading
from pathlib import Path
import watchfiles
from stdbctl.dev.watch import Watcher
from stdbctl.project import Project

project = Project.find(Path(sys.argv[1]))
looks, blind = threading.Semaphore(0), []
ignore = lambda: None
watcher = Watcher(project, look=looks.release, changed=ignore, project_file_changed=ignore, blind=blind.append)
_, most = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (len(os.listdir("/proc/self/fd")) - 1, most))
watcher.start()
for _ in range(3):
    assert looks.acquire(timeout=60)
watcher.stop()
print(*blind, sep="\\n")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="counts open files in /proc")
def test_without_reports_of_the_system_the_module_is_looked_at_all_the_same(tmp_path: Path) -> None:
    project = make_project(tmp_path / "notes")
    done = subprocess.run(
        [sys.executable, "-c", WATCHING, str(project)], capture_output=True, text=True, timeout=100, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    (line,) = done.stdout.splitlines()
    assert line.startswith(f"the system does not report changes in {project / 'module'}"), line
