"""Generating client code: what to do, doing it, and saying what became of it."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from stdbctl.cli.output import Format, answer, answer_json, counted, milliseconds, note
from stdbctl.errors import Fault, Problem, Problems
from stdbctl.nearest import did_you_mean
from stdbctl.project import GenerateConfig, Project

if TYPE_CHECKING:
    from stdbctl.codegen import WriteReport
    from stdbctl.module import Loaded

LANGUAGES = {"typescript": "typescript", "ts": "typescript"}
"""What may be written for a language, and its name."""
DEFAULT_OUT_DIRS = {"typescript": "src/module_bindings"}
"""Where SpacetimeDB's own command puts the files of a language, relative to the working folder."""


class UnknownLanguage(Fault):
    """There is no generator for the language."""

    code = "cli.unknown_language"


class NothingToGenerate(Fault):
    """Neither the command line nor stdbctl.toml says what to generate."""

    code = "cli.nothing_to_generate"

    def __init__(self) -> None:
        super().__init__(
            "nothing to generate: no `--lang`, and no `[[generate]]` section in `stdbctl.toml`",
            fix="say `stdbctl generate --lang ts --out-dir DIR`, or write a section with `lang` and `out_dir`",
        )


class StaleFiles(Problem):
    """Generated files are not what the module would generate now."""

    code = "cli.stale_files"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One language into one folder."""

    lang: str
    out_dir: Path
    include_private: bool

    def render(self, loaded: "Loaded") -> dict[str, str]:
        """The files: path -> text; raises Problems, each with its place in the module."""
        from stdbctl.codegen import GenerateOptions, generate_typescript

        try:
            return generate_typescript(loaded.module, GenerateOptions(include_private=self.include_private))
        except Problems as error:
            raise Problems(_placed(problem, loaded) for problem in error.problems) from error


def find_jobs(project: Project, lang: str | None, out_dir: Path | None, include_private: bool) -> list[Job]:
    """What to do: the command line's, or that of stdbctl.toml (whose paths are relative to it)."""
    if lang is None:
        if out_dir is not None and len(project.config.generate) != 1:
            raise NothingToGenerate
        entries = [_configured(project, entry, out_dir, include_private) for entry in project.config.generate]
        if not entries:
            raise NothingToGenerate
        return entries
    languages = [_language(name.strip()) for name in lang.split(",")]
    if out_dir is not None and len(languages) == 1:
        return [Job(lang=languages[0], out_dir=out_dir, include_private=include_private)]
    return [
        Job(
            lang=name,
            out_dir=(out_dir / name if out_dir else Path(DEFAULT_OUT_DIRS[name])),
            include_private=include_private,
        )
        for name in languages
    ]


def _configured(project: Project, entry: GenerateConfig, out_dir: Path | None, include_private: bool) -> Job:
    return Job(
        lang=_language(entry.lang),
        out_dir=out_dir or project.root / entry.out_dir,
        include_private=include_private or entry.include_private,
    )


def _language(name: str) -> str:
    language = LANGUAGES.get(name.lower())
    if language is None:
        raise UnknownLanguage(f"no generator for the language `{name}`", fix=did_you_mean(name, LANGUAGES))
    return language


def run_job(loaded: "Loaded", job: Job, check: bool) -> "WriteReport":
    from stdbctl.codegen import compare_files, write_files

    return (compare_files if check else write_files)(job.render(loaded), job.out_dir)


def _placed(problem: Problem, loaded: "Loaded") -> Problem:
    """Give a problem of the generator its place: that of its subject, else of the nearest thing around it."""
    from stdbctl.codegen import GenerateProblem

    if not isinstance(problem, GenerateProblem):
        return problem
    subject = problem.subject
    while subject and subject not in loaded.places:
        subject = subject[:-2]
    return problem.at(loaded.places.get(subject))


def show_report(job: Job, report: "WriteReport", check: bool, seconds: float, format_: Format) -> None:
    """The closing line of one job, or its JSON object."""
    shown, total = shown_path(job.out_dir), len(report.written) + len(report.unchanged)
    if format_ is Format.JSON:
        answer_json(
            {
                "lang": job.lang,
                "out_dir": shown,
                "written": list(report.written),
                "unchanged": list(report.unchanged),
                "removed": list(report.removed),
                "duration_ms": round(seconds * 1000),
            }
        )
        return
    for path in report.removed:
        note(f"removed {os.path.join(shown, path)}")
    parts = [f"{len(report.written)} written"] if report.written else []
    parts += [f"{len(report.removed)} removed"] if report.removed else []
    verb = "checked" if check else "generated"
    details = ", ".join([counted(total, "file"), *parts] if parts else [f"{counted(total, 'file')} unchanged"])
    answer(f"{verb} {job.lang} in {milliseconds(seconds)} · {details} · {shown}")


def stale_files(job: Job, report: "WriteReport") -> StaleFiles:
    names = [*report.written, *report.removed]
    shown = ", ".join(f"`{name}`" for name in names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
    return StaleFiles(
        what=f"{counted(len(names), 'file')} in `{shown_path(job.out_dir)}` {'is' if len(names) == 1 else 'are'} stale",
        why=shown,
        fix="run `stdbctl generate`",
    )


def shown_path(path: Path) -> str:
    relative = os.path.relpath(path)
    return str(path) if relative.startswith(os.path.join("..", "..", "..")) else relative
