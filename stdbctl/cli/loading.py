"""The project's module, loaded on this side of the network: its definition, or all of its problems."""

from typing import TYPE_CHECKING

from stdbctl.errors import Problems
from stdbctl.project import Project

if TYPE_CHECKING:
    from stdbctl.module import Loaded


def load_module(project: Project) -> "Loaded":
    """Load the module package of the project.

    Raises:
        Problems: everything that is wrong with it.
    """
    from stdbctl.module import Loaded, load_package

    loaded = load_package(project.module_path, project.root)
    if not isinstance(loaded, Loaded):
        raise Problems(loaded)
    return loaded
