"""`stdbctl reset`: back to the beginning, for those who name the database."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.terminal import Ended, copy_board, edit, on_a_terminal, stdbctl


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A deployed project that begins with two secrets."""
    folder = copy_board(tmp_path_factory.mktemp("seeded") / "board")
    (folder / "module" / "seed").mkdir()
    (folder / "module" / "seed" / "secret.jsonl").write_text(
        '{"name": "a", "value": ""}\n{"name": "b", "value": "01"}\n'
    )
    deployed = stdbctl("deploy", "--yes", cwd=folder)
    assert deployed.code == 0, deployed.err
    yield folder
    assert stdbctl("stop", cwd=folder).code == 0


def secrets(folder: Path) -> list[str]:
    done = stdbctl("sql", "SELECT name FROM secret", "--format", "json", cwd=folder)
    return [row[0] for row in json.loads(done.out)[0]["rows"]]


def keep(folder: Path, name: str) -> None:
    assert stdbctl("call", "keep", name, "00", "null", cwd=folder).code == 0


def assert_reset(done: Ended, folder: Path) -> None:
    assert done.code == 0, done.err
    assert "reset board in " in done.out
    assert " · 1 row deleted, 0 inserted" in done.out
    assert "undo with `stdbctl undo`" in done.out + done.err
    assert secrets(folder) == ["a", "b"]


def test_a_first_deploy_brings_the_seed(seeded: Path) -> None:
    stdbctl("reset", "board", cwd=seeded)
    assert secrets(seeded) == ["a", "b"]


def test_the_name_of_the_database_is_asked_for(seeded: Path) -> None:
    stdbctl("reset", "board", cwd=seeded)
    keep(seeded, "c")
    refused = stdbctl("reset", cwd=seeded)
    assert (refused.code, "agree with `--confirm board`" in refused.err) == (3, True)
    assert on_a_terminal("reset", cwd=seeded, typed="y\n").code == 3
    assert secrets(seeded) == ["a", "b", "c"]
    assert_reset(on_a_terminal("reset", cwd=seeded, typed="board\n"), seeded)


@pytest.mark.parametrize("arguments", [("board",), ("--confirm", "board"), ("-d", "board", "--confirm", "board")])
def test_a_name_given_is_the_consent(seeded: Path, arguments: tuple[str, ...]) -> None:
    stdbctl("reset", "board", cwd=seeded)
    keep(seeded, "c")
    assert_reset(stdbctl("reset", *arguments, cwd=seeded), seeded)


def test_a_name_of_nothing_is_no_consent(seeded: Path) -> None:
    assert stdbctl("reset", "bord", cwd=seeded).code == 2
    assert stdbctl("reset", "board", "-d", "bord", cwd=seeded).code == 2
    assert stdbctl("reset", "--confirm", "bord", cwd=seeded).code == 3
    assert stdbctl("reset", "board", "--as", "anna", cwd=seeded).code == 2


def test_programs_read_what_it_did(seeded: Path) -> None:
    stdbctl("reset", "board", cwd=seeded)
    keep(seeded, "c")
    told = json.loads(stdbctl("reset", "board", "--format", "json", cwd=seeded).out)
    assert (told["ok"], told["database"], told["deleted"], told["inserted"]) == (True, "board", 1, 0)
    assert told["snapshot"].startswith("before-reset-")


def test_a_seed_that_fits_no_more_is_found_without_a_server_and_leaves_everything(tmp_path: Path) -> None:
    folder = copy_board(tmp_path / "board")
    (folder / "module" / "seed").mkdir()
    file = folder / "module" / "seed" / "secret.jsonl"
    file.write_text('{"name": "a", "value": ""}\n')
    assert stdbctl("deploy", "--yes", cwd=folder).code == 0
    try:
        file.write_text('{"name": "a", "valu": ""}\n')
        checked = stdbctl("check", cwd=folder)
        assert checked.code == 4
        assert "module/seed/secret.jsonl:1:15: error: `secret` has no column `valu`" in checked.err
        keep(folder, "mine")
        assert stdbctl("deploy", "--yes", cwd=folder).code == 0
        refused = stdbctl("reset", "board", cwd=folder)
        assert (refused.code, "did you mean `value`?" in refused.err) == (4, True)
        assert secrets(folder) == ["a", "mine"]
        file.unlink()
        edit(
            folder,
            "@client_connected\ndef joined",
            "@seed\ndef fail(ctx: ReducerContext) -> None:\n"
            "    raise ReducerError('no seeds left')\n\n\n@client_connected\ndef joined",
        )
        edit(folder, "    reducer,\n", "    reducer,\n    seed,\n")
        assert stdbctl("deploy", "--yes", cwd=folder).code == 0
        failed = stdbctl("reset", "board", cwd=folder)
        assert (failed.code, "the seed `fail` failed: no seeds left" in failed.err) == (2, True)
        assert secrets(folder) == ["a", "mine"]
    finally:
        assert stdbctl("stop", cwd=folder).code == 0
