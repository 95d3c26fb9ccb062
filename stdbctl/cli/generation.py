"""Generating client code: what to do, doing it, and saying what became of it."""

import functools
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from stdbctl.cli.failures import UsageFault
from stdbctl.cli.output import Format, answer, answer_json, answer_styled, counted, milliseconds, note
from stdbctl.errors import Fault, Place, Problem, Problems
from stdbctl.nearest import did_you_mean
from stdbctl.project import GenerateConfig, Project

if TYPE_CHECKING:
    from rich.text import Text

    from stdbctl.codegen import FilesDiff, GenerateOptions, WriteReport
    from stdbctl.schema import ModuleDef, Subject

Generator = Callable[["ModuleDef", "GenerateOptions"], dict[str, str]]
"""Makes the files of one language: path -> text; raises Problems."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """A language that we generate.

    `names`: what else it may be called. `out_dir`: where SpacetimeDB's own command puts its files, relative to the
    working folder. `load`: imports the generator, when it is needed and not before.
    """

    names: tuple[str, ...]
    out_dir: str
    load: Callable[[], Generator]


def _typescript() -> Generator:
    from stdbctl.codegen import generate_typescript

    return generate_typescript


def _python() -> Generator:
    from stdbctl.codegen import generate_python

    return generate_python


LANGUAGES = {
    "typescript": Language(names=("ts",), out_dir="src/module_bindings", load=_typescript),
    "python": Language(names=("py",), out_dir="module_bindings", load=_python),
}
"""The languages by name."""


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


class SameFolder(Fault):
    """Two entries would write into one folder, and each would remove what the other wrote."""

    code = "cli.same_folder"

    def __init__(self, out_dir: Path) -> None:
        super().__init__(
            f"two languages would be generated into `{shown_path(out_dir)}`",
            why="each keeps its folder in step by removing what it does not write itself",
            fix="give each a folder of its own",
        )


class StaleFiles(Problem):
    """Generated files are not what the module would generate now."""

    code = "cli.stale_files"


class Definition(Protocol):
    """What is generated from: a module loaded here, or what a server says of one."""

    @property
    def module(self) -> "ModuleDef":
        """The definition."""
        ...

    @property
    def places(self) -> Mapping["Subject", Place]:
        """Where its parts stand in sources; empty where there are none."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One language into one folder; `load` gives its generator."""

    lang: str
    out_dir: Path
    include_private: bool
    load: Callable[[], Generator]

    def render(self, loaded: Definition) -> dict[str, str]:
        """The files: path -> text; raises Problems, each with its place in the module."""
        from stdbctl.codegen import GenerateOptions

        try:
            return self.load()(loaded.module, GenerateOptions(include_private=self.include_private))
        except Problems as error:
            raise Problems(_placed(problem, loaded) for problem in error.problems) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What became of one job; `diff` is there when files were only compared. `seconds`: what this job took."""

    job: Job
    report: "WriteReport"
    seconds: float
    diff: "FilesDiff | None" = None


def find_jobs(project: Project, lang: str | None, out_dir: Path | None, include_private: bool) -> list[Job]:
    """What to do: the command line's, or that of stdbctl.toml (whose paths are relative to it)."""
    if lang is not None:
        return language_jobs(lang, out_dir, include_private)
    if out_dir is not None and len(project.config.generate) != 1:
        raise NothingToGenerate
    entries = [_configured(project, entry, out_dir, include_private) for entry in project.config.generate]
    if not entries:
        raise NothingToGenerate
    return entries


def language_jobs(lang: str, out_dir: Path | None, include_private: bool) -> list[Job]:
    """The jobs of `--lang`; several languages (with commas) each get a folder below `out_dir`."""
    names = list(dict.fromkeys(_language(name.strip()) for name in lang.split(",")))

    def folder(name: str) -> Path:
        if out_dir is None:
            return Path(LANGUAGES[name].out_dir)
        return out_dir if len(names) == 1 else out_dir / name

    return [_job(name, folder(name), include_private) for name in names]


def template_job(folder: Path, out_dir: Path | None, include_private: bool) -> Job:
    """The job of `--templates`: a language of the user's own, called as the folder of its templates."""
    if out_dir is None:
        raise UsageFault("`--templates` needs `--out-dir`", fix="say where the files go: `--out-dir DIR`")
    return Job(
        lang=folder.resolve().name,
        out_dir=out_dir,
        include_private=include_private,
        load=functools.partial(_templates, Path(shown_path(folder))),
    )


def _templates(folder: Path) -> Generator:
    from stdbctl.codegen import generate_from_templates

    return functools.partial(generate_from_templates, folder)


def _configured(project: Project, entry: GenerateConfig, out_dir: Path | None, include_private: bool) -> Job:
    folder = out_dir or project.root / entry.out_dir
    private = include_private or entry.include_private
    if entry.templates is not None:
        return template_job(project.root / entry.templates, folder, private)
    assert entry.lang is not None, "an entry has a language or templates"
    return _job(_language(entry.lang), folder, private)


def _job(name: str, out_dir: Path, include_private: bool) -> Job:
    return Job(lang=name, out_dir=out_dir, include_private=include_private, load=LANGUAGES[name].load)


