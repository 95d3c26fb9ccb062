"""Rows out of a database and into it, over HTTP."""

import itertools
import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from stdbctl.protocol import SubscribeApplied, TransactionUpdate
from stdbctl.transfer import FileFormat, PartHead, PartSplitter
from tests.support.server import RunningServer, serving, subscribe, wait_until

SHOP = """
from stdbctl.module import (
    AutoInc, Identity, Index, PrimaryKey, ReducerContext, ScheduleAt, TimeDuration, Timestamp, Unique, f64, reducer,
    table, u8, u32, u64,
)


@table(public=True)
class Item:
    id: PrimaryKey[AutoInc[u64]] = 0
    name: Unique[str]
    price: f64 = 1.5
    note: str | None


@table
class Secret:
    word: str


@table(public=True, event=True)
class Spark:
    word: str


@table
class Tally:
    n: PrimaryKey[u32]
    hits: u32


@table
class Bell:
    id: PrimaryKey[AutoInc[u64]] = 0
    at: ScheduleAt


@reducer(schedule=Bell)
def ring(ctx: ReducerContext, bell: Bell) -> None:
    ctx.db[Secret].insert(Secret(word="rung"))


@reducer
def buy(ctx: ReducerContext, name: str) -> None:
    ctx.db[Item].insert(Item(name=name, note=None))


@reducer
def move(ctx: ReducerContext, n: u32) -> None:
    for number in (n, n + 1):
        old = ctx.db[Tally].find(n=number)
        hits = 1 if old is None else old.hits + 1
        if old is None:
            ctx.db[Tally].insert(Tally(n=number, hits=hits))
        else:
            ctx.db[Tally].update(Tally(n=number, hits=hits))
"""


NUMBERS = itertools.count()


@pytest.fixture
def shop(server: RunningServer) -> str:
    """A database of the test's own with the module above; its name."""
    name = f"shop-{next(NUMBERS)}"
    answer = server.publish(name, {"module/__init__.py": SHOP})
    assert answer.status_code == 200, answer.text
    return name


def export(server: RunningServer, name: str, **parameters: Any) -> httpx.Response:
    answer = server.request("GET", f"/database/{name}/export", params=parameters, headers=server.headers)
    assert answer.status_code == 200, answer.text
    return answer


def rows(server: RunningServer, name: str, table: str) -> list[dict[str, Any]]:
    """The rows of a table, as an export gives them."""
    return [json.loads(line) for line in export(server, name, table=table).text.splitlines()]


def bring(server: RunningServer, name: str, body: str | bytes, **parameters: str) -> httpx.Response:
    """An import; the answer, whatever it is."""
    return server.request("POST", f"/database/{name}/import", params=parameters, content=body, headers=server.headers)


def brought(server: RunningServer, name: str, body: str | bytes, **parameters: str) -> dict[str, Any]:
    """An import that must succeed: what it did to its first table."""
    answer = bring(server, name, body, **parameters)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()["tables"][0]
    return told


def refused(server: RunningServer, name: str, body: str | bytes, **parameters: str) -> list[str]:
    """The problems of an import: `line:column code what`."""
    answer = bring(server, name, body, **parameters)
    assert answer.status_code == 422, answer.text
    problems = answer.json()["problems"]
    return [f"{p['place']['line']}:{p['place']['column']} {p['code']} {p['what']}" for p in problems]


def test_columns_that_are_left_out_get_their_numbers_and_defaults(server: RunningServer, shop: str) -> None:
    told = brought(server, shop, '{"name": "a"}\n{"name": "b", "note": "x", "price": 2}\n', table="item")
    assert told == {"table": "item", "given": 2, "inserted": 2, "deleted": 0}
    assert rows(server, shop, "Item") == [
        {"id": 1, "name": "a", "price": 1.5, "note": None},
        {"id": 2, "name": "b", "price": 2.0, "note": "x"},
    ]


