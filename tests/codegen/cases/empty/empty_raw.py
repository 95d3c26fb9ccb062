"""A module that declares nothing."""

from stdbctl.schema import RawModuleDef

RAW = RawModuleDef()
