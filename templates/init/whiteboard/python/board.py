"""The whiteboard in a terminal: `python client/board.py`.

Arrows move the pen, space draws, p goes to the next color, c erases what you drew, q leaves.
"""

import curses
import sys
from collections import deque
from contextlib import suppress
from itertools import cycle

from module_bindings import Db, Point, SyncDbConnection
from settings import DATABASE, HOST

from stdbctl.client import StdbctlError, Timestamp, TokenFile

WIDTH, HEIGHT = 800.0, 600.0
"""The board's size, which every client stretches over what it has."""
COLORS = ("#d9480f", "#1971c2", "#2f9e44", "#9c36b5", "#f8f9fa")
FRAME_MS = 33
STEPS = {
    curses.KEY_LEFT: (-1, 0),
    curses.KEY_RIGHT: (1, 0),
    curses.KEY_UP: (0, -1),
    curses.KEY_DOWN: (0, 1),
}


class Board:
    """The board on a terminal's window; its last line says how things stand."""

    def __init__(self, window: curses.window, conn: SyncDbConnection, troubles: deque[str]) -> None:
        self.window, self.conn, self.troubles = window, conn, troubles
        self.column = self.line = 0
        self.colors = cycle(COLORS)
        self.color = next(self.colors)

    @property
    def size(self) -> tuple[int, int]:
        """Columns and lines to draw on."""
        lines, columns = self.window.getmaxyx()
        return max(columns - 1, 1), max(lines - 1, 1)

    def paint(self) -> None:
        """Paint all points in the order of their ids, so that everybody sees the same."""
        self.window.erase()
        columns, lines = self.size
        for point in sorted(self.conn.db.point, key=point_id):
            column = min(max(int(point.x / WIDTH * columns), 0), columns - 1)
            line = min(max(int(point.y / HEIGHT * lines), 0), lines - 1)
            self.window.addstr(line, column, "█", attribute(point.color))
        self.window.addnstr(lines, 0, self.status(), columns, curses.A_DIM)
        self.column, self.line = min(self.column, columns - 1), min(self.line, lines - 1)
        self.window.addstr(self.line, self.column, "+", attribute(self.color) | curses.A_REVERSE)
        self.window.refresh()

    def status(self) -> str:
        """What the last line says."""
        if not self.conn.is_active:
            return "the server is away; waiting for it"
        counts = f"{len(self.conn.db.point)} points · {len(self.conn.db.user)} here"
        return " · ".join([counts, *self.troubles, "space draws, p color, c clear, q quit"])

    def press(self, key: int) -> bool:
        """Do what a key asks for; False: leave."""
        if key in STEPS:
            self.column = max(self.column + STEPS[key][0], 0)
            self.line = max(self.line + STEPS[key][1], 0)
        elif key == ord(" "):
            columns, lines = self.size
            x, y = (self.column + 0.5) / columns * WIDTH, (self.line + 0.5) / lines * HEIGHT
            self.conn.reducers_nowait.add_point(x=x, y=y, color=self.color)
        elif key == ord("p"):
            self.color = next(self.colors)
        elif key == ord("c"):
            self.conn.reducers_nowait.clear_my_points()
        return key != ord("q")


def predict(conn: SyncDbConnection) -> None:
    """Show ink the moment it is drawn: what the module will do, until its answer is here."""

    @conn.predict(conn.reducers.add_point)
    def draw(db: Db, *, x: float, y: float, color: str) -> None:
        ink = Point(
            id=0,
            x=x,
            y=y,
            color=color,
            user_id=conn.identity,
            timestamp=Timestamp(0),
            stroke=0,
        )
        db.point.insert(ink)

    @conn.predict(conn.reducers.clear_my_points)
    def clear(db: Db) -> None:
        for point in db.point.filter(user_id=conn.identity):
            db.point.delete(point)


def point_id(point: Point) -> int:
    """By what points are ordered."""
    return point.id


def attribute(color: str) -> int:
    """The nearest of a terminal's 256 colors; where there are fewer, none."""
    if not curses.has_colors() or curses.COLORS < 256:
        return curses.A_NORMAL
    red, green, blue = (round(int(color[i : i + 2], 16) / 255 * 5) for i in (1, 3, 5))
    number = 16 + 36 * red + 6 * green + blue
    curses.init_pair(number, number, -1)
    return curses.color_pair(number)


def run(window: curses.window) -> None:
    """Show the board until the user leaves."""
    if curses.has_colors():
        curses.use_default_colors()
    with suppress(curses.error):  # some terminals cannot hide it
        curses.curs_set(0)
    window.timeout(FRAME_MS)
    troubles: deque[str] = deque(maxlen=1)
    with SyncDbConnection.connect(
        HOST, DATABASE, token=TokenFile(), on_error=lambda error, _where: troubles.append(str(error))
    ) as conn:
        board = Board(window, conn, troubles)
        predict(conn)
        conn.subscribe_to_all_tables()
        while board.press(window.getch()):
            conn.poll()
            board.paint()


if __name__ == "__main__":
    try:
        curses.wrapper(run)
    except KeyboardInterrupt:
        pass
    except curses.error as error:
        sys.exit(f"the board needs a terminal that curses knows (TERM), at least two lines high: {error}")
    except StdbctlError as error:
        sys.exit(str(error))
