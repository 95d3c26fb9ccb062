"""Every save reaches the server, whatever the editor; what is wrong leaves the old code serving."""

import os
from pathlib import Path

from tests.cli.terminal import stdbctl
from tests.dev.driving import SOURCE, TOML, developing, save


def version(number: int) -> str:
    return SOURCE.replace("version 1", f"version {number}")


def test_the_first_deploy_serves_and_writes_the_bindings(project: Path) -> None:
    with developing(project) as dev:
        up, live = dev.wait_for("server_up"), dev.wait_for("live")
        assert (up["is_started"], up["is_ours"], up["is_again"]) == (True, True, False)
        assert (live["op"], live["is_first"], live["tables"], live["reducers"]) == ("created", True, 1, 2)
        assert live["written"][0]["written"]
        assert (project / "bindings" / "index.ts").is_file()
        assert dev.wait_for("watching")["module"] == "module"
        assert dev.texts() == ["version 1"]


def test_a_save_is_live_and_keeps_rows_and_bindings(project: Path) -> None:
    with developing(project) as dev:
        dev.begun()
        dev.texts()
        save(project, version(2))
        live = dev.wait_for("live")
        assert dev.texts() == ["version 1", "version 2"]
        assert live["changes"] == {
            "added": [],
            "changed": [],
            "removed": [],
            "code": ["add"],
            "files": ["module/__init__.py"],
        }
        assert live["written"][0]["written"] == []
        assert (live["is_first"], live["is_recovered"], live["dropped_clients"]) == (False, False, False)


def test_a_new_reducer_comes_with_new_bindings(project: Path) -> None:
    with developing(project) as dev:
        dev.begun()
        save(project, SOURCE + "\n\n@reducer\ndef rest(ctx: ReducerContext) -> None: ...\n")
        live = dev.wait_for("live")
        assert live["changes"]["added"] == ["rest"]
        assert "rest_reducer.ts" in live["written"][0]["written"]


def test_bad_saves_show_all_problems_and_the_old_code_serves_until_a_good_one(project: Path) -> None:
    with developing(project) as dev:
        dev.begun()
        save(project, SOURCE.replace("text: str", "text: Strr\n    other: Nope | None = None"))
        rejected = dev.wait_for("rejected")
        assert [p["code"] for p in rejected["problems"]] == ["module.unknown_type", "module.unknown_type"]
        assert rejected["problems"][0]["place"]["file"] == "module/__init__.py"
        assert dev.texts() == ["version 1"]
        save(project, version(2))
        assert dev.wait_for("live")["is_recovered"] is True
        assert dev.texts() == ["version 1", "version 2"]


def test_a_module_that_is_bad_from_the_start_is_waited_for(project: Path) -> None:
    save(project, "def broken(:\n")
    with developing(project) as dev:
        dev.wait_for("rejected")
        dev.begun()
        save(project, SOURCE)
        live = dev.wait_for("live")
        assert (live["op"], live["is_first"]) == ("created", True)
        assert dev.texts() == ["version 1"]


def test_saves_of_equal_size_in_the_same_second_are_all_seen(project: Path) -> None:
    with developing(project) as dev:
        dev.begun()
        for number in range(2, 8):
            save(project, version(number))
            dev.wait_for("live")
            assert dev.texts()[-1] == f"version {number}"


def test_a_save_by_rename_is_seen(project: Path) -> None:
    with developing(project) as dev:
        dev.begun()
        for number in (2, 3):
            beside = project / "module" / ".__init__.py.swp"
            beside.write_text(version(number), encoding="utf-8")
            beside.rename(project / "module" / "__init__.py")
            dev.wait_for("live")
            assert dev.texts()[-1] == f"version {number}"


def test_a_file_that_is_gone_for_a_moment_is_no_bad_save(project: Path) -> None:
    file = project / "module" / "__init__.py"
    with developing(project) as dev:
        dev.begun()
        file.unlink()
        save(project, version(2))
        file.write_text("", encoding="utf-8")
        save(project, version(3))
        dev.wait_for_text("version 3")
        assert [event for event in dev.seen if event["event"] in ("rejected", "refused")] == []


