"""`stdbctl check`: find the mistakes of the module; no server needed."""

import time
from typing import Annotated

import typer

from stdbctl.cli.options import FormatOption, ProjectOption
from stdbctl.cli.output import Format, answer, answer_json, milliseconds


def check(
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 4 for warnings, too.")] = False,
    project: ProjectOption = None,
    format_: FormatOption = Format.TEXT,
) -> None:
    """Load the module and show every problem of it, at its place; also what runs, but should not be kept so."""
    from stdbctl.cli.catalog import counts_text, reducer_count
    from stdbctl.cli.code_frames import problem_json
    from stdbctl.cli.failures import counts_of, show_problems
    from stdbctl.cli.loading import load_module
    from stdbctl.cli.target import find_project
    from stdbctl.errors import Problems, Severity
    from stdbctl.module import concerns, seed_files
    from stdbctl.transfer import stage_files

    started = time.perf_counter()
    found = find_project(project)
    loaded = load_module(found)
    warnings = concerns(loaded)
    seeded = stage_files(loaded.module, seed_files(loaded.version.sources.data))
    if seeded.problems:
        raise Problems([*warnings, *seeded.problems])
    if warnings and (strict or any(problem.severity is Severity.ERROR for problem in warnings)):
        raise Problems(warnings)
    module = loaded.module
    elapsed = time.perf_counter() - started
    if format_ is Format.JSON:
        counts = {"tables": len(module.tables), "reducers": reducer_count(module)}
        shown = [problem_json(warning) for warning in warnings]
        answer_json({"ok": True, "problems": shown, **counts, "duration_ms": round(elapsed * 1000)})
    else:
        show_problems(warnings)
        verdict = f"checked {found.config.module} in {milliseconds(elapsed)}"
        answer(f"{verdict} · {counts_text(module)} · {counts_of(warnings) or 'no problems'}")
