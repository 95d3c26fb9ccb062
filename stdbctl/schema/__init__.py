"""What a module declares: raw definition, validated ModuleDef, names, validation, migration plan."""

from stdbctl.schema.definition import *  # noqa: F403  # replaced by explicit names with validation
from stdbctl.schema.raw import RawModuleDef
