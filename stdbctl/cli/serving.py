"""The embedded server where a command needs it: started in the background when none runs, and that is said."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from stdbctl.cli.embedded import running_server, start_detached
from stdbctl.cli.output import note

if TYPE_CHECKING:
    from stdbctl.cli.target import Target
    from stdbctl.client.http import ControlClient


def ensure_server(target: "Target") -> None:
    """Start the embedded server if it is the target and does not run, and say so."""
    if target.is_local and running_server(target.project.state) is None:
        record = start_detached(target.project)
        note(f"started the embedded server: {record.url} (end it with `stdbctl stop`)")


@contextmanager
def served(target: "Target") -> "Iterator[ControlClient]":
    """A client for what is stored, whose server is started if need be; faults: NoServerRuns where nothing is stored."""
    if target.project.state.data_dir.is_dir():
        ensure_server(target)
    with target.connect() as client:
        yield client
