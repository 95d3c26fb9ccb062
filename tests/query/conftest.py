"""A module to query: `person` with a column of every comparable type, `secret` private, `shout` an event table."""

import pytest

from stdbctl.sats import (
    BYTES,
    CONNECTION_ID,
    IDENTITY,
    TIMESTAMP,
    UUID,
    AlgebraicType,
    ArrayType,
    Identity,
    Primitive,
    Ref,
    Typespace,
    option,
    product,
)
from stdbctl.schema import ColumnDef, ModuleDef, TableDef

PERSON: dict[str, AlgebraicType] = {
    "id": Primitive.U32,
    "big": Primitive.I128,
    "full_name": Primitive.STRING,
    "score": Primitive.F64,
    "small": Primitive.F32,
    "ok": Primitive.BOOL,
    "who": IDENTITY,
    "link": CONNECTION_ID,
    "at": TIMESTAMP,
    "tag": UUID,
    "data": BYTES,
    "maybe": option(Primitive.U8),
    "marks": ArrayType(Primitive.STRING),
    "spot": Ref(1),
}
MEMBER: dict[str, AlgebraicType] = {"id": Primitive.U32, "who": IDENTITY}
ACCESSORS = {"full_name": "fullName"}


def columns(types: dict[str, AlgebraicType]) -> tuple[ColumnDef, ...]:
    return tuple(ColumnDef(name=name, accessor=ACCESSORS.get(name, name), type=type_) for name, type_ in types.items())


@pytest.fixture(scope="session")
def module() -> ModuleDef:
    return ModuleDef(
        typespace=Typespace((product(**PERSON), product(x=Primitive.U8), product(**MEMBER))),
        tables=(
            TableDef(name="person", accessor="Person", row_type=Ref(0), columns=columns(PERSON), is_public=True),
            TableDef(name="member", accessor="Member", row_type=Ref(2), columns=columns(MEMBER), is_public=True),
            TableDef(name="secret", accessor="Secret", row_type=Ref(2), columns=columns(MEMBER)),
            TableDef(
                name="shout",
                accessor="Shout",
                row_type=Ref(2),
                columns=columns(MEMBER),
                is_public=True,
                is_event=True,
            ),
        ),
    )


@pytest.fixture
def caller() -> Identity:
    return Identity.from_int(0xC200)
