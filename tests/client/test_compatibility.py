"""Bindings are compared with what a database serves, so that old ones never show wrong values."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from stdbctl.client import Bindings, Primitive, ProductType, RemoteModule, SchemaMismatch, SyncBindings, product
from stdbctl.client.compatibility import ServedModule, differences
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
