"""`describe` for people, for programs, as a picture; of a server's database and of the module on disk."""

import json
from pathlib import Path

import pytest

from tests.cli.terminal import Command, copy_board, edit, on_a_terminal, stdbctl
from tests.cli.test_generate_sources import old_server
from tests.codegen.test_own_templates import EXAMPLES, case


@pytest.fixture(scope="module")
def arena(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that no server serves."""
    folder = tmp_path_factory.mktemp("arena")
    (folder / "module").symlink_to(EXAMPLES / "module")
    (folder / "stdbctl.toml").write_text('database = "arena"\nmodule = "module"\n')
    return folder


def test_the_first_line_says_whose_definition_it_is(command: Command) -> None:
    first = command("describe").out.splitlines()[0]
    assert first.startswith("database board on http://127.0.0.1:")
    assert first.endswith(" · 2 tables, 5 reducers")
    assert command("describe", "--from-module").out.startswith("module module · 2 tables, 5 reducers\n")


def test_the_module_on_disk_needs_no_server(arena: Path) -> None:
    done = stdbctl("describe", "--from-module", cwd=arena)
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    assert "  Somebody in the arena." in lines
    assert "type Team(red | blue)" in lines
    assert "type Location(spot: Spot | worn: Worn)" in lines
    assert "scheduled_at   ScheduleAt   runs respawn" in lines
    assert "reducer respawn(due: Respawn)  runs when a row of respawn is due" in lines


def test_without_a_server_the_module_is_shown_and_a_note_says_so(arena: Path) -> None:
    done = stdbctl("describe", cwd=arena)
    assert done.code == 0
    assert done.err == "no server runs: this is the module as it is on disk\n"
    assert done.out == stdbctl("describe", "--from-module", cwd=arena).out


def test_a_server_that_is_asked_for_must_run(arena: Path) -> None:
    done = stdbctl("describe", "--server", "local", cwd=arena)
    assert done.code == 2
    assert "not running" in done.err


def test_defaults_that_json_cannot_say_are_shown(tmp_path: Path) -> None:
    (tmp_path / "stdbctl.toml").write_text('database = "far"\nmodule = "far.py"\n')
    (tmp_path / "far.py").write_text(
        "from stdbctl.module import PrimaryKey, f32, f64, table, u64\n\n\n@table()\nclass Far:\n"
        '    id: PrimaryKey[u64]\n    x: f32 = float("inf")\n    y: f64 = float("nan")\n    z: float = 0.5\n'
    )
    shown = stdbctl("describe", "--from-module", cwd=tmp_path).out
    assert [line.split()[-1] for line in shown.splitlines() if "default" in line] == ["inf", "nan", "0.5"]


def test_the_module_on_disk_may_differ_from_what_runs(served: Path, tmp_path: Path) -> None:
    changed = copy_board(tmp_path / "changed")
    edit(changed, "def speak(", "def talk(")
    assert "reducer talk" in stdbctl("describe", "--from-module", cwd=changed).out
    assert "reducer talk" not in stdbctl("describe", cwd=served).out


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("table Item", "table item  public\n  A thing that can be carried.\n"),
        (
            "reducer join",
            "reducer join(name: str, team: Team, friends: list[str])\n  Enter the arena, or change sides.\n",
        ),
        ("type Team", "type Team(red | blue)\n  A player's side.\n"),
    ],
)
def test_one_thing_is_shown_alone(words: str, expected: str, arena: Path) -> None:
    assert stdbctl("describe", *words.split(), "--from-module", cwd=arena).out.startswith(expected)


@pytest.mark.parametrize(
    ("words", "near"), [("type Taem", "Team"), ("view x", "there are none"), ("reducer jon", "join")]
)
def test_what_is_not_there_is_said_with_the_nearest(words: str, near: str, arena: Path) -> None:
    done = stdbctl("describe", *words.split(), "--from-module", cwd=arena)
    assert done.code == 2
    assert near in done.err


def test_json_of_one_type_has_its_definition(arena: Path) -> None:
    data = json.loads(stdbctl("describe", "type", "Team", "--json", "--from-module", cwd=arena).out)
    variants = data["definition"]["Sum"]["variants"]
    assert [variant["name"] for variant in variants] == [{"some": "red"}, {"some": "blue"}]


@pytest.mark.parametrize("words", ["table item", "reducer join"])
def test_json_of_one_thing_is_its_part_of_the_whole(words: str, arena: Path) -> None:
    whole = json.loads(stdbctl("describe", "--json", "--from-module", cwd=arena).out)
    part = json.loads(stdbctl("describe", *words.split(), "--json", "--from-module", cwd=arena).out)
    assert any(part in items for section in whole["sections"] for items in section.values() if isinstance(items, list))


def test_json_is_the_same_from_server_and_module(command: Command) -> None:
    assert command("describe", "--json").out == command("describe", "--json", "--from-module").out


def test_an_older_server_is_described_too(tmp_path: Path) -> None:
    (tmp_path / "stdbctl.toml").write_text('database = "shop"\nmodule = "module"\n')
    with old_server(case("module_test")) as url:
        text = stdbctl("describe", "--server", url, cwd=tmp_path)
        data = stdbctl("describe", "table", "person", "--json", "--server", url, cwd=tmp_path)
    assert text.out.startswith(f"database shop on {url} · ")
    assert "table person  public" in text.out.splitlines()
    assert json.loads(data.out)["source_name"] == "person"


def test_a_narrow_terminal_goes_on_below(arena: Path) -> None:
    shown = on_a_terminal("describe", "reducer", "join", "--from-module", cwd=arena, COLUMNS="40", NO_COLOR="1").out
    assert shown.splitlines()[:2] == [
        "reducer join(name: str, team: Team,     ",
        "        friends: list[str])             ",
    ]


def test_everything_fits_into_80_columns(arena: Path) -> None:
    shown = on_a_terminal("describe", "--from-module", cwd=arena, COLUMNS="80", NO_COLOR="1").out
    assert max(len(line) for line in shown.splitlines()) <= 80


# --- diagrams


def test_a_file_s_ending_says_what_is_drawn(arena: Path, tmp_path: Path) -> None:
    for name, start in (("a.svg", "<svg "), ("a.mmd", "erDiagram\n"), ("a.md", "```mermaid\nerDiagram\n")):
        done = stdbctl("describe", "--from-module", "--diagram", str(tmp_path / name), cwd=arena)
        assert done.code == 0, done.err
        assert done.out == f"drew the module module · {tmp_path / name}\n"
        assert (tmp_path / name).read_text().startswith(start)


def test_diagrams_go_to_stdout_too(command: Command) -> None:
    assert command("describe", "--diagram", "svg").out.startswith("<svg ")
    assert command("describe", "--diagram").out == command("describe", "--diagram", "mermaid").out
    assert command("describe", "--diagram", "mermaid").out.startswith('erDiagram\n    "point" {\n')


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--diagram", "png"], "`.svg`"),
        (["--diagram", "a.png"], "`.svg`"),
        (["--diagram", "nowhere/a.svg"], "nowhere/a.svg"),
        (["table", "item", "--diagram", "svg"], "everything"),
        (["--server", "local"], "--from-module"),
        (["table"], "describe table NAME"),
    ],
)
def test_what_cannot_be_done_is_said(arguments: list[str], said: str, arena: Path) -> None:
    done = stdbctl("describe", "--from-module", *arguments, cwd=arena)
    assert done.code == 2
    assert said in done.err
