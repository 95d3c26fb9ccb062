"""The `stdbctl` command. `main` answers `--version` by itself: nothing is imported for it that it does not need."""

import sys
from collections.abc import Sequence
from typing import NoReturn

from stdbctl import __version__

__all__ = ["main", "run"]


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return the exit code (docs/cli.md)."""
    if arguments in (["--version"], ["-V"]):
        sys.stdout.write(f"stdbctl {__version__}\n")
        return 0
    from stdbctl.cli.app import run_command

    return run_command(arguments)


def main() -> NoReturn:
    """Run the command line of this process."""
    sys.exit(run(sys.argv[1:]))
