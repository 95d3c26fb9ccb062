"""Migration plans: what changes by itself, what shuts old clients out, what is refused, and how it is told."""

from dataclasses import replace
from typing import Any  # Any: fields of raw definitions by name

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stdbctl.sats import (
    SCHEDULE_AT,
    UNIT,
    AlgebraicType,
    ArrayType,
    Primitive,
    ProductElement,
    ProductType,
    Ref,
    Typespace,
    option,
    product,
    sum_type,
)
from stdbctl.schema import (
    AddColumns,
    AddConstraint,
    AddIndex,
    AddRowLevelSecurity,
    AddSchedule,
    AddSequence,
    AddTable,
    AddView,
    ChangeAccess,
    ChangeColumnAccessorName,
    ChangeColumns,
    ChangeIndexSourceName,
    ChangePrimaryKey,
    ChangeTableAccessorName,
    ColumnChange,
    DisconnectAllUsers,
    IndexAlgorithm,
    MigrationPlan,
    ModuleDef,
    PlanProblem,
    PlanStyle,
    RawIndexDef,
    RawModuleDef,
    RawReducerDef,
    RawScheduleDef,
    RawSequenceDef,
    RawSubmodule,
    RawTableDef,
    RawTypeDef,
    RawUniqueDef,
    RawViewDef,
    RemoveConstraint,
    RemoveIndex,
    RemoveRowLevelSecurity,
    RemoveSchedule,
    RemoveSequence,
    RemoveTable,
    RemoveView,
    ReschemaEventTable,
    Step,
    UpdateView,
    migration_token,
    plan_migration,
    program_hash,
    row_fingerprints,
    schema_fingerprint,
    unreadable_tables,
    validate,
)

ROW = product(id=Primitive.U64, x=Primitive.F32, tag=Primitive.STRING)
JOB = product(id=Primitive.U64, at=SCHEDULE_AT)
SHAPE = sum_type(dot=UNIT, line=Primitive.F32)
BY_TAG = RawIndexDef(source_name="by_tag", accessor_name="tag", algorithm=IndexAlgorithm.BTREE, columns=(2,))
BY_ID = RawIndexDef(source_name="by_id", accessor_name="id", algorithm=IndexAlgorithm.BTREE, columns=(0,))
JOB_BY_ID = replace(BY_ID, source_name="job_by_id")
POINT = RawTableDef(source_name="Point", product_type_ref=0)
JOBS = RawTableDef(
    source_name="Job",
    product_type_ref=1,
    primary_key=(0,),
    indexes=(JOB_BY_ID,),
    constraints=(RawUniqueDef(columns=(0,)),),
)
RUN_JOB = RawReducerDef(source_name="run_job", params=ProductType((ProductElement("job", Ref(1)),)))
MINE = RawViewDef(
    source_name="mine",
    index=0,
    is_public=True,
    is_anonymous=False,
    params=product(),
    return_type=ArrayType(Ref(0)),
)


def module(row: ProductType = ROW, shape: AlgebraicType = SHAPE, **fields: Any) -> ModuleDef:
    """A module over three types: the row of Point, the row of Job, and a shape."""
    point = fields.pop("point", {})
    fields.setdefault("tables", (replace(POINT, **point),))
    raw = RawModuleDef(
        typespace=Typespace((row, JOB, shape)),
        types=tuple(RawTypeDef(source_name=name, type=Ref(i)) for i, name in enumerate(("Point", "Job", "Shape"))),
        **fields,
    )
    found = validate(raw)
    assert isinstance(found, ModuleDef), found
    return found


def columns(**added: AlgebraicType) -> ProductType:
    """The row of Point with further columns."""
    return ProductType((*ROW.elements, *product(**added).elements))


def planned(old: ModuleDef, new: ModuleDef) -> MigrationPlan:
    plan = plan_migration(old, new)
    assert isinstance(plan, MigrationPlan), plan
    return plan


