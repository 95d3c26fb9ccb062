"""`stdbctl check`: find the mistakes of the module; no server needed."""

import time

from stdbctl.cli.options import FormatOption, ProjectOption
from stdbctl.cli.output import Format, answer, answer_json, milliseconds


def check(project: ProjectOption = None, format_: FormatOption = Format.TEXT) -> None:
    """Load the module and show every problem of it, at its place; also what runs, but should not be kept so."""
    from stdbctl.cli.catalog import counts_text, reducer_count
    from stdbctl.cli.loading import load_module
    from stdbctl.cli.target import find_project
    from stdbctl.errors import Problems
    from stdbctl.module import state_changes

    started = time.perf_counter()
    found = find_project(project)
    loaded = load_module(found)
    found_more = (*state_changes(loaded), *loaded.findings)
    if found_more:
        raise Problems(found_more)
    module = loaded.module
    elapsed = time.perf_counter() - started
    if format_ is Format.JSON:
        counts = {"tables": len(module.tables), "reducers": reducer_count(module)}
        answer_json({"ok": True, "problems": [], **counts, "duration_ms": round(elapsed * 1000)})
    else:
        answer(f"checked {found.config.module} in {milliseconds(elapsed)} · {counts_text(module)} · no problems")
