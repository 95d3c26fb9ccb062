"""check, deploy, generate: the module's way to server and clients, and what stops it."""

import json
from pathlib import Path

import pytest

from tests.cli.terminal import edit, on_a_terminal, stdbctl

BROKEN = """
from stdbctl.module import PrimaryKey, reducer, table, u64


@table(public=True)
class Point:
    id: PrimaryKey[u46]
    x: Unknown


@reducer
def draw(x: u64) -> None:
    pass
"""


def break_module(project: Path) -> None:
    (project / "module" / "__init__.py").write_text(BROKEN, encoding="utf-8")


def test_check_of_a_good_module(project: Path) -> None:
    done = stdbctl("check", cwd=project)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("checked module in ")
    assert done.out.endswith(" · 2 tables, 5 reducers · no problems\n")


def test_check_shows_every_problem_at_its_place(project: Path) -> None:
    break_module(project)
    done = stdbctl("check", cwd=project)
    assert (done.code, done.out) == (4, "")
    assert "module/__init__.py:7:20: error: " in done.err
    assert " 7 │     id: PrimaryKey[u46]\n" in done.err.replace("\n7 │", "\n 7 │")
    assert "did you mean `u64`?" in done.err
    assert "module/__init__.py:8:8: error: " in done.err
    assert "module/__init__.py:12:" in done.err
    assert done.err.endswith("3 problems\n")
    assert "\x1b" not in done.err


