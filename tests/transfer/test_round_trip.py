"""Every value of every type comes back from a file as it was, to the last bit."""

import math
import struct
from pathlib import Path
from typing import Any  # Any: engine values

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stdbctl.module import load_package
from stdbctl.sats import AlgebraicType, Primitive, compile_codec, option
from stdbctl.schema import ModuleDef, TableDef
from stdbctl.transfer import FileFormat, RowWriter, Staging
from tests.sats.test_bsatn_properties import SPACE, typed_values
from tests.support.described import edges
from tests.transfer.tables import module_of

EVERY_TYPE = Path(__file__).parent.parent / "modules" / "every_type"
FORMATS = pytest.mark.parametrize("format_", list(FileFormat), ids=lambda format_: format_.value)


@pytest.fixture(scope="module")
def every_type() -> ModuleDef:
    loaded = load_package(EVERY_TYPE / "module", EVERY_TYPE)
    assert not isinstance(loaded, tuple), loaded
    return loaded.module


def read_back(module: ModuleDef, table: TableDef, format_: FileFormat, rows: list[tuple[Any, ...]]) -> list[bytes]:
    """What a file with the rows holds, as BSATN."""
    writer = RowWriter(table, module, format_)
    staging = Staging(module)
    staging.open("rows", table.name, format_)
    data = writer.head + writer.lines(rows)
    for start in range(0, len(data), 1000):
        for _ in staging.feed(data[start : start + 1000]):
            pass
    staging.close()
    assert staging.problems == [], data.decode()
    codec = compile_codec(table.row_type, module.typespace)
    return [codec.encode(row) for row in staging.tables[table.name].rows]


def assert_kept(module: ModuleDef, table: TableDef, format_: FileFormat, rows: list[tuple[Any, ...]]) -> None:
    codec = compile_codec(table.row_type, module.typespace)
    assert read_back(module, table, format_, rows) == [codec.encode(row) for row in rows]


@FORMATS
def test_the_edges_of_every_type_are_kept_in_every_place(every_type: ModuleDef, format_: FileFormat) -> None:
    for table in every_type.tables:
        if table.is_event:
            continue
        columns = [edges(column.type, every_type.typespace) for column in table.columns]
        count = max(map(len, columns))
        assert_kept(every_type, table, format_, [tuple(v[i % len(v)] for v in columns) for i in range(count)])


@FORMATS
@settings(max_examples=60, suppress_health_check=list(HealthCheck))  # a busy machine is no failure
@given(typed=typed_values())
def test_any_value_of_any_type_is_kept(format_: FileFormat, typed: tuple[AlgebraicType, Any]) -> None:
    type_, value = typed
    module = module_of({"v": type_, "n": Primitive.U8}, SPACE)
    assert_kept(module, module.tables[0], format_, [(value, 1), (value, 2)])


@FORMATS
def test_a_lone_column_keeps_empty_cells(format_: FileFormat) -> None:
    module = module_of({"text": Primitive.STRING})
    assert_kept(
        module, module.tables[0], format_, [("",), (" ",), ("\r",), ("\r\n",), ('"',), ("a,b\n\n\n",), ("\ufeff",)]
    )


FLOAT_BITS = [
    *(1 << bit for bit in range(64)),
    0x7FF0000000000000,
    0xFFF0000000000000,
    0x7FF8000000000000,
    0xFFF8000000000000,
    0x7FF8000000000001,
    0x7FFFFFFFFFFFFFFF,
    0xFFFFFFFFFFFFFFFF,
]


@FORMATS
def test_floats_keep_every_bit_even_those_of_a_nan(format_: FileFormat) -> None:
    module = module_of({"double": Primitive.F64, "single": Primitive.F32})
    doubles = [struct.unpack("<d", struct.pack("<Q", bits))[0] for bits in FLOAT_BITS]
    singles = [struct.unpack("<f", struct.pack("<I", bits >> 32 | 1 << 22))[0] for bits in FLOAT_BITS]
    assert sum(map(math.isnan, [*doubles, *singles])) > 8
    assert_kept(module, module.tables[0], format_, list(zip(doubles, singles, strict=True)))


@FORMATS
@settings(suppress_health_check=list(HealthCheck))
@given(text=st.text(alphabet=st.sampled_from('"\n\r,{[tn é\0'), max_size=9))
def test_text_is_told_from_what_looks_like_something_else(format_: FileFormat, text: str) -> None:
    module = module_of({"text": Primitive.STRING, "maybe": option(Primitive.STRING)})
    assert_kept(module, module.tables[0], format_, [(text, text), (text, None), ("true", "null"), ("", "")])
