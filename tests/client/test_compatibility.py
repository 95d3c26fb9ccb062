"""Bindings are compared with what a database serves, so that old ones never show wrong values."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from stdbctl.client import (
    ArrayType,
    Bindings,
    Primitive,
    ProductType,
    RemoteModule,
    RemoteProcedure,
    RemoteReducer,
    RemoteTable,
    SchemaMismatch,
    SyncBindings,
    Typespace,
    product,
)
from stdbctl.client.compatibility import ServedModule, differences
from stdbctl.sats import UNIT, AlgebraicType, Ref, dumps, loads, option
from stdbctl.schema import ModuleDef, RawModuleDef, RawTypeDef, RawViewDef, raw_v9_json, validate
from tests.client.example_bindings import Db, DbConnection, Reducers, SyncDbConnection, SyncReducers, tables
from tests.client.example_bindings.reducers import Procedures, SyncProcedures
from tests.client.example_bindings.remote import MODULE
from tests.support.server import RunningServer, serving

EXAMPLE = Path(__file__).parent / "example"
STRING, U32 = Primitive.STRING, Primitive.U32


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with serving(tmp_path_factory.mktemp("schema")) as running:
        answer = running.publish("example", EXAMPLE)
        assert answer.status_code == 200, answer.text
        yield running


def older(*, row: ProductType | None = None, params: ProductType | None = None, name: str = "tally") -> RemoteModule:
    """The example module with one part of it otherwise."""
    return replace(
        MODULE,
        tables=tuple(replace(t, row=row or t.row, name=name) if t.accessor == "tally" else t for t in MODULE.tables),
        reducers=tuple(replace(r, params=params or r.params) if r.accessor == "tally" else r for r in MODULE.reducers),
    )


@pytest.mark.parametrize(
    ("module", "found"),
    [
        (MODULE, []),
        (older(name="score"), ["there is no table `score`, or it is private"]),
        (older(row=product(count=U32, name=STRING)), ["column 1 of `tally` is `name`, not `count`"]),
        (older(row=product(name=STRING, count=Primitive.I32)), ["column `count` of `tally` is now U32"]),
        (older(row=product(name=STRING)), ["`tally` has 2 columns, not 1"]),
        (older(params=product(name=STRING)), ["reducer `tally` takes other parameters"]),
    ],
)
def test_each_difference_is_one_sentence(server: RunningServer, module: RemoteModule, found: list[str]) -> None:
    served = server.request("GET", "/database/example/schema?version=9").json()
    assert list(differences(module, ServedModule.read(served))) == found


NAME = RemoteTable(name="names", accessor="names", row=product(name=STRING), row_class=str, is_view=True)


@pytest.mark.parametrize(
    "returned", [ArrayType(Ref(0)), option(Ref(0)), product(__query__=Ref(0))], ids=["list", "option", "query"]
)
def test_rows_of_a_view_are_those_it_returns_in_whichever_form(returned: AlgebraicType) -> None:
    raw = RawModuleDef(
        typespace=Typespace((product(name=STRING),)),
        types=(RawTypeDef(source_name="Name", type=Ref(0)),),
        views=(
            RawViewDef(
                source_name="names", index=0, is_public=True, is_anonymous=True, params=UNIT, return_type=returned
            ),
        ),
    )
    module = validate(raw)
    assert isinstance(module, ModuleDef), module
    served = ServedModule.read(loads(dumps(raw_v9_json(module))))
    fitting = RemoteModule(types=raw.typespace, classes=(None,), tables=(NAME,))
    assert list(differences(fitting, served)) == []
    other = replace(fitting, tables=(replace(NAME, row=product(name=U32)),))
    assert list(differences(other, served)) == ["column `name` of `names` is now String"]


def test_what_stands_in_submodules_is_not_missed() -> None:
    """Version 9 of a definition leaves it out."""
    module = RemoteModule(
        tables=(replace(NAME, name="lib.names"),),
        reducers=(RemoteReducer(name="lib.add", accessor="lib_add"),),
        procedures=(RemoteProcedure(name="lib.ask", accessor="lib_ask", returns=U32),),
    )
    assert list(differences(module, ServedModule(Typespace(()), {}, {}, {}))) == []


def test_bindings_that_do_not_fit_do_not_connect_and_name_the_remedy(server: RunningServer) -> None:
    module = older(row=product(name=STRING, count=Primitive.I32))

    class Old(DbConnection):
        bindings = Bindings(module=module, db=Db, reducers=Reducers, procedures=Procedures)

    class OldSync(SyncDbConnection):
        bindings = SyncBindings(
            module=module,
            db=Db,
            reducers=Reducers,
            procedures=Procedures,
            sync_reducers=SyncReducers,
            sync_procedures=SyncProcedures,
        )

    async def work() -> None:
        with pytest.raises(SchemaMismatch, match="run `stdbctl generate --lang python"):
            await Old.connect(server.url, "example")
        async with Old.connect(server.url, "example", check_schema=False) as conn:
            await conn.subscribe(tables.point)

    asyncio.run(asyncio.wait_for(work(), 60))
    with pytest.raises(SchemaMismatch):
        OldSync.connect(server.url, "example")
