"""What a validated definition is called: canonical names of everything, from source names."""

from dataclasses import replace

from stdbctl.sats import (
    SCHEDULE_AT,
    UNIT,
    ArrayType,
    Primitive,
    ProductElement,
    ProductType,
    Ref,
    SumType,
    SumVariant,
    Typespace,
    option,
    product,
    sum_type,
)
from stdbctl.schema import (
    ExplicitName,
    IndexAlgorithm,
    Lifecycle,
    ModuleDef,
    NameKind,
    RawHttpRouteDef,
    RawIndexDef,
    RawLifecycleDef,
    RawModuleDef,
    RawProcedureDef,
    RawReducerDef,
    RawScheduleDef,
    RawSequenceDef,
    RawSubmodule,
    RawTableDef,
    RawTypeDef,
    RawUniqueDef,
    RawViewDef,
    RawViewPrimaryKey,
    validate,
)

BOARD = RawModuleDef(
    typespace=Typespace(
        (
            product(id=Primitive.U64, userID=Primitive.STRING, color=Ref(1), runAt=SCHEDULE_AT),
            sum_type(BrightRed=UNIT, dark_blue=UNIT),
            product(innerPart=option(Primitive.U8), other=ArrayType(Ref(0))),
        )
    ),
    types=(
        RawTypeDef(source_name="drawn_point", type=Ref(0)),
        RawTypeDef(source_name="Color", type=Ref(1), scope=("my_scope",)),
        RawTypeDef(source_name="HTTPPart", type=Ref(2)),
    ),
    tables=(
        RawTableDef(
            source_name="DrawnPoint",
            product_type_ref=0,
            primary_key=(0,),
            indexes=(
                RawIndexDef(source_name="by_id", accessor_name="id", algorithm=IndexAlgorithm.BTREE, columns=(0,)),
                RawIndexDef(
                    source_name="byUser", accessor_name="byUser", algorithm=IndexAlgorithm.HASH, columns=(1, 0)
                ),
                RawIndexDef(source_name="color", accessor_name=None, algorithm=IndexAlgorithm.DIRECT, columns=(2,)),
            ),
            constraints=(RawUniqueDef(columns=(0,), source_name="ignored"), RawUniqueDef(columns=(1, 0))),
            sequences=(RawSequenceDef(column=0),),
            is_public=True,
            default_values=((1, b"\x02\0\0\0hi"),),
        ),
    ),
    reducers=(
        RawReducerDef(source_name="addPoint", params=product(xPos=Primitive.F32)),
        RawReducerDef(source_name="tick", params=ProductType((ProductElement("row", Ref(0)),))),
        RawReducerDef(source_name="onStart"),
    ),
    procedures=(RawProcedureDef(source_name="fetchAll", params=product(), return_type=ArrayType(Ref(2))),),
    views=(
        RawViewDef(
            source_name="myPoints",
            index=0,
            is_public=True,
            is_anonymous=False,
            params=product(),
            return_type=ArrayType(Ref(0)),
        ),
        RawViewDef(
            source_name="queried",
            index=1,
            is_public=True,
            is_anonymous=False,
            params=product(),
            return_type=product(__query__=Ref(0)),
        ),
    ),
    schedules=(RawScheduleDef(table_name="DrawnPoint", schedule_at_col=3, function_name="tick"),),
    lifecycle_reducers=(RawLifecycleDef(lifecycle=Lifecycle.INIT, function_name="onStart"),),
    http_handlers=("webHook",),
    http_routes=(RawHttpRouteDef(handler_function="webHook", method="POST", path="/hook"),),
    view_primary_keys=(RawViewPrimaryKey(view_source_name="myPoints", columns=("userID",)),),
    submodules=(RawSubmodule(namespace="lib", module=RawModuleDef(reducers=(RawReducerDef(source_name="doIt"),))),),
    docs={
        "module": "A board.",
        "table.DrawnPoint": "Points.",
        "table.DrawnPoint.userID": "Who.",
        "type.Color.BrightRed": "Red.",
        "type.HTTPPart.innerPart": "Part.",
        "reducer.addPoint": "Add.",
        "reducer.addPoint.xPos": "Where.",
    },
)


def validated(raw: RawModuleDef) -> ModuleDef:
    module = validate(raw)
    assert isinstance(module, ModuleDef), module
    return module


