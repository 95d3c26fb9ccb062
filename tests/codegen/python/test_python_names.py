"""What things are called in generated Python, by the one rule of docs/generate.md."""

from collections.abc import Mapping
from dataclasses import fields

import pytest

from stdbctl.codegen import generate_python
from stdbctl.sats import (
    UNIT,
    AlgebraicType,
    Primitive,
    ProductElement,
    ProductType,
    Ref,
    SumType,
    SumVariant,
    Typespace,
)
from stdbctl.schema import RawModuleDef, RawReducerDef, RawTableDef, RawTypeDef
from tests.codegen.python.definitions import validated
from tests.codegen.python.importing import imported

U8 = Primitive.U8


def record(*names: str) -> ProductType:
    """A record with these fields."""
    return ProductType(tuple(ProductElement(name, U8) for name in names))


def union(**variants: AlgebraicType) -> SumType:
    """A union with these variants."""
    return SumType(tuple(SumVariant(name, type_) for name, type_ in variants.items()))


def generated(types: Mapping[str, AlgebraicType], *tables: str, reducers: tuple[str, ...] = ()) -> dict[str, str]:
    """The bindings of a module with these types; tables have rows of the first one."""
    module = validated(
        RawModuleDef(
            snake_case=False,
            typespace=Typespace(tuple(types.values())),
            types=tuple(RawTypeDef(source_name=name, type=Ref(index)) for index, name in enumerate(types)),
            tables=tuple(RawTableDef(source_name=name, product_type_ref=0, is_public=True) for name in tables),
            reducers=tuple(RawReducerDef(source_name=name) for name in reducers),
        )
    )
    return generate_python(module)


@pytest.mark.parametrize(
    "renamed",
    [
        {"x1": "x1", "a__b": "a__b", "user_id": "user_id", "naïve": "naïve", "type": "type", "match": "match"},
        {"userId": "user_id", "HTTPName": "http_name", "PlayerID2": "player_id_2", "None": "none"},
        {"class": "class_", "class_": "class__", "int": "int_", "int_": "int__", "self": "self_"},
        {"_x": "x_", "x": "x", "_1": "n1_", "__init__": "init_", "_": "n_"},
        {"__x": "x__", "_x": "x___", "x_": "x_", "userId": "user_id_", "user_id": "user_id"},
        {"ﬁ": "fi_", "fi": "fi"},
    ],
    ids=["as declared", "in snake case", "beside what is needed", "without underscores", "once", "in NFKC"],
)
def test_columns_are_called(renamed: Mapping[str, str]) -> None:
    with imported(generated({"Row": record(*renamed)}, "Row")) as package:
        assert [field.name for field in fields(package.Row)] == list(renamed.values())


def test_tables_are_called_in_snake_case_in_the_cache_and_in_queries() -> None:
    with imported(generated({"Row": record("x")}, "Point", "httpLog", "int", "tables", "_rows")) as package:
        names = {"http_log", "int_", "point", "rows_", "tables"}
        assert set(vars(package.tables)) == names
        assert package.tables.point.sql() == 'SELECT * FROM "Point"'


def test_types_keep_capitals_and_give_way_to_what_the_package_needs() -> None:
    types = {
        "HTTPPlayer": record("x"),
        "rank_2": record(),
        "Identity": record(),
        "DbConnection": record(),
        "_A": record(),
    }
    with imported(generated(types)) as package:
        assert {"HTTPPlayer", "Rank2", "Identity_", "DbConnection_", "A"} <= set(package.__all__)


def test_reducers_give_way_to_what_their_signatures_need() -> None:
    with imported(generated({}, reducers=("int", "addPoint", "import", "_call"))) as package:
        assert {"int_", "add_point", "import_", "call_"} <= set(vars(package.Reducers))


def test_members_of_an_enum_keep_their_names() -> None:
    with imported(generated({"E": union(RED=UNIT, Green=UNIT, blue=UNIT, name=UNIT, mro=UNIT, _x_=UNIT)})) as package:
        assert [member.name for member in package.E] == ["RED", "Green", "blue", "name_", "mro_", "x_"]
        assert [member.value for member in package.E] == [0, 1, 2, 3, 4, 5]


def test_variants_keep_their_names_where_these_are_the_only_ones() -> None:
    types = {"Shape": union(Circle=U8, nothing=UNIT), "Other": union(Circle=U8, Shape=UNIT, Some=U8)}
    with imported(generated(types)) as package:
        expected = {"ShapeCircle", "Nothing", "OtherCircle", "OtherShape", "OtherSome"}
        assert {name for name in vars(package.types) if name in expected} == expected


def test_a_record_stands_in_a_union_itself_when_the_variant_has_its_name() -> None:
    types: dict[str, AlgebraicType] = {"Move": record("x"), "Message": union(Move=Ref(0), Quit=UNIT, Again=Ref(0))}
    text = generated(types)["types.py"]
    assert "Message: TypeAlias = Move | Quit | Again" in text
    assert "class Again(Variant[" in text
    assert "class Move(Variant[" not in text
