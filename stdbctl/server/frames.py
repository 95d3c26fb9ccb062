"""WebSocket frames on the fast path: whole, final, masked binary frames in; unmasked binary frames out.

Everything else (control frames, fragments, text, mistakes) goes through the `websockets` library's state machine.

Layout (RFC 6455): FIN+opcode u8 · MASK+length u8, or 126 and u16be, or 127 and u64be · mask 4 bytes (client only) ·
payload.
"""

import struct
from collections.abc import Sequence

from stdbctl.protocol import SERVER_BATCH_BYTES, SERVER_BATCH_MESSAGES, batches
from stdbctl.server import limits

BINARY_FINAL = 0x82
_MASKED = 0x80


def frame_length(buffer: bytes | bytearray, start: int, size: int) -> tuple[int, int] | None:
    """Read a frame's header: (position of its payload, position of its end); None when the header is not all there."""
    if size - start < 2:
        return None
    length = buffer[start + 1] & 0x7F
    payload = start + 2
    if length == 126:
        payload += 2
        length = int.from_bytes(buffer[start + 2 : payload], "big")
    elif length == 127:
        payload += 8
        length = int.from_bytes(buffer[start + 2 : payload], "big")
    if buffer[start + 1] & _MASKED:
        payload += 4
    return None if payload > size else (payload, payload + length)


def frame_of(messages: Sequence[bytes]) -> bytes:
    """One server frame that holds the messages back to back, compression byte first."""
    body = messages[0] if len(messages) == 1 else b"".join(messages)
    length = len(body) + 1
    if length < 126:
        return struct.pack("!BBx", BINARY_FINAL, length) + body
    if length < 65536:
        return struct.pack("!BBHx", BINARY_FINAL, 126, length) + body
    return struct.pack("!BBQx", BINARY_FINAL, 127, length) + body


def single_frames(messages: Sequence[bytes]) -> bytes:
    """v2: each message in a frame of its own."""
    return frame_of(messages) if len(messages) == 1 else b"".join([frame_of((m,)) for m in messages])


def batched_frames(messages: Sequence[bytes]) -> bytes:
    """v3: as many messages in one frame as its limits allow."""
    if len(messages) == 1:
        return frame_of(messages)
    groups = batches(messages, max_messages=SERVER_BATCH_MESSAGES, max_bytes=SERVER_BATCH_BYTES)
    return b"".join([frame_of(group) for group in groups])


def close_reason(text: str) -> str:
    """`text` cut to what a close frame can carry, never inside a character."""
    return text.encode()[: limits.CLOSE_REASON_BYTES].decode(errors="ignore")
