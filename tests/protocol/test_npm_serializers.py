"""Thousands of random rows and messages through the npm package's own serializers, in both directions.

Each row has a random schema of its own: named types that contain each other and themselves, nested at random.

Left out is what the package cannot hold or write: an option of an option (none and some(none) are one value there),
an err of another type than ok (written with ok's serializer), NaN (its bits are not kept), unnamed fields.
"""

import json
import random
import struct
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any  # Any: engine values, and the JSON that the script speaks

import pytest

from stdbctl.protocol import (
    CLIENT_MESSAGE,
    SERVER_MESSAGE,
    decode_client_messages,
    decode_server_messages,
    encode_client_message,
)
from stdbctl.sats import (
    BYTES,
    CONNECTION_ID,
    IDENTITY,
    SCHEDULE_AT,
    TIME_DURATION,
    TIMESTAMP,
    UNIT,
    UUID,
    AlgebraicType,
    ArrayType,
    ConnectionId,
    Identity,
    JsonStyle,
    Primitive,
    ProductElement,
    ProductType,
    Ref,
    ScheduleAt,
    SumType,
    SumVariant,
    TimeDuration,
    Timestamp,
    Typespace,
    Uuid,
    compile_codec,
    dumps,
    from_json,
    loads,
    option,
    option_inner,
    result,
    result_inner,
    to_json,
    type_to_json,
)
from tests.support.described import described

SCRIPT = Path(__file__).parents[1] / "node" / "bsatn" / "serializers.mjs"
SEED = 20_240
TYPES, VALUES_PER_TYPE = 150, 20
NAMED = 6
MESSAGES = 1_500
EMPTY = Typespace()
SPECIALS = (IDENTITY, CONNECTION_ID, TIMESTAMP, TIME_DURATION, UUID, SCHEDULE_AT)
LEAVES: tuple[AlgebraicType, ...] = (*Primitive, *SPECIALS, BYTES, UNIT)
FLOATS = (0.0, -0.0, 1.5, -3.25e30, float("inf"), float("-inf"), 1e-40)


class Types:
    """Draws types. Those with a name may stand anywhere above them, and everywhere where a value can do without one."""

    def __init__(self, source: random.Random) -> None:
        self.source = source
        self.types: list[AlgebraicType] = []
        for _ in range(NAMED):
            self.types.append(self.row(1) if source.random() < 0.5 else self.sum(1))
        self.space = Typespace(tuple(self.types))

    def row(self, depth: int = 0) -> ProductType:
        types = [self.type(depth + 1) for _ in range(self.source.randint(1, 6))]
        return ProductType(tuple(ProductElement(f"f{i}", t) for i, t in enumerate(types)))

    def sum(self, depth: int) -> SumType:
        """The last variant never leads back to where it came from: there is an end to every value."""
        variants = [self.type(depth + 1, is_loose=True) for _ in range(self.source.randint(0, 3))]
        variants.append(self.source.choice(LEAVES))
        return SumType(tuple(SumVariant(f"V{i}", t) for i, t in enumerate(variants)))

    def type(self, depth: int, *, is_loose: bool = False) -> AlgebraicType:
        if depth >= 4 or self.source.random() < 0.4:
            return self.leaf(is_loose=is_loose)
        match self.source.randrange(5):
            case 0:
                return ArrayType(self.type(depth + 1, is_loose=True))
            case 1:
                return self.option(self.type(depth + 1, is_loose=True))
            case 2:
                same = self.type(depth + 1)
                return result(same, same)
            case 3:
                return self.sum(depth)
        return self.row(depth)

    def leaf(self, *, is_loose: bool) -> AlgebraicType:
        known = NAMED if is_loose else len(self.types)
        if known and self.source.random() < 0.3:
            return Ref(self.source.randrange(known))
        return self.source.choice(LEAVES)

    @staticmethod
    def option(inner: AlgebraicType) -> AlgebraicType:
        return inner if option_inner(inner) is not None else option(inner)


def random_value(type_: AlgebraicType, space: Typespace, source: random.Random, depth: int = 0) -> Any:
    type_ = space.resolve(type_)
    if isinstance(type_, Primitive):
        return _random_primitive(type_, source)
    if type_ in SPECIALS:
        return _random_special(type_, source)
    count = 0 if depth > 4 else source.randrange(4)
    if isinstance(type_, ArrayType):
        if type_ == BYTES:
            return source.randbytes(source.randrange(20))
        return tuple(random_value(type_.element, space, source, depth + 1) for _ in range(count))
    if isinstance(type_, ProductType):
        return tuple(random_value(element.type, space, source, depth + 1) for element in type_.elements)
    assert isinstance(type_, SumType)
    tag = len(type_.variants) - 1 if depth > 6 else source.randrange(len(type_.variants))
    results = result_inner(type_)
    if results is not None and results[0] != results[1]:
        tag = 0
    payload = random_value(type_.variants[tag].type, space, source, depth + 1)
    if option_inner(type_) is not None:
        return payload if tag == 0 else None
    return tag, payload


