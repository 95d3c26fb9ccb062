"""Web pages: which may ask for what, and under which names the server answers."""

from pathlib import Path

import pytest

from tests.server.conftest import BOARD
from tests.support.server import RunningServer, program_of, serving

ELSEWHERE = "http://elsewhere.example"


def test_any_origin_may_identify_call_and_read_the_schema(server: RunningServer) -> None:
    origin = {"Origin": ELSEWHERE}
    answers = [
        server.request("POST", "/identity", headers=origin),
        server.request("GET", "/database/board/schema?version=10", headers=origin),
        server.request("POST", "/database/board/call/write", json=["x"], headers=origin),
        server.request("POST", "/database/board/sql", content="SELECT * FROM note", headers=origin),
    ]
    assert [answer.status_code for answer in answers] == [200] * 4
    assert {answer.headers["access-control-allow-origin"] for answer in answers} == {"*"}


@pytest.mark.parametrize("path", ["/identity/websocket-token", "/database/board", "/no/such/path"])
def test_preflight_is_answered(server: RunningServer, path: str) -> None:
    headers = {"Origin": ELSEWHERE, "Access-Control-Request-Method": "POST"}
    answer = server.request("OPTIONS", path, headers=headers)
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["access-control-allow-methods"] == "*"
    assert answer.headers["access-control-allow-headers"] == "authorization,accept,content-type"


@pytest.mark.parametrize("origin", [ELSEWHERE, "null", "http://localhost:1"])
@pytest.mark.parametrize(
    ("method", "path", "content"),
    [
        ("PUT", "/database/board?host_type=Python", b"zip"),
        ("PUT", "/database/board/reset?host_type=Python", b""),
        ("POST", "/database?host_type=Python", b"zip"),
        ("POST", "/database/board/pre_publish?host_type=Python", b"zip"),
        ("DELETE", "/database/board", b""),
        ("PUT", "/database/board/names", b'["other"]'),
        ("POST", "/database/board/names", b"other"),
        ("GET", "/database/board/logs", b""),
        ("POST", "/database/board/sql", b"DELETE FROM note"),
    ],
)
def test_no_page_can_change_code_or_read_logs(
    server: RunningServer, method: str, path: str, content: bytes, origin: str
) -> None:
    answer = server.request(method, path, content=content, headers={**server.headers, "Origin": origin})
    assert answer.status_code == 403
    assert f"Origin `{origin}` may not" in answer.text


def test_servers_own_origin_may(server: RunningServer) -> None:
    answer = server.request("GET", "/database/board/logs", headers={**server.headers, "Origin": server.url})
    assert answer.status_code == 200


@pytest.mark.parametrize("host", ["localhost", "localhost:1", "LOCALHOST", "127.0.0.1:9", "[::1]:80", "localhost."])
def test_loopback_names_are_ours_on_any_port(server: RunningServer, host: str) -> None:
    assert server.request("GET", "/ping", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "10.0.0.1", "@", ""]
)
def test_other_names_are_refused(server: RunningServer, host: str) -> None:
    for path in ("/ping", "/database/board"):
        answer = server.request("GET", path, headers={"Host": host})
        assert answer.status_code == 403
        assert "is not a name of this server" in answer.text


def test_allowed_hosts_are_ours(tmp_path: Path) -> None:
    with serving(tmp_path, allowed_hosts=["dev.example"], in_memory=True) as server:
        assert server.request("GET", "/ping", headers={"Host": "dev.example:8443"}).status_code == 200
        assert server.request("GET", "/ping", headers={"Host": "example"}).status_code == 403


def test_nobody_but_the_operator_publishes(server: RunningServer) -> None:
    program, query = program_of(BOARD).data, "?host_type=Python"
    somebody = {"Authorization": f"Bearer {server.request('POST', '/identity').json()['token']}"}
    anonymous = server.request("PUT", f"/database/mine{query}", content=program)
    assert (anonymous.status_code, anonymous.text) == (401, "Authorization required")
    creating = server.request("PUT", f"/database/mine{query}", content=program, headers=somebody)
    assert creating.status_code == 403
    assert "is not authorized to create databases" in creating.text
    updating = server.request("PUT", f"/database/board{query}", content=program, headers=somebody)
    assert updating.status_code == 403
    assert updating.text.endswith(": update database")
