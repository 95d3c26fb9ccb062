"""Compressed frames are unpacked whole, or not at all."""

import brotli
import pytest

from stdbctl.client.unpacking import unpacked
from stdbctl.sats import DecodeError

BODY = bytes(range(256)) * 400


def test_brotli_frames_are_opened() -> None:
    assert unpacked(b"\1" + brotli.compress(BODY)) == BODY
    assert unpacked(b"\1" + brotli.compress(BODY), len(BODY)) == BODY
    assert unpacked(b"\1" + brotli.compress(b"")) == b""


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", "ends too early"),
        (b"no brotli at all", "cannot be unpacked"),
        (brotli.compress(BODY)[:-9], "ends too early"),
        (brotli.compress(BODY) + b"more", "cannot be unpacked"),
        (brotli.compress(bytes(len(BODY) + 1)), "unpacks to more than"),
        (brotli.compress(bytes(16 * 1024 * 1024), quality=1), "unpacks to more than"),
    ],
    ids=["nothing", "garbage", "cut", "more behind", "one byte more", "bomb"],
)
def test_brotli_frames_that_cannot_be_opened_are_refused(data: bytes, text: str) -> None:
    with pytest.raises(DecodeError, match=text):
        unpacked(b"\1" + data, len(BODY))
