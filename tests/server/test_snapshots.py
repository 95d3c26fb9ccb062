"""Snapshots over HTTP: for the operator alone, of databases that go on being served."""

from pathlib import Path

from tests.server.conftest import BOARD
from tests.support.server import RunningServer, serving


def test_snapshots_are_saved_listed_and_deleted(server: RunningServer) -> None:
    for name in ("one", "two"):
        answer = server.request("PUT", f"/database/board/snapshots/{name}", headers=server.headers)
        assert answer.status_code == 200, answer.text
    assert answer.json()["rows"]["secret"] == 1
    listed = server.request("GET", "/database/board/snapshots", headers=server.headers).json()["snapshots"]
    assert [snapshot["name"] for snapshot in listed] == ["one", "two"]
    for name in ("one", "two"):
        deleted = server.request("DELETE", f"/database/board/snapshots/{name}", headers=server.headers)
        assert deleted.status_code == 200
    assert server.request("GET", "/database/board/snapshots", headers=server.headers).json() == {"snapshots": []}


def test_snapshots_are_the_operators_alone(server: RunningServer) -> None:
    for method, path in (("GET", ""), ("PUT", "/mine"), ("DELETE", "/mine")):
        assert server.request(method, f"/database/board/snapshots{path}").status_code == 403
    page = {**server.headers, "Origin": "http://evil.example"}
    assert server.request("PUT", "/database/board/snapshots/mine", headers=page).status_code == 403


def test_a_refused_snapshot_says_why_and_what_to_do(server: RunningServer) -> None:
    answer = server.request("DELETE", "/database/board/snapshots/nothing", headers=server.headers)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "snapshots.not_found"


def test_a_server_in_memory_says_that_it_takes_no_snapshots(tmp_path: Path) -> None:
    with serving(tmp_path, in_memory=True) as server:
        assert server.publish("board", BOARD).status_code == 200
        answer = server.request("PUT", "/database/board/snapshots/mine", headers=server.headers)
        assert answer.status_code == 400
        assert "in memory" in answer.text
