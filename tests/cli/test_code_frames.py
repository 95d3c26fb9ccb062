"""Problems as code frames."""

import pytest
from rich.cells import cell_len

from stdbctl.cli.code_frames import error_lines, problem_json, problem_lines
from stdbctl.errors import Fault, Place, Problem


def frame(problem: Problem) -> list[str]:
    return [line.plain for line in problem_lines(problem)]


def problem_at(source: str, column: int, end_column: int | None) -> Problem:
    place = Place(file="module/__init__.py", line=12, column=column, end_column=end_column, source_line=source)
    return Problem(what="unknown type `Foo`", why="no such name", fix="import it", place=place)


def test_frame_shows_place_line_caret_why_and_fix() -> None:
    assert frame(problem_at("    x: Foo = 1", 8, 11)) == [
        "module/__init__.py:12:8: error: unknown type `Foo`",
        "   │",
        "12 │     x: Foo = 1",
        "   │        ^^^",
        "   = why: no such name",
        "   = fix: import it",
    ]


def test_frame_ends_with_the_code_that_has_a_page() -> None:
    problem = problem_at("    x: Foo = 1", 8, 11)
    problem.code = "module.unknown_type"
    assert frame(problem)[-1] == "   = code: module.unknown_type"
    problem.place = None
    assert frame(problem)[-1] == "  = code: module.unknown_type"


@pytest.mark.parametrize(
    ("source", "column", "end_column", "marked"),
    [
        ("\tx: Foo", 5, 8, "Foo"),
        ("漢字: Foo", 5, 8, "Foo"),
        ("x: 漢字", 4, 6, "漢字"),
        ("x: Foo", 4, None, "Foo"),
        ("x: Foo   ", 4, None, "Foo"),
    ],
)
def test_caret_stands_under_its_text(source: str, column: int, end_column: int | None, marked: str) -> None:
    _, _, line, caret, *_ = frame(problem_at(source, column, end_column))
    start = cell_len(line[: line.index(marked)])
    assert caret.index("^") == start
    assert caret.count("^") == cell_len(marked)


def test_place_behind_the_line_still_has_a_caret() -> None:
    *_, caret, _why, _fix = frame(problem_at("x = (", 6, 7))
    assert caret.endswith("^")


def test_problem_without_a_place_is_its_sentences() -> None:
    assert frame(Problem(what="too many tables", fix="remove one")) == ["error: too many tables", "  = fix: remove one"]


def test_reasons_of_several_lines_are_aligned() -> None:
    lines = [line.plain for line in error_lines(Fault("it failed", why="first\nsecond"))]
    assert lines == ["error: it failed", "  = why: first", "         second"]


def test_rich_markup_in_messages_is_only_text() -> None:
    assert frame(Problem(what="`list[red]` [bold]"))[0] == "error: `list[red]` [bold]"


def test_json_has_every_part() -> None:
    assert problem_json(problem_at("    x: Foo = 1", 8, 11)) == {
        "code": "problem",
        "severity": "error",
        "what": "unknown type `Foo`",
        "why": "no such name",
        "fix": "import it",
        "place": {
            "file": "module/__init__.py",
            "line": 12,
            "column": 8,
            "end_column": 11,
            "source_line": "    x: Foo = 1",
        },
    }