def refused(old: ModuleDef, new: ModuleDef) -> tuple[PlanProblem, ...]:
    problems = plan_migration(old, new)
    assert isinstance(problems, tuple), problems
    return problems


def only_table(definition: ModuleDef) -> Any:
    return definition.tables[0]


PLAIN = module()
JOBS_ONLY = module(tables=(JOBS,), reducers=(RUN_JOB,))
SCHEDULED = module(
    tables=(JOBS,),
    reducers=(RUN_JOB,),
    schedules=(RawScheduleDef(table_name="Job", schedule_at_col=1, function_name="run_job"),),
)
INDEXED = module(point={"indexes": (BY_TAG,)})
UNIQUE = module(point={"indexes": (BY_TAG,), "constraints": (RawUniqueDef(columns=(2,)),)})
COUNTED = module(point={"sequences": (RawSequenceDef(column=0),)})
COUNTED_FROM_9 = module(point={"sequences": (RawSequenceDef(column=0, start=9),)})
HASHED = module(point={"indexes": (replace(BY_TAG, algorithm=IndexAlgorithm.HASH),)})
KEYED = module(
    point={"indexes": (BY_ID,), "constraints": (RawUniqueDef(columns=(0,)),), "primary_key": (0,)},
)
UNKEYED = module(point={"indexes": (BY_ID,), "constraints": (RawUniqueDef(columns=(0,)),)})
PUBLIC = module(point={"is_public": True})
EMPTY = module(tables=())
SHAPED = module(columns(shape=Ref(2)))
MORE_SHAPES = module(columns(shape=Ref(2)), sum_type(dot=UNIT, line=Primitive.F32, circle=Primitive.F32))
VIEWED = module(views=(MINE,))
RULED = module(row_level_security=("SELECT * FROM point",))
LEVELLED = module(columns(level=Primitive.U8), point={"default_values": ((3, b"\x05"),)})
EVENTS = module(point={"is_event": True})

(TAG_INDEX,), (HASH_INDEX,) = only_table(INDEXED).indexes, only_table(HASHED).indexes

