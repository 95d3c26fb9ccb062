"""What happens to an exception that ends a command: it is shown once, at the right place, and becomes an exit code."""

import json
import os
import sys
import traceback
from collections.abc import Iterable, Sequence

import typer

from stdbctl.cli.code_frames import error_json, error_lines, problem_json, problem_lines, warning_lines
from stdbctl.cli.exits import ExitCode
from stdbctl.cli.output import Format, answer_json, counted, note, note_styled
from stdbctl.errors import Fault, Problem, Problems, Severity, StdbctlError


class UsageFault(Fault):
    """The command line does not make sense."""

    code = "cli.usage"


class Declined(Fault):
    """A question was answered with no, or could not be asked."""

    code = "cli.declined"


_FLAG_CODES = ("plan.rename_clash", "plan.unknown_rename", "publish.drop_not_needed", "publish.unknown_table")


def report(error: BaseException, format_: Format) -> ExitCode:
    """Show `error` and say how the process is to end."""
    if _is_closed_pipe(error):
        return _leave_pipe()
    match error:
        case Problems():
            return _report_problems(error, format_)
        case Problem():
            return _report_problems(Problems([error]), format_)
        case KeyboardInterrupt() | typer.Abort():
            note("interrupted")
            return ExitCode.INTERRUPTED
        case StdbctlError():
            _report_error(error, format_)
            return ExitCode.DECLINED if isinstance(error, Declined) else ExitCode.COULD_NOT
        case typer.TyperException():
            _report_error(_usage_fault(error), format_)
            return ExitCode.COULD_NOT
        case _:
            return _report_bug(error)


def show_problems(problems: Iterable[Problem]) -> None:
    """Write every problem to stderr as a code frame."""
    for problem in problems:
        note_styled(problem_lines(problem))
        note("")


def counts_of(problems: Sequence[Problem]) -> str:
    """`1 problem, 2 warnings`."""
    warnings = sum(problem.severity is Severity.WARNING for problem in problems)
    counts = ((len(problems) - warnings, "problem"), (warnings, "warning"))
    return ", ".join(counted(count, noun) for count, noun in counts if count)


def show_warnings(warnings: Sequence[Problem]) -> None:
    """Write warnings to stderr, one line each, as a command does that goes on."""
    note_styled(warning_lines(warnings))


def _report_problems(problems: Problems, format_: Format) -> ExitCode:
    if format_ is Format.JSON:
        answer_json({"ok": False, "problems": [problem_json(problem) for problem in problems.problems]})
    else:
        show_problems(problems.problems)
        note(counts_of(problems.problems))
    # A broken stdbctl.toml keeps a command from starting; it is no finding about the module.
    is_project_file = all(problem.code.startswith("project.") for problem in problems.problems)
    return ExitCode.COULD_NOT if is_project_file or is_about_flags(problems) else ExitCode.FINDINGS


def is_about_flags(problems: Problems) -> bool:
    """Whether all that is wrong is what the command line says of tables and columns."""
    return all(problem.code in _FLAG_CODES for problem in problems.problems)


def _report_error(error: StdbctlError, format_: Format) -> None:
    if format_ is Format.JSON:
        code = error.code if isinstance(error, Fault) else "error"
        note(json.dumps({"error": error_json(error, code)}, ensure_ascii=False))
    else:
        note_styled(error_lines(error))


def _usage_fault(error: typer.TyperException) -> UsageFault:
    context: typer.Context | None = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "stdbctl"
    what = error.format_message().replace(": Value error, ", ": ")  # pydantic's word for what an enum refuses
    return UsageFault(what, fix=f"see `{command} --help`")


def _report_bug(error: BaseException) -> ExitCode:
    traceback.print_exception(error)
    note("this is a bug in stdbctl: please report it with the lines above")
    return ExitCode.BUG


def _is_closed_pipe(error: BaseException) -> bool:
    """typer turns a closed pipe into an exit of its own."""
    return isinstance(error.__context__ if isinstance(error, SystemExit) else error, BrokenPipeError)


def _leave_pipe() -> ExitCode:
    """The reader of stdout has read enough; Python must not try to flush into the closed pipe at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return ExitCode.DONE
