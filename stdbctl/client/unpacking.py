"""What a server's frame holds, whatever it is compressed by; brotli needs a package that unpacks it."""

import importlib.util
from collections.abc import Callable
from typing import Literal

from stdbctl.protocol import BODY_BYTES_MAX, BROTLI, frame_body
from stdbctl.sats import DecodeError

Compression = Literal["none", "gzip", "brotli"]
_BROTLI_PACKAGES = ("brotli", "brotlicffi")


def has_brotli() -> bool:
    """Whether one of the packages that unpack brotli is installed."""
    return any(importlib.util.find_spec(name) is not None for name in _BROTLI_PACKAGES)


def unpacked(frame: bytes) -> bytes:
    """The messages in a frame. Raises DecodeError."""
    return _unbrotli(frame[1:]) if frame[:1] == bytes([BROTLI]) else frame_body(frame)


def _unbrotli(data: bytes) -> bytes:
    for name in _BROTLI_PACKAGES:
        if importlib.util.find_spec(name) is not None:
            decompress: Callable[[bytes], bytes] = importlib.import_module(name).decompress
            try:
                body = decompress(data)
            except Exception as error:  # each package has an error class of its own
                raise DecodeError(f"a brotli frame cannot be unpacked: {error}") from None
            if len(body) > BODY_BYTES_MAX:
                raise DecodeError(f"a brotli frame unpacks to more than {BODY_BYTES_MAX} bytes")
            return body
    raise DecodeError("a brotli frame came although it was not asked for")
