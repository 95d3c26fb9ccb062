"""A module comes out the same on any machine that serves it."""

from pathlib import Path

import pytest

from tests.support.server import serving

NAIVE = """
from datetime import datetime
from stdbctl.module import ReducerContext, reducer

START = datetime(2024, 1, 1).timestamp()

@reducer
def tell(ctx: ReducerContext) -> None:
    print(START, datetime(2024, 7, 1).timestamp(), datetime(2024, 1, 1).astimezone().isoformat())
"""


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/New_York"])
def test_datetimes_without_a_zone_are_utc_on_every_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, zone: str
) -> None:
    monkeypatch.setenv("TZ", zone)
    with serving(tmp_path / "server", in_memory=True) as server:
        assert server.publish("naive", {"module/__init__.py": NAIVE}).status_code == 200
        assert server.call("naive", "tell").status_code == 200
        assert "1704067200.0 1719792000.0 2024-01-01T00:00:00+00:00" in server.log_messages("naive")
