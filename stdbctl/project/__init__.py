"""A project on disk: stdbctl.toml, the `.stdbctl/` folder, ports, the embedded server's whereabouts, local users."""

from stdbctl.project.config import LOCAL, DevConfig, GenerateConfig, ProjectConfig, database_name_error, parse_config
from stdbctl.project.errors import (
    BadListenAddress,
    BadProjectFile,
    BadUserName,
    BrokenStateFile,
    MissingKey,
    NoFreePort,
    NoProject,
    PortTaken,
    ProjectFileSyntax,
    ServerAlreadyRuns,
    StateNotWritable,
    UnknownKey,
    WrongValue,
)
from stdbctl.project.identities import IdentityBook, RememberedIdentity
from stdbctl.project.nearest import did_you_mean, nearest
from stdbctl.project.ports import LOOPBACK, ListenAddress, is_free, listen_on, listen_on_first_free
from stdbctl.project.project import PROJECT_FILE, STATE_FOLDER, Project, find_root
from stdbctl.project.state import ServerRecord, StateFolder, is_alive

__all__ = [
    "LOCAL",
    "LOOPBACK",
    "PROJECT_FILE",
    "STATE_FOLDER",
    "BadListenAddress",
    "BadProjectFile",
    "BadUserName",
    "BrokenStateFile",
    "DevConfig",
    "GenerateConfig",
    "IdentityBook",
    "ListenAddress",
    "MissingKey",
    "NoFreePort",
    "NoProject",
    "PortTaken",
    "Project",
    "ProjectConfig",
    "ProjectFileSyntax",
    "RememberedIdentity",
    "ServerAlreadyRuns",
    "ServerRecord",
    "StateFolder",
    "StateNotWritable",
    "UnknownKey",
    "WrongValue",
    "database_name_error",
    "did_you_mean",
    "find_root",
    "is_alive",
    "is_free",
    "listen_on",
    "listen_on_first_free",
    "nearest",
    "parse_config",
]
