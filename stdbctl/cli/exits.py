"""The exit codes; docs/cli.md lists them."""

import enum


class ExitCode(enum.IntEnum):
    """How a command ended."""

    DONE = 0
    BUG = 1
    """stdbctl itself is wrong: a traceback was printed."""
    COULD_NOT = 2
    """Wrong usage, a fault of the world, or a reducer's error."""
    DECLINED = 3
    """A consent is missing or was declined."""
    FINDINGS = 4
    """Problems in the user's module, or a schema change that is refused."""
    INTERRUPTED = 130
    """Ctrl-C."""
