"""Every rule of a definition: what breaks it is reported, at its subject, with all else that is wrong."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any  # Any: fields of RawModuleDef by name

import pytest

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
    result,
    sum_type,
)
from stdbctl.schema import (
    DefProblem,
    ExplicitName,
    IndexAlgorithm,
    Lifecycle,
    ModuleDef,
    NameKind,
    PlanProblem,
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
    subject_text,
    validate,
)

POINT = product(id=Primitive.U64, x=Primitive.F32, tag=Primitive.STRING, at=SCHEDULE_AT)
BY_ID = RawIndexDef(source_name="by_id", accessor_name="id", algorithm=IndexAlgorithm.BTREE, columns=(0,))
TABLE = RawTableDef(
    source_name="Point",
    product_type_ref=0,
    primary_key=(0,),
    indexes=(BY_ID,),
    constraints=(RawUniqueDef(columns=(0,)),),
)
TICK = RawReducerDef(source_name="tick", params=ProductType((ProductElement("row", Ref(0)),)))
BOARD = RawModuleDef(
    typespace=Typespace((POINT,)),
    types=(RawTypeDef(source_name="Point", type=Ref(0)),),
    tables=(TABLE,),
    reducers=(TICK, RawReducerDef(source_name="add")),
)
ROWS = ArrayType(Ref(0))
TABLE_SUBJECT = ("table", "Point")


def board(**changes: Any) -> RawModuleDef:
    """A good module with other fields."""
    return replace(BOARD, **changes)


def with_table(**changes: Any) -> RawModuleDef:
    """A good module whose table is changed."""
    return board(tables=(replace(TABLE, **changes),))


def with_row(*elements: ProductElement, **changes: Any) -> RawModuleDef:
    """A good module whose table has further columns."""
    return board(typespace=Typespace((ProductType((*POINT.elements, *elements)),)), **changes)


def with_types(*types: Any, **changes: Any) -> RawModuleDef:
    """A good module with further types, named T1, T2, …."""
    named = tuple(RawTypeDef(source_name=f"T{i}", type=Ref(i)) for i in range(1, len(types) + 1))
    return board(typespace=Typespace((POINT, *types)), types=(*BOARD.types, *named), **changes)


def index(algorithm: IndexAlgorithm, *columns: int) -> RawIndexDef:
    return RawIndexDef(source_name="extra", accessor_name=None, algorithm=algorithm, columns=columns)


def view(return_type: Any = ROWS, name: str = "mine") -> RawViewDef:
    return RawViewDef(
        source_name=name, index=0, is_public=True, is_anonymous=False, params=product(), return_type=return_type
    )


def schedule(**changes: Any) -> RawScheduleDef:
    return replace(RawScheduleDef(table_name="Point", schedule_at_col=3, function_name="tick"), **changes)


def route(path: str, method: str | None = "GET", handler: str = "hook") -> RawHttpRouteDef:
    return RawHttpRouteDef(handler_function=handler, method=method, path=path)


def explicit(kind: NameKind, source: str, canonical: str) -> ExplicitName:
    return ExplicitName(kind=kind, source_name=source, canonical_name=canonical)


def reducer(name: str, **params: Any) -> RawReducerDef:
    return RawReducerDef(source_name=name, params=product(**params))


def column(name: str | None, type_: Any = Primitive.U8) -> ProductElement:
    return ProductElement(name, type_)


INLINE = product(a=Primitive.U8)
RULES: dict[str, tuple[RawModuleDef, str, tuple[str, ...]]] = {
    "a table name that is no identifier": (with_table(source_name="my table"), "bad_name", ("table", "my table")),
    "a column that begins with a digit": (
        with_row(column("3d")),
        "bad_name",
        (*TABLE_SUBJECT, "column", "3d"),
    ),
    "an empty reducer name": (board(reducers=(TICK, reducer(""))), "bad_name", ("reducer", "")),
    "a name that is not NFC": (
        board(reducers=(TICK, reducer("e\u0301"))),
        "bad_name",
        ("reducer", "e\u0301"),
    ),
    "a name that vanishes when converted": (
        board(reducers=(TICK, reducer("_"))),
        "bad_canonical_name",
        ("reducer", "_"),
    ),
    "an explicit name that is no identifier": (
        board(explicit_names=(explicit(NameKind.TABLE, "Point", "no way"),)),
        "bad_canonical_name",
        TABLE_SUBJECT,
    ),
    "an index accessor that is no identifier": (
        with_table(indexes=(replace(BY_ID, accessor_name="by id"),)),
        "bad_name",
        (*TABLE_SUBJECT, "index", "by_id"),
    ),
    "a parameter that vanishes when converted": (
        board(reducers=(TICK, reducer("add", __=Primitive.U8))),
        "bad_canonical_name",
        ("reducer", "add", "parameter", "__"),
    ),
    "an explicit index name that is no identifier": (
        board(explicit_names=(explicit(NameKind.INDEX, "by_id", "by id"),)),
        "bad_canonical_name",
        (*TABLE_SUBJECT, "index", "by_id"),
    ),
    "a table named like a system table": (
        with_table(source_name="St_Point"),
        "reserved_table_name",
        ("table", "St_Point"),
    ),
    "two tables of one name": (
        board(tables=(TABLE, replace(TABLE, source_name="point"))),
        "duplicate_name",
        ("table", "point"),
    ),
    "the same table twice": (board(tables=(TABLE, TABLE)), "duplicate_name", TABLE_SUBJECT),
    "the same index twice": (
        with_table(indexes=(BY_ID, replace(BY_ID, source_name="other"))),
        "duplicate_name",
        (*TABLE_SUBJECT, "index", "other"),
    ),
    "a view named like a table": (board(views=(view(name="point"),)), "duplicate_name", ("view", "point")),
    "two reducers of one name": (
        board(reducers=(TICK, reducer("addIt"), reducer("add_it"))),
        "duplicate_function",
        ("reducer", "add_it"),
    ),
    "a procedure named like a reducer": (
        board(procedures=(RawProcedureDef(source_name="Add", params=product(), return_type=UNIT),)),
        "duplicate_function",
        ("procedure", "Add"),
    ),
    "two types of one name": (
        board(types=(*BOARD.types, RawTypeDef(source_name="point", type=Ref(0)))),
        "duplicate_type",
        ("type", "point"),
    ),
    "two HTTP handlers of one name": (
        board(http_handlers=("hook", "Hook")),
        "duplicate_http_handler",
        ("http_handler", "Hook"),
    ),
    "two columns of one name": (
        with_row(column("X")),
        "duplicate_element",
        (*TABLE_SUBJECT, "column", "X"),
    ),
    "two parameters of one name": (
        board(reducers=(TICK, reducer("add", userId=Primitive.U8, user_id=Primitive.U8))),
        "duplicate_element",
        ("reducer", "add", "parameter", "user_id"),
    ),
    "a row type that is not there": (with_table(product_type_ref=9), "row_type_not_product", TABLE_SUBJECT),
    "a row type that is no record": (
        with_types(sum_type(a=UNIT), tables=(replace(TABLE, product_type_ref=1),)),
        "row_type_not_product",
        TABLE_SUBJECT,
    ),
    "a row type without a name": (board(types=(), reducers=()), "row_type_undeclared", TABLE_SUBJECT),
    "a column without a name": (with_row(column(None)), "unnamed_element", TABLE_SUBJECT),
    "a field without a name": (
        with_types(ProductType((column(None),))),
        "unnamed_element",
        ("type", "T1"),
    ),
    "a variant without a name": (
        with_types(SumType((SumVariant(None, UNIT),))),
        "unnamed_element",
        ("type", "T1"),
    ),
    "a parameter without a name": (
        board(reducers=(TICK, RawReducerDef(source_name="add", params=ProductType((column(None),))))),
        "unnamed_element",
        ("reducer", "add"),
    ),
    "two primary keys": (with_table(primary_key=(0, 2)), "several_primary_keys", TABLE_SUBJECT),
    "a primary key that is not unique": (
        with_table(constraints=()),
        "primary_key_not_unique",
        (*TABLE_SUBJECT, "column", "id"),
    ),
    "a unique column without an index": (
        with_table(indexes=()),
        "unique_without_index",
        (*TABLE_SUBJECT, "constraint", "point_id_key"),
    ),
    "an index over a column that is not there": (
        with_table(indexes=(BY_ID, index(IndexAlgorithm.BTREE, 7))),
        "no_such_column",
        (*TABLE_SUBJECT, "index", "extra"),
    ),
    "a sequence over a column that is not there": (
        with_table(sequences=(RawSequenceDef(column=7),)),
        "no_such_column",
        (*TABLE_SUBJECT, "sequence", "point_col_7_seq"),
    ),
    "an index over a column twice": (
        with_table(indexes=(BY_ID, index(IndexAlgorithm.HASH, 1, 2, 1))),
        "repeated_column",
        (*TABLE_SUBJECT, "index", "extra"),
    ),
    "an index over no columns": (
        with_table(indexes=(BY_ID, index(IndexAlgorithm.BTREE))),
        "key_column_count",
        (*TABLE_SUBJECT, "index", "extra"),
    ),
    "a direct index over two columns": (
        with_table(indexes=(BY_ID, index(IndexAlgorithm.DIRECT, 0, 1))),
        "key_column_count",
        (*TABLE_SUBJECT, "index", "extra"),
    ),
    "a direct index over text": (
        with_table(indexes=(BY_ID, index(IndexAlgorithm.DIRECT, 2))),
        "direct_index_type",
        (*TABLE_SUBJECT, "index", "extra"),
    ),
    "auto-increment on text": (
        with_table(sequences=(RawSequenceDef(column=2),)),
        "sequence_type",
        (*TABLE_SUBJECT, "column", "tag"),
    ),
    "two sequences on a column": (
        with_table(sequences=(RawSequenceDef(column=0), RawSequenceDef(column=0))),
        "two_sequences",
        (*TABLE_SUBJECT, "column", "id"),
    ),
    "a sequence that starts after its end": (
        with_table(sequences=(RawSequenceDef(column=0, start=9, max_value=5),)),
        "sequence_range",
        (*TABLE_SUBJECT, "column", "id"),
    ),
    "a sequence that starts below its type": (
        with_table(sequences=(RawSequenceDef(column=0, start=-1),)),
        "sequence_range",
        (*TABLE_SUBJECT, "column", "id"),
    ),
    "a default that is no value": (
        with_table(default_values=((1, b"\0"),)),
        "bad_default",
        (*TABLE_SUBJECT, "column", "x"),
    ),
    "two defaults on a column": (
        with_table(default_values=((1, bytes(4)), (1, bytes(4)))),
        "several_defaults",
        (*TABLE_SUBJECT, "column", "x"),
    ),
    "a default without a column": (
        with_table(default_values=((8, b""),)),
        "default_without_column",
        TABLE_SUBJECT,
    ),
    "a reducer that returns": (
        board(reducers=(TICK, RawReducerDef(source_name="add", ok_type=Primitive.U8))),
        "reducer_return",
        ("reducer", "add"),
    ),
    "a lifecycle event twice": (
        board(
            lifecycle_reducers=(
                RawLifecycleDef(lifecycle=Lifecycle.INIT, function_name="add"),
                RawLifecycleDef(lifecycle=Lifecycle.INIT, function_name="tick"),
            )
        ),
        "duplicate_lifecycle",
        ("reducer", "tick"),
    ),
    "a reducer with two events": (
        board(
            lifecycle_reducers=(
                RawLifecycleDef(lifecycle=Lifecycle.INIT, function_name="add"),
                RawLifecycleDef(lifecycle=Lifecycle.ON_CONNECT, function_name="add"),
            )
        ),
        "two_lifecycles",
        ("reducer", "add"),
    ),
    "a lifecycle event without its reducer": (
        board(lifecycle_reducers=(RawLifecycleDef(lifecycle=Lifecycle.ON_DISCONNECT, function_name="ad"),)),
        "no_such_lifecycle_reducer",
        ("lifecycle", "on_disconnect"),
    ),
    "a schedule of no table": (
        board(schedules=(schedule(table_name="Pint"),)),
        "no_such_scheduled_table",
        ("table", "Pint"),
    ),
    "two schedules of a table": (
        board(schedules=(schedule(), schedule())),
        "several_schedules",
        TABLE_SUBJECT,
    ),
    "a schedule without its column": (
        board(schedules=(schedule(schedule_at_col=1),)),
        "schedule_columns",
        TABLE_SUBJECT,
    ),
    "a schedule without a key": (
        board(tables=(replace(TABLE, primary_key=()),), schedules=(schedule(),)),
        "schedule_columns",
        TABLE_SUBJECT,
    ),
    "a schedule of no function": (
        board(schedules=(schedule(function_name="tock"),)),
        "no_such_scheduled_function",
        TABLE_SUBJECT,
    ),
    "a scheduled function without the row": (
        board(schedules=(schedule(function_name="add"),)),
        "scheduled_parameters",
        TABLE_SUBJECT,
    ),
    "a view that returns a number": (board(views=(view(Primitive.U8),)), "view_return", ("view", "mine")),
    "a view that returns no rows": (
        board(views=(view(ArrayType(Ref(8))),)),
        "row_type_not_product",
        ("view", "mine"),
    ),
    "a key of no view": (
        board(view_primary_keys=(RawViewPrimaryKey(view_source_name="mine", columns=("id",)),)),
        "no_such_view",
        ("view", "mine"),
    ),
    "two keys of a view": (
        board(views=(view(),), view_primary_keys=(RawViewPrimaryKey(view_source_name="mine", columns=("id",)),) * 2),
        "several_view_keys",
        ("view", "mine"),
    ),
    "a view key of two columns": (
        board(views=(view(),), view_primary_keys=(RawViewPrimaryKey(view_source_name="mine", columns=("id", "x")),)),
        "view_key_columns",
        ("view", "mine"),
    ),
    "a view key over no column": (
        board(views=(view(),), view_primary_keys=(RawViewPrimaryKey(view_source_name="mine", columns=("iid",)),)),
        "no_such_view_column",
        ("view", "mine"),
    ),
    "a type that points nowhere": (
        board(types=(*BOARD.types, RawTypeDef(source_name="Lost", type=Ref(5)))),
        "bad_type_ref",
        ("type", "Lost"),
    ),
    "a column that points nowhere": (
        with_row(column("lost", Ref(5))),
        "bad_type_ref",
        (*TABLE_SUBJECT, "column", "lost"),
    ),
    "a column with a nameless record": (
        with_row(column("deep", ArrayType(option(INLINE)))),
        "inline_type",
        (*TABLE_SUBJECT, "column", "deep"),
    ),
    "a parameter with a nameless record behind an alias": (
        board(
            typespace=Typespace((POINT, INLINE)),
            reducers=(TICK, RawReducerDef(source_name="add", params=ProductType((column("a", Ref(1)),)))),
        ),
        "inline_type",
        ("reducer", "add", "parameter", "a"),
    ),
    "a procedure that returns a nameless union": (
        board(
            procedures=(
                RawProcedureDef(
                    source_name="p",
                    params=product(),
                    return_type=result(Primitive.U8, sum_type(a=UNIT)),
                ),
            )
        ),
        "inline_type",
        ("procedure", "p"),
    ),
    "a name for a list": (with_types(ArrayType(Primitive.U8)), "not_a_definition", ("type", "T1")),
    "a type that is not in the order it claims": (
        board(types=(replace(BOARD.types[0], custom_ordering=False),)),
        "type_order",
        ("type", "Point"),
    ),
    "a type that always contains itself": (
        with_types(product(inner=Ref(1))),
        "endless_type",
        ("type", "T1"),
    ),
    "an alias of itself": (
        board(
            typespace=Typespace((POINT, Ref(1))),
            reducers=(TICK, RawReducerDef(source_name="add", params=ProductType((column("a", Ref(1)),)))),
        ),
        "endless_type",
        ("reducer", "add", "parameter", "a"),
    ),
    "a union of 257 variants": (
        with_types(SumType(tuple(SumVariant(f"v{i}", UNIT) for i in range(257)))),
        "too_many_variants",
        ("type", "T1"),
    ),
    "a route with capitals": (
        board(http_handlers=("hook",), http_routes=(route("/Hook"),)),
        "route_path",
        ("http_route", "/Hook"),
    ),
    "a route without its slash": (
        board(http_handlers=("hook",), http_routes=(route("hook"),)),
        "route_path",
        ("http_route", "hook"),
    ),
    "a route to no handler": (
        board(http_handlers=("hook",), http_routes=(route("/a", handler="hok"),)),
        "no_such_http_handler",
        ("http_route", "/a"),
    ),
    "a route twice": (
        board(http_handlers=("hook",), http_routes=(route("/a"), route("/a", None))),
        "duplicate_route",
        ("http_route", "/a"),
    ),
    "a namespace of 64 letters": (
        board(submodules=(RawSubmodule(namespace="n" * 64, module=RawModuleDef()),)),
        "namespace_too_long",
        ("submodule", "n" * 64),
    ),
    "two submodules of one name": (
        board(submodules=(RawSubmodule(namespace="lib", module=RawModuleDef()),) * 2),
        "duplicate_name",
        ("submodule", "lib"),
    ),
    "a lifecycle reducer in a submodule": (
        board(
            submodules=(
                RawSubmodule(
                    namespace="lib",
                    module=RawModuleDef(
                        reducers=(reducer("init"),),
                        lifecycle_reducers=(RawLifecycleDef(lifecycle=Lifecycle.INIT, function_name="init"),),
                    ),
                ),
            )
        ),
        "lifecycle_in_submodule",
        ("submodule", "lib"),
    ),
    "a bad name in a submodule": (
        board(submodules=(RawSubmodule(namespace="lib", module=RawModuleDef(reducers=(reducer("a b"),))),)),
        "bad_name",
        ("submodule", "lib", "reducer", "a b"),
    ),
}


def problems_of(raw: RawModuleDef) -> tuple[DefProblem, ...]:
    found = validate(raw)
    assert isinstance(found, tuple), "nothing was found"
    return found


@pytest.mark.parametrize(("raw", "code", "subject"), RULES.values(), ids=list(RULES))
def test_rule_is_reported_alone_and_at_its_subject(raw: RawModuleDef, code: str, subject: tuple[str, ...]) -> None:
    assert [(p.code, p.subject) for p in problems_of(raw)] == [(f"schema.{code}", subject)]


@pytest.mark.parametrize(("raw", "code", "subject"), RULES.values(), ids=list(RULES))
def test_problem_says_what_is_wrong_in_the_author_s_names_and_what_to_do(
    raw: RawModuleDef, code: str, subject: tuple[str, ...]
) -> None:
    (problem,) = problems_of(raw)
    assert problem.what
    assert problem.fix
    assert problem.place is None
    assert subject[-1] in problem.what or subject_text(subject) in problem.what


def test_the_good_module_of_these_tests_is_good() -> None:
    assert isinstance(validate(BOARD), ModuleDef)


def test_all_problems_of_a_module_come_at_once() -> None:
    raw = replace(
        with_row(column("3d"), column(None), column("deep", INLINE)),
        reducers=(TICK, reducer("a b"), reducer("_"), reducer("tick")),
        schedules=(schedule(table_name="nothing"),),
        http_routes=(route("?"),),
    )
    assert [p.code.removeprefix("schema.") for p in problems_of(raw)] == [
        "bad_name",
        "unnamed_element",
        "inline_type",
        "bad_name",
        "bad_canonical_name",
        "duplicate_function",
        "no_such_scheduled_table",
        "route_path",
        "no_such_http_handler",
    ]


def test_a_typo_is_answered_with_the_nearest_name() -> None:
    (problem,) = problems_of(board(schedules=(schedule(function_name="tik"),)))
    assert "did you mean `tick`?" in problem.what


def test_the_same_type_behind_two_tables_is_reported_once() -> None:
    other = RawTableDef(source_name="Other", product_type_ref=0)
    raw = replace(with_row(column("3d")), tables=(TABLE, other))
    assert len(problems_of(raw)) == 1


@pytest.mark.parametrize(
    "raw",
    [
        with_types(sum_type(leaf=UNIT, node=ArrayType(Ref(1)))),
        with_types(product(inner=option(Ref(1)))),
        with_types(product(other=ArrayType(Ref(2))), product(back=Ref(1))),
        board(http_handlers=("add",)),
        board(http_handlers=("hook",), http_routes=(route("/a"), route("/a", "POST"), route(""))),
        with_table(indexes=(BY_ID, index(IndexAlgorithm.DIRECT, 0)), is_system=True, source_name="st_mine"),
        with_table(default_values=((1, bytes(4) + b"rest"),)),
        with_table(is_event=True),
        with_table(sequences=(RawSequenceDef(column=0, min_value=1, start=1, max_value=9, increment=-1),)),
    ],
)
def test_what_is_allowed_passes(raw: RawModuleDef) -> None:
    assert isinstance(validate(raw), ModuleDef)


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        (("table", "Point", "column", "x"), "column `x` of table `Point`"),
        (("submodule", "lib", "reducer", "add"), "reducer `add` in submodule `lib`"),
        (("http_route", "/a"), "http route `/a`"),
        (("module",), "the module"),
    ],
)
def test_a_subject_reads_as_words(subject: tuple[str, ...], text: str) -> None:
    assert subject_text(subject) == text


def _rules(base: type[DefProblem]) -> Iterator[type[DefProblem]]:
    for rule in base.__subclasses__():
        if rule is not PlanProblem:
            yield rule
            yield from _rules(rule)


def test_every_rule_has_a_case_here() -> None:
    assert {rule.code for rule in _rules(DefProblem)} == {f"schema.{code}" for _, code, _ in RULES.values()}
