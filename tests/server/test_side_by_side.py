"""Changes of one database that are asked for at the same moment: one after the other, whichever comes first."""

import json
import secrets
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Barrier

import httpx
import pytest

from tests.support.server import RunningServer, program_of, serving, wait_until

SOURCE = """
from stdbctl.module import PrimaryKey, ReducerContext, init, reducer, table, u64

@table(public=True)
class Item:
    id: PrimaryKey[u64]

@init
def fill(ctx: ReducerContext) -> None:
    for id in range(200):
        ctx.db[Item].insert(Item(id=id))
"""
WIDER = SOURCE.replace("id: PrimaryKey[u64]\n", "id: PrimaryKey[u64]\n    more: u64 = 7\n")
TOGETHER = 6
Change = Callable[[], httpx.Response]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    folder = tmp_path_factory.mktemp("side-by-side")
    with serving(folder) as running:
        yield running
    assert "Traceback" not in (folder / "server.log").read_text(encoding="utf-8")


def publish(server: RunningServer, source: str, **query: str) -> httpx.Response:
    return server.publish("shop", {"module/__init__.py": source}, **query)


def ask(server: RunningServer, method: str, path: str, **arguments: object) -> httpx.Response:
    return server.request(method, f"/database/shop{path}", headers=server.headers, **arguments)


def together(*changes: Change) -> list[httpx.Response]:
    """Ask for all of them at once; their answers."""
    barrier = Barrier(len(changes))

    def ask_at_once(change: Change) -> httpx.Response:
        barrier.wait(60)
        return change()

    with ThreadPoolExecutor(len(changes)) as pool:
        return list(pool.map(ask_at_once, changes))


def test_a_database_that_several_delete_is_deleted_once(server: RunningServer) -> None:
    for _ in range(4):
        assert publish(server, SOURCE).status_code == 200
        with server.connect("shop"):
            answers = together(*[lambda: ask(server, "DELETE", "")] * TOGETHER)
        assert {answer.status_code for answer in answers} <= {200, 404}
        assert [answer.status_code for answer in answers].count(200) >= 1
        assert ask(server, "GET", "").status_code == 404


def changes_of(server: RunningServer) -> list[Change]:
    """One of each kind."""
    rows = "".join(json.dumps({"id": id_, "more": 1}) + "\n" for id_ in range(1_000, 1_200))
    return [
        lambda: publish(server, WIDER, policy="Compatible"),
        lambda: publish(server, SOURCE, clear="true"),
        lambda: publish(server, WIDER, clear="true"),
        lambda: ask(server, "POST", "/reset"),
        lambda: ask(server, "POST", "/import?table=item&mode=replace", content=rows),
        lambda: ask(server, "POST", "/snapshots/first/restore?module=restore"),
        lambda: ask(server, "POST", "/snapshots/second/restore"),
        lambda: ask(server, "PUT", "/names", content=json.dumps(["shop", "again"])),
        lambda: ask(server, "PUT", f"/snapshots/{secrets.token_hex(8)}"),
    ]


def state(server: RunningServer) -> tuple[int, list[list[object]]]:
    schema = ask(server, "GET", "/schema?version=9").json()
    columns = len(schema["typespace"]["types"][0]["Product"]["elements"])
    return columns, sorted(server.sql("shop", "SELECT * FROM item"))


def test_changes_of_one_database_leave_a_state_that_one_order_of_them_leaves(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        assert publish(server, SOURCE).status_code == 200
        assert ask(server, "PUT", "/snapshots/first").status_code == 200
        assert publish(server, WIDER, clear="true").status_code == 200
        assert ask(server, "PUT", "/snapshots/second").status_code == 200
        for _ in range(3):
            for answer in together(*changes_of(server)):
                assert answer.status_code in (200, 400, 409, 422), answer.text
            columns, rows = state(server)
            ids = [row[0] for row in rows]
            assert ids in (list(range(200)), list(range(1_000, 1_200)))
            assert {len(row) for row in rows} == {columns}
        kept = state(server)
    with serving(tmp_path) as server:
        assert state(server) == kept
    assert "Traceback" not in (tmp_path / "server.log").read_text(encoding="utf-8")


def test_what_is_asked_of_a_database_that_is_being_deleted_finds_it_or_not(server: RunningServer) -> None:
    for _ in range(3):
        assert publish(server, WIDER).status_code == 200
        for name in ("first", "second"):
            assert ask(server, "PUT", f"/snapshots/{name}").status_code == 200
        deleted, *answers = together(lambda: ask(server, "DELETE", ""), *changes_of(server))
        assert deleted.status_code == 200, deleted.text
        for answer in answers:
            assert answer.status_code in (200, 400, 404, 409, 422), answer.text
        ask(server, "DELETE", "")
        assert ask(server, "GET", "").status_code == 404


SLOW = """
from dataclasses import dataclass
from stdbctl.module import PrimaryKey, ReducerContext, migration, table, u64

@table(public=True)
class Item:
    id: PrimaryKey[u64]
    more: str

@dataclass
class Narrow:
    id: u64

@migration(Item)
def widen(ctx: ReducerContext, old: Narrow) -> Item | None:
    sum(range(5_000_000))
    return Item(id=old.id, more="")
"""


@contextmanager
def slow_deploy(server: RunningServer) -> Iterator[None]:
    """A deploy of `shop` that runs all the while: some 0.1 s for each of its 200 rows, until its caller goes away."""
    content, query = program_of({"module/__init__.py": SLOW}).data, {"host_type": "Python"}
    plan = ask(server, "POST", "/pre_publish", params=query, content=content).json()["AutoMigrate"]
    query |= {"policy": "BreakClients", "token": plan["token"]}
    headers = server.headers | {"Accept": "application/x-ndjson"}
    url = f"{server.url}/v1/database/shop"
    with httpx.stream(
        "PUT", url, params=query, content=content, headers=headers, timeout=60, trust_env=False
    ) as answer:
        lines = answer.iter_lines()  # kept, because its end is the end of the request
        assert "progress" in next(lines)
        yield
        del lines


def test_who_waits_too_long_is_told_for_what_and_other_databases_do_not_wait(tmp_path: Path) -> None:
    with serving(tmp_path, turn_s=0.2) as server:
        assert publish(server, SOURCE).status_code == 200
        assert ask(server, "PUT", "/snapshots/first").status_code == 200
        with slow_deploy(server):
            waiting = changes_of(server)[0:2] + changes_of(server)[3:6] + [lambda: ask(server, "DELETE", "")]
            for answer in together(*waiting):
                assert answer.status_code == 503, answer.text
                assert answer.text.startswith("a deploy has been under way for ")
            other = {"module/__init__.py": SOURCE}
            assert server.publish("other", other).status_code == 200
            assert server.publish("other", other, clear="true").status_code == 200
        wait_until(lambda: publish(server, SOURCE).status_code == 200, "the end of the deploy that was given up")
        assert state(server) == (1, [[id_] for id_ in range(200)])
