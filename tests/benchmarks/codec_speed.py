"""What encoding and decoding a row costs: `python -m tests.benchmarks.codec_speed`.

Compiled BSATN codecs beside the plain interpreter of types that they are tested against, in one run. Processor time.
"""

import time
from collections.abc import Callable

from stdbctl.sats import (
    IDENTITY,
    TIMESTAMP,
    AlgebraicType,
    ArrayType,
    Identity,
    Primitive,
    Timestamp,
    compile_codec,
    option,
    product,
)
from stdbctl.sats.graph import TypeGraph
from stdbctl.sats.reference_decoder import ReferenceDecoder
from stdbctl.sats.reference_encoder import ReferenceEncoder
from stdbctl.sats.types import Typespace
from tests.benchmarks.figures import Figure, compared, show

Action = Callable[[], object]
REPEATS = 21
ROWS: dict[str, tuple[AlgebraicType, tuple[object, ...]]] = {
    "3 numbers": (product(id=Primitive.U64, x=Primitive.F32, y=Primitive.F32), (1, 1.5, 2.5)),
    "6 columns": (
        product(
            id=Primitive.U64, x=Primitive.F32, y=Primitive.F32, color=Primitive.STRING, user_id=IDENTITY, at=TIMESTAMP
        ),
        (1, 0.5, 2.0, "#ffffff", Identity.from_int(7), Timestamp(1)),
    ),
    "text, list, option": (
        product(id=Primitive.U32, tags=ArrayType(Primitive.STRING), note=option(Primitive.STRING)),
        (1, ("red", "green", "blue"), "a note"),
    ),
}


def micros(action: Action, count: int) -> float:
    """Processor time of one action."""
    start = time.process_time()
    for _ in range(count):
        action()
    return (time.process_time() - start) / count * 1e6


def actions(type_: AlgebraicType, row: tuple[object, ...]) -> dict[str, tuple[Action, Action]]:
    """Per direction: interpreted, compiled."""
    graph, codec = TypeGraph(Typespace()), compile_codec(type_)
    data = codec.encode(row)
    return {
        "encode": (lambda: ReferenceEncoder(graph).value(type_, row), lambda: codec.encode(row)),
        "decode": (lambda: ReferenceDecoder(graph, data, 0).value(type_), lambda: codec.decode_all(data)),
    }


def measure(count: int = 2_000) -> list[Figure]:
    """Each row encoded and decoded, in turns."""
    figures: list[Figure] = []
    for name, (type_, row) in ROWS.items():
        for verb, both in actions(type_, row).items():
            samples: dict[str, list[float]] = {f"{verb} {name}, {how}": [] for how in ("interpreted", "compiled")}
            for _ in range(REPEATS):
                for values, action in zip(samples.values(), both, strict=True):
                    values.append(micros(action, count))
            figures += compared("µs CPU", "interpreted", samples)
    return figures


if __name__ == "__main__":
    show("Encoding and decoding", measure())
