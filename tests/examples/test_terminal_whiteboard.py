"""docs/examples/terminal_whiteboard on a pseudo-terminal, beside a client without one."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from docs.examples.terminal_whiteboard.module_bindings import Point, SyncDbConnection, tables
from tests.examples.screen import COLUMNS, CTRL_C, DOWN, RIGHT, ROWS, SECONDS, screen
from tests.support.server import REPOSITORY, RunningServer, serving

FOLDER = REPOSITORY / "docs" / "examples" / "terminal_whiteboard"
RED, GREEN, ORANGE = "#e03131", "#2f9e44", "#f08c00"
TOP_LEFT = (2, 13)
"""Where the picture begins on a screen of 80 columns: 53 of them, in a frame in the middle."""


def poll_until(conn: SyncDbConnection, is_so: Callable[[], bool]) -> None:
    """Let the friend's connection take effect until something is so."""
    end = time.monotonic() + SECONDS
    while not is_so():
        assert time.monotonic() < end, sorted(conn.db.point, key=lambda point: point.id)
        conn.poll(timeout=0.2)


def drawn(conn: SyncDbConnection) -> list[Point]:
    """What others than this client have drawn, in its order."""
    return sorted((p for p in conn.db.point if p.user_id != conn.identity), key=lambda point: point.id)


def test_terminal_and_another_client_see_each_other_and_what_they_draw(server: RunningServer, whiteboard: str) -> None:
    with screen("board.py", server.url, whiteboard, cwd=FOLDER) as board:
        board.wait_for_text("whiteboard · 1 here   ● you")
        with SyncDbConnection.connect(server.url, whiteboard) as friend:
            friend.subscribe(tables.point)
            board.wait_for_text(f"2 here   ● you   ● {str(friend.identity)[-6:]}")
            friend.reducers.add_point(x=0, y=0, color=GREEN)
            board.wait_for(lambda: "38;2;47;158;68" in board.cells[TOP_LEFT][1], "the friend's point")
            board.type(" ", RIGHT, RIGHT, "c", DOWN)
            board.wait_for_text("space pen up")
            poll_until(friend, lambda: len(drawn(friend)) == 4)
            places = [(round(p.x), round(p.y), p.color, p.stroke) for p in drawn(friend)]
            assert places == [(400, 300, RED, 1), (415, 300, RED, 1), (430, 300, RED, 1), (430, 315, ORANGE, 1)]
            board.wait_for(lambda: {RED, GREEN, ORANGE} <= board.colors(), "both colors of the terminal's ink")
            board.type(" ", RIGHT, "x")
            board.wait_for(lambda: RED not in board.colors(), "the end of the terminal's ink")
            poll_until(friend, lambda: len(friend.db.point) == 1)
        board.wait_for_text("1 here   ● you")
        assert GREEN in board.colors()


def test_strokes_are_lines_and_end_at_the_edge(server: RunningServer, whiteboard: str) -> None:
    with SyncDbConnection.connect(server.url, whiteboard) as friend:
        friend.reducers.extend_stroke(x=-50, y=0, color=GREEN, stroke=3)
        friend.reducers.extend_stroke(x=5000, y=0, color=GREEN, stroke=3)
        with screen("board.py", server.url, whiteboard, cwd=FOLDER) as board:
            board.wait_for_text("q quit")
            row, left = TOP_LEFT
            assert all("38;2;47;158;68" in board.cells[row, column][1] for column in range(left, left + 53))


def test_picture_fills_a_window_of_another_size(server: RunningServer, whiteboard: str) -> None:
    with screen("board.py", server.url, whiteboard, cwd=FOLDER) as board:
        board.wait_for_text("q quit")
        assert (len(board.text.splitlines()), "▀" * 54 in board.text) == (ROWS, False)
        board.resize(2 * ROWS, 2 * COLUMNS)
        board.wait_for(lambda: fills(board.text.splitlines(), 2 * ROWS), "the larger picture")


def fills(lines: list[str], rows: int) -> bool:
    """Whether a picture with its frame takes all rows, from the title to the keys."""
    is_wide = all("▀" * 100 in line for line in lines[2:-2])
    return len(lines) == rows and "1 here" in lines[0] and is_wide and "q quit" in lines[-1]


@pytest.mark.parametrize("key", ["q", CTRL_C], ids=["q", "ctrl-c"])
def test_terminal_is_left_as_it_was(key: str, server: RunningServer, whiteboard: str) -> None:
    with screen("board.py", server.url, whiteboard, cwd=FOLDER) as board:
        board.wait_for_text("q quit")
        assert not board.is_as_before()
        board.type(" ", key, " ")
        assert board.ended() == 0
        assert board.is_as_before()
        assert board.text == ""


def test_terminal_says_that_the_server_is_away_and_can_be_left(tmp_path: Path) -> None:
    with serving(tmp_path, in_memory=True) as server:
        assert server.publish("board", REPOSITORY / "sample_project").status_code in (200, 201)
        with screen("board.py", server.url, "board", cwd=FOLDER) as board:
            board.wait_for_text("1 here")
            server.kill()
            board.wait_for_text("the server is away, waiting for it")
            board.type(" ", RIGHT, "x", "q")
            assert board.ended() == 0
            assert "Traceback" not in board.written


def test_wrong_database_is_said_in_a_sentence(server: RunningServer) -> None:
    with screen("board.py", server.url, "nowhere", cwd=FOLDER) as board:
        assert board.ended() == 1
        assert board.text.startswith("error: the server has no database `nowhere`")