def test_import_that_never_ends_is_stopped_and_shown(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stdbctl.cli.loading.IMPORT_S", 0.2)
    module = project / "module" / "__init__.py"
    module.write_text(f"{module.read_text(encoding='utf-8')}\nwhile True:\n    pass\n", encoding="utf-8")
    done = stdbctl("check", cwd=project)
    assert done.code == 4
    assert "the import was stopped" in done.err


def test_check_reports_state_outside_tables_that_deploy_lets_run(project: Path) -> None:
    module = project / "module" / "__init__.py"
    counting = "\nseen: list[int] = []\n\n\n@reducer\ndef look(ctx: ReducerContext) -> None:\n    seen.append(1)\n"
    module.write_text(f"{module.read_text(encoding='utf-8')}\n{counting}", encoding="utf-8")
    done = stdbctl("check", cwd=project)
    assert (done.code, done.out) == (4, "")
    assert "error: `look` changes `seen`, which is kept at module level" in done.err
    assert stdbctl("deploy", "--dry-run", cwd=project).code == 0


def test_check_reports_lookups_that_deploy_leaves_to_the_call(project: Path) -> None:
    module = project / "module" / "__init__.py"
    looking = "\n@table()\nclass Look:\n    id: PrimaryKey[u64]\n    name: str\n\n\n"
    looking += "@reducer\ndef look(ctx: ReducerContext) -> None:\n"
    looking += "    ctx.db[Look].filter(name='x')\n    ctx.db[Look].find(id='x')\n"
    module.write_text(f"{module.read_text(encoding='utf-8')}\n{looking}", encoding="utf-8")
    done = stdbctl("check", cwd=project)
    assert (done.code, done.out) == (4, "")
    assert "error: no index of `Look` covers `name`" in done.err
    assert "error: `'x'` cannot be in `Look.id`" in done.err
    assert stdbctl("deploy", "--dry-run", cwd=project).code == 0


def test_deploy_refuses_columns_that_are_not_there(project: Path) -> None:
    module = project / "module" / "__init__.py"
    looking = "\n@table()\nclass Look:\n    id: PrimaryKey[u64]\n\n\n@reducer\ndef look(ctx: ReducerContext) -> None:\n"
    module.write_text(
        f"{module.read_text(encoding='utf-8')}\n{looking}    ctx.db[Look].find(idd=1)\n", encoding="utf-8"
    )
    for command in (["check"], ["deploy", "--dry-run"]):
        done = stdbctl(*command, cwd=project)
        assert done.code == 4
        assert "error: `Look` has no column `idd`" in done.err


def test_check_as_json(project: Path) -> None:
    good = json.loads(stdbctl("check", "--format", "json", cwd=project).out)
    assert good.pop("duration_ms") >= 0
    assert good == {"ok": True, "problems": [], "tables": 2, "reducers": 5}
    break_module(project)
    done = stdbctl("check", "--format", "json", cwd=project)
    assert (done.code, done.err) == (4, "")
    answer = json.loads(done.out)
    assert answer["ok"] is False
    first = answer["problems"][0]
    assert set(first) == {"code", "severity", "what", "why", "fix", "place"}
    assert first["place"]["line"] == 7
    assert first["place"]["source_line"] == "    id: PrimaryKey[u46]"


def test_missing_module_is_a_problem(project: Path) -> None:
    (project / "stdbctl.toml").write_text('database = "board"\nmodule = "modul"\n', encoding="utf-8")
    done = stdbctl("check", cwd=project)
    assert done.code == 4
    assert "modul" in done.err


def test_deploy_starts_the_server_and_closes_with_one_line(project: Path) -> None:
    done = stdbctl("deploy", cwd=project)
    assert done.code == 0, done.err
    url = json.loads((project / ".stdbctl" / "server.json").read_text(encoding="utf-8"))["url"]
    assert done.out.startswith("deployed board in ")
    assert done.out.endswith(f" · 2 tables, 5 reducers · {url}\n")
    assert done.out.count("\n") == 1
    assert done.err == f"started the embedded server: {url} (end it with `stdbctl stop`)\n"


def test_deploy_again_says_unchanged_and_a_change_is_deployed(project: Path) -> None:
    stdbctl("deploy", cwd=project)
    assert stdbctl("deploy", cwd=project).out.startswith("unchanged: checked board in ")
    edit(project, "Draw one point.", "Draw a point.")
    assert stdbctl("deploy", cwd=project).out.startswith("deployed board in ")


def test_publish_is_deploy_and_takes_a_name(project: Path) -> None:
    done = stdbctl("publish", "another-board", "--format", "json", cwd=project)
    answer = json.loads(done.out)
    assert (answer["ok"], answer["op"], answer["database"]) == (True, "created", "another-board")
    assert json.loads(stdbctl("list", "--format", "json", cwd=project).out)[0]["identity"] == answer["identity"]


def test_bad_database_name_is_refused_before_anything_starts(project: Path) -> None:
    done = stdbctl("deploy", "My_Board", cwd=project)
    assert done.code == 2
    assert "cannot be a database's name" in done.err
    assert not (project / ".stdbctl").exists()


def test_broken_module_is_not_deployed_and_the_old_one_serves_on(project: Path) -> None:
    stdbctl("deploy", cwd=project)
    break_module(project)
    done = stdbctl("deploy", cwd=project)
    assert (done.code, done.out) == (4, "")
    assert "3 problems" in done.err
    assert stdbctl("call", "draw", "1", "2", "#ffffff", cwd=project).code == 0


def test_broken_module_starts_no_server(project: Path) -> None:
    break_module(project)
    assert stdbctl("deploy", cwd=project).code == 4
    assert not (project / ".stdbctl" / "server.json").exists()


def test_change_that_cannot_be_migrated_is_refused_with_the_reason(project: Path) -> None:
    stdbctl("deploy", cwd=project)
    edit(project, "    y: f32\n    color: str", "    color: str")
    edit(project, "x=x, y=y,", "x=x,")
    done = stdbctl("deploy", cwd=project)
    assert (done.code, done.out) == (4, "")
    assert "the changed schema cannot be migrated" in done.err
    assert "manual migration" in done.err
    assert "write a migration function" in done.err
    problem = json.loads(stdbctl("deploy", "--format", "json", cwd=project).out)["problems"][0]
    assert problem["code"] == "plan.column_removed"
    assert "class Point" in problem["place"]["source_line"], "what is gone is shown where it was"
    assert "y        f32" in stdbctl("describe", "table", "point", cwd=project).out


NEW_TABLE = '\n\n@table(public=True)\nclass Extra:\n    """More."""\n\n    id: PrimaryKey[u64]\n'


def test_dry_run_shows_the_plan_and_changes_nothing(project: Path) -> None:
    create = stdbctl("deploy", "--dry-run", cwd=project)
    assert (create.code, create.out, create.err) == (0, "would create board\n", "")
    assert not (project / ".stdbctl").exists()
    stdbctl("deploy", cwd=project)
    assert "already runs this module" in stdbctl("deploy", "--dry-run", cwd=project).out
    file = project / "module" / "__init__.py"
    file.write_text(file.read_text(encoding="utf-8") + NEW_TABLE, encoding="utf-8")
    done = stdbctl("deploy", "--dry-run", cwd=project)
    assert "▸ Created user table: extra (public)" in done.out
    answer = json.loads(stdbctl("deploy", "--dry-run", "--format", "json", cwd=project).out)
    assert (answer["ok"], answer["change"], answer["breaks_clients"]) == (True, "update", False)
    assert "extra" not in stdbctl("describe", cwd=project).out
    assert stdbctl("deploy", cwd=project).out.startswith("deployed board in ")
    assert "table extra  public" in stdbctl("describe", cwd=project).out


def widen_an_event(project: Path) -> None:
    """Deploy, then make a change that old clients do not survive, though no stored row is in the way."""
    file = project / "module" / "__init__.py"
    with_event = NEW_TABLE.replace("public=True", "public=True, event=True")
    file.write_text(file.read_text(encoding="utf-8") + with_event, encoding="utf-8")
    assert stdbctl("deploy", cwd=project).code == 0
    file.write_text(file.read_text(encoding="utf-8") + "    more: str = ''\n", encoding="utf-8")


def test_table_with_rows_is_refused_before_anybody_is_asked(project: Path) -> None:
    file = project / "module" / "__init__.py"
    source = file.read_text(encoding="utf-8")
    fill = "\n\n@reducer\ndef fill(ctx: ReducerContext) -> None:\n    ctx.db[Extra].insert(Extra(id=1))\n"
    file.write_text(source + NEW_TABLE + fill, encoding="utf-8")
    stdbctl("deploy", cwd=project)
    assert stdbctl("call", "fill", cwd=project).code == 0
    file.write_text(source, encoding="utf-8")
    for flags in ((), ("--dry-run",), ("--break-clients",)):
        done = stdbctl("deploy", *flags, cwd=project)
        assert (done.code, done.out) == (4, "")
        assert "1 row in it would be lost" in done.err
        assert "lose them with `--drop-table extra`" in done.err


def with_drafts(project: Path) -> None:
    """Deploy a module with a table that has a row, then take the table out of the module."""
    file = project / "module" / "__init__.py"
    source = file.read_text(encoding="utf-8")
    fill = "\n\n@reducer\ndef fill(ctx: ReducerContext) -> None:\n    ctx.db[Extra].insert(Extra(id=1))\n"
    file.write_text(source + NEW_TABLE + fill, encoding="utf-8")
    assert stdbctl("deploy", cwd=project).code == 0
    assert stdbctl("call", "fill", cwd=project).code == 0
    assert stdbctl("call", "draw", "1", "2", "#ffffff", cwd=project).code == 0
    file.write_text(source, encoding="utf-8")


def test_dry_run_without_a_server_reads_the_stored_database_and_leaves_it_alone(project: Path) -> None:
    with_drafts(project)
    shown = stdbctl("deploy", "--dry-run", "--drop-table", "extra", "--format", "json", cwd=project)
    assert stdbctl("stop", cwd=project).code == 0
    before = {path: path.read_bytes() for path in (project / ".stdbctl" / "data").rglob("*") if path.is_file()}
    again = stdbctl("deploy", "--dry-run", "--drop-table", "extra", "--format", "json", cwd=project)
    assert again == shown
    answer = json.loads(again.out)
    assert answer["lost_rows"] == {"extra": 1}
    assert [step["step"] for step in answer["steps"]] == ["remove_table", "disconnect_all_users"]
    assert stdbctl("deploy", "--dry-run", cwd=project).code == 4
    assert {path: path.read_bytes() for path in (project / ".stdbctl" / "data").rglob("*") if path.is_file()} == before
    assert not (project / ".stdbctl" / "server.json").exists()


def test_named_table_is_dropped_after_a_snapshot_and_the_others_stay(project: Path) -> None:
    with_drafts(project)
    assert stdbctl("deploy", "--drop-table", "extra", cwd=project).code == 3
    typo = stdbctl("deploy", "--drop-table", "extr", cwd=project)
    assert typo.code == 4
    assert "did you mean `extra`?" in typo.err
    done = stdbctl("deploy", "--drop-table", "extra", "--break-clients", "--format", "json", cwd=project)
    assert (done.code, json.loads(done.out)["snapshot"]) == (0, "before-deploy-1")
    assert "#ffffff" in stdbctl("sql", "SELECT * FROM point", cwd=project).out
    assert "extra" not in stdbctl("describe", cwd=project).out


def test_only_the_plan_with_the_given_token_runs(project: Path) -> None:
    stdbctl("deploy", cwd=project)
    file = project / "module" / "__init__.py"
    file.write_text(file.read_text(encoding="utf-8") + NEW_TABLE, encoding="utf-8")
    token = json.loads(stdbctl("deploy", "--dry-run", "--format", "json", cwd=project).out)["token"]
    edit(project, '"""More."""', '"""Other."""')
    other = stdbctl("deploy", "--plan", token, cwd=project)
    assert other.code == 3
    assert "▸ Created user table: extra (public)" in other.err
    edit(project, '"""Other."""', '"""More."""')
    assert stdbctl("deploy", "--plan", token, cwd=project).code == 0
    again = stdbctl("deploy", "--plan", token, cwd=project)
    assert again.code == 3
    assert "board already runs this module" in again.err


@pytest.mark.parametrize("flags", [["-c"], ["--delete-data=always"], ["--yes", "--clear-database", "always"]])
def test_all_data_is_lost_only_by_its_name(project: Path, flags: list[str]) -> None:
    stdbctl("deploy", cwd=project)
    assert stdbctl("call", "draw", "1", "2", "#ffffff", cwd=project).code == 0
    refused = stdbctl("deploy", *flags, cwd=project)
    assert (refused.code, refused.out) == (3, "")
    assert "all data of `board` (1 row in 2 tables) would be lost" in refused.err
    assert stdbctl("deploy", "--confirm", "other", *flags, cwd=project).code == 3
    assert "#ffffff" in stdbctl("sql", "SELECT * FROM point", cwd=project).out
    done = stdbctl("deploy", "board", *flags, cwd=project)
    assert done.code == 0, done.err
    assert "undo with `stdbctl undo`" in done.err
    assert "#ffffff" not in stdbctl("sql", "SELECT * FROM point", cwd=project).out


def test_data_is_deleted_on_a_conflict_alone(project: Path) -> None:
    with_drafts(project)
    flags = ("--delete-data", "on-conflict", "--confirm", "board", "--format", "json")
    assert json.loads(stdbctl("deploy", *flags, cwd=project).out)["op"] == "cleared"
    assert stdbctl("call", "draw", "1", "2", "#ffffff", cwd=project).code == 0
    edit(project, "Draw one point.", "Draw a point.")
    assert json.loads(stdbctl("deploy", *flags, cwd=project).out)["op"] == "updated"
    assert "#ffffff" in stdbctl("sql", "SELECT * FROM point", cwd=project).out


def test_database_is_deleted_by_its_name_and_the_name_is_free_again(project: Path) -> None:
    stdbctl("deploy", cwd=project)
    assert stdbctl("call", "draw", "1", "2", "#ffffff", cwd=project).code == 0
    assert stdbctl("delete", cwd=project).code == 3
    folders = project / ".stdbctl" / "data" / "databases"
    assert len([*folders.iterdir()]) == 1
    done = stdbctl("delete", "board", cwd=project)
    assert done.code == 0, done.err
    assert done.out.startswith("deleted board in ")
    assert [*folders.iterdir()] == []
    assert stdbctl("delete", "board", "--format", "json", cwd=project).code == 2
    assert stdbctl("deploy", cwd=project).code == 0
    assert "#ffffff" not in stdbctl("sql", "SELECT * FROM point", cwd=project).out


def test_added_column_keeps_the_rows_and_is_in_the_plan(project: Path) -> None:
    stdbctl("deploy", cwd=project)
    assert stdbctl("call", "draw", "1", "2", "#ffffff", cwd=project).code == 0
    last = '    layer: Annotated[u8, index(algorithm="hash")] = 0\n'
    edit(project, last, last + '    pen: str = "thin"\n')
    plan = json.loads(stdbctl("deploy", "--dry-run", "--format", "json", cwd=project).out)
    assert plan["breaks_clients"] is True
    assert "+ pen: String" in plan["plan"]
    assert stdbctl("deploy", cwd=project).code == 3
    assert stdbctl("deploy", "--break-clients", cwd=project).code == 0
    assert "thin" in stdbctl("sql", "SELECT * FROM point", cwd=project).out


def test_change_that_breaks_clients_needs_a_flag_where_nobody_can_be_asked(project: Path) -> None:
    widen_an_event(project)
    done = stdbctl("deploy", cwd=project)
    assert (done.code, done.out) == (3, "")
    assert "All clients will be disconnected" in done.err
    assert "`--break-clients`" in done.err
    assert "more" not in stdbctl("describe", cwd=project).out


@pytest.mark.parametrize("typed", ["n\n", "\n", "\x04"])
def test_change_that_breaks_clients_is_asked_for_on_a_terminal(project: Path, typed: str) -> None:
    widen_an_event(project)
    done = on_a_terminal("deploy", cwd=project, typed=typed)
    assert done.code == 3, done.out
    assert "[y/N]" in done.out
    assert "nothing was changed" in done.out
    assert "more" not in stdbctl("describe", cwd=project).out


def test_generate_writes_what_the_project_says(project: Path) -> None:
    done = stdbctl("generate", cwd=project)
    assert done.code == 0, done.err
    assert done.out.startswith("generated typescript in ")
    assert done.out.endswith(" written · bindings\n")
    assert (project / "bindings" / "index.ts").exists()
    assert done.out.count("\n") == 1
    again = stdbctl("generate", cwd=project)
    assert again.out.endswith(" files unchanged · bindings\n")


def test_generate_by_flags_and_by_its_other_name(project: Path) -> None:
    stdbctl("generate", cwd=project)
    done = stdbctl("client-sdk", "generate", "--lang", "ts", "--out-dir", "elsewhere", "--format", "json", cwd=project)
    answer = json.loads(done.out)
    assert (answer["lang"], answer["out_dir"], answer["removed"]) == ("typescript", "elsewhere", [])
    for name in answer["written"]:
        assert (project / "elsewhere" / name).read_bytes() == (project / "bindings" / name).read_bytes()


def test_generate_check_finds_stale_files(project: Path) -> None:
    stale = stdbctl("generate", "--check", cwd=project)
    assert stale.code == 4
    assert stale.out.startswith("--- /dev/null\n+++ bindings/")
    assert "stale" in stale.err
    assert not (project / "bindings").exists()
    stdbctl("generate", cwd=project)
    assert stdbctl("generate", "--check", cwd=project).code == 0
    edit(project, "def speak(", "def talk(")
    assert stdbctl("generate", "--check", cwd=project).code == 4


def test_generate_leaves_foreign_files_alone(project: Path) -> None:
    (project / "bindings").mkdir()
    (project / "bindings" / "index.ts").write_text("// mine\n", encoding="utf-8")
    done = stdbctl("generate", cwd=project)
    assert done.code == 2
    assert "index.ts" in done.err
    assert (project / "bindings" / "index.ts").read_text(encoding="utf-8") == "// mine\n"


def test_what_cannot_be_generated_is_shown_where_it_stands(project: Path) -> None:
    source = project / "module" / "__init__.py"
    text = source.read_text(encoding="utf-8")
    bad = """

@table(public=True)
class Plan:
    rows: Unique[u8]
"""
    source.write_text(text + bad, encoding="utf-8")
    rows = len(source.read_text(encoding="utf-8").splitlines())
    done = stdbctl("generate", cwd=project)
    assert done.code == 4
    assert f"module/__init__.py:{rows}:5: error: column `rows` of table `Plan`" in done.err
    assert f"module/__init__.py:{rows - 1}:7: error: index `Plan_rows_idx_btree` of table `Plan`" in done.err
    assert not (project / "bindings").exists()


@pytest.mark.parametrize("arguments", [["--lang", "typscript"], ["--lang", "cobol"], ["--lang", ""]])
def test_unknown_language_is_refused(project: Path, arguments: list[str]) -> None:
    done = stdbctl("generate", *arguments, cwd=project)
    assert done.code == 2
    assert "typescript" in done.err


def test_problems_are_coloured_on_a_terminal_only(project: Path) -> None:
    break_module(project)
    shown = on_a_terminal("check", cwd=project)
    assert shown.code == 4
    assert "\x1b[" in shown.out
    assert "\x1b[" not in on_a_terminal("check", cwd=project, NO_COLOR="1").out


def test_flags_about_stored_rows_are_refused_where_there_are_none(project: Path) -> None:
    assert stdbctl("deploy", cwd=project).code == 0
    for flags, told in (
        (("bord", "--delete-data"), "there is no database `bord` whose rows could be deleted"),
        (("--delete-data", "sometimes"), "`never`, `on-conflict`, `always`, and any other word is the database's name"),
        (("bord", "--rename", "point:dot"), "there is no database `bord` yet"),
        (("bord", "--drop-table", "point"), "there is no database `bord` yet"),
    ):
        done = stdbctl("deploy", *flags, cwd=project)
        assert (done.code, done.out) == (2, ""), done
        assert told in done.err
    assert [info["name"] for info in json.loads(stdbctl("list", "--format", "json", cwd=project).out)] == ["board"]


def test_flags_that_fit_nothing_are_a_wrong_command_line(project: Path) -> None:
    assert stdbctl("deploy", cwd=project).code == 0
    for flag, value in (("--rename", "spot:dot"), ("--rename", "point.ink:color"), ("--drop-table", "spot")):
        done = stdbctl("deploy", flag, value, cwd=project)
        assert (done.code, done.out) == (2, ""), done
        assert "spot" in done.err or "ink" in done.err
