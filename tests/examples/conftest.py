"""A server for the examples, and the databases that they join."""

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.server import REPOSITORY, RunningServer, serving

EXAMPLES = REPOSITORY / "docs" / "examples"
_NUMBERS = itertools.count()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with serving(tmp_path_factory.mktemp("examples"), in_memory=True) as server:
        yield server


@pytest.fixture
def publish(server: RunningServer) -> Callable[[Path], str]:
    """Publish a project's module as a database of its own; the name."""

    def publish(project: Path) -> str:
        name = f"{project.name.replace('_', '-')}-{next(_NUMBERS)}"
        answer = server.publish(name, project)
        assert answer.status_code in (200, 201), answer.text
        return name

    return publish


@pytest.fixture
def whiteboard(publish: Callable[[Path], str]) -> str:
    """An empty whiteboard of the sample's."""
    return publish(REPOSITORY / "sample_project")
