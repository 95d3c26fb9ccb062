"""SpacetimeDB's own test module of the same name, as far as it reaches its clients."""

from stdbctl.sats import (
    CONNECTION_ID,
    IDENTITY,
    SCHEDULE_AT,
    TIMESTAMP,
    UNIT,
    AlgebraicType,
    ArrayType,
    Primitive,
    ProductType,
    Ref,
    Typespace,
    option,
    product,
    sum_type,
)
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

_U32, _STRING = Primitive.U32, Primitive.STRING
_NAMED: dict[str, AlgebraicType] = {
    "Person": product(id=_U32, name=_STRING, age=Primitive.U8),
    "RemoveTable": product(id=_U32),
    "TestA": product(x=_U32, y=_U32, z=_STRING),
    "TestB": product(foo=_STRING),
    "Namespace.TestC": sum_type(Foo=UNIT, Bar=UNIT),
    "TestD": product(test_c=option(Ref(4)), test_c_nested=option(ArrayType(Ref(4)))),
    "TestE": product(id=Primitive.U64, name=_STRING),
    "Baz": product(field=_STRING),
    "Foobar": sum_type(Baz=Ref(7), Bar=UNIT, Har=_U32),
    "TestFoobar": product(field=Ref(8)),
    "Namespace.TestF": sum_type(Foo=UNIT, Bar=UNIT, Baz=_STRING),
    "PrivateTable": product(name=_STRING),
    "Point": product(x=Primitive.I64, y=Primitive.I64),
    "PkMultiIdentity": product(id=_U32, other=_U32),
    "RepeatingTestArg": product(scheduled_id=Primitive.U64, scheduled_at=SCHEDULE_AT, prev_time=TIMESTAMP),
    "NonrepeatingTestArg": product(scheduled_id=Primitive.U64, scheduled_at=SCHEDULE_AT, prev_time=TIMESTAMP),
    "HasSpecialStuff": product(identity=IDENTITY, connection_id=CONNECTION_ID),
    "Player": product(identity=IDENTITY, player_id=Primitive.U64, name=_STRING),
}
_REFS = {name: index for index, name in enumerate(_NAMED)}


def _index(table: str, column: str, *columns: int) -> RawIndexDef:
    return RawIndexDef(
        source_name=f"{table}_{column}_idx_btree",
        accessor_name=column,
        algorithm=IndexAlgorithm.BTREE,
        columns=columns,
    )


def _table(name: str, row: str, **parts: object) -> RawTableDef:
    return RawTableDef(source_name=name, product_type_ref=_REFS[row], **parts)  # type: ignore[arg-type]  # by field


def _player_table(name: str, *, is_public: bool) -> RawTableDef:
    return _table(
        name,
        "Player",
        primary_key=(0,),
        is_public=is_public,
        indexes=(_index(name, "identity", 0), _index(name, "player_id", 1), _index(name, "name", 2)),
        constraints=(RawUniqueDef(columns=(0,)), RawUniqueDef(columns=(1,)), RawUniqueDef(columns=(2,))),
    )


def _reducer(name: str, params: ProductType = UNIT) -> RawReducerDef:
    return RawReducerDef(source_name=name, params=params)


RAW = RawModuleDef(
    typespace=Typespace(tuple(_NAMED.values())),
    types=tuple(
        RawTypeDef(source_name=name.rpartition(".")[2], scope=tuple(name.split(".")[:-1]), type=Ref(index))
        for name, index in _REFS.items()
    ),
    tables=(
        _table(
            "person",
            "Person",
            primary_key=(0,),
            is_public=True,
            indexes=(_index("person", "id", 0), _index("person", "age", 2)),
            constraints=(RawUniqueDef(columns=(0,)),),
        ),
        _table("test_d", "TestD", is_public=True),
        _table("test_f", "TestFoobar", is_public=True),
        _table("private_table", "PrivateTable"),
        _table(
            "repeating_test_arg",
            "RepeatingTestArg",
            primary_key=(0,),
            indexes=(_index("repeating_test_arg", "scheduled_id", 0),),
            constraints=(RawUniqueDef(columns=(0,)),),
        ),
        _player_table("player", is_public=True),
        _player_table("logged_out_player", is_public=True),
    ),
    schedules=(RawScheduleDef(table_name="repeating_test_arg", schedule_at_col=1, function_name="repeating_test"),),
    reducers=(
        RawReducerDef(source_name="init", is_private=True),
        RawReducerDef(
            source_name="repeating_test", params=product(arg=Ref(_REFS["RepeatingTestArg"])), is_private=True
        ),
        _reducer("add", product(name=_STRING, age=Primitive.U8)),
        _reducer("add_player", product(name=_STRING)),
        _reducer("add_private", product(name=_STRING)),
        _reducer("assert_caller_identity_is_module_identity"),
        _reducer("delete_player", product(id=Primitive.U64)),
        _reducer("delete_players_by_name", product(name=_STRING)),
        _reducer("list_over_age", product(age=Primitive.U8)),
        _reducer("log_module_identity"),
        _reducer("query_private"),
        _reducer("say_hello"),
        _reducer(
            "test",
            product(
                arg=Ref(_REFS["TestA"]),
                arg2=Ref(_REFS["TestB"]),
                arg3=Ref(_REFS["Namespace.TestC"]),
                arg4=Ref(_REFS["Namespace.TestF"]),
            ),
        ),
        _reducer("test_btree_index_args"),
    ),
    lifecycle_reducers=(RawLifecycleDef(lifecycle=Lifecycle.INIT, function_name="init"),),
    procedures=(
        RawProcedureDef(source_name="sleep_one_second", params=UNIT, return_type=UNIT),
        RawProcedureDef(source_name="return_value", params=product(foo=Primitive.U64), return_type=Ref(_REFS["Baz"])),
        RawProcedureDef(source_name="with_tx", params=UNIT, return_type=UNIT),
        RawProcedureDef(source_name="get_my_schema_via_http", params=UNIT, return_type=_STRING),
    ),
    views=(
        RawViewDef(
            source_name="my_player",
            index=0,
            is_public=True,
            is_anonymous=False,
            params=UNIT,
            return_type=option(Ref(_REFS["Player"])),
        ),
    ),
)
