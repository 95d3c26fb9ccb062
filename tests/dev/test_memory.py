"""Hundreds of saves leave nothing behind in the process that loads them."""

import gc
import sys
from pathlib import Path

from stdbctl.dev.changes import Outline
from stdbctl.dev.loading import load
from stdbctl.errors import Problem
from stdbctl.module import Loaded, pack
from tests.dev.driving import SOURCE, make_project, save

WARM_UP, SAVES = 20, 200


def test_versions_leave_memory_when_the_next_one_comes(tmp_path: Path) -> None:
    project = make_project(tmp_path / "notes")
    counts = []
    for number in range(WARM_UP + SAVES):
        bad = number % 10 == 9
        save(project, SOURCE.replace("version 1", f"version {number}") + ("\n1 / 0\n" if bad else ""))
        loaded = load(pack(project / "module", project))
        assert isinstance(loaded, tuple) is bad
        outline = Outline.of(loaded) if isinstance(loaded, Loaded) else loaded
        del loaded
        if number >= WARM_UP and number % 20 == 0:
            gc.collect()
            counts.append(len(gc.get_objects()))
    del outline
    gc.collect()
    assert not [name for name in sys.modules if name.startswith("module@")]
    assert counts[-1] - counts[0] < SAVES, counts
    assert not [item for item in gc.get_objects() if isinstance(item, Loaded | Problem)]
