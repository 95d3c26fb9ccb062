"""Private tables, views, reducers and procedures, lifecycle reducers and a schedule, all asked for."""

from stdbctl.codegen import GenerateOptions
from stdbctl.sats import SCHEDULE_AT, UNIT, ArrayType, Primitive, Ref, Typespace, product
from stdbctl.schema import (
    IndexAlgorithm,
    Lifecycle,
    RawIndexDef,
    RawLifecycleDef,
    RawModuleDef,
    RawProcedureDef,
    RawReducerDef,
    RawScheduleDef,
    RawTableDef,
    RawTypeDef,
    RawUniqueDef,
    RawViewDef,
)

OPTIONS = GenerateOptions(include_private=True)
RAW = RawModuleDef(
    typespace=Typespace(
        (product(id=Primitive.U64, at=SCHEDULE_AT, text=Primitive.STRING), product(text=Primitive.STRING))
    ),
    types=(RawTypeDef(source_name="Reminder", type=Ref(0)), RawTypeDef(source_name="Note", type=Ref(1))),
    tables=(
        RawTableDef(
            source_name="reminder",
            product_type_ref=0,
            primary_key=(0,),
            indexes=(
                RawIndexDef(
                    source_name="reminder_id", accessor_name="id", algorithm=IndexAlgorithm.BTREE, columns=(0,)
                ),
            ),
            constraints=(RawUniqueDef(columns=(0,)),),
        ),
        RawTableDef(source_name="note", product_type_ref=1, is_public=True),
    ),
    reducers=(
        RawReducerDef(source_name="setup", is_private=True),
        RawReducerDef(source_name="hello", is_private=True),
        RawReducerDef(source_name="goodbye", is_private=True),
        RawReducerDef(source_name="remind", params=product(reminder=Ref(0)), is_private=True),
        RawReducerDef(source_name="write", params=product(text=Primitive.STRING)),
    ),
    lifecycle_reducers=(
        RawLifecycleDef(lifecycle=Lifecycle.INIT, function_name="setup"),
        RawLifecycleDef(lifecycle=Lifecycle.ON_CONNECT, function_name="hello"),
        RawLifecycleDef(lifecycle=Lifecycle.ON_DISCONNECT, function_name="goodbye"),
    ),
    schedules=(RawScheduleDef(table_name="reminder", schedule_at_col=1, function_name="remind"),),
    procedures=(RawProcedureDef(source_name="secret", params=UNIT, return_type=Primitive.U8, is_private=True),),
    views=(
        RawViewDef(
            source_name="notes", index=0, is_public=True, is_anonymous=True, params=UNIT, return_type=ArrayType(Ref(1))
        ),
    ),
)