def _random_primitive(type_: Primitive, source: random.Random) -> Any:
    if type_ is Primitive.BOOL:
        return source.random() < 0.5
    if type_ is Primitive.STRING:
        return "".join(source.choices('aZ"\\\né漢𝄞\0 ', k=source.randrange(8)))
    if type_ in (Primitive.F32, Primitive.F64):
        number = source.choice(FLOATS) if source.random() < 0.3 else source.uniform(-1e6, 1e6)
        return struct.unpack("<f", struct.pack("<f", number))[0] if type_ is Primitive.F32 else number
    bits = int(type_.name[1:])
    number = source.choice((0, 1, 2 ** (bits - 1), 2**bits - 1, source.getrandbits(bits)))
    return number - 2 ** (bits - 1) if type_.name[0] == "I" else number


def _random_special(type_: AlgebraicType, source: random.Random) -> Any:
    micros = source.getrandbits(64) - 2**63
    time = source.choice((Timestamp(micros), TimeDuration(micros)))
    return {
        IDENTITY: Identity(source.randbytes(32)),
        CONNECTION_ID: ConnectionId(source.randbytes(16)),
        TIMESTAMP: Timestamp(micros),
        TIME_DURATION: TimeDuration(micros),
        UUID: Uuid.from_int(source.getrandbits(128)),
        SCHEDULE_AT: ScheduleAt(time),
    }[type_]


def run_npm(jobs: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Let the npm package work; see serializers.mjs."""
    done = subprocess.run(
        ["node", SCRIPT], input=json.dumps({"seed": SEED, "jobs": jobs}), capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    answers: list[dict[str, Any]] = json.loads(done.stdout)
    return answers


def assert_npm_agrees(type_: AlgebraicType, space: Typespace, values: Sequence[Any], answer: dict[str, Any]) -> None:
    """Both sides read the same from the other's bytes, and write the same bytes again."""
    codec = compile_codec(type_, space)
    assert answer["described"] == [described(type_, space, value) for value in values]
    assert answer["again"] == [codec.encode(value).hex() for value in values]
    for hex_, said in zip(answer["made"], answer["madeDescribed"], strict=True):
        data = bytes.fromhex(hex_)
        value = codec.decode_all(data)
        assert described(type_, space, value) == said
        assert codec.encode(value) == data
        for style in (JsonStyle.DECLARED, JsonStyle.BARE):
            if "7ff0000000000000" not in (text := json.dumps(said)) and "fff0000000000000" not in text:
                sats_json = loads(dumps(to_json(type_, space, value, style)))
                assert codec.encode(from_json(type_, space, sats_json)) == data


def test_random_rows_of_random_schemas_agree_with_the_npm_package() -> None:
    source = random.Random(SEED)
    schemas = [Types(source) for _ in range(TYPES)]
    rows = [schema.row() for schema in schemas]
    spaces = [schema.space for schema in schemas]
    values = [
        [random_value(row, space, source) for _ in range(VALUES_PER_TYPE)]
        for row, space in zip(rows, spaces, strict=True)
    ]
    jobs = [
        {
            "type": type_to_json(row),
            "types": [type_to_json(type_) for type_ in space.types],
            "values": [compile_codec(row, space).encode(value).hex() for value in some],
            "count": VALUES_PER_TYPE,
        }
        for row, space, some in zip(rows, spaces, values, strict=True)
    ]
    for row, space, some, answer in zip(rows, spaces, values, run_npm(jobs), strict=True):
        assert_npm_agrees(row, space, some, answer)


@pytest.mark.parametrize(("name", "type_"), [("ClientMessage", CLIENT_MESSAGE), ("ServerMessage", SERVER_MESSAGE)])
def test_random_messages_agree_with_the_npm_package(name: str, type_: AlgebraicType) -> None:
    source = random.Random(SEED)
    values = [random_value(type_, EMPTY, source) for _ in range(MESSAGES)]
    encoded = [compile_codec(type_).encode(value) for value in values]
    job = {"type": name, "types": [], "values": [data.hex() for data in encoded], "count": MESSAGES}
    (answer,) = run_npm([job])
    assert_npm_agrees(type_, EMPTY, values, answer)
    for data in (*encoded, *map(bytes.fromhex, answer["made"])):
        assert_fast_path_agrees(type_, data)


def assert_fast_path_agrees(type_: AlgebraicType, data: bytes) -> None:
    """The readers and writers by hand take the npm package's messages too."""
    if type_ == SERVER_MESSAGE:
        assert len(decode_server_messages(data + data, True)) == 2
        return
    tag, fields = compile_codec(type_).decode_all(data)
    if tag < 3 or fields[1] == 0:  # other flags of calls are refused
        (message,) = decode_client_messages(data, True)
        assert encode_client_message(message) == data
