"""Types of the module's own that travel as special types do; each still has the class that its declaration asks for."""

from stdbctl.sats import (
    IDENTITY,
    NEVER,
    SCHEDULE_AT,
    UNIT,
    ArrayType,
    Primitive,
    Ref,
    Typespace,
    option,
    product,
    result,
)
from stdbctl.sats import AlgebraicType as Type
from stdbctl.schema import RawModuleDef, RawProcedureDef, RawReducerDef, RawTableDef, RawTypeDef

_TYPES: dict[str, Type] = {
    "Choice": option(UNIT),
    "Maybe": option(Primitive.U8),
    "Deep": option(option(Ref(0))),
    "Outcome": result(Primitive.U8, Ref(1)),
    "Verdict": result(UNIT, UNIT),
    "Whoever": IDENTITY,
    "Whenever": SCHEDULE_AT,
    "Nothing": UNIT,
    "Nobody": NEVER,
}
_ROW = product(
    **{name.lower(): Ref(index) for index, name in enumerate(_TYPES)},
    **{f"maybe_{name.lower()}": option(Ref(index)) for index, name in enumerate(_TYPES)},
    **{f"several_{name.lower()}": ArrayType(Ref(index)) for index, name in enumerate(_TYPES)},
    plain_unit=option(UNIT),
    plain_option=option(option(Primitive.U8)),
)

RAW = RawModuleDef(
    snake_case=False,
    typespace=Typespace((*_TYPES.values(), _ROW)),
    types=tuple(RawTypeDef(source_name=name, type=Ref(index)) for index, name in enumerate((*_TYPES, "Row"))),
    tables=(RawTableDef(source_name="Row", product_type_ref=len(_TYPES), is_public=True),),
    reducers=(RawReducerDef(source_name="put", params=_ROW),),
    procedures=(RawProcedureDef(source_name="give", params=UNIT, return_type=option(Ref(0))),),
)
