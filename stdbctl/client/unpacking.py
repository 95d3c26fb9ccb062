"""What a server's frame holds, whatever it is compressed by; brotli needs a package that unpacks it."""

import importlib
from functools import cache
from typing import Any, Literal

from stdbctl.protocol import BROTLI, frame_body
from stdbctl.sats import DecodeError

Compression = Literal["none", "gzip", "brotli"]

MESSAGE_BYTES_MAX = 1024 * 1024 * 1024
"""A larger message of the server ends the connection, whether it comes so large or becomes it when it is unpacked."""

_BROTLI_PACKAGES = ("brotli", "brotlicffi")


def has_brotli() -> bool:
    """Whether a package is installed that unpacks brotli within bounds: `brotli` or `brotlicffi`, from 1.2 on."""
    return _brotli() is not None


def unpacked(frame: bytes, bytes_max: int = MESSAGE_BYTES_MAX) -> bytes:
    """The messages in a frame. Raises DecodeError: broken, or more than `bytes_max`, which are never unpacked."""
    return _unbrotli(frame[1:], bytes_max) if frame[:1] == bytes([BROTLI]) else frame_body(frame, bytes_max)


@cache
def _brotli() -> Any:  # Any: one of two packages, neither of which has types; None when there is none
    """A package whose unpacking can be stopped; older ones know no bound, so that a small frame fills the memory."""
    for name in _BROTLI_PACKAGES:
        try:
            package = importlib.import_module(name)
        except ImportError:
            continue
        if hasattr(package.Decompressor, "can_accept_more_data"):  # came together with `output_buffer_limit`
            return package
    return None


def _unbrotli(data: bytes, bytes_max: int) -> bytes:
    package = _brotli()
    if package is None:
        raise DecodeError("a brotli frame came although it was not asked for")
    unpacker = package.Decompressor()
    try:
        body: bytes = unpacker.process(data, output_buffer_limit=bytes_max + 1)
    except package.error as error:
        raise DecodeError(f"a brotli frame cannot be unpacked: {error}") from None
    if len(body) > bytes_max:
        raise DecodeError(f"a brotli frame unpacks to more than {bytes_max} bytes")
    if not unpacker.is_finished():
        raise DecodeError("a brotli frame ends too early")
    return body
