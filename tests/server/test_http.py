"""The HTTP API of a real server: paths, status codes, headers, bodies."""

import json

import httpx
import pytest

from stdbctl.sats import Identity
from tests.support.server import RunningServer


def test_ping_answers_and_checks_a_token(server: RunningServer) -> None:
    assert (server.request("GET", "/ping").status_code, server.request("GET", "/ping").text) == (200, "")
    bad = server.request("GET", "/ping", headers={"Authorization": "Bearer nonsense"})
    assert (bad.status_code, bad.text) == (401, "Invalid token: InvalidToken")


def test_health_is_spacetimedbs(server: RunningServer) -> None:
    expected = {"nodes": [0], "package_name": "spacetimedb-client-api", "schedulable": True, "version": "2.8.3"}
    assert server.request("GET", "/health").json() == expected


def test_identity_is_made_verified_and_exchanged(server: RunningServer) -> None:
    made = server.request("POST", "/identity").json()
    headers = {"Authorization": f"Bearer {made['token']}"}
    assert server.request("GET", f"/identity/{made['identity']}/verify", headers=headers).status_code == 204
    other = server.request("GET", f"/identity/{Identity.zero()}/verify", headers=headers)
    assert (other.status_code, other.content) == (400, b"")
    assert server.request("GET", f"/identity/{made['identity']}/verify").status_code == 401
    assert list(server.request("POST", "/identity/websocket-token", headers=headers).json()) == ["token"]
    nobody = server.request("POST", "/identity/websocket-token")
    assert (nobody.status_code, nobody.text) == (401, "Authorization required")


def test_public_key_is_pem(server: RunningServer) -> None:
    answer = server.request("GET", "/identity/public-key")
    assert answer.headers["content-type"] == "application/pem-certificate-chain"
    assert answer.text == (server.folder / "keys" / "id_ecdsa.pub").read_text()


def test_database_is_described(server: RunningServer) -> None:
    identity = server.request("GET", "/database/board/identity").text
    info = server.request("GET", f"/database/{identity}").json()
    assert info["database_identity"] == {"__identity__": f"0x{identity}"}
    assert info["host_type"] == {"Python": []}
    assert info["initial_program"].startswith("0x")
    owner = info["owner_identity"]["__identity__"][2:]
    assert server.request("GET", f"/identity/{owner}/databases").json()["identities"] == [identity]
    assert server.request("GET", f"/database/0x{identity}/names").json() == {"names": ["board"]}


def test_answers_name_the_caller(server: RunningServer) -> None:
    made = server.request("POST", "/identity").json()
    known = server.request("GET", "/database/board", headers={"Authorization": f"Bearer {made['token']}"})
    assert known.headers["spacetime-identity"] == made["identity"]
    assert known.headers["spacetime-identity-token"] == made["token"]
    anonymous = server.request("GET", "/database/nowhere")
    assert anonymous.status_code == 404
    assert len(anonymous.headers["spacetime-identity"]) == 64


@pytest.mark.parametrize(
    ("method", "path", "status", "text"),
    [
        ("GET", "/database/nowhere", 404, "`nowhere` not found"),
        ("GET", f"/database/{Identity.zero()}", 404, "No such database."),
        ("GET", "/database/UPPER", 400, "Invalid URL: invalid characters in database name"),
        ("GET", "/database/a--b", 400, "Invalid URL: invalid hyphen in database name"),
        ("GET", "/database/board/schema", 400, "missing field `version`"),
        ("GET", "/database/board/schema?version=8", 400, "version"),
        ("GET", "/database/board/logs", 403, "is not authorized to perform action on database"),
        ("DELETE", "/database/board", 403, ": delete database"),
        ("PUT", "/database/board/names", 403, ": rename database"),
        ("POST", "/database/board/pre_publish", 401, "Authorization required"),
        ("GET", "/identity/short/verify", 400, "64 hex digits"),
        ("GET", "/nothing", 404, "Not Found"),
        ("PATCH", "/ping", 405, "Method Not Allowed"),
    ],
)
def test_refusals_say_why(server: RunningServer, method: str, path: str, status: int, text: str) -> None:
    answer = server.request(method, path)
    assert answer.status_code == status
    assert text in answer.text


@pytest.mark.parametrize("version", ["9", "10"])
def test_schema_is_served_in_both_versions(server: RunningServer, version: str) -> None:
    schema = server.request("GET", "/database/board/schema", params={"version": version}).json()
    assert ("tables" in schema) == (version == "9")
    assert ("sections" in schema) == (version == "10")


def test_call_runs_between_connect_and_disconnect(server: RunningServer) -> None:
    answer = server.call("board", "write", "by http")
    assert (answer.status_code, answer.text) == (200, "")
    assert answer.headers["spacetime-energy-used"] == "0"
    assert int(answer.headers["spacetime-execution-duration-micros"]) > 0
    author = answer.headers["spacetime-identity"]
    assert server.sql("board", f"SELECT text FROM note WHERE author = 0x{author}") == [["by http"]]