CHANGES: dict[str, tuple[ModuleDef, ModuleDef, list[Step]]] = {
    "nothing": (PLAIN, PLAIN, []),
    "add a table": (EMPTY, INDEXED, [AddTable(table="point", definition=only_table(INDEXED))]),
    "remove a table": (
        INDEXED,
        EMPTY,
        [RemoveTable(table="point", definition=only_table(INDEXED)), DisconnectAllUsers()],
    ),
    "add an index": (PLAIN, INDEXED, [AddIndex(table="point", index=TAG_INDEX)]),
    "remove an index": (INDEXED, PLAIN, [RemoveIndex(table="point", index=TAG_INDEX)]),
    "another kind of index": (
        INDEXED,
        HASHED,
        [RemoveIndex(table="point", index=TAG_INDEX), AddIndex(table="point", index=HASH_INDEX)],
    ),
    "another source name of an index": (
        INDEXED,
        module(point={"indexes": (replace(BY_TAG, source_name="tagged"),)}),
        [ChangeIndexSourceName(table="point", index=replace(TAG_INDEX, source_name="tagged"))],
    ),
    "add a unique constraint": (
        INDEXED,
        UNIQUE,
        [AddConstraint(table="point", constraint=only_table(UNIQUE).constraints[0])],
    ),
    "remove a unique constraint": (
        UNIQUE,
        INDEXED,
        [RemoveConstraint(table="point", constraint=only_table(UNIQUE).constraints[0])],
    ),
    "add a sequence": (PLAIN, COUNTED, [AddSequence(table="point", sequence=only_table(COUNTED).sequences[0])]),
    "remove a sequence": (COUNTED, PLAIN, [RemoveSequence(table="point", sequence=only_table(COUNTED).sequences[0])]),
    "change a sequence": (
        COUNTED,
        COUNTED_FROM_9,
        [
            RemoveSequence(table="point", sequence=only_table(COUNTED).sequences[0]),
            AddSequence(table="point", sequence=only_table(COUNTED_FROM_9).sequences[0]),
        ],
    ),
    "make public": (PLAIN, PUBLIC, [ChangeAccess(name="point", is_public=True)]),
    "make private": (PUBLIC, PLAIN, [ChangeAccess(name="point", is_public=False)]),
    "add a primary key": (UNKEYED, KEYED, [ChangePrimaryKey(table="point", old_column=None, new_column=0)]),
    "remove a primary key": (KEYED, UNKEYED, [ChangePrimaryKey(table="point", old_column=0, new_column=None)]),
    "another accessor of a table": (
        PLAIN,
        module(point={"source_name": "point"}),
        [ChangeTableAccessorName(table="point", accessor="point")],
    ),
    "another accessor of a column": (
        PLAIN,
        module(product(id=Primitive.U64, X=Primitive.F32, tag=Primitive.STRING)),
        [ChangeColumnAccessorName(table="point", column="x", accessor="X")],
    ),
    "a union gains a variant": (
        SHAPED,
        MORE_SHAPES,
        [
            ChangeColumns(
                table="point",
                changes=(
                    ColumnChange(
                        column="shape",
                        old_type=SHAPE,
                        new_type=sum_type(dot=UNIT, line=Primitive.F32, circle=Primitive.F32),
                    ),
                ),
            )
        ],
    ),
    "add a column with a default": (
        PLAIN,
        LEVELLED,
        [AddColumns(table="point", columns=only_table(LEVELLED).columns[3:]), DisconnectAllUsers()],
    ),
    "add a schedule": (JOBS_ONLY, SCHEDULED, [AddSchedule(table="job", schedule=only_table(SCHEDULED).schedule)]),
    "remove a schedule": (
        SCHEDULED,
        JOBS_ONLY,
        [RemoveSchedule(table="job", schedule=only_table(SCHEDULED).schedule)],
    ),
    "a new reducer": (PLAIN, module(reducers=(RawReducerDef(source_name="add"),)), []),
    "other parameters of a reducer": (
        module(reducers=(RawReducerDef(source_name="add"),)),
        module(reducers=(RawReducerDef(source_name="add", params=product(a=Primitive.U8)),)),
        [],
    ),
    "add a view": (PLAIN, VIEWED, [AddView(view="mine", definition=VIEWED.views[0])]),
    "remove a view": (
        VIEWED,
        PLAIN,
        [RemoveView(view="mine", definition=VIEWED.views[0]), DisconnectAllUsers()],
    ),
    "the same view": (VIEWED, VIEWED, [UpdateView(view="mine")]),
    "a view for all": (
        VIEWED,
        module(views=(replace(MINE, is_anonymous=True),)),
        [
            RemoveView(view="mine", definition=VIEWED.views[0]),
            AddView(view="mine", definition=replace(VIEWED.views[0], is_anonymous=True)),
            DisconnectAllUsers(),
        ],
    ),
    "a private view": (
        VIEWED,
        module(views=(replace(MINE, is_public=False),)),
        [ChangeAccess(name="mine", is_public=False, is_view=True), UpdateView(view="mine")],
    ),
    "the same rule": (
        RULED,
        RULED,
        [RemoveRowLevelSecurity(sql="SELECT * FROM point"), AddRowLevelSecurity(sql="SELECT * FROM point")],
    ),
    "a rule less": (RULED, PLAIN, [RemoveRowLevelSecurity(sql="SELECT * FROM point"), DisconnectAllUsers()]),
    "another event": (
        EVENTS,
        module(product(id=Primitive.STRING), point={"is_event": True}),
        [ReschemaEventTable(table="point"), DisconnectAllUsers()],
    ),
}