def test_a_module_that_is_gone_is_a_problem_until_it_is_back(project: Path) -> None:
    with developing(project) as dev:
        dev.begun()
        (project / "module").rename(project / "elsewhere")
        assert dev.wait_for("rejected")["problems"][0]["code"] == "module.not_found"
        (project / "elsewhere").rename(project / "module")
        save(project, version(2))
        dev.wait_for_text("version 2")
        save(project, version(3))
        dev.wait_for_text("version 3")


def test_a_new_helper_counts_as_soon_as_it_is_imported(project: Path) -> None:
    with developing(project) as dev:
        dev.begun()
        save(project, 'TEXT = "from the helper"\n', "helper.py")
        dev.wait_for("live")
        save(
            project,
            SOURCE.replace('"version 1"', "TEXT").replace("\n\n\n@table", "\n\nfrom .helper import TEXT\n\n\n@table"),
        )
        dev.wait_for("live")
        assert dev.texts() == ["from the helper"]
        (project / "module" / "deep").mkdir()
        save(project, 'TEXT = "changed"\n', "helper.py")
        assert dev.wait_for("live")["changes"]["files"] == ["module/helper.py"]
        assert dev.texts()[-1] == "changed"


def test_two_files_saved_at_once_are_one_version(project: Path) -> None:
    save(project, "A = 1\n", "one.py")
    save(project, "B = 1\n", "two.py")
    checked = SOURCE + "\nfrom .one import A\nfrom .two import B\n\nassert A == B\n"
    save(project, checked)
    with developing(project) as dev:
        dev.begun()
        save(project, "A = 2\n", "one.py")
        save(project, "B = 2\n", "two.py")
        assert dev.wait_for("live")["changes"]["files"] == ["module/one.py", "module/two.py"]


def test_a_save_during_a_deploy_is_deployed_right_after_it(project: Path) -> None:
    slow = "for _ in range(20_000_000):\n    pass\n"
    with developing(project) as dev:
        dev.begun()
        save(project, version(2) + slow)
        with dev.connect() as client:
            before = client.database("notes").program_hash
            # The slow import keeps the server busy: the answer to this comes when the deploy is under way or done.
            while client.database("notes").program_hash == before:
                save(project, version(3))
        dev.wait_for_text("version 3")
        save(project, version(4))
        dev.wait_for_text("version 4")


def test_an_import_that_does_not_end_is_stopped_and_the_next_save_is_live(project: Path) -> None:
    with developing(project) as dev:
        dev.begun()
        save(project, SOURCE + "\nwhile True:\n    pass\n")
        assert dev.wait_for("rejected")["problems"][0]["code"] == "module.import_stopped"
        save(project, version(2))
        assert dev.wait_for("live")["is_recovered"] is True
        assert dev.texts()[-1] == "version 2"


def test_a_refused_schema_says_why_and_is_tried_again_when_saved_again(project: Path) -> None:
    unique = SOURCE.replace("    text: str", "    text: Unique[str]").replace("table, u64", "table, u64, Unique")
    with developing(project) as dev:
        dev.begun()
        dev.texts()
        dev.texts()
        save(project, unique)
        refused = dev.wait_for("refused")
        assert "version 1" in refused["reason"]
        assert dev.texts() == ["version 1"] * 3
        with dev.connect() as client:
            client.call("notes", "clear", "[]")
        os.utime(project / "module" / "__init__.py")
        assert dev.wait_for("live")["is_recovered"] is True


WIDER = SOURCE.replace("    text: str\n", '    text: str\n    color: str = "red"\n')


def test_a_column_with_a_default_is_live_with_all_rows_and_new_bindings(project: Path) -> None:
    with developing(project) as dev:
        dev.begun()
        dev.texts()
        save(project, WIDER)
        live = dev.wait_for("live")
        assert live["dropped_clients"] is True
        assert "note_table.ts" in live["written"][0]["written"]
        assert dev.texts() == ["version 1"] * 2


