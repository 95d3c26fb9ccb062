"""What the commands about snapshots share: who answers, the question before a restore, lists and differences."""

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol  # Any: JSON data

from stdbctl.cli.consent import require_name
from stdbctl.cli.output import Format, answer, answer_json, answer_styled, counted, milliseconds, note
from stdbctl.errors import Fault
from stdbctl.sats import Timestamp

if TYPE_CHECKING:
    from stdbctl.client.http import ControlClient

_KINDS = (("-", "red", "only_before"), ("+", "green", "only_after"), ("~", "yellow", "changed"))


class NothingToUndo(Fault):
    """No step of this database has lost data, or its snapshot is gone."""

    code = "cli.nothing_to_undo"

    def __init__(self, database: str) -> None:
        super().__init__(
            f"there is nothing to undo in `{database}`",
            why="no snapshot is kept that was taken before a step that loses data",
            fix="`stdbctl snapshot list` shows the snapshots that there are",
        )


class Desk(Protocol):
    """Who answers about the snapshots of one database: its server, or its files. Shapes: docs/snapshots.md."""

    database: str

    def all(self) -> list[Any]: ...

    def save(self, name: str) -> Any: ...

    def restore(self, name: str, *, with_module: bool) -> Any: ...

    def diff(self, name: str, other: str | None, rows: int) -> Any: ...

    def delete(self, name: str) -> None: ...


class ServerDesk:
    """The desk of a server that runs."""

    def __init__(self, client: "ControlClient", database: str) -> None:
        self._client, self.database = client, database

    def all(self) -> list[Any]:
        """Every snapshot, the oldest first."""
        return self._client.snapshots(self.database)

    def save(self, name: str) -> Any:
        """Take one."""
        return self._client.save_snapshot(self.database, name)

    def restore(self, name: str, *, with_module: bool) -> Any:
        """Go back to one."""
        return self._client.restore_snapshot(self.database, name, with_module=with_module)

    def diff(self, name: str, other: str | None, rows: int) -> Any:
        """Compare two, or one with what is there now."""
        return self._client.diff_snapshots(self.database, name, other, rows=rows)

    def delete(self, name: str) -> None:
        """Delete one."""
        self._client.delete_snapshot(self.database, name)


@contextmanager
def open_desk(project: Path | None, server: str | None, database: str | None) -> Iterator[Desk]:
    """The desk of the database that a command line means; faults: NoServerRuns."""
    from stdbctl.cli.serving import served
    from stdbctl.cli.target import find_target

    target = find_target(project, server, None, database)
    with served(target) as client:
        yield ServerDesk(client, target.database)


def answer_done(done: Any, seconds: float) -> None:
    """The server's answer as the JSON of a step that was done."""
    answer_json({"ok": True, **done, "duration_ms": round(seconds * 1000)})


def newest_automatic(desk: Desk) -> Any:
    """The snapshot that was taken before the last step that lost data; faults: NothingToUndo."""
    automatic = [snapshot for snapshot in desk.all() if snapshot["step"] is not None]
    if not automatic:
        raise NothingToUndo(desk.database)
    return automatic[-1]


def restore_with_consent(
    desk: Desk, name: str, *, with_module: bool, confirm: str | None, format_: Format, undone: str | None = None
) -> None:
    """Say what will change, ask for the name of the database, do it, and say what was done, in how much time."""
    if confirm != desk.database and format_ is Format.TEXT:
        note(f"takes back: {undone}" if undone is not None else f"goes back to `{name}`")
        _preview(desk, name)
    require_name(desk.database, f"what `{desk.database}` has had since `{name}`", given=confirm)
    started = time.perf_counter()
    done = desk.restore(name, with_module=with_module)
    seconds = time.perf_counter() - started
    if format_ is Format.JSON:
        answer_done(done, seconds)
        return
    modules = {"same": "", "kept": " · the module stays", "restored": " · its module is back"}
    told = " · clients were disconnected" if done["disconnected"] else ""
    answer(f"restored {desk.database} to `{name}` in {milliseconds(seconds)}{modules[done['module']]}{told}")
    if done["before"] is not None:
        note(f"what was there is kept as `{done['before']}`: `stdbctl undo` brings it back")
    if done["damaged"] is not None:
        note(f"the damaged file is kept as {done['damaged']}")


