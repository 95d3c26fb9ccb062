"""Make `sample_project/` what `stdbctl init --template whiteboard` makes: `python -m tests.project.renew_sample`."""

import tempfile
from pathlib import Path

from stdbctl.cli import run

ROOT = Path(__file__).parent.parent.parent
SAMPLE = ROOT / "sample_project"
NOT_MADE = {"node_modules", "dist", ".stdbctl", "__pycache__", ".pytest_cache", ".vite"}
"""Folders that appear while the sample is used; git ignores them."""


def files_in(folder: Path) -> dict[str, bytes]:
    """Path relative to `folder` -> content, of all that `init` made."""
    files = (path for path in folder.rglob("*") if path.is_file())
    relative = {path.relative_to(folder): path for path in files}
    return {
        name.as_posix(): path.read_bytes() for name, path in sorted(relative.items()) if not NOT_MADE & {*name.parts}
    }


def make_whiteboard(parent: Path) -> Path:
    """Run `stdbctl init` with its default folder name; the new project."""
    folder = parent / "whiteboard"
    assert run(["init", str(folder), "--template", "whiteboard", "--yes"]) == 0
    return folder


def renew() -> None:
    with tempfile.TemporaryDirectory() as parent:
        new = files_in(make_whiteboard(Path(parent)))
    for name in files_in(SAMPLE).keys() - new.keys():
        (SAMPLE / name).unlink()
    for name, content in new.items():
        (SAMPLE / name).parent.mkdir(parents=True, exist_ok=True)
        (SAMPLE / name).write_bytes(content)


if __name__ == "__main__":
    renew()
