"""WebSocket frames around messages.

Server to client: one byte (0 plain, 1 brotli, 2 gzip), then one message (v2) or one or more back to back (v3).
Client to server: the same without the byte. We send plain frames only: the byte tells what a frame is, whatever
compression the client asked for, and the npm client processes plain frames ahead of compressed ones.
"""

import zlib
from collections.abc import Iterable, Iterator

from stdbctl.sats import DecodeError

V2_PROTOCOL = "v2.bsatn.spacetimedb"
V3_PROTOCOL = "v3.bsatn.spacetimedb"
V1_PROTOCOL = "v1.bsatn.spacetimedb"
V1_JSON_PROTOCOL = "v1.json.spacetimedb"

PLAIN, BROTLI, GZIP = 0, 1, 2

SERVER_BATCH_MESSAGES = 4_096
"""Messages in one frame of a v3 server: SpacetimeDB's limit."""

SERVER_BATCH_BYTES = 512 * 1024
"""A frame that has reached this takes no further message: SpacetimeDB's target."""

CLIENT_BATCH_BYTES = 256 * 1024
"""The size of a v3 client's frames; a single larger message goes alone: the npm client's limit."""

BODY_BYTES_MAX = 256 * 1024 * 1024
"""A compressed frame that unpacks to more is refused: it would be a bomb."""


def server_frames(messages: Iterable[bytes]) -> Iterator[bytes]:
    """Pack messages into v3 frames, in order, each with its compression byte."""
    for batch in batches(messages, max_messages=SERVER_BATCH_MESSAGES, max_bytes=SERVER_BATCH_BYTES):
        yield b"\0" + b"".join(batch)


def client_frames(messages: Iterable[bytes]) -> Iterator[bytes]:
    """Pack requests into v3 frames, in order."""
    for batch in batches(messages, max_messages=SERVER_BATCH_MESSAGES, max_bytes=CLIENT_BATCH_BYTES):
        yield b"".join(batch)


def batches(messages: Iterable[bytes], *, max_messages: int, max_bytes: int) -> Iterator[list[bytes]]:
    """Group messages in order; only a group of a single message may be larger than `max_bytes`."""
    batch: list[bytes] = []
    batch_bytes = 0
    for message in messages:
        if batch and (len(batch) == max_messages or batch_bytes + len(message) > max_bytes):
            yield batch
            batch, batch_bytes = [], 0
        batch.append(message)
        batch_bytes += len(message)
    if batch:
        yield batch


def frame_body(frame: bytes, body_bytes_max: int = BODY_BYTES_MAX) -> bytes:
    """What a server's frame holds, unpacked.

    Raises:
        DecodeError: an empty frame, an unknown compression, broken gzip, or gzip of more than `body_bytes_max`.
    """
    if not frame:
        raise DecodeError("data too short for u8: Expected 1, given 0")
    if frame[0] == PLAIN:
        return frame[1:]
    if frame[0] == GZIP:
        return gunzip(frame[1:], body_bytes_max)
    if frame[0] == BROTLI:
        raise DecodeError(
            "a brotli frame came although it was not asked for; connect with `compression=Gzip` or `None`"
        )
    raise DecodeError(f"unknown compression {frame[0]} of a frame; known are 0 (none) and 2 (gzip)")


def gunzip(data: bytes, body_bytes_max: int = BODY_BYTES_MAX) -> bytes:
    """Unpack gzip. Raises DecodeError: broken, cut short, or more than `body_bytes_max`, which are never unpacked."""
    unpacker = zlib.decompressobj(wbits=31)
    try:
        body = unpacker.decompress(data, body_bytes_max + 1)
    except zlib.error as error:
        raise DecodeError(f"a gzip frame cannot be unpacked: {error}") from None
    if len(body) > body_bytes_max:
        raise DecodeError(f"a gzip frame unpacks to more than {body_bytes_max} bytes")
    if not unpacker.eof:
        raise DecodeError("a gzip frame ends too early")
    return body