def test_tables_columns_and_keys_get_snake_case_and_generated_names() -> None:
    (table,) = validated(BOARD).tables
    assert (table.name, table.accessor, table.row_type) == ("drawn_point", "DrawnPoint", Ref(0))
    assert [(c.name, c.accessor) for c in table.columns] == [
        ("id", "id"),
        ("user_id", "userID"),
        ("color", "color"),
        ("run_at", "runAt"),
    ]
    assert table.columns[2].type == Ref(1)
    assert table.columns[1].default == b"\x02\0\0\0hi"
    assert [(i.name, i.source_name, i.accessor, i.columns) for i in table.indexes] == [
        ("drawn_point_id_idx_btree", "by_id", "id", (0,)),
        ("drawn_point_user_id_id_idx_hash", "byUser", "byUser", (1, 0)),
        ("drawn_point_color_idx_direct", "color", None, (2,)),
    ]
    assert [(c.name, c.columns) for c in table.constraints] == [
        ("drawn_point_id_key", (0,)),
        ("drawn_point_user_id_id_key", (0, 1)),
    ]
    assert [s.name for s in table.sequences] == ["drawn_point_id_seq"]
    assert table.schedule is not None
    assert (table.schedule.name, table.schedule.column, table.schedule.function) == ("drawn_point_sched", 3, "tick")
    assert (table.primary_key, table.is_public, table.is_event) == (0, True, False)


def test_types_get_pascal_case_and_their_elements_field_and_variant_names() -> None:
    module = validated(BOARD)
    assert [(t.name, t.accessor, t.scope) for t in module.types] == [
        ("DrawnPoint", "drawn_point", ()),
        ("Color", "Color", ("MyScope",)),
        ("HttpPart", "HTTPPart", ()),
    ]
    assert module.typespace.types[1] == SumType((SumVariant("brightRed", UNIT), SumVariant("darkBlue", UNIT)))
    assert module.typespace.types[2] == product(inner_part=option(Primitive.U8), other=ArrayType(Ref(0)))


def test_functions_get_snake_case_and_keep_raw_parameter_names_beside() -> None:
    module = validated(BOARD)
    assert [(r.name, r.accessor, r.is_private, r.lifecycle) for r in module.reducers] == [
        ("add_point", "addPoint", False, None),
        ("tick", "tick", True, None),
        ("on_start", "onStart", True, Lifecycle.INIT),
    ]
    (param,) = module.reducers[0].params
    assert (param.name, param.accessor) == ("x_pos", "xPos")
    assert [p.name for p in module.procedures] == ["fetch_all"]
    assert [(v.name, v.primary_key, v.row_type) for v in module.views] == [
        ("my_points", 1, Ref(0)),
        ("queried", 0, Ref(0)),
    ]
    assert [(h.name, h.accessor) for h in module.http_handlers] == [("web_hook", "webHook")]
    assert [(r.handler, r.method, r.path) for r in module.http_routes] == [("web_hook", "POST", "/hook")]
    assert [(s.namespace, s.module.reducers[0].name) for s in module.submodules] == [("lib", "do_it")]


def test_docs_move_to_canonical_names() -> None:
    assert dict(validated(BOARD).docs) == {
        "module": "A board.",
        "table.drawn_point": "Points.",
        "table.drawn_point.user_id": "Who.",
        "type.Color.brightRed": "Red.",
        "type.HttpPart.inner_part": "Part.",
        "reducer.add_point": "Add.",
        "reducer.add_point.x_pos": "Where.",
    }


def test_explicit_names_replace_those_of_tables_functions_and_indexes_letter_for_letter() -> None:
    explicit = (
        ExplicitName(kind=NameKind.TABLE, source_name="DrawnPoint", canonical_name="POINTS"),
        ExplicitName(kind=NameKind.FUNCTION, source_name="tick", canonical_name="TickTock"),
        ExplicitName(kind=NameKind.INDEX, source_name="byUser", canonical_name="MyIndex"),
    )
    module = validated(replace(BOARD, explicit_names=explicit))
    (table,) = module.tables
    assert table.name == "POINTS"
    assert [i.name for i in table.indexes] == ["POINTS_id_idx_btree", "MyIndex", "POINTS_color_idx_direct"]
    assert table.schedule is not None
    assert (table.schedule.name, table.schedule.function) == ("POINTS_sched", "TickTock")


def test_without_conversion_every_name_stays_as_written() -> None:
    module = validated(replace(BOARD, snake_case=False))
    (table,) = module.tables
    assert (table.name, table.columns[1].name) == ("DrawnPoint", "userID")
    assert table.indexes[0].name == "DrawnPoint_id_idx_btree"
    assert [t.name for t in module.types] == ["drawn_point", "Color", "HTTPPart"]
    assert module.reducers[0].name == "addPoint"


def test_a_table_is_found_by_canonical_name_and_by_accessor() -> None:
    module = validated(BOARD)
    assert module.table("drawn_point") is module.table("DrawnPoint") is module.tables[0]
    assert module.table("nothing") is None


def test_names_of_fields_and_variants_that_conversion_changed_are_remembered_as_written() -> None:
    changed = {(0, 1): "userID", (0, 3): "runAt", (1, 0): "BrightRed", (1, 1): "dark_blue", (2, 0): "innerPart"}
    assert validated(BOARD).element_names == changed
    assert validated(replace(BOARD, snake_case=False)).element_names == {}
