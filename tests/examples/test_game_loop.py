"""docs/examples/game_loop: two players on pseudo-terminals and one without, on a server that ticks."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from docs.examples.game_loop.module_bindings import Player, SyncDbConnection, tables
from stdbctl.client import ReducerError
from tests.examples.screen import CTRL_C, LEFT, SECONDS, screen
from tests.support.server import REPOSITORY, RunningServer, wait_until

FOLDER = REPOSITORY / "docs" / "examples" / "game_loop"


@pytest.fixture
def coins(publish: Callable[[Path], str]) -> str:
    return publish(FOLDER)


def player(conn: SyncDbConnection, name: str) -> Player | None:
    return next((player for player in conn.db.player if player.name == name), None)


def fetch_coin(conn: SyncDbConnection) -> None:
    """Play until a coin is ours: straight to the nearest one, again and again."""
    end, steered = time.monotonic() + SECONDS, (0, 0)
    while (me := conn.db.player.find(identity=conn.identity)) is None or me.score == 0:
        assert time.monotonic() < end, f"no coin for {me} out of {list(conn.db.coin)}"
        if me is not None and len(conn.db.coin):
            x, y = min(((c.x - me.x, c.y - me.y) for c in conn.db.coin), key=lambda way: max(map(abs, way)))
            direction = (x > 0) - (x < 0), (y > 0) - (y < 0)
            if direction != steered:
                conn.reducers.steer(dx=direction[0], dy=direction[1])
                steered = direction
        conn.poll(timeout=0.2)


def poll_until(conn: SyncDbConnection, is_so: Callable[[], bool]) -> None:
    """Let the connection take effect until something is so."""
    end = time.monotonic() + SECONDS
    while not is_so():
        assert time.monotonic() < end, f"{list(conn.db.player)}"
        conn.poll(timeout=0.2)


def test_players_see_each_other_run_and_collect(server: RunningServer, coins: str) -> None:
    with (
        screen("game.py", "ann", server.url, coins, cwd=FOLDER) as ann,
        screen("game.py", "bob", server.url, coins, cwd=FOLDER) as bob,
        SyncDbConnection.connect(server.url, coins) as conn,
    ):
        conn.subscribe(tables.player, tables.coin)
        conn.reducers.join(name="cleo")
        for shown in (ann, bob):
            for name in ("ann", "bob", "cleo"):
                shown.wait_for_text(f"{name} 0")
        ann.type(LEFT)
        poll_until(conn, lambda: (found := player(conn, "ann")) is not None and found.x == 0)
        bob.wait_for(lambda: any(line.startswith("│A") for line in bob.text.splitlines()), "ann at the left edge")
        fetch_coin(conn)
        for shown in (ann, bob):
            shown.wait_for_text("cleo 1")
        ann.type("q")
        assert ann.ended() == 0
        assert ann.is_as_before()
        bob.wait_for(lambda: "ann" not in bob.text, "the end of ann")
        bob.type(CTRL_C)
        assert bob.ended() == 0
        assert bob.is_as_before()
        poll_until(conn, lambda: {player.name for player in conn.db.player} == {"cleo"})
    wait_until(lambda: server.sql(coins, "SELECT * FROM tick") == [], "the last tick", SECONDS)
    assert server.sql(coins, "SELECT * FROM player") == []


def test_game_refuses_what_is_no_name_or_direction(server: RunningServer, coins: str) -> None:
    with screen("game.py", "a name that is too long", server.url, coins, cwd=FOLDER) as refused:
        assert refused.ended() == 1
        assert refused.text.strip() == "error: a name has 1 to 12 letters and digits, A to Z and 0 to 9"
    with SyncDbConnection.connect(server.url, coins) as conn:
        with pytest.raises(ReducerError, match="join first"):
            conn.reducers.steer(dx=1, dy=0)
        conn.reducers.join(name="ann")
        with pytest.raises(ReducerError, match="a direction is made of -1, 0 and 1"):
            conn.reducers.steer(dx=2, dy=0)


def test_player_with_a_newer_connection_stays_when_the_older_one_ends(server: RunningServer, coins: str) -> None:
    with SyncDbConnection.connect(server.url, coins) as newer:
        newer.subscribe(tables.player)
        older = SyncDbConnection.connect(server.url, coins, token=newer.token)
        older.reducers.join(name="ann")
        newer.reducers.join(name="ann2")
        older.close()
        with SyncDbConnection.connect(server.url, coins) as other:
            other.reducers.join(name="bob")
            poll_until(newer, lambda: player(newer, "bob") is not None)
        poll_until(newer, lambda: [player.name for player in newer.db.player] == ["ann2"])
        newer.reducers.steer(dx=1, dy=1)
