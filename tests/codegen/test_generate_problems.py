"""What keeps a valid module from becoming TypeScript, and the definitions that only look as if they would."""

import json
import subprocess
from pathlib import Path

import pytest

from stdbctl.codegen import GenerateOptions, generate_typescript
from stdbctl.codegen.typescript.indexes import TABLE_MEMBERS
from stdbctl.errors import Problems
from stdbctl.sats import (
    BYTES,
    UNIT,
    AlgebraicType,
    ArrayType,
    Primitive,
    ProductElement,
    ProductType,
    Ref,
    Typespace,
    option,
    sum_type,
)
from stdbctl.schema import (
    ColumnDef,
    IndexAlgorithm,
    IndexDef,
    ModuleDef,
    ParamDef,
    ReducerDef,
    SubmoduleDef,
    TableDef,
    TypeDef,
    UniqueDef,
    snake,
)

NODE = Path(__file__).parents[1] / "node"
U8 = Primitive.U8


def table(accessor: str, *columns: str | tuple[str, AlgebraicType], **parts: object) -> TableDef:
    """A public table whose columns are u8 unless they say otherwise; names are canonical and source name at once."""
    pairs = [(column, U8) if isinstance(column, str) else column for column in columns or ("x",)]
    return TableDef(
        name=snake(accessor),
        accessor=accessor,
        row_type=Ref(0),
        columns=tuple(ColumnDef(name=name, accessor=name, type=type_) for name, type_ in pairs),
        is_public=True,
        **parts,  # type: ignore[arg-type]  # fields of TableDef, by name
    )


def with_rows(table: TableDef, **parts: object) -> ModuleDef:
    """A module of one table whose row type is there too, as validation wants it."""
    row = ProductType(tuple(ProductElement(column.name, column.type) for column in table.columns))
    return ModuleDef(
        typespace=Typespace((row,)),
        types=(TypeDef(name="Row", accessor="Row", type=table.row_type),),
        tables=(table,),
        **parts,  # type: ignore[arg-type]  # fields of ModuleDef, by name
    )


def index(accessor: str, *columns: int) -> IndexDef:
    """An index whose accessor is what the test is about."""
    return IndexDef(
        name=f"t_{accessor}",
        source_name=f"by_{accessor}",
        accessor=accessor,
        algorithm=IndexAlgorithm.BTREE,
        columns=columns,
    )


def reducer(name: str, **params: AlgebraicType) -> ReducerDef:
    """A public reducer, called the same on the wire and in the source."""
    return ReducerDef(
        name=name, accessor=name, params=tuple(ParamDef(name=p, accessor=p, type=t) for p, t in params.items())
    )


def codes(module: ModuleDef, options: GenerateOptions | None = None) -> list[tuple[str, str]]:
    """The problems of a module: (code, statement), in their order."""
    with pytest.raises(Problems) as caught:
        generate_typescript(module, options)
    return [(problem.code, problem.what) for problem in caught.value.problems]


def assert_problem(module: ModuleDef, code: str, *words: str) -> None:
    """Exactly one problem, of this code, whose statement has these words."""
    ((given, what),) = codes(module)
    assert given == f"generate.{code}"
    assert all(word in what for word in words), what


def test_tables_of_one_camel_name_collide() -> None:
    module = ModuleDef(tables=(table("PlayerOne"), table("player_one")))
    assert_problem(module, "name_collision", "table `player_one`", "table `PlayerOne`", "`playerOne`")


def test_view_and_table_share_their_names_with_each_other_but_not_with_reducers() -> None:
    generate_typescript(with_rows(table("spot"), reducers=(reducer("spot"),)))


def test_columns_of_one_camel_name_collide() -> None:
    assert_problem(ModuleDef(tables=(table("t", "a_b", "aB"),)), "name_collision", "column `aB` of table `t`")


def test_parameters_of_one_camel_name_collide() -> None:
    assert_problem(
        ModuleDef(reducers=(reducer("r", a_b=U8, aB=U8),)), "name_collision", "parameter `aB` of reducer `r`"
    )


def test_reducers_that_the_sdk_calls_alike_collide() -> None:
    one = ReducerDef(name="a_b", accessor="one")
    two = ReducerDef(name="a__b", accessor="two")
    assert_problem(ModuleDef(reducers=(one, two)), "name_collision", "`one`", "`two`", "`aB`")


def test_variants_of_one_pascal_name_collide() -> None:
    module = ModuleDef(
        typespace=Typespace((sum_type(a_b=UNIT, aB=UNIT),)), types=(TypeDef(name="E", accessor="E", type=Ref(0)),)
    )
    assert_problem(module, "name_collision", "variant `aB` of type `E`")


def test_scoped_types_whose_names_join_to_the_same_collide() -> None:
    module = ModuleDef(
        typespace=Typespace((UNIT, UNIT)),
        types=(
            TypeDef(name="B", accessor="B", scope=("A",), type=Ref(0)),
            TypeDef(name="AB", accessor="A_b", type=Ref(1)),
        ),
    )
    assert_problem(module, "name_collision", "`AB`")


