"""`generate` from other places than the project's module, and by templates of one's own."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from lupa import LuaRuntime

from stdbctl.sats import dumps
from stdbctl.schema import ModuleDef, RawModuleDef, RawReducerDef, raw_v9_json, validate
from tests.cli.terminal import BOARD, copy_board, edit, stdbctl
from tests.codegen.test_own_templates import EXAMPLES, case, read_tree
from tests.support.server import RunningServer, serving


def url_of(served: Path) -> str:
    """Where the embedded server of a project is."""
    url: str = json.loads((served / ".stdbctl" / "server.json").read_text(encoding="utf-8"))["url"]
    return url


@contextmanager
def old_server(module: ModuleDef | None, answer: str = "") -> Iterator[str]:
    """A stand-in for a server from before version 10 of definitions; the address of one with the database `shop`.

    It makes identities for all who ask. `answer`: what it says instead of a definition.
    """
    body = answer if module is None else dumps(raw_v9_json(module))

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            url = urlsplit(self.path)
            is_known = url.path == "/v1/database/shop/schema" and (parse_qs(url.query) == {"version": ["9"]} or answer)
            is_known = is_known or url.path == "/v1/ping"
            status, text = (200, body) if is_known else (400, "unknown variant `10`, expected `9`")
            self.send_response(status)
            self.end_headers()
            self.wfile.write(text.encode())

        def do_POST(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps({"identity": "c2" * 32, "token": "t"}).encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


# --- from a running server


def test_bindings_of_a_running_database_are_those_of_its_module(served: Path, tmp_path: Path) -> None:
    done = stdbctl("generate", "--from-server", url_of(served), "board", "--lang", "ts", "-o", "a", cwd=tmp_path)
    assert done.code == 0, done.err
    assert stdbctl("generate", "--lang", "ts", "-o", str(tmp_path / "b"), cwd=served).code == 0
    remote, local = read_tree(tmp_path / "a"), read_tree(tmp_path / "b")
    assert _without_docs(remote) == _without_docs(local)


def _without_docs(files: dict[str, str]) -> dict[str, list[str]]:
    """Code alone: docstrings do not travel, and the header's digits count them in."""
    return {
        path: [line for line in text.splitlines() if not line.lstrip().startswith(("//", "/**", "*"))]
        for path, text in files.items()
    }


def test_a_project_may_generate_from_a_server_too(served: Path, project: Path) -> None:
    done = stdbctl("generate", "--from-server", url_of(served), "board", cwd=project)
    assert done.code == 0, done.err
    assert (project / "bindings" / "index.ts").exists()


def test_an_embedded_server_is_called_local(served: Path) -> None:
    done = stdbctl("generate", "--from-server", "local", "board", "--lang", "ts", "-o", "from_local", cwd=served)
    assert done.code == 0, done.err


def test_an_older_server_is_asked_for_version_9(tmp_path: Path) -> None:
    with old_server(case("module_test")) as url:
        done = stdbctl("generate", "--from-server", url, "shop", "--lang", "ts", "-o", "out", cwd=tmp_path)
    assert done.code == 0, done.err
    assert "person_table.ts" in read_tree(tmp_path / "out")


def test_a_database_that_is_not_there_is_named(served: Path, tmp_path: Path) -> None:
    done = stdbctl("generate", "--from-server", url_of(served), "bord", "--lang", "ts", "-o", "out", cwd=tmp_path)
    assert done.code == 2
    assert "bord" in done.err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("answer", ["<html>", '{"sections": [{"Typespace": 1}]}', '{"V11": {}}', "[]"])
def test_an_answer_that_is_no_definition_is_refused(answer: str, tmp_path: Path) -> None:
    with old_server(None, answer) as url:
        done = stdbctl("generate", "--from-server", url, "shop", "--lang", "ts", "-o", "out", cwd=tmp_path)
    assert done.code == 2
    assert url in done.err
    assert not (tmp_path / "out").exists()


def test_a_server_that_does_not_answer_is_named(tmp_path: Path) -> None:
    with old_server(None) as url:
        pass
    done = stdbctl("generate", "--from-server", url, "shop", "--lang", "ts", cwd=tmp_path)
    assert done.code == 2
    assert f"no server answers at {url}" in done.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--from-server", "ws://127.0.0.1:3000", "x", "--lang", "ts"], "ws://127.0.0.1:3000"),
        (["--from-server", "http://127.0.0.1:3000"], "--from-server"),
        (["--from-server", "http://127.0.0.1:9", "x", "--module-path", "m", "--lang", "ts"], "--module-path"),
        (["--lang", "ts", "--templates", "t"], "--templates"),
        (["--templates", "t"], "--out-dir"),
    ],
)
def test_options_that_do_not_go_together_are_refused(arguments: list[str], said: str, tmp_path: Path) -> None:
    done = stdbctl("generate", *arguments, cwd=tmp_path)
    assert done.code == 2
    assert said in done.err