def test_call_takes_arguments_by_name(server: RunningServer) -> None:
    answer = server.request("POST", "/database/board/call/write", json={"text": "named"})
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    ("reducer", "body", "content_type", "status", "text"),
    [
        ("write", '[""]', "application/json", 530, "a note needs text"),
        ("crash", "[]", "application/json", 530, "The instance encountered a fatal error."),
        ("write", "[1]", "application/json", 400, "reducer write: [0]: invalid type: integer `1`"),
        ("write", "1", "application/json", 400, "invalid arguments for reducer write: .: invalid type"),
        ("write", "[", "application/json", 400, "JSON"),
        ("joined", "[]", "application/json", 400, "can't directly call special OnConnect lifecycle reducer"),
        ("upkeep", "[]", "application/json", 404, "No such procedure"),
        ("nothing", "[]", "application/json", 404, "No such procedure"),
        ("write", '["x"]', "text/plain", 415, "Expected request with `Content-Type: application/json`"),
        ("write", '["x"]', None, 400, "content-type"),
    ],
)
def test_call_that_fails_says_why(
    server: RunningServer, reducer: str, body: str, content_type: str | None, status: int, text: str
) -> None:
    headers = {} if content_type is None else {"content-type": content_type}
    answer = server.request("POST", f"/database/board/call/{reducer}", content=body, headers=headers)
    assert answer.status_code == status
    assert text in answer.text


def test_sql_answers_with_schema_rows_and_statistics(server: RunningServer) -> None:
    answer = server.request("POST", "/database/board/sql", content="SELECT * FROM secret", headers=server.headers)
    (result,) = answer.json()
    assert result["schema"] == {
        "elements": [
            {"name": {"some": "id"}, "algebraic_type": {"U32": []}},
            {"name": {"some": "text"}, "algebraic_type": {"String": []}},
        ]
    }
    assert result["rows"] == [[1, "hidden"]]
    assert result["stats"] == {"rows_inserted": 0, "rows_deleted": 0, "rows_updated": 0}
    assert answer.headers["spacetime-execution-duration-micros"] == str(result["total_duration_micros"])


def test_private_tables_do_not_exist_for_others(server: RunningServer) -> None:
    answer = server.request("POST", "/database/board/sql", content="SELECT * FROM secret")
    assert answer.status_code == 400
    assert answer.text == "no such table: `secret`. If the table exists, it may be marked private."


def test_logs_are_ndjson_for_the_owner(server: RunningServer) -> None:
    server.request("POST", "/database/board/call/upkeep", json=[], headers=server.headers)
    answer = server.request("GET", "/database/board/logs", params={"num_lines": "1"}, headers=server.headers)
    assert answer.headers["content-type"].startswith("application/x-ndjson")
    assert answer.headers["cache-control"] == "no-cache"
    (line,) = answer.text.splitlines()
    record = json.loads(line)
    assert list(record)[:2] == ["level", "ts"]
    assert (record["level"], record["function"], record["message"]) == ("Info", "upkeep", "upkeep done")


def test_logs_can_be_followed(server: RunningServer) -> None:
    url = f"{server.url}/v1/database/board/logs?follow=true&num_lines=1"
    with httpx.stream("GET", url, headers=server.headers, timeout=30, trust_env=False) as answer:
        lines = answer.iter_lines()
        next(lines)
        server.request("POST", "/database/board/call/upkeep", json=[], headers=server.headers)
        assert json.loads(next(lines))["message"] == "upkeep done"


def test_nonexistent_reducer_is_noted_in_the_log(server: RunningServer) -> None:
    server.call("board", "missing_one")
    assert 'External attempt to call nonexistent reducer "missing_one" failed.' in server.log_messages("board")[-1]


def test_names_can_be_added_and_replaced(server: RunningServer) -> None:
    added = server.request("POST", "/database/board/names", content="notes", headers=server.headers)
    assert added.json()["Success"]["domain"] == "notes"
    taken = server.request("POST", "/database/board/names", content="notes", headers=server.headers)
    assert (taken.status_code, taken.json()) == (500, {"OtherError": "record with the name notes already exists"})
    bad = server.request("PUT", "/database/board/names", json=["Bad"], headers=server.headers)
    assert (bad.status_code, bad.text) == (400, "Error parsing `Bad`: invalid characters in database name")
    assert server.request("PUT", "/database/notes/names", json=["board"], headers=server.headers).json() == "Success"
    assert server.request("GET", "/database/notes").status_code == 404


def test_clock_can_be_read(server: RunningServer) -> None:
    answer = server.request("GET", "/database/board/unstable/timestamp").json()
    assert answer["__timestamp_micros_since_unix_epoch__"] > 1_700_000_000_000_000


def test_page_lists_databases_and_addresses(server: RunningServer) -> None:
    page = httpx.get(server.url, trust_env=False)
    assert page.headers["content-type"].startswith("text/html")
    assert "access-control-allow-origin" not in page.headers
    assert f"{server.url.replace('http', 'ws')}/v1/database/board/subscribe" in page.text


def test_large_bodies_are_refused(server: RunningServer) -> None:
    answer = server.request("POST", "/database/board/sql", content=b"x" * (2 * 1024 * 1024 + 1))
    assert answer.status_code == 413


def test_deleting_what_is_not_there_is_fine_by_identity_and_unknown_by_name(server: RunningServer) -> None:
    gone = server.request("DELETE", f"/database/{'0d' * 32}", headers=server.headers)
    assert (gone.status_code, gone.text) == (200, "")
    assert server.request("DELETE", "/database/nowhere", headers=server.headers).status_code == 404
