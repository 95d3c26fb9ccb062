"""Coins, for two and more: `python game.py NAME [URL [DATABASE]]`. Arrow keys run, space stops, q leaves.

No asyncio: each frame polls the connection, steps the world in fixed steps, draws.
"""

import sys
import time

from keyboard import CTRL_C, Keyboard
from module_bindings import Coin, EventContext, Player, SyncDbConnection, tables
from rich.console import Group
from rich.live import Live
from rich.panel import Panel
from rich.text import Text

from stdbctl.client import StdbctlError

WIDTH, HEIGHT = 60, 18
STEP_S = 1 / 30
BEHIND_S_MAX = 0.25
"""A program that was stopped for longer does not make up for it."""
GLIDE = 0.3
"""The server moves players ten times a second; each step shows them nearer to where they are by this share."""
SPARK_STEPS = 15
STEER = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1), " ": (0, 0)}
KEYS = "arrows run · space stops · q leaves"
COLORS = ("red", "green", "blue", "magenta", "cyan")


class World:
    """The game as it is shown: what the server said, and how it moves there."""

    def __init__(self, conn: SyncDbConnection) -> None:
        self.conn, self.db = conn, conn.db
        self.shown = {player.identity: (player.x, player.y) for player in conn.db.player}
        self.sparks: dict[tuple[float, float], int] = {}
        conn.db.coin.on_delete(self.taken)

    def taken(self, ctx: EventContext, coin: Coin) -> None:
        """Light up where a coin was."""
        self.sparks[coin.x, coin.y] = SPARK_STEPS

    def step(self) -> None:
        """One thirtieth of a second: glide, burn down."""
        before = self.shown
        self.shown = {}
        for player in self.db.player:
            x, y = before.get(player.identity, (player.x, player.y))
            self.shown[player.identity] = x + (player.x - x) * GLIDE, y + (player.y - y) * GLIDE
        self.sparks = {place: left - 1 for place, left in self.sparks.items() if left > 1}

    def __rich__(self) -> Group:
        players = sorted(self.db.player, key=lambda player: (-player.score, player.name, player.identity))
        field = dict.fromkeys(self.sparks, ("*", "bold white"))
        field |= {(coin.x, coin.y): ("●", "yellow") for coin in self.db.coin}
        for player in players:
            x, y = self.shown.get(player.identity, (player.x, player.y))
            field[float(round(x)), float(round(y))] = player.name[0].upper(), f"bold {color_of(player)}"
        rows = ("".join(field.get((x, y), " ")[0] for x in range(WIDTH)) for y in range(HEIGHT))
        picture = Text("\n".join(rows))
        for (x, y), (_, style) in field.items():
            at = int(y) * (WIDTH + 1) + int(x)
            picture.stylize(style, at, at + 1)
        scores = [Text(f"{player.name} {player.score}", color_of(player)) for player in players]
        return Group(
            Text("   ").join([Text("coins", "bold"), *scores]),
            Panel.fit(picture, padding=0),
            Text(KEYS if self.conn.is_active else "the server is away, waiting for it", "dim", end=""),
        )


def color_of(player: Player) -> str:
    """The same color on every screen."""
    return COLORS[player.identity.data[0] % len(COLORS)]


def main(name: str, url: str = "http://127.0.0.1:3000", database: str = "coins") -> None:
    """Join, and play until the player leaves."""
    with SyncDbConnection.connect(url, database) as conn:
        conn.subscribe(tables.player, tables.coin)
        conn.reducers.join(name=name)
        conn.on_connect(lambda _: conn.reducers_nowait.join(name=name))  # the server forgets who loses the connection
        play(conn, World(conn))


def play(conn: SyncDbConnection, world: World) -> None:
    """The loop, until `q` or until the connection is gone for good."""
    with Keyboard() as keyboard, Live(world, screen=True, auto_refresh=False) as live:
        next_step = time.monotonic()
        while True:
            conn.poll()
            for key in keyboard.pressed():
                if key in ("q", CTRL_C):
                    return
                if key in STEER and conn.is_active:  # a call would raise ConnectionLost
                    dx, dy = STEER[key]
                    conn.reducers_nowait.steer(dx=dx, dy=dy)
            if conn.is_closed:
                conn.wait_connected()  # raises why
            next_step = max(next_step, time.monotonic() - BEHIND_S_MAX)
            while next_step <= time.monotonic():
                world.step()
                next_step += STEP_S
            live.refresh()
            time.sleep(max(0.0, next_step - time.monotonic()))


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3, 4) or not sys.stdin.isatty():
        sys.exit("usage, on a terminal: python game.py NAME [URL [DATABASE]]")
    try:
        main(*sys.argv[1:])
    except StdbctlError as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        pass
