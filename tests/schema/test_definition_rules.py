"""What a definition has wrong comes all at once, in words; the rules one by one are in `cases/`."""

from dataclasses import replace
from typing import Any  # Any: fields of RawModuleDef by name

import pytest

from stdbctl.sats import (
    SCHEDULE_AT,
    Primitive,
    ProductElement,
    ProductType,
    Ref,
    Typespace,
    product,
)
from stdbctl.schema import (
    DefProblem,
    IndexAlgorithm,
    ModuleDef,
    RawHttpRouteDef,
    RawIndexDef,
    RawModuleDef,
    RawReducerDef,
    RawScheduleDef,
    RawTableDef,
    RawTypeDef,
    RawUniqueDef,
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


def index(algorithm: IndexAlgorithm, *columns: int) -> RawIndexDef:
    return RawIndexDef(source_name="extra", accessor_name=None, algorithm=algorithm, columns=columns)


def schedule(**changes: Any) -> RawScheduleDef:
    return replace(RawScheduleDef(table_name="Point", schedule_at_col=3, function_name="tick"), **changes)


def route(path: str, method: str | None = "GET", handler: str = "hook") -> RawHttpRouteDef:
    return RawHttpRouteDef(handler_function=handler, method=method, path=path)


def reducer(name: str, **params: Any) -> RawReducerDef:
    return RawReducerDef(source_name=name, params=product(**params))


def column(name: str | None, type_: Any = Primitive.U8) -> ProductElement:
    return ProductElement(name, type_)


INLINE = product(a=Primitive.U8)


def problems_of(raw: RawModuleDef) -> tuple[DefProblem, ...]:
    found = validate(raw)
    assert isinstance(found, tuple), "nothing was found"
    return found


def test_a_direct_index_over_two_columns_is_refused() -> None:
    raw = with_table(indexes=(BY_ID, index(IndexAlgorithm.DIRECT, 0, 1)))
    (problem,) = problems_of(raw)
    assert (problem.code, problem.subject) == ("schema.key_column_count", (*TABLE_SUBJECT, "index", "extra"))


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
