"""The client's npm packages: whether they must be installed, and by which command."""

from pathlib import Path

_MANAGERS = (
    # lock file, what it says once everything is installed, the command
    ("package-lock.json", "node_modules/.package-lock.json", "npm ci"),
    ("pnpm-lock.yaml", "node_modules/.modules.yaml", "pnpm install --frozen-lockfile"),
    ("yarn.lock", "node_modules", "yarn install --frozen-lockfile"),
    ("bun.lock", "node_modules", "bun install --frozen-lockfile"),
)
_NPM_FLAGS = " --no-audit --no-fund"
"""Both flags keep npm from asking its registry more than it must."""


def install_command(folder: Path) -> str | None:
    """The command that brings the packages of the client in `folder`; None when there is nothing to do.

    Something is to be done when there is a `package.json`, and `node_modules` is missing or older than the lock file.
    """
    if not (folder / "package.json").is_file():
        return None
    for lock, mark, command in _MANAGERS:
        if (folder / lock).is_file():
            full = command + (_NPM_FLAGS if command.startswith("npm") else "")
            return full if _is_newer(folder / lock, folder / mark) else None
    return None if (folder / "node_modules").is_dir() else f"npm install{_NPM_FLAGS}"


def _is_newer(lock: Path, mark: Path) -> bool:
    try:
        return lock.stat().st_mtime_ns > mark.stat().st_mtime_ns
    except FileNotFoundError:
        return True
