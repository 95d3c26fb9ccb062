"""SQL results as text."""

from typing import Any

import pytest

from stdbctl.cli.values import table_lines, value_text
from stdbctl.sats import (
    BYTES,
    CONNECTION_ID,
    IDENTITY,
    TIME_DURATION,
    TIMESTAMP,
    UNIT,
    UUID,
    AlgebraicType,
    ArrayType,
    Primitive,
    Ref,
    Typespace,
    option,
    product,
    sum_type,
)

POINT = product(x=Primitive.F32, y=Primitive.F32)
TYPES = Typespace((POINT,))


@pytest.mark.parametrize(
    ("type_", "bare", "text"),
    [
        (Primitive.STRING, 'say "hi"\n', r'"say \"hi\"\n"'),
        (Primitive.STRING, "Größe", '"Größe"'),
        (Primitive.BOOL, True, "true"),
        (Primitive.U64, 2**64 - 1, "18446744073709551615"),
        (Primitive.U256, "0xff", "255"),
        (Primitive.I256, "-0xff", "-255"),
        (Primitive.F32, 1.0, "1.0"),
        (Primitive.F64, None, "null"),
        (BYTES, "c0ffee", "0xc0ffee"),
        (IDENTITY, ["0x1"], "0x" + "0" * 63 + "1"),
        (CONNECTION_ID, [1], "0x" + "0" * 31 + "1"),
        (TIMESTAMP, [0], "1970-01-01T00:00:00+00:00"),
        (TIMESTAMP, [1_500_000], "1970-01-01T00:00:01.500+00:00"),
        (TIME_DURATION, [-1_500_000], "-1.500000"),
        (UUID, [7], '"00000000-0000-0000-0000-000000000007"'),
        (Ref(0), [1.5, 2.0], "(x = 1.5, y = 2.0)"),
        (UNIT, [], "()"),
        (option(Primitive.U8), [0, 5], "(some = 5)"),
        (option(Primitive.U8), [1, []], "(none = ())"),
        (sum_type(a=Primitive.U8, b=Ref(0)), [1, [1.0, 2.0]], "(b = (x = 1.0, y = 2.0))"),
        (ArrayType(Primitive.U32), [1, 2], "[1, 2]"),
    ],
)
def test_values_look_as_in_spacetimedb(type_: AlgebraicType, bare: Any, text: str) -> None:
    assert value_text(type_, bare, TYPES) == text


def test_a_value_that_does_not_fit_is_shown_as_json() -> None:
    assert value_text(Ref(9), {"a": 1}, TYPES) == '{"a": 1}'


def test_table_is_aligned_in_terminal_cells() -> None:
    assert table_lines(("id", "name"), [("1", '"漢字"'), ("12", '"ab"')]) == [
        " id | name",
        "----+--------",
        ' 1  | "漢字"',
        ' 12 | "ab"',
    ]


def test_table_without_rows_has_its_head() -> None:
    assert table_lines(("id",), []) == [" id", "----"]