def test_deploy_watch_asks_for_consent_before_it_adds_a_column(project: Path) -> None:
    with developing(project, "--watch", command="deploy") as dev:
        dev.begun()
        save(project, WIDER)
        refused = dev.wait_for("refused")
        assert refused["would_drop_clients"] is True
        assert "+ color: String" in refused["reason"]
        save(project, version(2))
        assert dev.wait_for("live")["is_recovered"] is True
        assert dev.end() == 0
    assert stdbctl("stop", cwd=project).code == 0


def test_a_save_without_a_change_deploys_nothing(project: Path) -> None:
    with developing(project) as dev:
        dev.begun()
        save(project, SOURCE)
        os.utime(project / "module" / "__init__.py")
        (project / "module" / "__init__.py~").write_text("backup", encoding="utf-8")
        (project / "module" / ".hidden").write_text("x", encoding="utf-8")
        save(project, version(2))
        live = dev.wait_for("live")
        assert live["changes"]["code"] == ["add"]
        assert sum(event["event"] == "live" for event in dev.seen) == 2


def test_bindings_that_were_removed_come_back_with_the_next_save(project: Path) -> None:
    with developing(project) as dev:
        dev.begun()
        (project / "bindings" / "index.ts").unlink()
        save(project, version(2))
        assert dev.wait_for("live")["written"][0]["written"] == ["index.ts"]


def test_a_file_in_the_way_of_the_bindings_is_told_and_the_module_is_live(project: Path) -> None:
    (project / "bindings").mkdir()
    (project / "bindings" / "index.ts").write_text("// mine\n", encoding="utf-8")
    with developing(project) as dev:
        assert dev.wait_for("live")["written"] == []
        assert dev.wait_for("trouble")["error"]["code"] == "generate.file_in_the_way"
        assert dev.texts() == ["version 1"]


def test_a_module_of_one_file_is_watched(tmp_path: Path) -> None:
    project = tmp_path / "single"
    project.mkdir()
    (project / "stdbctl.toml").write_text('database = "notes"\nmodule = "notes.py"\n', encoding="utf-8")
    (project / "notes.py").write_text(SOURCE, encoding="utf-8")
    with developing(project) as dev:
        dev.begun()
        (project / "notes.py").write_text(version(2), encoding="utf-8")
        assert dev.wait_for("live")["changes"]["files"] == ["notes.py"]
        assert dev.texts() == ["version 2"]


def test_another_database_in_the_project_file_is_deployed_anew(project: Path) -> None:
    with developing(project) as dev:
        dev.begun()
        (project / "stdbctl.toml").write_text(TOML.replace("notes", "other"), encoding="utf-8")
        assert dev.wait_for("project_file_read")["problems"] == []
        assert dev.wait_for("live")["op"] == "created"
        with dev.connect() as client:
            assert client.names("other") == ("other",)
        dev.begun()
        save(project, version(2))
        assert dev.wait_for("live")["op"] == "updated"


def test_a_broken_project_file_is_told_and_the_old_one_counts(project: Path) -> None:
    with developing(project) as dev:
        dev.begun()
        (project / "stdbctl.toml").write_text(TOML + 'modul = "x"\n', encoding="utf-8")
        (problem,) = dev.wait_for("project_file_read")["problems"]
        assert problem["code"] == "project.unknown_key"
        save(project, version(2))
        dev.wait_for("live")
        assert dev.texts() == ["version 2"]


def test_the_log_is_shown_as_it_comes_and_each_line_once(project: Path) -> None:
    with developing(project) as dev:
        dev.begun()
        dev.texts()
        while (record := dev.wait_for("logged")["record"])["message"] != "adding":
            assert record["level"] == "Info"
        dev.texts()
        assert dev.wait_for("logged")["record"]["message"] == "adding"
