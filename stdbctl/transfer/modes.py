"""What an import does with the rows that are there already."""

import enum


class ImportMode(enum.Enum):
    """The value is what command line and route call it."""

    APPEND = "append"
    """They stay; a row with the primary key or another unique value of one of them is a problem."""
    MERGE = "merge"
    """A row with the primary key of one of them takes its place; the others stay."""
    REPLACE = "replace"
    """Those of the imported tables go first."""
