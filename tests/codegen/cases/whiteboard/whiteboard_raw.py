"""The module of the tutorial: one table, two reducers, docstrings everywhere."""

from stdbctl.sats import IDENTITY, TIMESTAMP, Primitive, Ref, Typespace, product
from stdbctl.schema import (
    IndexAlgorithm,
    RawIndexDef,
    RawModuleDef,
    RawReducerDef,
    RawSequenceDef,
    RawTableDef,
    RawTypeDef,
    RawUniqueDef,
)

_POINT = product(
    id=Primitive.U64, x=Primitive.F32, y=Primitive.F32, color=Primitive.STRING, user_id=IDENTITY, timestamp=TIMESTAMP
)

RAW = RawModuleDef(
    typespace=Typespace((_POINT,)),
    types=(RawTypeDef(source_name="Point", type=Ref(0)),),
    tables=(
        RawTableDef(
            source_name="point",
            product_type_ref=0,
            primary_key=(0,),
            is_public=True,
            indexes=(
                RawIndexDef(
                    source_name="point_id_idx_btree", accessor_name="id", algorithm=IndexAlgorithm.BTREE, columns=(0,)
                ),
                RawIndexDef(
                    source_name="point_user_id_idx_btree",
                    accessor_name="user_id",
                    algorithm=IndexAlgorithm.BTREE,
                    columns=(4,),
                ),
            ),
            constraints=(RawUniqueDef(columns=(0,)),),
            sequences=(RawSequenceDef(column=0),),
        ),
    ),
    reducers=(
        RawReducerDef(
            source_name="add_point", params=product(x=Primitive.F32, y=Primitive.F32, color=Primitive.STRING)
        ),
        RawReducerDef(source_name="clear_my_points"),
    ),
    docs={
        "module": "A shared whiteboard: everyone connected sees each point as it is drawn.",
        "table.point": "One dot.\n\nDots are never moved: */ // @ts-ignore",
        "table.point.color": "As #RRGGBB.",
        "reducer.add_point": "Draw one point in the caller's name.",
        "reducer.add_point.color": "@ts-expect-error is no directive here",
        "reducer.clear_my_points": "Erase every point that the caller drew.",
    },
)
