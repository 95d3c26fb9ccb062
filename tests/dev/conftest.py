"""Projects for the tests of the development loop."""

from pathlib import Path

import pytest

from tests.dev.driving import make_project


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project of one's own."""
    return make_project(tmp_path / "notes")
