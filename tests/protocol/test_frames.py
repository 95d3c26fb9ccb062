"""Frames: the compression byte, and how messages are grouped."""

import gzip

import pytest

from stdbctl.protocol import (
    CLIENT_BATCH_BYTES,
    SERVER_BATCH_BYTES,
    SERVER_BATCH_MESSAGES,
    batches,
    client_frames,
    frame_body,
    server_frames,
)
from stdbctl.sats import DecodeError


def test_plain_and_gzip_frames_are_opened() -> None:
    assert frame_body(b"\0abc") == b"abc"
    assert frame_body(b"\2" + gzip.compress(b"abc" * 1000, mtime=0)) == b"abc" * 1000
    assert frame_body(b"\0") == b""


@pytest.mark.parametrize(
    ("frame", "text"),
    [
        (b"", "data too short"),
        (b"\1abc", "brotli"),
        (b"\3abc", "unknown compression 3"),
        (b"\2abc", "cannot be unpacked"),
        (b"\2" + gzip.compress(b"abc" * 1000, mtime=0)[:-9], "ends too early"),
    ],
)
def test_frame_that_cannot_be_opened_is_refused(frame: bytes, text: str) -> None:
    with pytest.raises(DecodeError, match=text):
        frame_body(frame)


def test_gzip_bomb_is_refused_and_what_just_fits_is_not() -> None:
    frame = b"\2" + gzip.compress(bytes(1000), mtime=0)
    assert frame_body(frame, 1000) == bytes(1000)
    with pytest.raises(DecodeError, match="more than 999 bytes"):
        frame_body(frame, 999)


def test_server_frames_keep_to_their_limits() -> None:
    assert list(server_frames([])) == []
    assert list(server_frames([b"a", b"bc"])) == [b"\0abc"]
    frames = list(server_frames([b"x"] * (SERVER_BATCH_MESSAGES + 1)))
    assert [len(frame) - 1 for frame in frames] == [SERVER_BATCH_MESSAGES, 1]
    half = bytes(SERVER_BATCH_BYTES // 2)
    assert [len(frame) - 1 for frame in server_frames([half, half, b"x"])] == [SERVER_BATCH_BYTES, 1]


def test_client_frames_keep_to_their_limit_unless_one_message_is_larger() -> None:
    large = bytes(CLIENT_BATCH_BYTES + 1)
    assert [len(frame) for frame in client_frames([b"a", large, b"b", b"c"])] == [1, len(large), 2]


def test_batches_keep_order() -> None:
    messages = [bytes([i]) * (i % 5) for i in range(50)]
    grouped = list(batches(messages, max_messages=4, max_bytes=6))
    assert [message for batch in grouped for message in batch] == messages
    assert all(len(batch) <= 4 for batch in grouped)
