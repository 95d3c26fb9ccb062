"""What the control client gives and takes of rows as files: routes of stdbctl's own server (docs/data.md)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Self  # Any: JSON data

from stdbctl.client.errors import Refused
from stdbctl.client.found_problems import FoundByServer
from stdbctl.sats import JsonError, loads


@dataclass(frozen=True, slots=True, kw_only=True)
class RowStream:
    """An export that comes in. `offset`: the transaction that it shows; `chunks`: parts, cut anywhere."""

    offset: int
    row_count: int
    chunks: Iterator[bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class TableImport:
    """What an import did to one table; a replaced row is both inserted and deleted."""

    table: str
    given: int
    inserted: int
    deleted: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportResult:
    """A finished import. `snapshot`: the name of the one that was taken before rows were lost, if any were."""

    offset: int
    tables: tuple[TableImport, ...]
    snapshot: str | None

    @classmethod
    def read(cls, data: Any) -> Self:
        """From the server's JSON."""
        tables = tuple(
            TableImport(
                table=str(each["table"]),
                given=int(each["given"]),
                inserted=int(each["inserted"]),
                deleted=int(each["deleted"]),
            )
            for each in data["tables"]
        )
        return cls(offset=int(data["offset"]), tables=tables, snapshot=data.get("snapshot"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ResetResult:
    """A finished reset: rows that went and came, net, and the snapshot of what was before (None in memory)."""

    offset: int
    deleted: int
    inserted: int
    snapshot: str | None

    @classmethod
    def read(cls, data: Any) -> Self:
        """From the server's JSON."""
        return cls(
            offset=int(data["offset"]),
            deleted=int(data["deleted"]),
            inserted=int(data["inserted"]),
            snapshot=data["snapshot"],
        )


class ImportRefused(Refused):
    """422: the rows have problems; nothing was changed.

    `problems`: at their places in the rows; `is_cut`: there may be more.
    """

    code = "client.import_refused"
    what_text = "the server refused the rows"
    fix_text = "correct the files; nothing was changed"

    def __init__(self, status: int, text: str) -> None:
        super().__init__(status, text)
        self.problems: tuple[FoundByServer, ...] = ()
        self.is_cut = False
        try:
            data = loads(text)
            self.problems, self.is_cut = tuple(map(FoundByServer, data["problems"])), bool(data["is_cut"])
        except (JsonError, LookupError, TypeError):
            return  # the text says what it says