def _preview(desk: Desk, name: str) -> None:
    """What differs between what is there and the snapshot, in numbers; nothing where that cannot be read."""
    try:
        tables = desk.diff(name, None, 0)["tables"]
    except Fault as fault:
        note(f"what is there now cannot be compared with it: {fault.what}")
        return
    for table in tables:
        parts = (
            ("only_before", "comes back", "come back"),
            ("only_after", "goes", "go"),
            ("changed", "changes", "change"),
        )
        told = [
            f"{counted(table[key], 'row')} {one if table[key] == 1 else many}" for key, one, many in parts if table[key]
        ]
        columns = ["its columns change"] if table["columns_differ"] else []
        note(f"    {table['table']}: {', '.join([*told, *columns])}")
    if not tables:
        note("    all rows are as they are there")


def show_list(snapshots: Sequence[Any]) -> None:
    """A table of snapshots on stdout."""
    from rich.table import Table

    if not snapshots:
        note("no snapshots")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("name", "taken", "transaction", "rows", "size", "before"):
        table.add_column(column, justify="right" if column in ("transaction", "rows", "size") else "left")
    for snapshot in snapshots:
        moment = str(Timestamp(snapshot["taken"])).replace("+00:00", "Z")
        rows = f"{sum(snapshot['rows'].values()):,}"
        told = snapshot["detail"] or snapshot["step"] or ""
        table.add_row(snapshot["name"], moment, str(snapshot["offset"]), rows, size_text(snapshot["bytes"]), told)
    answer_styled(table)


def show_diff(found: Any) -> None:
    """The differences of two states on stdout, `-` for what is only in the first."""
    from rich.text import Text

    if not found["tables"]:
        note("no differences")
    for table in found["tables"]:
        counts = ", ".join(
            f"{table[key]:,} {words}"
            for key, words in (
                ("only_before", "gone"),
                ("only_after", "new"),
                ("changed", "changed"),
                ("same", "the same"),
            )
            if table[key]
        )
        columns = " (its columns differ)" if table["columns_differ"] else ""
        answer_styled(Text.assemble((table["table"], "bold"), f"{columns}: {counts or 'no rows'}"))
        for sign, style, key in _KINDS:
            for row in table["rows"][key]:
                answer_styled(Text(f"    {sign} {_row_text(row, key)}", style))
            left = table[key] - len(table["rows"][key])
            if left and table["rows"][key]:
                answer_styled(Text(f"    {sign} … {counted(left, 'more row')}", style))


def _row_text(row: Any, key: str) -> str:
    if key != "changed":
        return _fields(row)
    before, after = row["before"], row["after"]
    if not (isinstance(before, dict) and isinstance(after, dict)):
        return f"{_fields(before)} → {_fields(after)}"
    # What stayed is told once, in its place.
    names = [*before, *(name for name in after if name not in before)]
    parts = [
        f"{name} = {_value(before.get(name))}"
        if name in before and name in after and before[name] == after[name]
        else f"{name} = {_value(before.get(name))} → {_value(after.get(name))}"
        for name in names
    ]
    return f"({', '.join(parts)})"


def _fields(row: Any) -> str:
    if not isinstance(row, dict):
        return f"0x{row}" if isinstance(row, str) else _value(row)
    return f"({', '.join(f'{name} = {_value(value)}' for name, value in row.items())})"


def _value(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def total_rows_text(snapshot: Any) -> str:
    """`3 rows in 2 tables`."""
    tables = snapshot["rows"]
    return f"{counted(sum(tables.values()), 'row')} in {counted(len(tables), 'table')}"


def size_text(size_bytes: int) -> str:
    """`52 kB`, `1.3 MB`."""
    return f"{size_bytes / 1e6:,.1f} MB" if size_bytes >= 1e6 else f"{size_bytes / 1e3:,.0f} kB"
