"""Where a definition comes from: the project's module, a module at a path, or a running server."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from stdbctl.cli.loading import load_path
from stdbctl.cli.target import find_target, server_named
from stdbctl.errors import Place
from stdbctl.project import LOCAL

if TYPE_CHECKING:
    from stdbctl.module import Loaded
    from stdbctl.schema import ModuleDef, Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Remote:
    """What a server says of a database; a definition that came over the network has no places."""

    module: "ModuleDef"
    places: "Mapping[Subject, Place]" = field(default_factory=dict)


def ask_server(project: Path | None, server: str, database: str) -> Remote:
    """Ask a server for the definition of a database, as nobody in particular: schemas are open to all.

    Faults: the server cannot be reached, has no such database, or answers with something else.
    """
    from stdbctl.client.http import ControlClient

    server = server_named(server)
    url = find_target(project, server).url() if server == LOCAL else server
    with ControlClient(url) as client:
        return Remote(module=client.schema(database))


def load_from(path: Path) -> "Loaded":
    """Load the module package at `path`, whose places are shown relative to the working folder; raises Problems."""
    here = Path.cwd()
    return load_path(path, here if path.resolve().is_relative_to(here.resolve()) else path.resolve().parent)
