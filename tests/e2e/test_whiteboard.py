"""The whiteboard in Chromium: real mouse and touch events, a real server, the client as it is built for users."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.whiteboard import built_client, play, served_project

Play = Callable[[str], dict[str, Any]]
pytestmark = pytest.mark.timeout(180)


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built_client(tmp_path_factory)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A project whose server is shared; each test has a database of its own."""
    with served_project(tmp_path_factory.mktemp("whiteboard")) as project:
        yield project


@pytest.fixture
def on_shared_server(dist: Path, server: Path, tmp_path: Path) -> Play:
    def go(scenario: str) -> dict[str, Any]:
        return play(scenario, dist=dist, project=server, database=scenario.replace("_", "-"), shots=tmp_path)

    return go


@pytest.fixture
def on_own_server(dist: Path, tmp_path: Path) -> Iterator[Play]:
    with served_project(tmp_path) as project:
        yield lambda scenario: play(scenario, dist=dist, project=project, database="whiteboard", shots=tmp_path)


def test_two_who_draw_at_once_and_a_late_third_see_one_picture_in_the_servers_order(on_shared_server: Play) -> None:
    seen = on_shared_server("draw_at_once")
    assert seen.pop("points") > 100
    assert seen.pop("turns") > 5
    assert seen == {"colors": ["#0000bb", "#aa0000"], "strokes": 2, "pictures": 1, "sharp": True}


def test_clearing_removes_the_points_of_the_caller_on_every_screen_and_nobody_elses(on_shared_server: Play) -> None:
    assert on_shared_server("clear") == {"hersBefore": True, "same": True, "more": True}


def test_a_reload_keeps_the_identity_and_a_new_tab_is_a_new_user(on_shared_server: Play) -> None:
    assert on_shared_server("identity") == {
        "alone": 1,
        "both": 2,
        "same": True,
        "other": True,
        "left": True,
        "stored": [1, 0],
    }


def test_touch_draws_on_a_phone_and_windows_of_all_sizes_agree(on_shared_server: Play) -> None:
    assert on_shared_server("phone") == {
        "strokes": 2,
        "heights": [100, 500],
        "wide": False,
        "sharp": True,
        "onScreen": {"ann": True, "bob": True},
    }


def test_drawing_shows_at_once_and_never_flickers_until_the_servers_row_is_there(on_own_server: Play) -> None:
    assert on_own_server("at_once_without_flicker") == {
        "whilePaused": {"pending": True, "ink": False},
        "looked": True,
        "blank": 0,
        "ink": True,
    }


def test_pages_go_on_after_the_server_was_killed_and_started_again(on_own_server: Play) -> None:
    assert on_own_server("crash") == {"offline": True, "strokes": 3, "twice": 0, "same": True, "users": 2}


def test_connected_pages_live_through_a_redeploy_a_syntax_error_and_the_next_good_save(on_own_server: Play) -> None:
    assert on_own_server("redeploy") == {
        "colors": ["#123456"],
        "broken": "refused",
        "oldCodeServed": True,
        "notice": "the board is closed",
        "unchanged": True,
        "sockets": [1, 1],
    }
