"""Compiled codecs: a type becomes a handful of generated Python functions, made once and kept."""

from collections.abc import Callable
from functools import cached_property, lru_cache
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
    """The functions of one type; each attribute is a plain function, compiled when it is first asked for.

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

    def __init__(self, type_: AlgebraicType, typespace: Typespace) -> None:
        graph = TypeGraph(typespace)
        self.type, self.typespace, self._graph = type_, typespace, graph
        self.fixed_size = graph.fixed_size(type_)
        self.needs_normalize = graph.needs_normalize(type_)

    @cached_property
    def encode(self) -> Callable[[Any], bytes]:
        encode: Callable[[Any], bytes] = self._compile(EncoderMaker)["encode"]
        return encode

    @cached_property
    def decode(self) -> Callable[..., tuple[Any, int]]:
        decode: Callable[..., tuple[Any, int]] = self._decoders["decode"]
        return decode

    @cached_property
    def decode_all(self) -> Callable[[bytes], Any]:
        decode_all: Callable[[bytes], Any] = self._decoders["decode_all"]
        return decode_all

    @cached_property
    def decode_many(self) -> Callable[[bytes], list[Any]]:
        decode_many: Callable[[bytes], list[Any]] = self._decoders["decode_many"]
        return decode_many

    @cached_property
    def normalize(self) -> Callable[[Any], Any]:
        return self._compile(NormalizerMaker)["normalize"] if self.needs_normalize else _same

    @cached_property
    def _decoders(self) -> dict[str, Any]:
        return self._compile(DecoderMaker)

    def _compile(self, maker: type[DecoderMaker | EncoderMaker | NormalizerMaker]) -> dict[str, Any]:
        source = Source()
        maker(self._graph, source).define(self.type)
        source.names.update(_rescues(self._graph, self.type))
        return source.run()

    def __repr__(self) -> str:
        return f"Codec({self.type!r})"


_EMPTY = Typespace()


def compile_codec(type_: AlgebraicType, typespace: Typespace = _EMPTY) -> Codec:
    """Make the codec of a type, or give the one made before. Costs about a millisecond per 20 fields.

    Raises:
        InvalidType: a ref points nowhere, or refs lead only to each other.
    """
    return _made_codec(type_, typespace)


@lru_cache(maxsize=4096)
def _made_codec(type_: AlgebraicType, typespace: Typespace) -> Codec:
    return Codec(type_, typespace)


def _same(value: Any) -> Any:
    return value


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
