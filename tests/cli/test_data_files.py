"""`stdbctl export` and `stdbctl import`: rows to files and back."""

import json
import signal
import subprocess
from pathlib import Path

import pytest

from tests.cli.terminal import STDBCTL, Command, on_a_terminal, process

SECRETS = '{"name": "a", "value": "00ff", "note": null}\n{"name": "b", "value": "", "note": ""}\n'


@pytest.fixture
def clean(command: Command, tmp_path: Path) -> Command:
    """The shared project with two secrets and no point."""
    (tmp_path / "none.jsonl").write_text("")
    for table in ("point", "secret"):
        done = command("import", str(tmp_path / "none.jsonl"), "--table", table, "--replace", "--confirm", "board")
        assert done.code == 0, done.err
    (tmp_path / "secret.jsonl").write_text(SECRETS)
    assert command("import", str(tmp_path / "secret.jsonl")).code == 0
    return command


def test_rows_go_out_to_a_folder_and_come_back(clean: Command, tmp_path: Path) -> None:
    clean("call", "draw", "1", "-0.0", "#a00000")
    done = clean("export", "--to", str(tmp_path / "out"))
    assert done.code == 0, done.err
    assert done.out.startswith("exported 3 rows of 2 tables in ")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["point.jsonl", "secret.jsonl"]
    before = clean("export").out
    done = clean("import", str(tmp_path / "out"), "--replace", "--confirm", "board")
    assert done.code == 0, done.err
    assert done.out.startswith("unchanged: checked 3 rows for 2 tables in ")
    assert "point: 1 given, 0 inserted, 0 deleted" in done.err
    assert "the snapshot `before-import-" in done.err
    assert clean("export").out == before


def test_rows_go_out_as_csv_and_come_back(clean: Command, tmp_path: Path) -> None:
    file = tmp_path / "kept.csv"
    assert clean("export", "--table", "Secret", "--to", str(file)).code == 0
    assert file.read_text() == 'name,value,note\na,00ff,\nb,,""""""\n'
    before = clean("export", "-t", "secret").out
    done = clean("import", str(file), "--table", "secret", "--replace", "--confirm", "board", "--format", "json")
    told = json.loads(done.out)
    assert (told["ok"], told["rows"]) == (True, 2)
    assert told["tables"] == [{"table": "secret", "given": 2, "inserted": 0, "deleted": 0}]
    assert clean("export", "-t", "secret").out == before


def test_one_table_on_stdout_is_its_rows_alone_and_more_are_named(clean: Command) -> None:
    done = clean("export", "--table", "secret")
    assert done.out == '{"name":"a","value":"00ff","note":null}\n{"name":"b","value":"","note":""}\n'
    assert done.err.startswith("exported 2 rows of 1 table in ")
    assert clean("export").out.splitlines()[:2] == ['{"$table":"point"}', '{"$table":"secret"}']


def test_everything_can_go_into_one_file_and_come_back(clean: Command, tmp_path: Path) -> None:
    file = tmp_path / "all.jsonl"
    told = json.loads(clean("export", "--to", str(file), "--format", "json").out)
    assert [(each["table"], each["rows"]) for each in told["tables"]] == [("point", 0), ("secret", 2)]
    assert {each["file"] for each in told["tables"]} == {str(file)}
    assert clean("import", str(file)).code == 0


def test_pipes_connect_both(clean: Command, served: Path) -> None:
    out = process("export", "--table", "secret", cwd=served)
    assert out.code == 0, out.err
    more = out.out.replace('"a"', '"piped"').splitlines()[0]
    done = process("import", "-", "--table", "secret", cwd=served, input=more, stdin=None)
    assert done.code == 0, done.err
    assert '"piped"' in clean("export", "-t", "secret").out


def test_a_reader_that_has_read_enough_is_no_error(clean: Command, served: Path) -> None:
    command = " ".join([*STDBCTL, "export", "|", "head", "-n1"])
    done = subprocess.run(command, shell=True, cwd=served, capture_output=True, text=True, timeout=100)
    assert done.stdout == '{"$table":"point"}\n'
    assert "Traceback" not in done.stderr