def test_numbers_go_on_after_imported_ones_also_after_a_restart(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        assert server.publish("shop", {"module/__init__.py": SHOP}).status_code == 200
        brought(server, "shop", '{"id": 41, "name": "a"}\n{"name": "b"}\n{"id": 7, "name": "c"}', table="item")
        assert [row["id"] for row in rows(server, "shop", "item")] == [7, 41, 42]
        server.kill()
    with serving(tmp_path) as server:
        assert server.call("shop", "buy", "d").status_code == 200
        assert [row["id"] for row in rows(server, "shop", "item")] == [7, 41, 42, 43]


def test_all_problems_are_told_and_nothing_is_changed(server: RunningServer, shop: str) -> None:
    body = "\n".join(
        [
            '{"name": "a"}',
            '{"name": 5, "price": "much"}',
            '{"nam": "c"}',
            "{name: 3}",
            '{"name": "d"}',
            "[1]",
            '{"name": "a", "name": "b"}',
        ]
    )
    assert refused(server, shop, body, table="item") == [
        "2:2 data.wrong_value `item.name` expects a string, got 5",
        '2:13 data.wrong_value `item.price` expects a number of 64 bits, "inf", "-inf" or "nan", got "much"',
        "3:2 data.unknown_column `item` has no column `nam`",
        "4:2 data.unreadable no JSON: expecting property name enclosed in double quotes",
        "6:1 data.unreadable the line is no JSON object",
        "7:2 data.double_column `item.name` is given twice",
    ]
    assert rows(server, shop, "item") == []


def test_a_clash_names_both_lines(server: RunningServer, shop: str) -> None:
    brought(server, shop, '{"id": 1, "name": "old"}', table="item")
    body = '{"name": "a"}\n\n{"name": "b"}\n{"name": "a", "price": 3}\n{"name": "old"}\n{"id": 1, "name": "z"}'
    assert refused(server, shop, body, table="item") == [
        '4:1 data.clash `name` = "a" of `item` is unique, and body:1 has it already',
        '5:1 data.clash `name` = "old" of `item` is unique, and a row of the table has it already',
        "6:1 data.clash `id` = 1 of `item` is unique, and a row of the table has it already",
    ]
    assert [row["name"] for row in rows(server, shop, "item")] == ["old"]


def test_merging_replaces_rows_with_the_same_key(server: RunningServer, shop: str) -> None:
    brought(server, shop, '{"id": 1, "name": "a"}\n{"id": 2, "name": "b"}', table="item")
    told = brought(
        server, shop, '{"id": 1, "name": "c"}\n{"name": "d"}\n{"id": 2, "name": "b"}', table="item", mode="merge"
    )
    assert (told["inserted"], told["deleted"]) == (2, 1)
    assert [(row["id"], row["name"]) for row in rows(server, shop, "item")] == [(1, "c"), (2, "b"), (3, "d")]
    twice = '{"id": 2, "name": "x"}\n{"id": 2, "name": "y"}'
    assert refused(server, shop, twice, table="item", mode="merge") == [
        "2:1 data.clash `id` = 2 of `item` is unique, and body:1 has it already"
    ]


def test_replacing_empties_only_the_named_tables(server: RunningServer, shop: str) -> None:
    brought(
        server,
        shop,
        '{"$table": "item"}\n{"id": 1, "name": "a"}\n{"id": 2, "name": "b"}\n{"$table": "secret"}\n{"word": "s"}',
    )
    told = brought(server, shop, '{"id": 1, "name": "a"}\n{"id": 9, "name": "b"}', table="item", mode="replace")
    assert (told["given"], told["inserted"], told["deleted"]) == (2, 1, 1)
    assert [row["id"] for row in rows(server, shop, "item")] == [1, 9]
    assert rows(server, shop, "secret") == [{"word": "s"}]


def test_imports_that_fail_among_others_leave_none_without_an_answer(server: RunningServer, shop: str) -> None:
    fine, clashing = '{"name": "a"}', '{"name": "b"}\n{"name": "b"}'
    with ThreadPoolExecutor(4) as crowd:
        first = crowd.submit(bring, server, shop, fine, table="item", mode="replace")
        failing = [crowd.submit(bring, server, shop, clashing, table="item", mode="replace") for _ in range(3)]
        assert [call.result().status_code for call in (first, *failing)] == [200, 422, 422, 422]
    assert [row["name"] for row in rows(server, shop, "item")] == ["a"]


def test_csv_comes_in_and_goes_out(server: RunningServer, shop: str) -> None:
    body = '\ufeffname,note,price\r\n"a, b",,\r\nc,"""""",-0\r\n"d\r\ne","""x""",nan\r\n'
    brought(server, shop, body.encode(), table="item", format="csv")
    text = export(server, shop, table="item", format="csv").text
    assert text == 'id,name,price,note\n1,"a, b",1.5,\n2,c,-0.0,""""""\n3,"d\r\ne",nan,x\n'
    again = brought(server, shop, text, table="item", format="csv")
    assert (again["given"], again["inserted"]) == (3, 0)


def test_problems_of_csv_have_line_and_column_inside_long_records(server: RunningServer, shop: str) -> None:
    body = 'name,price\n"a\nb",7\n"c\nd",x\ne\n"f,1\n'
    assert refused(server, shop, body, table="item", format="csv") == [
        '5:4 data.wrong_value `item.price` expects a number of 64 bits, "inf", "-inf" or "nan", got "x"',
        "6:1 data.unreadable 2 cells expected, as the header has, 1 found",
        "7:1 data.unreadable a quoted cell does not end",
    ]


def test_tables_can_stand_in_one_stream_and_in_parts(server: RunningServer, shop: str) -> None:
    parts = b"".join(
        PartHead(table=table, format=format_, file=file, size=len(data)).encode() + data
        for table, format_, file, data in (
            ("item", FileFormat.CSV, "x/item.csv", b"name\na\n"),
            ("item", FileFormat.CSV, "x/item.csv", b"b\n"),
            ("", FileFormat.JSONL, "x/all.jsonl", b'{"$table": "Secret"}\n{"word": "s"}\n'),
            ("item", FileFormat.CSV, "y/item.csv", b"name,note\nc,n\n"),
        )
    )
    answer = bring(server, shop, parts, format="parts")
    assert answer.status_code == 200, answer.text
    assert [(each["table"], each["inserted"]) for each in answer.json()["tables"]] == [("item", 3), ("secret", 1)]
    text = export(server, shop).text
    assert text.splitlines()[0] == '{"$table":"item"}'
    assert "$table" in text.splitlines()[4]
    splitter = PartSplitter()
    files: dict[str, bytes] = {}
    answer = export(server, shop, format="csv", parts="true")
    for head, data in splitter.feed(answer.content):
        files[head.table] = files.get(head.table, b"") + data
    splitter.end()
    assert files["secret"] == b"word\ns\n"
    assert answer.headers["stdbctl-rows"] == "4"
    broken = bring(server, shop, parts[:-3], format="parts")
    assert broken.status_code == 400
    assert "middle of a part" in broken.text


def test_clients_hear_an_import_as_one_ordinary_transaction(server: RunningServer, shop: str) -> None:
    with server.connect(shop) as client:
        client.receive()
        client.send(subscribe(1, 1, "SELECT * FROM item"))
        assert isinstance(client.receive(), SubscribeApplied)
        brought(server, shop, '{"name": "a"}\n{"name": "b"}', table="item")
        update = client.receive()
        assert isinstance(update, TransactionUpdate)
        assert client.hears_nothing()


def test_an_import_is_one_entry_of_history(server: RunningServer, shop: str) -> None:
    told = bring(server, shop, '{"name": "a"}\n{"name": "b"}', table="item").json()
    query = {"offset": told["offset"]}
    answer = server.request("GET", f"/database/{shop}/history", params=query, headers=server.headers)
    entry = json.loads(answer.text)
    assert (entry["kind"], entry["function"], entry["changes"][0]["inserted_count"]) == ("import", None, 2)
    assert entry["caller"] == answer.headers["spacetime-identity"]


def test_rows_of_scheduled_tables_get_their_turn(server: RunningServer, shop: str) -> None:
    brought(server, shop, '{"at": "2020-01-01T00:00:00Z"}', table="bell")
    wait_until(
        lambda: rows(server, shop, "secret") == [{"word": "rung"}] and rows(server, shop, "bell") == [], "the bell rang"
    )
    far = refused(server, shop, '{"at": "3000-01-01T00:00:00Z"}', table="bell")
    assert far == [
        "1:1 data.wrong_value `bell.at` expects a moment less than 2.18 years (64^6 - 1 ms) ahead, got "
        "3000-01-01T00:00:00+00:00"
    ]


def test_an_export_shows_one_moment(server: RunningServer, shop: str) -> None:
    """Each call raises two rows by one; an export between never sees one of them alone."""
    brought(server, shop, "\n".join(f'{{"n": {n}, "hits": 1}}' for n in range(400)), table="tally")
    with httpx.Client() as client:
        for _ in range(5):
            url = f"{server.url}/v1/database/{shop}/export"
            with client.stream("GET", url, params={"table": "tally"}, headers=server.headers) as answer:
                server.call(shop, "move", 0)
                text = "".join(answer.iter_text())
            seen = {row["n"]: row["hits"] for row in map(json.loads, text.splitlines())}
            assert seen[0] == seen[1]
            assert len(seen) == 400


@pytest.mark.parametrize(
    ("body", "parameters", "problem"),
    [
        ('{"word": "x"}', {"table": "spark"}, "1:1 data.event_table `spark` is an event table"),
        ('{"word": "x"}', {"table": "secrt"}, "1:1 data.unknown_table no table `secrt`"),
        ('{"word": "x"}', {}, "1:1 data.no_table nothing says for which table these rows are"),
        ('{"$table": 5}', {}, "1:1 data.unreadable no line that names a table"),
        (b'{"word": "\xff"}', {"table": "secret"}, "1:1 data.unreadable no UTF-8 at byte 11 of the line"),
        ("wort\nx\n", {"table": "secret", "format": "csv"}, "1:1 data.unknown_column `secret` has no column `wort`"),
        ("word,Word\nx,y\n", {"table": "secret", "format": "csv"}, "1:6 data.unknown_column"),
    ],
)
def test_what_cannot_be_meant_is_said(
    server: RunningServer, shop: str, body: str | bytes, parameters: dict[str, str], problem: str
) -> None:
    assert refused(server, shop, body, **parameters)[0].startswith(problem)


def test_only_so_many_problems_are_told(server: RunningServer, shop: str) -> None:
    answer = bring(server, shop, '{"name": 1}\n' * 200, table="item")
    assert len(answer.json()["problems"]) == 50
    assert answer.json()["is_cut"]


def test_only_so_many_clashes_are_told(server: RunningServer, shop: str) -> None:
    answer = bring(server, shop, "".join(f'{{"id": {n // 2 + 1}, "name": "{n}"}}\n' for n in range(200)), table="item")
    assert len(answer.json()["problems"]) == 50
    assert answer.json()["is_cut"]


def test_data_is_the_operators_alone(server: RunningServer, shop: str) -> None:
    assert server.request("GET", f"/database/{shop}/export").status_code == 403
    assert server.request("POST", f"/database/{shop}/import", content=b"x" * 3_000_000).status_code == 403
    elsewhere = {**server.headers, "origin": "http://elsewhere.test"}
    assert server.request("GET", f"/database/{shop}/export", headers=elsewhere).status_code == 403
    assert bring(server, shop, "{}", table="item", mode="append", format="xml").status_code == 400
    assert bring(server, shop, "{}", mode="overwrite").status_code == 400
    csv = server.request("GET", f"/database/{shop}/export", params={"format": "csv"}, headers=server.headers)
    assert (csv.status_code, "parts=true" in csv.text) == (400, True)


def test_an_upload_that_breaks_off_changes_nothing(server: RunningServer, shop: str) -> None:
    address = urlsplit(server.url)
    assert address.hostname is not None
    with socket.create_connection((address.hostname, address.port or 80)) as wire:
        wire.sendall(
            f"POST /v1/database/{shop}/import?table=item HTTP/1.1\r\nhost: {address.netloc}\r\n"
            f"authorization: Bearer {server.token}\r\ntransfer-encoding: chunked\r\n\r\n"
            '10\r\n{"name": "one"}\n\r\n'.encode()
        )
    brought(server, shop, '{"name": "two"}', table="item")
    assert [row["name"] for row in rows(server, shop, "item")] == ["two"]


GARDEN = """
from stdbctl.module import AutoInc, PrimaryKey, ReducerContext, client_connected, init, reducer, seed, table, u64


@table(public=True)
class Plant:
    id: PrimaryKey[AutoInc[u64]] = 0
    name: str


@table(public=True)
class Guest:
    id: PrimaryKey[AutoInc[u64]] = 0


@init
def begin(ctx: ReducerContext) -> None:
    ctx.db[Plant].insert(Plant(name="from init"))


@seed
def grow(ctx: ReducerContext) -> None:
    ctx.db[Plant].insert(Plant(name=f"plant {ctx.db[Plant].count() + 1}"))


@client_connected
def welcome(ctx: ReducerContext) -> None:
    ctx.db[Guest].insert(Guest())


@reducer
def plant(ctx: ReducerContext, name: str) -> None:
    ctx.db[Plant].insert(Plant(name=name))
"""
SEEDS = {"module/__init__.py": GARDEN, "module/seed/plant.csv": "name\nfrom a file\n"}


def names(server: RunningServer, name: str) -> list[str]:
    return [row["name"] for row in rows(server, name, "plant")]


def test_a_database_begins_with_init_files_and_functions(server: RunningServer) -> None:
    assert server.publish("garden", SEEDS).status_code == 200
    assert names(server, "garden") == ["from init", "from a file", "plant 3"]
    assert server.publish("garden", {**SEEDS, "module/seed/plant.csv": "name\nanother\n"}).status_code == 200
    assert names(server, "garden") == ["from init", "from a file", "plant 3"]
    assert server.call("garden", "grow").status_code == 404
    answer = server.request("GET", "/database/garden/schema", params={"version": 9}, headers=server.headers)
    assert "grow" not in answer.text


def test_a_seed_runs_again_after_its_data_was_cleared(server: RunningServer) -> None:
    assert server.publish("cleared", SEEDS).status_code == 200
    server.call("cleared", "plant", "mine")
    assert server.publish("cleared", SEEDS, clear="true").status_code == 200
    assert names(server, "cleared") == ["from init", "from a file", "plant 3"]


@pytest.mark.parametrize(
    ("sources", "text"),
    [
        ({"module/seed/plant.csv": "nam\nx\n"}, "module/seed/plant.csv:1:1: `plant` has no column `nam`"),
        ({"module/seed/tree.jsonl": '{"name": "x"}'}, "module/seed/tree.jsonl:1:1: no table `tree`"),
        (
            {"module/__init__.py": GARDEN.replace("ctx.db[Plant].count()", "1 // 0")},
            "the seed `grow` failed: The instance encountered a fatal error.",
        ),
        ({"module/__init__.py": GARDEN.replace("ctx.db[Plant].count()", "1 // 0")}, "module/__init__.py"),
    ],
)
def test_a_seed_that_fails_publishes_nothing(server: RunningServer, sources: dict[str, str], text: str) -> None:
    answer = server.publish("withered", {**SEEDS, **sources})
    assert answer.status_code in (400, 500)
    assert text in answer.text
    assert server.request("GET", "/database/withered").status_code == 404


def test_a_reset_keeps_clients_connected_and_lets_them_in_anew(server: RunningServer) -> None:
    assert server.publish("anew", SEEDS).status_code == 200
    server.call("anew", "plant", "mine")
    with server.connect("anew") as client:
        client.receive()
        client.send(subscribe(1, 1, "SELECT * FROM plant", "SELECT * FROM guest"))
        assert isinstance(client.receive(), SubscribeApplied)
        answer = server.request("POST", "/database/anew/reset", headers=server.headers)
        assert answer.status_code == 200, answer.text
        told = answer.json()
        assert told["snapshot"].startswith("before-reset-")
        assert isinstance(client.receive(), TransactionUpdate)
        assert isinstance(client.receive(), TransactionUpdate)
        assert client.hears_nothing()
        assert names(server, "anew") == ["from init", "from a file", "plant 3"]
        assert [row["id"] for row in rows(server, "anew", "guest")] == [1]
    query = {"offset": told["offset"]}
    entry = json.loads(server.request("GET", "/database/anew/history", params=query, headers=server.headers).text)
    assert (entry["kind"], entry["function"]) == ("reset", "begin")


def test_a_reset_is_the_operators_alone(server: RunningServer, shop: str) -> None:
    assert server.request("POST", f"/database/{shop}/reset").status_code == 403
    elsewhere = {**server.headers, "origin": "http://elsewhere.test"}
    assert server.request("POST", f"/database/{shop}/reset", headers=elsewhere).status_code == 403


def test_a_reset_in_memory_takes_no_snapshot(tmp_path: Path) -> None:
    with serving(tmp_path, in_memory=True) as server:
        assert server.publish("garden", SEEDS).status_code == 200
        server.call("garden", "plant", "mine")
        answer = server.request("POST", "/database/garden/reset", headers=server.headers)
        assert answer.json()["snapshot"] is None
        assert names(server, "garden") == ["from init", "from a file", "plant 3"]


def test_a_file_that_is_still_coming_when_its_database_goes_is_refused(server: RunningServer, shop: str) -> None:
    query = {"table": "item", "mode": "replace"}

    def body() -> Iterator[bytes]:
        yield b'{"name": "a"}\n'
        assert server.request("DELETE", f"/database/{shop}", headers=server.headers).status_code == 200
        yield b'{"name": "b"}\n'

    url = f"{server.url}/v1/database/{shop}/import"
    answer = httpx.post(url, params=query, content=body(), headers=server.headers, timeout=60, trust_env=False)
    assert (answer.status_code, answer.text) == (404, "No such database.")
