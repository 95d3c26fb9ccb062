"""Rows as files, JSON Lines and CSV, in both directions and without losing a bit. docs/data.md is its manual."""

from stdbctl.transfer.formats import ENDINGS, FileFormat, format_of
from stdbctl.transfer.modes import ImportMode
from stdbctl.transfer.parts import BrokenParts, PartHead, PartSplitter
from stdbctl.transfer.problems import (
    PROBLEMS_MAX,
    DataProblem,
    NoNumberLeft,
    RowClash,
    UnreadableData,
    WrongValue,
)
from stdbctl.transfer.rows_out import RowWriter
from stdbctl.transfer.seeding import names_its_tables, stage_files
from stdbctl.transfer.staging import StagedTable, Staging

__all__ = [
    "ENDINGS",
    "PROBLEMS_MAX",
    "BrokenParts",
    "DataProblem",
    "FileFormat",
    "ImportMode",
    "NoNumberLeft",
    "PartHead",
    "PartSplitter",
    "RowClash",
    "RowWriter",
    "StagedTable",
    "Staging",
    "UnreadableData",
    "WrongValue",
    "format_of",
    "names_its_tables",
    "stage_files",
]
