"""Every type in every position: columns, fields, payloads, parameters and results; recursion; renamed columns.

Three types have the names of TypeScript's own.
"""

from stdbctl.sats import (
    BYTES,
    CONNECTION_ID,
    IDENTITY,
    NEVER,
    SCHEDULE_AT,
    TIME_DURATION,
    TIMESTAMP,
    UNIT,
    UUID,
    AlgebraicType,
    ArrayType,
    Primitive,
    ProductElement,
    ProductType,
    Ref,
    Typespace,
    option,
    product,
    result,
    sum_type,
)
from stdbctl.schema import RawModuleDef, RawProcedureDef, RawReducerDef, RawTableDef, RawTypeDef

_POINT, _COLOR, _SHAPE, _TREE, _BRANCH, _LEAF, _ROW = map(Ref, range(7))
_EVERY: dict[str, AlgebraicType] = {
    **{f"a_{primitive.name.lower()}": primitive for primitive in Primitive},
    "bytes": BYTES,
    "identity": IDENTITY,
    "connection_id": CONNECTION_ID,
    "timestamp": TIMESTAMP,
    "time_duration": TIME_DURATION,
    "uuid": UUID,
    "schedule_at": SCHEDULE_AT,
    "list_of_strings": ArrayType(Primitive.STRING),
    "list_of_lists": ArrayType(ArrayType(Primitive.I32)),
    "list_of_options": ArrayType(option(Primitive.U8)),
    "maybe": option(Primitive.STRING),
    "maybe_list": option(ArrayType(_POINT)),
    "maybe_maybe": option(option(Primitive.BOOL)),
    "outcome": result(Primitive.U32, Primitive.STRING),
    "named_outcome": result(_POINT, _COLOR),
    "list_of_outcomes": ArrayType(result(Primitive.BOOL, UNIT)),
    "nothing": UNIT,
    "the_unit": UNIT,
    "impossible": NEVER,
    "never_ever": NEVER,
    "point": _POINT,
    "the_color": _COLOR,
    "shape": _SHAPE,
    "tree": _TREE,
    "branch": option(_BRANCH),
    "leaf": _LEAF,
}
_ROW_TYPE = ProductType(tuple(ProductElement(name, type_) for name, type_ in _EVERY.items()))

RAW = RawModuleDef(
    typespace=Typespace(
        (
            product(x=Primitive.F64, y=Primitive.F64),
            sum_type(Red=UNIT, Green=UNIT, LightBlue=UNIT),
            sum_type(Circle=Primitive.F32, Label=Primitive.STRING, Group=ArrayType(Ref(2)), At=_POINT, Nothing=UNIT),
            product(
                value=Primitive.I32,
                children=ArrayType(_TREE),
                parent_color=option(_COLOR),
                outcome=result(option(_TREE), option(_TREE)),
            ),
            product(name=Primitive.STRING, leaf=option(_LEAF)),
            product(branch=option(_BRANCH), at=TIMESTAMP, data=BYTES, key=Primitive.U128, nothing=UNIT),
            _ROW_TYPE,
            product(items=ArrayType(Ref(7)), data=BYTES, id=IDENTITY, more=ArrayType(option(Ref(8)))),
            sum_type(ReturnType=Ref(9)),
            product(x=Primitive.U8),
        )
    ),
    types=tuple(
        RawTypeDef(source_name=name, type=Ref(index))
        for index, name in enumerate(
            (*("Point", "Color", "Shape", "Tree", "Branch", "Leaf", "Everything"), "Array", "Uint8Array", "ReturnType")
        )
    ),
    tables=(RawTableDef(source_name="everything", product_type_ref=6, is_public=True),),
    reducers=(
        RawReducerDef(source_name="take_everything", params=_ROW_TYPE),
        RawReducerDef(source_name="take_even", params=product(same=result(Primitive.U8, Primitive.U8))),
    ),
    procedures=(
        RawProcedureDef(source_name="give_row", params=product(shape=_SHAPE), return_type=_ROW),
        RawProcedureDef(source_name="give_maybe", params=UNIT, return_type=option(_TREE)),
        RawProcedureDef(source_name="give_never", params=UNIT, return_type=NEVER),
        RawProcedureDef(source_name="give_nevers", params=UNIT, return_type=ArrayType(NEVER)),
        RawProcedureDef(source_name="give_outcome", params=UNIT, return_type=result(Primitive.U32, Primitive.STRING)),
    ),
)