def test_problems_of_a_remote_definition_have_no_place(tmp_path: Path) -> None:
    module = validate(RawModuleDef(reducers=(RawReducerDef(source_name="a_"),), snake_case=False))
    assert isinstance(module, ModuleDef)
    with old_server(module) as url:
        done = stdbctl("generate", "--from-server", url, "shop", "--lang", "ts", "-o", "out", cwd=tmp_path)
    assert done.code == 4
    assert done.err.startswith("error: reducer `a_` is `a`")


# --- from a module anywhere


def test_a_module_needs_no_project(tmp_path: Path) -> None:
    done = stdbctl("generate", "-p", str(BOARD / "module"), "--lang", "ts", "-o", "out", cwd=tmp_path)
    assert done.code == 0, done.err
    assert "point_table.ts" in read_tree(tmp_path / "out")


def test_problems_of_a_module_have_paths_from_here(project: Path) -> None:
    edit(project, "x: f32\n", "x: f23\n")
    done = stdbctl("generate", "-p", "module", "--lang", "ts", "-o", "out", cwd=project)
    assert done.code == 4
    assert "module/__init__.py:" in done.err


# --- several at once


def test_nothing_is_written_when_one_language_cannot_be(project: Path) -> None:
    (project / "other").mkdir()
    (project / "other" / "_x.jinja").write_text("")
    (project / "other" / "a.txt.jinja").write_text("// {{ header }}\n{{ nothing }}")
    config = project / "stdbctl.toml"
    config.write_text(config.read_text() + '\n[[generate]]\ntemplates = "other"\nout_dir = "made"\n')
    done = stdbctl("generate", cwd=project)
    assert done.code == 4
    assert "other/a.txt.jinja:2:1: error: 'nothing' is undefined" in done.err
    assert not (project / "bindings").exists()
    (project / "other" / "a.txt.jinja").write_text("// {{ header }}\n")
    assert stdbctl("generate", cwd=project).code == 0
    assert (project / "made" / "a.txt").exists()


def test_nothing_is_written_when_a_file_is_in_the_way_of_the_last(project: Path) -> None:
    (project / "other").mkdir()
    (project / "other" / "a.txt.jinja").write_text("// {{ header }}\n")
    (project / "made").mkdir()
    (project / "made" / "a.txt").write_text("mine\n")
    config = project / "stdbctl.toml"
    config.write_text(config.read_text() + '\n[[generate]]\ntemplates = "other"\nout_dir = "made"\n')
    assert stdbctl("generate", cwd=project).code == 2
    assert not (project / "bindings").exists()


def test_two_entries_for_one_folder_are_refused(project: Path) -> None:
    config = project / "stdbctl.toml"
    config.write_text(config.read_text() + '\n[[generate]]\nlang = "ts"\nout_dir = "./bindings"\n')
    done = stdbctl("generate", cwd=project)
    assert done.code == 2
    assert "two languages would be generated into `bindings`" in done.err


def test_an_entry_has_a_language_or_templates(tmp_path: Path) -> None:
    project = copy_board(tmp_path / "board")
    config = project / "stdbctl.toml"
    config.write_text(config.read_text() + '\n[[generate]]\nlang = "ts"\ntemplates = "t"\nout_dir = "x"\n')
    done = stdbctl("generate", cwd=project)
    assert done.code == 2
    assert "`lang` and `templates` exclude each other" in done.err


# --- stale files


def test_the_diff_of_stale_files_shows_old_and_new_lines(project: Path) -> None:
    stdbctl("generate", cwd=project)
    edit(project, "def speak(ctx: ReducerContext, text: str)", "def speak(ctx: ReducerContext, words: str)")
    done = stdbctl("generate", "--check", cwd=project)
    assert done.code == 4
    lines = done.out.splitlines()
    start = lines.index("--- bindings/speak_reducer.ts")
    assert lines[start + 1] == "+++ bindings/speak_reducer.ts"
    assert "-  text: __t.string()," in lines[start:]
    assert "+  words: __t.string()," in lines[start:]
    assert "are stale" in done.err


