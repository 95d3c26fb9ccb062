"""What happens while `dev` runs, for programs: one JSON object a line, as docs/dev.md lists them."""

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from stdbctl.cli.catalog import reducer_count
from stdbctl.cli.code_frames import error_json, problem_json
from stdbctl.cli.generation import shown_path
from stdbctl.cli.output import answer_json
from stdbctl.dev import (
    Changes,
    ClientEnded,
    ClientSaid,
    ClientStarted,
    Ending,
    Event,
    Installed,
    Installing,
    Live,
    Logged,
    ProjectFileRead,
    Refused,
    Rejected,
    Rewriting,
    ServerLost,
    ServerUp,
    Trouble,
    Watching,
    Written,
)
from stdbctl.errors import Fault, Problem, StdbctlError
from stdbctl.schema import ModuleDef

Json = Any
"""Something that `json.dumps` takes."""

_NAMES: dict[type, str] = {
    ServerUp: "server_up",
    ServerLost: "server_lost",
    Rewriting: "rewriting",
    Live: "live",
    Rejected: "rejected",
    Refused: "refused",
    Trouble: "trouble",
    ProjectFileRead: "project_file_read",
    Installing: "installing",
    Installed: "installed",
    ClientStarted: "client_started",
    ClientSaid: "client_said",
    ClientEnded: "client_ended",
    Logged: "logged",
    Watching: "watching",
    Ending: "ending",
}


def show_json(event: Event) -> None:
    """Write one event to stdout."""
    answer_json(event_json(event))


def event_json(event: Event) -> dict[str, Json]:
    """One event as JSON: its name, then its fields; durations in milliseconds."""
    shown: dict[str, Json] = {"event": _NAMES[type(event)]}
    for field in dataclasses.fields(event):
        value = getattr(event, field.name)
        if field.name == "module" and isinstance(value, ModuleDef):
            shown |= {"tables": len(value.tables), "reducers": reducer_count(value)}
        elif field.name.endswith("_s"):
            shown[f"{field.name[:-2]}_ms"] = None if value is None else round(value * 1000)
        elif isinstance(event, Logged):
            shown["record"] = json.loads(value)
        else:
            shown[field.name] = _value(value)
    return shown


def _value(value: object) -> Json:
    if isinstance(value, tuple):
        return [_value(item) for item in value]
    for type_, convert in _CONVERTERS.items():
        if isinstance(value, type_):
            return convert(value)
    return value


def _error(error: StdbctlError) -> Json:
    return error_json(error, error.code if isinstance(error, Fault) else "error")


def _written(written: Written) -> Json:
    report = written.report
    return {
        "lang": written.lang,
        "out_dir": shown_path(written.out_dir),
        "written": list(report.written),
        "unchanged": list(report.unchanged),
        "removed": list(report.removed),
    }


def _changes(changes: Changes) -> Json:
    return {field.name: list(getattr(changes, field.name)) for field in dataclasses.fields(changes)}


_CONVERTERS: dict[type, Callable[[Any], Json]] = {  # Any: each converter takes values of its own type
    Path: shown_path,
    Problem: problem_json,
    StdbctlError: _error,
    Written: _written,
    Changes: _changes,
}
