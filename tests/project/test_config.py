"""stdbctl.toml: what it may say, and how mistakes are shown."""

from pathlib import Path

import pytest

from stdbctl.errors import Problem
from stdbctl.project import (
    BadProjectFile,
    DevConfig,
    GenerateConfig,
    HistoryConfig,
    LimitsConfig,
    NoProject,
    Project,
    ProjectConfig,
    database_name_error,
    parse_config,
)

MINIMAL = 'database = "board"\nmodule = "module"\n'


def problems_of(text: str) -> tuple[Problem, ...]:
    with pytest.raises(BadProjectFile) as caught:
        parse_config(text, "stdbctl.toml")
    return caught.value.problems


def only_problem(text: str) -> Problem:
    (problem,) = problems_of(text)
    return problem


def test_minimal_file_has_the_documented_defaults() -> None:
    assert parse_config(MINIMAL, "stdbctl.toml") == ProjectConfig(
        database="board",
        module="module",
        server="local",
        allowed_hosts=(),
        generate=(),
        dev=DevConfig(run=None, cwd="."),
    )


def test_whole_file_is_read() -> None:
    config = parse_config(
        MINIMAL
        + """
server = "http://127.0.0.1:4000/"
allowed_hosts = ["board.test"]

[[generate]]
lang = "typescript"
out_dir = "client/src/module_bindings"

[[generate]]
lang = "python"
out_dir = "bot"
include_private = true

[dev]
run = "npm run dev"
cwd = "client"
""",
        "stdbctl.toml",
    )
    assert config.server == "http://127.0.0.1:4000"
    assert config.allowed_hosts == ("board.test",)
    assert config.generate == (
        GenerateConfig(lang="typescript", out_dir="client/src/module_bindings"),
        GenerateConfig(lang="python", out_dir="bot", include_private=True),
    )
    assert config.dev == DevConfig(run="npm run dev", cwd="client")


def test_history_is_kept_as_long_as_it_says() -> None:
    assert parse_config(MINIMAL, "stdbctl.toml").history == HistoryConfig(transactions=None, days=None)
    text = MINIMAL + "[history]\ntransactions = 500\ndays = 7\n"
    assert parse_config(text, "stdbctl.toml").history == HistoryConfig(transactions=500, days=7.0)
    assert parse_config(MINIMAL + "[history]\ndays = 0.5\n", "stdbctl.toml").history.days == 0.5


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("transactions = 0", "a whole number above 0"),
        ("transactions = 1.5", "a whole number above 0"),
        ("transactions = true", "a whole number above 0"),
        ("days = 0", "a number above 0, at most 36500"),
        ("days = nan", "a number above 0, at most 36500"),
        ("days = inf", "a number above 0, at most 36500"),
        ('days = "30"', "a number above 0, at most 36500"),
    ],
)
def test_wrong_retention_is_refused_at_its_line(line: str, expected: str) -> None:
    problem = only_problem(f"{MINIMAL}[history]\n{line}\n")
    assert expected in problem.what
    assert problem.place is not None
    assert problem.place.line == 4


def test_limits_are_those_that_it_says() -> None:
    assert parse_config(MINIMAL, "stdbctl.toml").limits == LimitsConfig(call_seconds=None, memory_mb=None)
    text = MINIMAL + "[limits]\ncall_seconds = 2.5\nmemory_mb = 800\n"
    assert parse_config(text, "stdbctl.toml").limits == LimitsConfig(call_seconds=2.5, memory_mb=800)


@pytest.mark.parametrize(
    ("line", "expected"),
    [("call_seconds = 0", "a number above 0, at most 3600"), ("memory_mb = 1.5", "a whole number above 0")],
)
def test_wrong_limit_is_refused_at_its_line(line: str, expected: str) -> None:
    problem = only_problem(f"{MINIMAL}[limits]\n{line}\n")
    assert expected in problem.what
    assert problem.place is not None
    assert problem.place.line == 4


def test_unknown_key_names_its_line_and_the_nearest_key() -> None:
    problem = only_problem('databse = "x"\n' + MINIMAL)
    assert problem.code == "project.unknown_key"
    assert problem.fix == "did you mean `database`?"
    assert problem.place is not None
    assert (problem.place.line, problem.place.column, problem.place.end_column) == (1, 1, 8)
    assert problem.place.source_line == 'databse = "x"'


def test_unknown_key_of_a_section_is_found_in_its_section() -> None:
    problem = only_problem(
        MINIMAL
        + '[[generate]]\nlang = "ts"\nout_dir = "a"\n\n[[generate]]\nlang = "ts"\nout_dirr = "b"\nout_dir = "c"\n'
    )
    assert problem.what == "unknown key `out_dirr` in `[generate]`"
    assert problem.place is not None
    assert problem.place.line == 9


def test_all_mistakes_are_reported_at_once() -> None:
    problems = problems_of('module = 3\nserver = "nowhere"\ncolour = 1\n[dev]\nrun = 5\n')
    assert {problem.code for problem in problems} == {
        "project.missing_key",
        "project.wrong_value",
        "project.unknown_key",
    }
    assert len(problems) == 5


def test_missing_keys_say_what_a_project_needs() -> None:
    problem = only_problem('module = "module"\n')
    assert problem.what == "`database` is missing"
    assert 'database = "whiteboard"' in problem.fix


def test_syntax_error_is_placed() -> None:
    problem = only_problem('database = "board"\nmodule = \n')
    assert problem.code == "project.syntax"
    assert problem.place is not None
    assert problem.place.line == 2


def test_syntax_error_at_the_end_is_placed_on_the_last_line() -> None:
    problem = only_problem('database = "board"\n[dev')
    assert problem.place is not None
    assert problem.place.line == 2


@pytest.mark.parametrize("name", ["board", "a", "1", "my-board-2", "c2" * 31])
def test_database_names_as_spacetimedb_allows_them(name: str) -> None:
    assert database_name_error(name) is None


@pytest.mark.parametrize("name", ["", "Board", "a--b", "-a", "a-", "a_b", "a/b", "ä", "c2" * 32, "0x" + "c2" * 32])
def test_other_database_names_are_refused(name: str) -> None:
    assert database_name_error(name)


def test_project_is_found_from_below(tmp_path: Path) -> None:
    (tmp_path / "stdbctl.toml").write_text(MINIMAL, encoding="utf-8")
    below = tmp_path / "client" / "src"
    below.mkdir(parents=True)
    project = Project.find(below)
    assert project.root == tmp_path.resolve()
    assert project.module_path == tmp_path.resolve() / "module"


def test_nearest_project_wins(tmp_path: Path) -> None:
    (tmp_path / "stdbctl.toml").write_text(MINIMAL, encoding="utf-8")
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "stdbctl.toml").write_text(MINIMAL.replace("board", "other"), encoding="utf-8")
    assert Project.find(inner).config.database == "other"


def test_folder_without_a_project_says_what_to_write(tmp_path: Path) -> None:
    with pytest.raises(NoProject) as caught:
        Project.find(tmp_path)
    assert "stdbctl.toml" in caught.value.what
    assert "stdbctl init" in caught.value.fix