@pytest.mark.parametrize(("old", "new", "steps"), CHANGES.values(), ids=list(CHANGES))
def test_change_gives_exactly_these_steps(old: ModuleDef, new: ModuleDef, steps: list[Step]) -> None:
    plan = planned(old, new)
    assert list(plan.steps) == steps
    assert plan.breaks_clients == (DisconnectAllUsers() in steps)


def table_of(row: ProductType, **point: Any) -> ModuleDef:
    return module(row, point=point)


REFUSALS: dict[str, tuple[ModuleDef, ModuleDef, list[tuple[str, tuple[str, ...]]]]] = {
    "a column without a default": (
        PLAIN,
        table_of(columns(level=Primitive.U8)),
        [("column_needs_default", ("table", "Point", "column", "level"))],
    ),
    "a column in the middle": (
        PLAIN,
        table_of(
            product(id=Primitive.U64, level=Primitive.U8, x=Primitive.F32, tag=Primitive.STRING),
            default_values=((1, b"\x05"),),
        ),
        [("columns_reordered", ("table", "Point"))],
    ),
    "a column less": (
        PLAIN,
        table_of(product(id=Primitive.U64, x=Primitive.F32)),
        [("column_removed", ("table", "Point", "column", "tag"))],
    ),
    "columns in another order": (
        PLAIN,
        table_of(product(x=Primitive.F32, id=Primitive.U64, tag=Primitive.STRING)),
        [("columns_reordered", ("table", "Point"))],
    ),
    "another type of a column": (
        PLAIN,
        table_of(product(id=Primitive.U64, x=Primitive.F64, tag=Primitive.STRING)),
        [("column_type_changed", ("table", "Point", "column", "x"))],
    ),
    "a union with fewer variants": (
        MORE_SHAPES,
        SHAPED,
        [("column_type_changed", ("table", "Point", "column", "shape"))],
    ),
    "a union with a renamed variant": (
        SHAPED,
        module(columns(shape=Ref(2)), sum_type(dot=UNIT, rect=Primitive.F32)),
        [("column_type_changed", ("table", "Point", "column", "shape"))],
    ),
    "a union that outgrows its place": (
        SHAPED,
        module(columns(shape=Ref(2)), sum_type(dot=UNIT, line=Primitive.F32, big=Primitive.U64)),
        [("column_type_changed", ("table", "Point", "column", "shape"))] * 2,
    ),
    "a record with a field more, inside": (
        module(columns(shapes=ArrayType(Ref(2))), product(a=Primitive.U8)),
        module(columns(shapes=ArrayType(Ref(2))), product(a=Primitive.U8, b=Primitive.U8)),
        [("column_type_changed", ("table", "Point", "column", "shapes"))],
    ),
    "another set of unique columns": (
        module(
            product(a=Primitive.U8, b=Primitive.U8, a_b=Primitive.U8),
            point={
                "indexes": (replace(BY_TAG, columns=(0, 1)),),
                "constraints": (RawUniqueDef(columns=(0, 1)),),
            },
        ),
        module(
            product(a=Primitive.U8, b=Primitive.U8, a_b=Primitive.U8),
            point={"indexes": (replace(BY_TAG, columns=(2,)),), "constraints": (RawUniqueDef(columns=(2,)),)},
        ),
        [("unique_constraint_changed", ("table", "Point", "constraint", "point_a_b_key"))],
    ),
    "a system table": (PLAIN, table_of(ROW, is_system=True), [("table_type_changed", ("table", "Point"))]),
    "an event table": (PLAIN, EVENTS, [("event_flag_changed", ("table", "Point"))]),
    "another index accessor": (
        INDEXED,
        table_of(ROW, indexes=(replace(BY_TAG, accessor_name="label"),)),
        [("index_accessor_changed", ("table", "Point", "index", "by_tag"))],
    ),
}


@pytest.mark.parametrize(("old", "new", "expected"), REFUSALS.values(), ids=list(REFUSALS))
def test_change_is_refused_with_its_reason(
    old: ModuleDef, new: ModuleDef, expected: list[tuple[str, tuple[str, ...]]]
) -> None:
    problems = refused(old, new)
    assert [(p.code.removeprefix("plan."), p.subject) for p in problems] == expected
    for problem in problems:
        assert "requires a" in problem.what
        assert problem.fix


