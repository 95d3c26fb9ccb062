"""Compiled codecs: a type becomes a handful of generated Python functions, made once and kept."""

import functools
from collections.abc import Callable
from typing import Any  # Any: engine values of types known only at run time

from stdbctl.sats.decoder import DecoderMaker
from stdbctl.sats.encoder import EncoderMaker
from stdbctl.sats.errors import DecodeError, EncodeError
from stdbctl.sats.graph import TypeGraph
from stdbctl.sats.normalizer import NormalizerMaker
from stdbctl.sats.reference_decoder import ReferenceDecoder
from stdbctl.sats.reference_encoder import ReferenceEncoder
from stdbctl.sats.reference_normalizer import TooDeep, normalize
from stdbctl.sats.source import Source
from stdbctl.sats.types import AlgebraicType, Typespace


class Codec:
    """The functions of one type; each attribute is a plain function, cheap to hoist out of a loop.

    `encode(value) -> bytes`: raises EncodeError for a value that does not fit (bools are no ints, text must be valid
    Unicode, products and arrays are tuples; an int is taken for a float).
    `decode(data, offset=0) -> (value, end)`: raises DecodeError.
    `decode_all(data) -> value`: the same for a whole; bytes left over are a DecodeError.
    `decode_many(data) -> [value, …]`: values back to back until the bytes end.
    `normalize(value) -> value`: the engine form: f32 rounded to width, ints for floats to floats, lists for arrays to
    tuples, bytearray to bytes. What does not fit stays as it is, for `encode` to refuse. Identity where
    `needs_normalize` is False.
    `fixed_size`: encoded bytes where every value has the same number, else None.
    """

    __slots__ = (
        "decode",
        "decode_all",
        "decode_many",
        "encode",
        "fixed_size",
        "needs_normalize",
        "normalize",
        "type",
        "typespace",
    )
    type: AlgebraicType
    typespace: Typespace
    encode: Callable[[Any], bytes]
    decode: Callable[..., tuple[Any, int]]
    decode_all: Callable[[bytes], Any]
    decode_many: Callable[[bytes], list[Any]]
    normalize: Callable[[Any], Any]
    needs_normalize: bool
    fixed_size: int | None

    def __init__(self, type_: AlgebraicType, typespace: Typespace) -> None:
        graph = TypeGraph(typespace)
        self.type, self.typespace = type_, typespace
        self.fixed_size = graph.fixed_size(type_)
        self.needs_normalize = graph.needs_normalize(type_)
        made = _generate(graph, type_, self.needs_normalize)
        self.encode = made["encode"]
        self.decode, self.decode_all, self.decode_many = (made[n] for n in ("decode", "decode_all", "decode_many"))
        self.normalize = made["normalize"] if self.needs_normalize else _same

    def __repr__(self) -> str:
        return f"Codec({self.type!r})"


_EMPTY = Typespace()


def compile_codec(type_: AlgebraicType, typespace: Typespace = _EMPTY) -> Codec:
    """Make the codec of a type, or give the one made before. Costs about a millisecond per 20 fields.

    Raises:
        InvalidType: a ref points nowhere, or refs lead only to each other.
    """
    return _made_codec(type_, typespace)


@functools.lru_cache(maxsize=4096)
def _made_codec(type_: AlgebraicType, typespace: Typespace) -> Codec:
    return Codec(type_, typespace)


def _same(value: Any) -> Any:
    return value


def _generate(graph: TypeGraph, type_: AlgebraicType, needs_normalize: bool) -> dict[str, Any]:
    """Compile everything for one type."""
    source = Source()
    DecoderMaker(graph, source).define(type_)
    EncoderMaker(graph, source).define(type_)
    if needs_normalize:
        NormalizerMaker(graph, source).define(type_)
    source.names.update(_rescues(graph, type_))
    return source.run()


def _rescues(graph: TypeGraph, type_: AlgebraicType) -> dict[str, Callable[..., Any]]:
    """What the fast functions turn to when they met something unexpected: the reference, which finds the words."""

    def rescue_decode(data: bytes, offset: int) -> tuple[Any, int]:
        decoder = ReferenceDecoder(graph, data, offset)
        try:
            return decoder.value(type_), decoder.offset
        except RecursionError:
            raise DecodeError("values nested too deep for the calls already running") from None

    def rescue_decode_all(data: bytes) -> Any:
        value, end = rescue_decode(data, 0)
        if end != len(data):
            raise DecodeError(f"{len(data) - end} bytes left over after a value of {end} bytes")
        return value

    def rescue_decode_many(data: bytes) -> list[Any]:
        values = []
        offset = 0
        while offset < len(data):
            start = offset
            value, offset = rescue_decode(data, offset)
            values.append(value)
            if offset == start:
                raise DecodeError(f"{len(data)} bytes given for values that take none")
        return values

    def rescue_encode(value: Any) -> bytes:
        encoder = ReferenceEncoder(graph)
        try:
            encoder.value(type_, value)
        except RecursionError:
            raise EncodeError(path=(), expected="fewer nested levels", given="too many") from None
        return bytes(encoder.out)

    def rescue_normalize(value: Any) -> Any:
        try:
            return normalize(graph, type_, value)
        except (TooDeep, RecursionError):
            return value

    return {
        function.__name__: function
        for function in (rescue_decode, rescue_decode_all, rescue_decode_many, rescue_encode, rescue_normalize)
    }
