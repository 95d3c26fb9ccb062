"""Commands that talk to a deployed database: call, sql, describe, logs, list, ps."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.terminal import Command


def rows(command: Command, query: str) -> Any:
    return json.loads(command("sql", "--format", "json", query).out)[0]["rows"]


def test_call_runs_a_reducer_and_says_so_on_stderr(command: Command) -> None:
    done = command("call", "draw", "-1.5", "2", "#a00001")
    assert (done.code, done.out) == (0, "")
    assert done.err.startswith("called draw in ")
    assert rows(command, "SELECT x, y FROM point WHERE color = '#a00001'") == [[-1.5, 2.0]]


def test_call_takes_arguments_by_name(command: Command) -> None:
    assert command("call", "draw", "color=#a00002", "y=-2", "x=1").code == 0
    assert rows(command, "SELECT x, y FROM point WHERE color = '#a00002'") == [[1.0, -2.0]]


def test_call_reads_bytes_and_options(command: Command) -> None:
    assert command("call", "keep", "first", "0xC0FFEE", "null").code == 0
    assert command("call", "keep", "second", "00", "a note").code == 0
    assert rows(command, "SELECT value, note FROM secret WHERE name = 'first'") == [["c0ffee", [1, []]]]
    assert rows(command, "SELECT value, note FROM secret WHERE name = 'second'") == [["00", [0, "a note"]]]


def test_call_as_json(command: Command) -> None:
    done = command("call", "--format", "json", "tidy")
    answer = json.loads(done.out)
    assert answer.pop("duration_micros") >= 0
    assert answer == {"ok": True, "function": "tidy", "value": None}


def test_reducer_error_is_its_text_and_exit_code_2(command: Command) -> None:
    done = command("call", "draw", "1", "2", "red")
    assert done.code == 2
    assert done.out == ""
    assert done.err.startswith("error: color must look like #RRGGBB\n")


def test_unforeseen_error_points_to_the_log(command: Command) -> None:
    done = command("call", "stumble")
    assert done.code == 2
    assert "stdbctl logs" in done.err
    assert "never divide" not in done.err


def test_unknown_reducer_offers_the_nearest(command: Command) -> None:
    done = command("call", "drwa", "1")
    assert done.code == 2
    assert done.err == "error: no reducer `drwa`\n  = fix: did you mean `draw`?\n"


def test_the_database_alone_is_told_apart_from_a_reducer(command: Command) -> None:
    done = command("call", "board")
    assert done.code == 2
    assert done.err.startswith("error: `board` is the database, not a reducer\n  = fix: name the reducer, too: ")


@pytest.mark.parametrize(
    "words",
    [
        ("call", "board", "draw", "1", "2", "#00ff00"),
        ("sql", "board", "SELECT * FROM point"),
        ("logs", "board", "-n", "1"),
        ("history", "board", "-n", "1"),
        ("describe", "board"),
        ("describe", "board", "table", "point"),
        ("export", "board"),
    ],
)
def test_database_may_stand_where_the_spacetime_command_has_it(command: Command, words: tuple[str, ...]) -> None:
    done = command(*words)
    assert done.code == 0, done.err
    first, _, *rest = words
    elsewhere = command(first, "elsewhere", *rest)
    assert elsewhere.code == 2
    assert "elsewhere" in elsewhere.err


def test_two_databases_are_refused(command: Command) -> None:
    done = command("logs", "board", "--database", "other")
    assert (done.code, done.err) == (2, "error: `board` and `other` are two databases\n  = fix: name one\n")


@pytest.mark.parametrize(
    ("words", "fix"),
    [
        (("describe", "tabel", "point"), "did you mean `table`?"),
        (("describe", "board", "tables", "point"), "did you mean `table`?"),
        (("describe", "table"), "say `stdbctl describe table NAME`"),
        (("sql", "SELECT", "*", "FROM", "point"), "write it in quotes"),
    ],
)
def test_words_that_make_no_sense_are_told_with_those_that_do(
    command: Command, words: tuple[str, ...], fix: str
) -> None:
    done = command(*words)
    assert done.code == 2
    assert fix in done.err


def test_wrong_arguments_show_the_signature(command: Command) -> None:
    done = command("call", "draw", "1")
    assert done.code == 2
    assert "draw(x: f32, y: f32, color: str)" in done.err


def test_lifecycle_hooks_cannot_be_called(command: Command) -> None:
    done = command("call", "joined")
    assert done.code == 2
    assert "lifecycle" in done.err


def test_error_as_json_is_one_line_on_stderr(command: Command) -> None:
    done = command("call", "drwa", "--format", "json")
    assert (done.code, done.out) == (2, "")
    assert json.loads(done.err) == {
        "error": {
            "code": "cli.no_such_reducer",
            "what": "no reducer `drwa`",
            "why": "",
            "fix": "did you mean `draw`?",
        }
    }


def test_sql_as_a_table(command: Command) -> None:
    command("call", "draw", "0.5", "2", "#a00003")
    done = command("sql", "SELECT x, color FROM point WHERE color = '#a00003'")
    assert done.out == ' x   | color\n-----+-----------\n 0.5 | "#a00003"\n'
    assert done.err.startswith("(1 row in ")


def test_sql_mistake_is_the_servers_text_with_the_nearest_table(command: Command) -> None:
    done = command("sql", "SELECT * FROM poimt")
    assert done.code == 2
    assert "no such table: `poimt`" in done.err
    assert "did you mean `point`?" in done.err


@pytest.mark.parametrize(
    ("query", "fix"),
    [
        ("SELECT ownr FROM point", "did you mean `owner`?"),
        ("SELECT * FROM point WHERE point.ownr = 1", "did you mean `owner`?"),
        ("DELETE FROM point", "SELECT"),
        ("selct", "SELECT"),
    ],
)
def test_sql_mistakes_say_what_to_write(command: Command, query: str, fix: str) -> None:
    done = command("sql", query)
    assert done.code == 2
    assert fix in done.err


def test_private_table_is_not_offered_in_place_of_itself(command: Command) -> None:
    done = command("sql", "SELECT * FROM secret", "--as", "somebody")
    assert "did you mean" not in done.err
    assert "leave `--as` out" in done.err


def test_users_are_made_on_first_use_and_stay_the_same(command: Command) -> None:
    first = command("call", "--as", "ann", "draw", "1", "1", "#a00004")
    assert "`ann` is a new identity: c200" in first.err
    again = command("call", "--as", "ann", "draw", "1", "1", "#a00004")
    assert "new identity" not in again.err
    owners = rows(command, "SELECT owner FROM point WHERE color = '#a00004'")
    assert len(owners) == 2
    assert owners[0] == owners[1]


def test_users_see_only_what_is_public(command: Command) -> None:
    assert command("sql", "--as", "bob", "SELECT * FROM point").code == 0
    denied = command("sql", "--as", "bob", "SELECT * FROM secret")
    assert denied.code == 2
    assert "no such table" in denied.err
    log = command("logs", "--as", "bob")
    assert log.code == 2
    assert "only the owner" in log.err


def test_identity_that_the_server_forgot_is_made_again(command: Command, served: Path) -> None:
    command("call", "--as", "zoe", "tidy")
    file = served / ".stdbctl" / "identities" / "local" / "zoe.json"
    broken = json.loads(file.read_text(encoding="utf-8"))
    broken["token"] = broken["token"][:-8] + "AAAAAAAA"
    file.write_text(json.dumps(broken), encoding="utf-8")
    done = command("sql", "--as", "zoe", "SELECT id FROM point")
    assert done.code == 0
    assert "`zoe` is again a new identity" in done.err


def test_bad_user_name_is_refused(command: Command) -> None:
    assert command("list", "--as", "../x").code == 2


def test_describe_shows_tables_and_signatures(command: Command) -> None:
    done = command("describe")
    assert done.code == 0
    lines = done.out.splitlines()
    assert "table point  public" in lines
    assert "id       u64        primary key, auto-increment" in lines
    assert "owner    Identity   index (btree)" in lines
    assert "layer    u8         index (hash), default 0" in lines
    assert "index by_owner_and_layer on (owner, layer) (btree)" in lines
    assert "table secret  private" in lines
    assert "note     str | None" in lines
    assert "reducer joined()  runs when a client connects" in lines
    assert "reducer draw(x: f32, y: f32, color: str)" in lines
    assert "reducer tidy()  private" in lines


def test_describe_one_thing(command: Command) -> None:
    assert command("describe", "table", "Secret").out.startswith("table secret  private\n")
    assert command("describe", "reducer", "draw").out == "reducer draw(x: f32, y: f32, color: str)\n"


def test_describe_as_json_is_the_raw_definition(command: Command) -> None:
    whole = json.loads(command("describe", "--json").out)
    assert [next(iter(section)) for section in whole["sections"]][:2] == ["Typespace", "Types"]
    assert command("describe", "--format", "json").out == command("describe", "--json").out
    table = json.loads(command("describe", "table", "point", "--json").out)
    assert table["source_name"] == "Point"


@pytest.mark.parametrize("entity", ["table", "reducer"])
def test_describe_offers_the_nearest(command: Command, entity: str) -> None:
    name = {"table": "pont", "reducer": "drw"}[entity]
    done = command("describe", entity, name)
    assert done.code == 2
    assert "did you mean `" in done.err


def test_describe_needs_the_name(command: Command) -> None:
    assert "stdbctl describe table NAME" in command("describe", "table").err


def messages(out: str) -> list[str]:
    return [json.loads(line)["message"] for line in out.splitlines()]


def test_logs_filter_by_level_and_count(command: Command) -> None:
    command("call", "speak", "one")
    command("call", "speak", "two")
    assert messages(command("logs", "-n", "2", "--format", "json").out) == ["two aloud", "two shouting"]
    assert messages(command("logs", "-n", "2", "--level", "error", "--format", "json").out)[-1] == "two shouting"
    softly = command("logs", "--level", "debug", "--level-exact", "--format", "json").out
    assert [text for text in messages(softly) if "softly" in text] == ["one softly", "two softly"]
    assert command("logs", "-n", "0").out == ""


def test_logs_as_text(command: Command) -> None:
    command("call", "speak", "three")
    lines = command("logs", "-n", "2").out.splitlines()
    assert lines[0].endswith("Z  WARN: speak module/__init__.py:74: three aloud")
    assert lines[1].endswith("Z ERROR: speak module/__init__.py:75: three shouting")


def test_unknown_level_names_the_known_ones(command: Command) -> None:
    done = command("logs", "--level", "loud")
    assert done.code == 2
    assert "trace" in done.err


def test_list_and_ps_show_the_databases(command: Command) -> None:
    (listed,) = json.loads(command("list", "--format", "json").out)
    state = json.loads(command("ps", "--format", "json").out)
    assert state["databases"] == [listed]
    assert {"name": "board", "names": ["board"], "tables": 2, "reducers": 5}.items() <= listed.items()
    assert listed["identity"].startswith("c200")
    text = command("ps").out.splitlines()
    assert text[0] == f"serving {state['url']} (pid {state['pid']}, data .stdbctl/data)"
    assert text[1] == f"  board  2 tables, 5 reducers  {listed['identity']}"
    assert command("list", "--as", "nobody").out == "no databases\n"


def test_the_url_of_the_embedded_server_means_the_embedded_server(command: Command) -> None:
    url = json.loads(command("ps", "--format", "json").out)["url"]
    assert command("list", "--server", url).out == command("list").out


def test_other_servers_know_one_as_a_local_user(command: Command) -> None:
    url = json.loads(command("ps", "--format", "json").out)["url"].replace("127.0.0.1", "localhost")
    done = command("list", "--server", url)
    assert done.out == "no databases\n"
    assert "`default` is a new identity" in done.err


def test_unreachable_server_is_named(command: Command) -> None:
    done = command("sql", "SELECT 1", "--server", "http://127.0.0.1:9")
    assert done.code == 2
    assert "http://127.0.0.1:9" in done.err


def test_unknown_database_is_named(command: Command) -> None:
    done = command("sql", "--database", "other", "SELECT * FROM point")
    assert done.code == 2
    assert "no database `other`" in done.err