def test_every_refusal_has_a_case_here() -> None:
    cases = {f"plan.{code}" for _, _, expected in REFUSALS.values() for code, _ in expected}
    elsewhere = {"unknown_rename", "rename_clash", "migration_does_not_fit", "two_migrations_fit"}  # tests/migrations
    codes = {rule.code.removeprefix("plan.") for rule in PlanProblem.__subclasses__()}
    assert codes - elsewhere == {code.removeprefix("plan.") for code in cases}


def test_all_refusals_come_at_once() -> None:
    new = table_of(product(x=Primitive.STRING, level=Primitive.U8), is_system=True)
    assert [p.code for p in refused(PLAIN, new)] == [
        "plan.table_type_changed",
        "plan.column_removed",
        "plan.column_removed",
        "plan.columns_reordered",
        "plan.column_needs_default",
        "plan.column_type_changed",
    ]


def test_recursive_types_are_compared_to_the_end() -> None:
    tree = sum_type(leaf=Primitive.U8, node=ArrayType(Ref(2)))
    old = module(columns(shape=Ref(2)), tree)
    assert planned(old, module(columns(shape=Ref(2)), tree)).steps == ()
    wider = sum_type(leaf=Primitive.U8, node=ArrayType(Ref(2)), twig=Primitive.U8)
    assert [type(s) for s in planned(old, module(columns(shape=Ref(2)), wider)).steps] == [ChangeColumns]
    other = sum_type(leaf=Primitive.U16, node=ArrayType(Ref(2)))
    assert {p.code for p in refused(old, module(columns(shape=Ref(2)), other))} == {"plan.column_type_changed"}


def test_a_type_that_moved_in_the_typespace_is_the_same_type() -> None:
    tree = sum_type(leaf=Primitive.U8, node=ArrayType(Ref(2)))
    old = module(columns(shape=Ref(2)), tree)
    moved = validate(
        RawModuleDef(
            typespace=Typespace((sum_type(leaf=Primitive.U8, node=ArrayType(Ref(0))), columns(shape=Ref(0)))),
            types=(RawTypeDef(source_name="Shape", type=Ref(0)), RawTypeDef(source_name="Point", type=Ref(1))),
            tables=(replace(POINT, product_type_ref=1),),
        )
    )
    assert isinstance(moved, ModuleDef)
    assert planned(old, moved).steps == ()
    assert row_fingerprints(old) == row_fingerprints(moved)


def test_submodules_are_migrated_under_their_dotted_names() -> None:
    def mounted(**point: Any) -> ModuleDef:
        lib = RawModuleDef(
            typespace=Typespace((ROW,)),
            types=(RawTypeDef(source_name="Point", type=Ref(0)),),
            tables=(replace(POINT, **point),),
        )
        return module(submodules=(RawSubmodule(namespace="lib", module=lib),))

    assert planned(mounted(), mounted(is_public=True)).steps == (ChangeAccess(name="lib.point", is_public=True),)
    assert planned(PLAIN, mounted()).steps == (AddTable(table="lib.point", definition=only_table(PLAIN)),)
    assert [p.subject for p in refused(mounted(), mounted(is_event=True))] == [("submodule", "lib", "table", "Point")]
    assert "▸ Created user table: lib.point (private)\n" in planned(PLAIN, mounted()).text()


