"""The control client against a real server."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from stdbctl.client.http import (
    AutoMigration,
    BadArguments,
    ControlClient,
    FunctionFailed,
    ManualMigration,
    NoSuchDatabase,
    NoSuchFunction,
    NotAllowed,
    PublishRefused,
    QueryRefused,
    TokenRefused,
    identity_of_token,
)
from stdbctl.module import pack
from stdbctl.sats import Primitive
from tests.cli.terminal import copy_board, edit, process, stdbctl


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A project whose server runs, with nothing deployed."""
    folder = copy_board(tmp_path_factory.mktemp("http") / "board")
    started = process("start", "--detach", cwd=folder)
    assert started.code == 0, started.err
    yield folder
    assert stdbctl("stop", cwd=folder).code == 0


@pytest.fixture
def client(board: Path) -> Iterator[ControlClient]:
    """The operator's client."""
    url = json.loads((board / ".stdbctl" / "server.json").read_text(encoding="utf-8"))["url"]
    token = (board / ".stdbctl" / "operator.token").read_text(encoding="utf-8").strip()
    with ControlClient(url, token) as opened:
        yield opened


@pytest.fixture(scope="module")
def program(board: Path) -> bytes:
    """The board's module as a program."""
    return pack(board / "module", board).data


@pytest.fixture
def database(client: ControlClient, program: bytes) -> str:
    """The name of a deployed board."""
    client.publish("http-board", program)
    return "http-board"


def test_identities_and_tokens(client: ControlClient) -> None:
    client.ping()
    made = client.create_identity()
    assert identity_of_token(made.token) == made.identity
    with ControlClient(client.url, made.token) as other:
        assert identity_of_token(other.websocket_token()) == made.identity
    with ControlClient(client.url, made.token[:-8] + "AAAAAAAA") as forger, pytest.raises(TokenRefused):
        forger.ping()
    with ControlClient(client.url) as nobody, pytest.raises(TokenRefused):
        nobody.websocket_token()


def test_publish_makes_then_updates_then_delete_removes(client: ControlClient, program: bytes) -> None:
    with pytest.raises(NoSuchDatabase):
        client.database("short-lived")
    with pytest.raises(NoSuchDatabase):
        client.pre_publish("short-lived", program)
    made = client.publish("short-lived", program)
    assert (made.domain, made.is_new) == ("short-lived", True)
    assert not client.publish("short-lived", program).is_new
    info = client.database("short-lived")
    owner = identity_of_token(client.token or "")
    assert (info.identity, info.owner, info.host_type) == (made.identity, owner, "Python")
    assert client.names(made.identity.to_hex()) == ("short-lived",)
    assert made.identity in client.databases(owner)
    client.delete("short-lived")
    with pytest.raises(NoSuchDatabase):
        client.schema("short-lived")


def test_program_hash_tells_whether_it_is_the_same(client: ControlClient, database: str, board: Path) -> None:
    assert client.database(database).program_hash == pack(board / "module", board).hash


def test_pre_publish_tells_what_would_happen(client: ControlClient, database: str, tmp_path: Path) -> None:
    changed = copy_board(tmp_path / "changed")
    edit(changed, "def tidy(", "def tidy_up(")
    migration = client.pre_publish(database, pack(changed / "module", changed).data)
    assert isinstance(migration, AutoMigration)
    assert not migration.breaks_clients
    edit(changed, "    name: Unique[str]\n", "")
    edit(changed, "name=name, ", "")
    refused = client.pre_publish(database, pack(changed / "module", changed).data)
    assert isinstance(refused, ManualMigration)
    assert "`name` of table `Secret`" in refused.reason


def test_bad_program_is_refused_and_the_old_one_serves(client: ControlClient, database: str) -> None:
    with pytest.raises(PublishRefused):
        client.publish(database, b"no zip")
    client.call(database, "tidy", "[]")


def test_only_the_operator_publishes_reads_logs_and_deletes(
    client: ControlClient, database: str, program: bytes
) -> None:
    with ControlClient(client.url, client.create_identity().token) as other:
        for forbidden in (
            lambda: other.publish(database, program),
            lambda: other.delete(database),
            lambda: other.publish("theirs", program),
        ):
            with pytest.raises(NotAllowed):
                forbidden()
        with pytest.raises(NotAllowed), other.logs(database):
            pass


def test_schema_comes_validated_and_raw(client: ControlClient, database: str) -> None:
    module = client.schema(database)
    assert [table.name for table in module.tables] == ["point", "secret"]
    draw = module.reducer("draw")
    assert draw is not None
    assert [param.name for param in draw.params] == ["x", "y", "color"]
    assert "sections" in client.schema_json(database)
    assert "typespace" in client.schema_json(database, version=9)


def test_calls(client: ControlClient, database: str) -> None:
    result = client.call(database, "draw", '[1, 2, "#c00001"]')
    assert result.value_json == ""
    assert result.duration_micros is not None
    client.call(database, "draw", '{"x": 3, "y": 4, "color": "#c00001"}')
    with pytest.raises(FunctionFailed) as failed:
        client.call(database, "draw", '[1, 2, "red"]')
    assert failed.value.text == "color must look like #RRGGBB"
    with pytest.raises(BadArguments):
        client.call(database, "draw", "[1]")
    with pytest.raises(NoSuchFunction):
        client.call(database, "drwa", "[]")
    with pytest.raises(NoSuchDatabase):
        client.call("nowhere", "draw", "[]")
    (found,) = client.sql(database, "SELECT x, color FROM point WHERE color = '#c00001'")
    assert found.columns == (("x", Primitive.F32), ("color", Primitive.STRING))
    assert sorted(found.rows) == [(1.0, "#c00001"), (3.0, "#c00001")]
    assert json.loads(client.sql_json(database, "SELECT name FROM secret"))[0]["rows"] == []
    with pytest.raises(QueryRefused):
        client.sql(database, "SELEKT")


def test_logs_as_they_are_and_as_they_come(client: ControlClient, database: str) -> None:
    client.call(database, "speak", '["first"]')
    with client.logs(database, num_lines=2) as lines:
        assert [json.loads(line)["message"] for line in lines] == ["first aloud", "first shouting"]
    with client.logs(database, num_lines=1, follow=True) as lines:
        assert json.loads(next(lines))["message"] == "first shouting"
        client.call(database, "speak", '["second"]')
        assert [json.loads(next(lines))["message"] for _ in range(3)] == [
            "second softly",
            "second aloud",
            "second shouting",
        ]


def test_importing_the_control_client_does_not_import_the_server(tmp_path: Path) -> None:
    code = "import sys, stdbctl.client.http; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert not set(done.stdout.split()) & {"stdbctl.server", "stdbctl.engine", "stdbctl.module", "starlette", "uvicorn"}
