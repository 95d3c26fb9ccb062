"""A whiteboard in the terminal: `python board.py [URL [DATABASE]]` joins everybody who draws there."""

import asyncio
import signal
import sys

from canvas import HEIGHT, WIDTH, Canvas
from keyboard import CTRL_C, keyboard
from module_bindings import DbConnection, User, tables
from rich.align import Align
from rich.console import Console, ConsoleOptions, RenderResult
from rich.live import Live
from rich.panel import Panel
from rich.text import Text

from stdbctl.client import StdbctlError

COLORS = ("#e03131", "#f08c00", "#2f9e44", "#1971c2", "#9c36b5", "#f8f9fa")
MOVES = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}
KEYS = "arrows move · space pen {} · c color · x erase mine · q quit"
FRAME_S = 1 / 30


class Board:
    """What this terminal shows, and where its pen is."""

    def __init__(self, conn: DbConnection) -> None:
        self.conn = conn
        self.canvas = Canvas(80, 20)
        self.x, self.y, self.color = WIDTH / 2, HEIGHT / 2, COLORS[0]
        self.stroke, self.strokes = 0, 0  # the one that is being drawn, 0: the pen is up; how many there were
        self.is_over = False
        self.changed = asyncio.Event()
        for table in (conn.db.point, conn.db.user):
            table.on_insert(lambda ctx, row: self.changed.set())
            table.on_delete(lambda ctx, row: self.changed.set())
        conn.on_connect(lambda conn: self.changed.set())
        conn.on_disconnect(lambda conn, error: self.changed.set())

    def press(self, key: str) -> None:
        """Do what a key means."""
        if key in ("q", CTRL_C):
            self.is_over = True
        elif not self.conn.is_active:
            return  # a call would raise ConnectionLost
        elif key in MOVES:
            dx, dy = MOVES[key]
            self.x = min(max(self.x + dx / self.canvas.scale, 0), WIDTH - 1)
            self.y = min(max(self.y + dy / self.canvas.scale, 0), HEIGHT - 1)
            self.draw()
        elif key == " ":
            self.strokes += not self.stroke
            self.stroke = 0 if self.stroke else self.strokes
            self.draw()
        elif key == "c":
            self.color = COLORS[(COLORS.index(self.color) + 1) % len(COLORS)]
        elif key == "x":
            self.conn.reducers.clear_my_points()
        self.changed.set()

    def draw(self) -> None:
        """Leave ink where the pen is. The call is sent at once; the point shows when the server has it."""
        if self.stroke:
            self.conn.reducers.extend_stroke(x=self.x, y=self.y, color=self.color, stroke=self.stroke)

    def person(self, user: User) -> Text:
        """Somebody who is here, in the color of their latest ink."""
        points = self.conn.db.point.filter(user_id=user.identity)
        color = max(points, key=lambda point: point.id).color if points else "dim"
        name = "you" if user.identity == self.conn.identity else str(user.identity)[-6:]
        return Text.assemble(("● ", color), name)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        columns, rows = options.size
        self.canvas = Canvas(columns - 2, rows - 4)
        self.canvas.paint(self.conn.db.point)
        people = sorted(self.conn.db.user, key=lambda user: (user.since.micros, user.identity))
        state = f"{len(people)} here" if self.conn.is_active else "the server is away, waiting for it"
        title = Text("   ", no_wrap=True, overflow="ellipsis", end="").join(
            [Text(f"whiteboard · {state}", "bold"), *map(self.person, people)]
        )
        picture = self.canvas.text(self.canvas.pixel(self.x, self.y))
        yield Align.center(title)
        yield Align.center(Panel.fit(picture, padding=0, border_style=self.color))
        yield Align.center(Text(KEYS.format("up" if self.stroke else "down"), "dim", no_wrap=True, end=""))


async def main(url: str = "http://127.0.0.1:3000", database: str = "whiteboard") -> None:
    """Join, and show the board until it is left."""
    async with DbConnection.connect(url, database) as conn:
        await conn.subscribe(tables.point, tables.user)
        board = Board(conn)
        board.changed.set()
        asyncio.get_running_loop().add_signal_handler(signal.SIGWINCH, board.changed.set)
        with keyboard(board.press), Live(board, screen=True, auto_refresh=False) as live:
            while not (board.is_over or conn.is_closed):
                await board.changed.wait()
                board.changed.clear()
                live.refresh()
                await asyncio.sleep(FRAME_S)
        if conn.is_closed:
            await conn.wait_connected()  # raises why it was closed


if __name__ == "__main__":
    if len(sys.argv) > 3 or not sys.stdin.isatty():
        sys.exit("usage, on a terminal: python board.py [URL [DATABASE]]")
    try:
        asyncio.run(main(*sys.argv[1:]))
    except StdbctlError as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        pass