def _language(name: str) -> str:
    known = {word: key for key, language in LANGUAGES.items() for word in (key, *language.names)}
    language = known.get(name.lower())
    if language is None:
        raise UnknownLanguage(
            f"no generator for the language `{name}`",
            fix=f"{did_you_mean(name, known)}; `--templates DIR` writes any other",
        )
    return language


def run_jobs(definition: Definition, jobs: Sequence[Job], *, check: bool = False) -> list[Done]:
    """Do all jobs; nothing is written before all were rendered and no foreign file is in the way. `check`: nothing is.

    Raises Problems (those of all jobs), and the faults of `write_files`.
    """
    from stdbctl.codegen import compare_files

    refuse_same_folder(jobs)
    rendered = _render_all(definition, jobs)
    for item in rendered:
        compare_files(item.texts, item.job.out_dir)
    return [_compare(item) if check else _write(item) for item in rendered]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rendered:
    job: Job
    texts: dict[str, str]
    seconds: float


def _render_all(definition: Definition, jobs: Sequence[Job]) -> list[_Rendered]:
    rendered, problems = [], list[Problem]()
    for job in jobs:
        started = time.perf_counter()
        try:
            texts = job.render(definition)
            rendered.append(_Rendered(job=job, texts=texts, seconds=time.perf_counter() - started))
        except Problems as error:
            problems += error.problems
    if problems:
        raise Problems(problems)
    return rendered


def _write(item: _Rendered) -> Done:
    from stdbctl.codegen import write_files

    started = time.perf_counter()
    report = write_files(item.texts, item.job.out_dir)
    return Done(job=item.job, report=report, seconds=item.seconds + time.perf_counter() - started)


def _compare(item: _Rendered) -> Done:
    from stdbctl.codegen import compare_files, diff_files

    shown = Path(shown_path(item.job.out_dir))
    report = compare_files(item.texts, shown)
    return Done(job=item.job, report=report, seconds=item.seconds, diff=diff_files(item.texts, shown, report))


def refuse_same_folder(jobs: Sequence[Job]) -> None:
    """Raise SameFolder when two jobs would write into one folder."""
    seen: set[str] = set()
    for job in jobs:
        folder = os.path.realpath(job.out_dir)
        if folder in seen:
            raise SameFolder(job.out_dir)
        seen.add(folder)


def _placed(problem: Problem, definition: Definition) -> Problem:
    """Give a problem of the generator its place: that of its subject, else of the nearest thing around it."""
    from stdbctl.codegen import GenerateProblem

    if not isinstance(problem, GenerateProblem):
        return problem
    subject = problem.subject
    while subject and subject not in definition.places:
        subject = subject[:-2]
    return problem.at(definition.places.get(subject))


def show_done(done: Done, format_: Format) -> None:
    """The closing line of one job, its diff where files are stale, or its JSON object."""
    if format_ is Format.JSON:
        answer_json(_json(done))
    elif done.diff is not None and not done.report.is_current:
        answer_styled(*_diff_text(done.diff))
    else:
        _show_text(done)


def _json(done: Done) -> dict[str, object]:
    report = done.report
    data: dict[str, object] = {
        "lang": done.job.lang,
        "out_dir": shown_path(done.job.out_dir),
        "written": list(report.written),
        "unchanged": list(report.unchanged),
        "removed": list(report.removed),
        "duration_ms": round(done.seconds * 1000),
    }
    if done.diff is not None:
        data |= {"diff": "".join(f"{line}\n" for line in done.diff.lines), "is_diff_cut": done.diff.is_cut}
    return data


def _show_text(done: Done) -> None:
    report, shown = done.report, shown_path(done.job.out_dir)
    total = len(report.written) + len(report.unchanged)
    for path in report.removed:
        note(f"removed {os.path.join(shown, path)}")
    parts = [f"{len(report.written)} written"] if report.written else []
    parts += [f"{len(report.removed)} removed"] if report.removed else []
    verb = "generated" if done.diff is None else "checked"
    details = ", ".join([counted(total, "file"), *parts] if parts else [f"{counted(total, 'file')} unchanged"])
    answer(f"{verb} {done.job.lang} in {milliseconds(done.seconds)} · {details} · {shown}")


_DIFF_STYLES = {"--- ": "bold", "+++ ": "bold", "@@": "cyan", "-": "red", "+": "green"}
"""How a line of a diff looks, by its beginning; the first that fits counts."""


def _diff_text(diff: "FilesDiff") -> "list[Text]":
    from rich.text import Text

    def style(line: str) -> str:
        return next((style for start, style in _DIFF_STYLES.items() if line.startswith(start)), "")

    cut = [Text(f"… the diff is cut after {len(diff.lines)} lines", style="yellow")] if diff.is_cut else []
    return [*(Text(line, style=style(line)) for line in diff.lines), *cut]


def stale_files(done: Done) -> StaleFiles:
    """The problem that ends `--check`."""
    names = [*done.report.written, *done.report.removed]
    shown = ", ".join(f"`{name}`" for name in names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
    verb = "is" if len(names) == 1 else "are"
    return StaleFiles(
        what=f"{counted(len(names), 'file')} in `{shown_path(done.job.out_dir)}` {verb} stale",
        why=shown,
        fix="run `stdbctl generate`",
    )


def shown_path(path: Path) -> str:
    """A path as messages show it: relative to the working folder unless that is far away."""
    relative = os.path.relpath(path)
    return str(path) if relative.startswith(os.path.join("..", "..", "..")) else relative
