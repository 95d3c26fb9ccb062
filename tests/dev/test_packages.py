"""Whether a client's packages must be installed, and how."""

import os
from pathlib import Path

import pytest

from stdbctl.dev.packages import install_command


def put(folder: Path, name: str, age_s: int) -> None:
    """A file that was last written so many seconds ago."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("{}", encoding="utf-8")
    os.utime(path, (1_000_000 - age_s, 1_000_000 - age_s))


def test_without_a_package_file_nothing_is_installed(tmp_path: Path) -> None:
    assert install_command(tmp_path) is None


def test_without_a_lock_npm_resolves_once(tmp_path: Path) -> None:
    put(tmp_path, "package.json", 10)
    assert install_command(tmp_path) == "npm install --no-audit --no-fund"
    (tmp_path / "node_modules").mkdir()
    assert install_command(tmp_path) is None


@pytest.mark.parametrize(
    ("lock", "mark", "command"),
    [
        ("package-lock.json", "node_modules/.package-lock.json", "npm ci --no-audit --no-fund"),
        ("pnpm-lock.yaml", "node_modules/.modules.yaml", "pnpm install --frozen-lockfile"),
        ("yarn.lock", "node_modules/.yarn-integrity", "yarn install --frozen-lockfile"),
        ("bun.lock", "node_modules/.bun", "bun install --frozen-lockfile"),
    ],
)
def test_a_lock_says_who_installs_and_when_again(tmp_path: Path, lock: str, mark: str, command: str) -> None:
    put(tmp_path, "package.json", 10)
    put(tmp_path, lock, 10)
    assert install_command(tmp_path) == command
    put(tmp_path, mark, 5)
    os.utime(tmp_path / "node_modules", (999_995, 999_995))
    assert install_command(tmp_path) is None
    put(tmp_path, lock, 1)
    assert install_command(tmp_path) == command