def test_the_diff_of_a_removed_file_goes_to_dev_null(project: Path) -> None:
    stdbctl("generate", cwd=project)
    edit(project, "def speak(", "def talk(")
    out = stdbctl("generate", "--check", cwd=project).out
    assert "--- bindings/speak_reducer.ts\n+++ /dev/null\n" in out
    assert "--- /dev/null\n+++ bindings/talk_reducer.ts\n" in out
    assert (project / "bindings" / "speak_reducer.ts").exists()


def test_a_long_diff_is_cut(project: Path) -> None:
    lines = stdbctl("generate", "--check", cwd=project).out.splitlines()
    assert len(lines) == 201
    assert lines[-1] == "… the diff is cut after 200 lines"


def test_stale_files_as_json(project: Path) -> None:
    stdbctl("generate", cwd=project)
    fresh = json.loads(stdbctl("generate", "--check", "--format", "json", cwd=project).out)
    assert (fresh["diff"], fresh["is_diff_cut"], fresh["written"]) == ("", False, [])
    edit(project, "def speak(ctx: ReducerContext, text: str)", "def speak(ctx: ReducerContext, words: str)")
    stale = stdbctl("generate", "--check", "--format", "json", cwd=project)
    assert stale.code == 4
    job, closing = map(json.loads, stale.out.splitlines())
    assert "speak_reducer.ts" in job["written"]
    assert "\n+  words: __t.string(),\n" in job["diff"]
    assert [problem["code"] for problem in closing["problems"]] == ["cli.stale_files"]


# --- the worked example of docs/code-templates.md, run


@pytest.fixture(scope="module")
def arena(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server with the module of the example."""
    with serving(tmp_path_factory.mktemp("arena")) as server:
        assert server.publish("arena", EXAMPLES).status_code == 200
        yield server


def lua_over(folder: Path, server: RunningServer) -> Any:  # Any: whatever Lua gives
    """A Lua interpreter that finds the generated code, with a client named `client` and a function `query`."""
    lua = LuaRuntime(unpack_returned_tuples=True)

    def call(_client: object, name: str, arguments: Any) -> str | None:
        answer = server.request("POST", f"/database/arena/call/{name}", json=_plain(arguments), headers=server.headers)
        return None if answer.status_code < 300 else answer.text

    lua.globals().package.path = f"{folder}/?.lua"
    lua.globals().client = lua.table(call=call)
    lua.globals().query = lambda text: _table(lua, server.sql("arena", text))
    return lua


def _plain(value: Any) -> Any:
    """A Lua array as a list, with all that is in it."""
    return [_plain(item) for item in value.values()] if hasattr(value, "values") else value


def _table(lua: Any, value: Any) -> Any:
    return lua.table(*(_table(lua, item) for item in value)) if isinstance(value, list) else value


def test_lua_of_the_example_calls_reducers_and_reads_rows(arena: RunningServer, tmp_path: Path) -> None:
    done = stdbctl(
        "generate", "--from-server", arena.url, "arena", "--templates", str(EXAMPLES / "lua"), "-o", "lua", cwd=tmp_path
    )
    assert done.code == 0, done.err
    assert done.out.startswith("generated lua in ")
    lua = lua_over(tmp_path / "lua", arena)
    seen = lua.execute("""
        local reducers, items, players = require("reducers"), require("rows.item"), require("rows.player")
        local refused = reducers.join(client, "", "red", {})
        assert(reducers.join(client, "ann", "blue", { "bob", "cy" }) == nil)
        assert(reducers.drop(client, "torch", { tag = "spot", value = { x = 1.5, y = -2.0 } }, false) == nil)
        assert(reducers.drop(client, nil, { tag = "worn", value = { slot = 3 } }, false) == nil)
        local ann = players.read(query(players.query)[1])
        local found = query(items.query)
        local torch, hat = items.read(found[1]), items.read(found[2])
        assert(torch.owner == players.key(ann) and #torch.owner == 66)
        return table.concat({
            refused, ann.name, ann.team, table.concat(ann.friends, "+"),
            torch.label, torch.location.tag, torch.location.value.x, torch.location.value.y,
            tostring(hat.label), hat.location.tag, hat.location.value.slot, items.key(hat),
        }, " ")
    """)
    assert seen == "a name is needed ann blue bob+cy torch spot 1.5 -2.0 nil worn 3 2"


def test_lua_of_the_example_refuses_what_it_cannot_hold(tmp_path: Path) -> None:
    with old_server(case("every_type")) as url:
        done = stdbctl(
            "generate", "--from-server", url, "shop", "--templates", str(EXAMPLES / "lua"), "-o", "lua", cwd=tmp_path
        )
    assert done.code == 4
    assert "error: Lua has no whole numbers of 128 bits" in done.err
    assert "_lua.jinja:" in done.err
    assert not (tmp_path / "lua").exists()