OLD = module(
    columns(shape=Ref(2)),
    tables=(replace(POINT, indexes=(BY_TAG,), constraints=(RawUniqueDef(columns=(2,)),)), JOBS),
    reducers=(RUN_JOB,),
    schedules=(RawScheduleDef(table_name="Job", schedule_at_col=1, function_name="run_job"),),
    views=(MINE,),
    row_level_security=("SELECT * FROM point",),
)
NEW = module(
    columns(shape=Ref(2), level=Primitive.U8, name=Primitive.STRING),
    sum_type(dot=UNIT, line=Primitive.F32, circle=Primitive.F32),
    tables=(
        replace(
            POINT,
            source_name="POINT",
            indexes=(BY_ID,),
            sequences=(RawSequenceDef(column=0),),
            is_public=True,
            default_values=((4, b"\x05"), (5, b"\x02\0\0\0hi")),
        ),
    ),
    views=(replace(MINE, is_anonymous=True),),
)
EXPECTED_TEXT = """\
━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━
Database Migration Plan
━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━

▸ Removed index point_tag_idx_btree on [tag] of table point
▸ Removed unique constraint point_tag_key on [tag] of table point
▸ ▸ Removed view: mine
    Columns:
        • id: U64
        • x: F32
        • tag: String
        • shape: (dot: () | line: F32)

▸ Removed row level security policy:
    `SELECT * FROM point`
▸ Removed table: job

▸ Created columns in table point
    + level: U8 (default: U8(
    5,
))
    + name: String (default: String(
    "hi",
))
▸ Changed table accessor name for point
▸ Created index point_id_idx_btree on [id] of table point
▸ Created auto-increment constraint point_id_seq on column id of table point
▸ ▸ Created anonymous view: mine
    Columns:
        • id: U64
        • x: F32
        • tag: String
        • shape: (dot: () | line: F32 | circle: F32)
        • level: U8
        • name: String

▸ Changed access for table point (private → public)
!!! Warning: All clients will be disconnected due to breaking schema changes
"""


def test_plan_reads_as_spacetimedb_shows_it() -> None:
    assert planned(OLD, NEW).text() == EXPECTED_TEXT


def test_new_table_is_shown_with_all_that_belongs_to_it() -> None:
    text = planned(EMPTY, SCHEDULED).text(PlanStyle.NO_COLOR)
    assert text.split("\n\n", 1)[1] == (
        "▸ Created user table: job (private)\n"
        "    Columns:\n"
        "        • id: U64\n"
        "        • at: (Interval: (__time_duration_micros__: I64) | "
        "Time: (__timestamp_micros_since_unix_epoch__: I64))\n"
        "    Unique constraints:\n"
        "        • job_id_key on [id]\n"
        "    Indexes:\n"
        "        • job_id_idx_btree on [id]\n"
        "    Schedule:\n"
        "        • Calls reducer: run_job\n"
        "\n"
    )


def test_colors_are_those_of_spacetimedb() -> None:
    text = planned(OLD, NEW).text(PlanStyle.ANSI_COLOR)
    assert "\x1b[0m\x1b[1m\x1b[34mDatabase Migration Plan\x1b[0m\n" in text
    assert "▸ \x1b[0m\x1b[1m\x1b[31mRemoved\x1b[0m table: \x1b[0m\x1b[1m\x1b[36mjob\x1b[0m\n" in text
    assert "    + level: \x1b[0m\x1b[35mU8\x1b[0m (default: U8(\n    5,\n))\n" in text
    assert " (\x1b[0m\x1b[32mprivate → public\x1b[0m)\n" in text
    assert "\n\x1b[0m\x1b[1m\x1b[41m!!! Warning: All clients" in text
    assert text.endswith("\x1b[0m\n")


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("add a primary key", "▸ Changed primary key on table point (added on column 0)\n"),
        ("remove a primary key", "▸ Changed primary key on table point (removed)\n"),
        ("another accessor of a column", "▸ Changed column accessor name for point.x\n"),
        ("another source name of an index", "▸ Changed index point_tag_idx_btree on [tag] of table point\n"),
        ("add a schedule", "▸ Created schedule for table job calling reducer run_job\n"),
        ("remove a schedule", "▸ Removed schedule for table job calling reducer run_job\n"),
        ("another event", "▸ Changed schema of event table point\n"),
        ("a private view", "▸ Changed access for view mine (public → private)\n"),
        (
            "a union gains a variant",
            "▸ Changed columns for table point\n"
            "    ~ Modified: shape ((dot: () | line: F32) → (dot: () | line: F32 | circle: F32))\n",
        ),
    ],
)
def test_step_reads_as(name: str, line: str) -> None:
    old, new, _ = CHANGES[name]
    assert planned(old, new).text().split("\n\n", 1)[1].startswith(line)