def test_problems_are_shown_at_their_lines_and_nothing_is_changed(clean: Command, tmp_path: Path) -> None:
    before = clean("export").out
    (tmp_path / "secret.jsonl").write_text('{"name": "c", "value": "0", "note": null}\n{"name": "d", "valu": ""}\n')
    (tmp_path / "point.csv").write_text("x,y,owner\n1,2,nobody\n")
    done = clean("import", str(tmp_path / "secret.jsonl"), str(tmp_path / "point.csv"))
    assert done.code == 4
    assert f"{tmp_path}/secret.jsonl:1:15: error: `secret.value` expects an even number of hex digits" in done.err
    assert f"{tmp_path}/secret.jsonl:2:15: error: `secret` has no column `valu`" in done.err
    assert "did you mean `value`?" in done.err
    assert f"{tmp_path}/point.csv:2:5: error: `point.owner` expects 64 hex digits" in done.err
    assert done.err.rstrip().endswith("3 problems")
    told = json.loads(clean("import", str(tmp_path / "point.csv"), "--format", "json").out)
    assert told["problems"][0]["place"]["line"] == 2
    assert clean("export").out == before


def test_replacing_wants_the_name_of_the_database(clean: Command, tmp_path: Path, served: Path) -> None:
    before = clean("export").out
    (tmp_path / "secret.jsonl").write_text("")
    lossy = ("import", str(tmp_path / "secret.jsonl"), "--replace")
    refused = clean(*lossy)
    assert (refused.code, "agree with `--confirm board`" in refused.err) == (3, True)
    assert clean(*lossy, "--confirm", "bord").code == 3
    typed = on_a_terminal(*lossy, cwd=served, typed="yes\n")
    assert (typed.code, "`yes` was given" in typed.out) == (3, True)
    assert clean("export").out == before
    assert on_a_terminal(*lossy, cwd=served, typed="board\n").code == 0
    assert clean("export", "-t", "secret").out == ""


def test_files_that_exist_are_left_alone(clean: Command, tmp_path: Path) -> None:
    (tmp_path / "secret.jsonl").write_text("mine")
    done = clean("export", "--to", str(tmp_path))
    assert (done.code, "--force" in done.err) == (2, True)
    assert [path.name for path in tmp_path.iterdir() if path.name != "none.jsonl"] == ["secret.jsonl"]
    assert (tmp_path / "secret.jsonl").read_text() == "mine"
    assert clean("export", "--to", str(tmp_path), "--force").code == 0
    assert (tmp_path / "secret.jsonl").read_text() != "mine"


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("export", "--table", "secrt"), "did you mean `secret`?"),
        (("export", "--csv"), "name it with `--table`"),
        (("export", "--csv", "--to", "x.jsonl"), "contradict"),
        (("import", "nowhere.jsonl"), "nothing was changed"),
        (("import", "nowhere"), "does not exist"),
        (("import", "stdbctl.toml"), "does not say what it holds"),
        (("import", "module"), "holds no file with rows"),
        (("import", "module", "--table", "secret"), "holds no file with rows"),
        (("import", "a.jsonl", "b.jsonl", "--table", "secret"), "`--table` names the table of one file"),
        (("import", "-", "--merge", "--replace"), "exclude each other"),
    ],
)
def test_what_cannot_be_meant_says_what_to_write(command: Command, arguments: tuple[str, ...], text: str) -> None:
    done = command(*arguments)
    assert done.code == 2
    assert text in done.err


def test_ctrl_c_in_the_middle_changes_nothing(clean: Command, served: Path) -> None:
    before = clean("export").out
    child = subprocess.Popen(
        [*STDBCTL, "import", "-", "--table", "secret"],
        cwd=served,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert child.stdin is not None
    row = b'{"name": "never", "value": "", "note": "%s"}\n' % (b"x" * 1000)
    for _ in range(2000):  # more than all buffers on the way hold: some of it has arrived
        child.stdin.write(row)
    child.stdin.flush()
    child.send_signal(signal.SIGINT)
    _, err = child.communicate(timeout=100)
    assert child.returncode == 130, err
    assert b"Traceback" not in err
    assert clean("export").out == before


def test_a_terminal_sees_how_far_it_is(clean: Command, served: Path, tmp_path: Path) -> None:
    """Only that nothing of the bar is left behind and that the answer is whole: bars come and go with time."""
    done = on_a_terminal("import", str(tmp_path / "secret.jsonl"), cwd=served)
    assert "unchanged: checked 2 rows for 1 table in " in done.out
    to = ("--to", str(tmp_path / "out"))
    assert "exported 2 rows of 2 tables in " in on_a_terminal("export", *to, cwd=served).out
