"""Thousands of random rows and messages through the npm package's own serializers, in both directions.

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
    option,
    option_inner,
    product,
    result,
    result_inner,
    sum_type,
    type_to_json,
)

SCRIPT = Path(__file__).parents[1] / "node" / "bsatn" / "serializers.mjs"
SEED = 20_240
TYPES, VALUES_PER_TYPE = 150, 20
MESSAGES = 1_500
SPACE = Typespace(
    (
        product(x=Primitive.F32, y=Primitive.F64, tags=ArrayType(Primitive.STRING)),
        sum_type(Leaf=Primitive.I16, Fork=Ref(2), End=UNIT),
        product(left=Ref(1), right=option(Ref(1)), weight=Primitive.U128),
        sum_type(Red=UNIT, Green=UNIT, Blue=UNIT),
    )
)
SPECIALS = (IDENTITY, CONNECTION_ID, TIMESTAMP, TIME_DURATION, UUID, SCHEDULE_AT)
LEAVES: tuple[AlgebraicType, ...] = (*Primitive, *SPECIALS, BYTES, UNIT, *(Ref(i) for i in range(4)))
FLOATS = (0.0, -0.0, 1.5, -3.25e30, float("inf"), float("-inf"), 1e-40)


def random_type(source: random.Random, depth: int = 0) -> AlgebraicType:
    if depth >= 3 or source.random() < 0.4:
        return source.choice(LEAVES)
    match source.randrange(5):
        case 0:
            return ArrayType(random_type(source, depth + 1))
        case 1:
            return _option(random_type(source, depth + 1))
        case 2:
            same = random_type(source, depth + 1)
            return result(same, same)
        case 3:
            variants = [random_type(source, depth + 1) for _ in range(source.randint(1, 4))]
            return SumType(tuple(SumVariant(f"V{i}", t) for i, t in enumerate(variants)))
    return random_row(source, depth + 1)


def _option(inner: AlgebraicType) -> AlgebraicType:
    return inner if option_inner(inner) is not None else option(inner)


def random_row(source: random.Random, depth: int = 0) -> ProductType:
    types = [random_type(source, depth + 1) for _ in range(source.randint(1, 6))]
    return ProductType(tuple(ProductElement(f"f{i}", t) for i, t in enumerate(types)))


def random_value(type_: AlgebraicType, source: random.Random, depth: int = 0) -> Any:
    type_ = SPACE.resolve(type_)
    if isinstance(type_, Primitive):
        return _random_primitive(type_, source)
    if type_ in SPECIALS:
        return _random_special(type_, source)
    count = 0 if depth > 4 else source.randrange(4)
    if isinstance(type_, ArrayType):
        if type_ == BYTES:
            return source.randbytes(source.randrange(20))
        return tuple(random_value(type_.element, source, depth + 1) for _ in range(count))
    if isinstance(type_, ProductType):
        return tuple(random_value(element.type, source, depth + 1) for element in type_.elements)
    assert isinstance(type_, SumType)
    tag = len(type_.variants) - 1 if depth > 6 else source.randrange(len(type_.variants))
    results = result_inner(type_)
    if results is not None and results[0] != results[1]:
        tag = 0
    payload = random_value(type_.variants[tag].type, source, depth + 1)
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


def described(type_: AlgebraicType, value: Any) -> Any:
    """What a value says, in the script's form."""
    type_ = SPACE.resolve(type_)
    if isinstance(type_, Primitive):
        if type_ in (Primitive.F32, Primitive.F64):
            return struct.pack(">d", value).hex()
        return value if type_ in (Primitive.BOOL, Primitive.STRING) else str(value)
    inner = option_inner(type_)
    if inner is not None:
        return None if value is None else [described(inner, value)]
    if isinstance(value, Identity | ConnectionId | Uuid):
        return [str(value.to_int())]
    if isinstance(value, Timestamp | TimeDuration):
        return [str(value.micros)]
    if isinstance(value, ScheduleAt):
        return [int(isinstance(value.value, Timestamp)), [str(value.value.micros)]]
    if isinstance(type_, ArrayType):
        return value.hex() if type_ == BYTES else [described(type_.element, item) for item in value]
    if isinstance(type_, ProductType):
        return [described(e.type, field) for e, field in zip(type_.elements, value, strict=True)]
    assert isinstance(type_, SumType)
    return [value[0], described(type_.variants[value[0]].type, value[1])]


def run_npm(jobs: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Let the npm package work; see serializers.mjs."""
    done = subprocess.run(
        ["node", SCRIPT], input=json.dumps({"seed": SEED, "jobs": jobs}), capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    answers: list[dict[str, Any]] = json.loads(done.stdout)
    return answers


def assert_npm_agrees(type_: AlgebraicType, values: Sequence[Any], answer: dict[str, Any]) -> None:
    """Both sides read the same from the other's bytes, and write the same bytes again."""
    codec = compile_codec(type_, SPACE)
    assert answer["described"] == [described(type_, value) for value in values]
    assert answer["again"] == [codec.encode(value).hex() for value in values]
    for hex_, said in zip(answer["made"], answer["madeDescribed"], strict=True):
        data = bytes.fromhex(hex_)
        value = codec.decode_all(data)
        assert described(type_, value) == said
        assert codec.encode(value) == data


def test_random_rows_agree_with_the_npm_package() -> None:
    source = random.Random(SEED)
    rows = [random_row(source) for _ in range(TYPES)]
    values = [[random_value(row, source) for _ in range(VALUES_PER_TYPE)] for row in rows]
    types = [type_to_json(type_) for type_ in SPACE.types]
    jobs = [
        {
            "type": type_to_json(row),
            "types": types,
            "values": [compile_codec(row, SPACE).encode(value).hex() for value in some],
            "count": VALUES_PER_TYPE,
        }
        for row, some in zip(rows, values, strict=True)
    ]
    for row, some, answer in zip(rows, values, run_npm(jobs), strict=True):
        assert_npm_agrees(row, some, answer)


@pytest.mark.parametrize(("name", "type_"), [("ClientMessage", CLIENT_MESSAGE), ("ServerMessage", SERVER_MESSAGE)])
def test_random_messages_agree_with_the_npm_package(name: str, type_: AlgebraicType) -> None:
    source = random.Random(SEED)
    values = [random_value(type_, source) for _ in range(MESSAGES)]
    encoded = [compile_codec(type_).encode(value) for value in values]
    job = {"type": name, "types": [], "values": [data.hex() for data in encoded], "count": MESSAGES}
    (answer,) = run_npm([job])
    assert_npm_agrees(type_, values, answer)
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