@pytest.mark.parametrize("name", ["nothing", "the same view", "the same rule"])
def test_what_does_not_show_leaves_only_the_header(name: str) -> None:
    old, new, _ = CHANGES[name]
    assert planned(old, new).text() == planned(PLAIN, PLAIN).text()
    assert len(planned(PLAIN, PLAIN).text().splitlines()) == 4


@pytest.mark.parametrize(
    ("type_", "default", "shown"),
    [
        (Primitive.BOOL, b"\x01", "Bool(\n    true,\n)"),
        (Primitive.I128, bytes(16), "I128(\n    Packed(\n        0,\n    ),\n)"),
        (ArrayType(Primitive.U8), b"\x00\0\0\0", "Array(\n    [],\n)"),
        (ArrayType(Primitive.U8), b"\x01\0\0\0\x07", "Array(\n    [\n        7,\n    ],\n)"),
        (
            Ref(2),
            b"\x00",
            "Sum(\n    SumValue {\n        tag: 0,\n        value: Product(\n            ProductValue {\n"
            "                elements: [],\n            },\n        ),\n    },\n)",
        ),
        (
            option(Primitive.U8),
            b"\x00\x03",
            "Sum(\n    SumValue {\n        tag: 0,\n        value: U8(\n            3,\n        ),\n    },\n)",
        ),
    ],
)
def test_default_of_a_new_column_is_shown_as_rust_prints_it(type_: AlgebraicType, default: bytes, shown: str) -> None:
    new = module(columns(extra=type_), point={"default_values": ((3, default),)})
    assert f"(default: {shown})\n" in planned(PLAIN, new).text()


VERSIONS = st.sampled_from([new for _, new, _ in CHANGES.values()])


@given(VERSIONS, VERSIONS)
def test_between_any_two_versions_there_is_a_plan_or_a_reason(old: ModuleDef, new: ModuleDef) -> None:
    result = plan_migration(old, new)
    if isinstance(result, MigrationPlan):
        assert result.text().endswith("\n")
        assert result == plan_migration(old, new)
    else:
        assert result


def test_program_hash_is_keccak_of_before_nist() -> None:
    assert program_hash(b"") == "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"


def test_token_is_the_hash_of_identity_and_both_programs_in_hex() -> None:
    parts = ("c2" * 32, "0" * 64, "1" * 64)
    assert migration_token(*parts) == program_hash("".join(parts).encode())
    assert migration_token(*parts) != migration_token(parts[0], parts[2], parts[1])


def test_fingerprint_follows_what_bindings_are_made_from_and_nothing_else() -> None:
    documented = validate(RawModuleDef(docs={"module": "Hello."}))
    assert isinstance(documented, ModuleDef)
    bare = validate(RawModuleDef())
    assert isinstance(bare, ModuleDef)
    assert schema_fingerprint(documented) == schema_fingerprint(bare)
    prints = {schema_fingerprint(new) for _, new, _ in CHANGES.values()}
    distinct = {repr(replace(new, docs={})) for _, new, _ in CHANGES.values()}
    assert len(prints) == len(distinct)


def test_tables_that_old_bindings_cannot_read_are_named() -> None:
    assert unreadable_tables(PLAIN, INDEXED) == ()
    assert unreadable_tables(SHAPED, MORE_SHAPES) == ("point",)
    assert unreadable_tables(VIEWED, EMPTY) == ("mine", "point")
    assert unreadable_tables(EMPTY, PLAIN) == ()