@pytest.mark.parametrize("name", ["_1", "__2d", "_"])
def test_name_that_casing_leaves_without_a_first_letter_is_unusable(name: str) -> None:
    assert_problem(ModuleDef(tables=(table("t", name),)), "unusable_name", f"column `{name}` of table `t`")


def test_every_problem_is_reported_at_once() -> None:
    module = ModuleDef(tables=(table("t", "_1", "a_b", "aB"), table("T")))
    assert [code for code, _ in codes(module)] == [
        "generate.name_collision",
        "generate.name_collision",
        "generate.unusable_name",
    ]


@pytest.mark.parametrize("wire_name", ["add_", "a_é"])
def test_wire_name_that_the_sdk_types_and_runs_differently_is_refused(wire_name: str) -> None:
    module = ModuleDef(reducers=(ReducerDef(name=wire_name, accessor="add"),))
    assert_problem(module, "unstable_name", "reducer `add`")


@pytest.mark.parametrize("member", sorted(TABLE_MEMBERS))
def test_index_called_like_a_member_of_the_clients_table_is_refused(member: str) -> None:
    module = ModuleDef(tables=(table("t", indexes=(index(member, 0),)),))
    assert_problem(module, "index_accessor", f"index `by_{member}` of table `t`", f"`{member}`")


def test_key_column_called_like_a_member_of_the_clients_table_is_refused() -> None:
    assert_problem(
        ModuleDef(tables=(table("t", "count", primary_key=0),)), "index_accessor", "column `count` of table `t`"
    )


def test_unique_column_called_like_a_member_of_the_clients_table_is_refused() -> None:
    module = ModuleDef(tables=(table("t", "rows", constraints=(UniqueDef(name="u", columns=(0,)),)),))
    assert_problem(module, "index_accessor", "column `rows` of table `t`")


def test_plain_column_may_be_called_like_a_member_of_the_clients_table() -> None:
    generate_typescript(with_rows(table("t", "count", "rows", "insert")))


def test_index_that_would_hide_the_keys_own_is_refused() -> None:
    module = ModuleDef(tables=(table("t", "id", "x", primary_key=0, indexes=(index("id", 1),)),))
    assert_problem(module, "index_accessor", "index `by_id`", "another index")


def test_known_members_are_those_of_the_installed_sdk() -> None:
    script = """
      const { DbConnectionImpl, schema, table, t } = require("spacetimedb");
      const { schemaType } = schema({ x: table({ name: "x" }, t.row({ y: t.u8() })) });
      const remoteModule = { tables: schemaType.tables, reducers: [], procedures: [] };
      const url = new URL("ws://localhost:1");
      const { db } = new DbConnectionImpl({ uri: url, remoteModule, createWSFn: () => new Promise(() => {}) });
      const names = object => Object.getOwnPropertyNames(object);
      console.log("\\n" + JSON.stringify([...names(db.x), ...names(Object.getPrototypeOf(db.x))].sort()));
    """
    done = subprocess.run(["node", "-e", script], cwd=NODE, capture_output=True, text=True, check=True, timeout=30)
    assert json.loads(done.stdout.splitlines()[-1]) == sorted(TABLE_MEMBERS)


@pytest.mark.parametrize(
    "type_", [Primitive.F32, Primitive.F64, BYTES, ArrayType(U8), option(U8), UNIT], ids=lambda type_: str(type_)[:30]
)
def test_primary_key_of_a_type_without_keys_is_refused(type_: AlgebraicType) -> None:
    assert_problem(
        ModuleDef(tables=(table("t", ("k", type_), primary_key=0),)), "primary_key_type", "column `k` of table `t`"
    )


def test_what_is_not_shown_is_not_checked() -> None:
    hidden = ReducerDef(name="_1", accessor="_1", is_private=True)
    assert generate_typescript(ModuleDef(reducers=(hidden,)))
    assert codes(ModuleDef(reducers=(hidden,)), GenerateOptions(include_private=True))


def test_namespace_called_like_a_table_beside_it_collides() -> None:
    module = ModuleDef(tables=(table("lib"),), submodules=(SubmoduleDef(namespace="lib", module=ModuleDef()),))
    assert_problem(module, "name_collision", "submodule `lib`", "table `lib`")


def test_problem_in_a_submodule_says_so() -> None:
    inner = ModuleDef(tables=(table("t", "_1"),))
    module = ModuleDef(submodules=(SubmoduleDef(namespace="lib", module=inner),))
    assert_problem(module, "unusable_name", "column `_1` of table `t` in submodule `lib`")


def test_type_named_like_a_reducer_is_still_generated() -> None:
    row = ProductType((ProductElement("x", U8),))
    module = ModuleDef(
        typespace=Typespace((row,)),
        types=(TypeDef(name="Vote", accessor="Vote", type=Ref(0)),),
        reducers=(reducer("vote", ballot=Ref(0)),),
    )
    assert "export type Vote" in generate_typescript(module)["types.ts"]
