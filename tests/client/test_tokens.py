"""Tokens are kept per server and database, for their owner alone, whole or not at all."""

from pathlib import Path

from stdbctl.client import TokenFile

URL = "http://127.0.0.1:3000"


def test_each_server_and_database_has_a_token_of_its_own(tmp_path: Path) -> None:
    store = TokenFile(tmp_path)
    store.save(URL, "board", "one")
    store.save(URL, "chat", "two")
    store.save("https://example.com", "board", "three")
    assert store.load(URL, "board") == "one"
    assert store.load(URL, "chat") == "two"
    assert store.load("wss://example.com/prefix", "board") == "three"
    assert store.load("http://example.com", "board") is None


def test_a_token_is_replaced_and_forgotten(tmp_path: Path) -> None:
    store = TokenFile(tmp_path)
    store.save(URL, "board", "one")
    store.save(URL, "board", "two")
    assert store.load(URL, "board") == "two"
    store.forget(URL, "board")
    store.forget(URL, "board")
    assert store.load(URL, "board") is None


def test_only_the_owner_can_read_and_nothing_is_left_behind(tmp_path: Path) -> None:
    store = TokenFile(tmp_path / "tokens")
    store.save(URL, "../odd name", "one")
    path = store.path(URL, "../odd name")
    assert path.stat().st_mode & 0o777 == 0o600
    assert [entry for entry in (tmp_path / "tokens").rglob("*") if entry.is_file()] == [path]
