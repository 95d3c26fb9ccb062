"""Bindings of the lab's module, as `stdbctl generate --lang python` writes them, in one file."""

from dataclasses import dataclass

from stdbctl import client
from stdbctl.client import (
    ArrayType,
    Bindings,
    Call,
    Columns,
    EventTableHandle,
    KeyedTableHandle,
    Primitive,
    RemoteModule,
    RemoteReducer,
    RemoteTable,
    SyncBindings,
    TableHandle,
    TableQuery,
    Tables,
    Typespace,
    product,
)

P = Primitive


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    id: int
    team: int
    value: int
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    team: int
    value: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Flash:
    number: int


_ROWS = (
    product(id=P.U32, team=P.U32, value=P.I32, label=P.STRING),
    product(team=P.U32, value=P.I32),
    product(number=P.U32),
)
ITEM = RemoteTable(
    name="item",
    accessor="item",
    row=_ROWS[0],
    row_class=Item,
    primary_key="id",
    unique=(("id",),),
    indexes=(("id",), ("team",)),
)
MARK = RemoteTable(name="mark", accessor="mark", row=_ROWS[1], row_class=Mark)
FLASH = RemoteTable(name="flash", accessor="flash", row=_ROWS[2], row_class=Flash, is_event=True)
MODULE = RemoteModule(
    types=Typespace(_ROWS),
    classes=(Item, Mark, Flash),
    tables=(ITEM, MARK, FLASH),
    reducers=(
        RemoteReducer(
            name="change",
            accessor="change",
            params=product(steps=ArrayType(P.I32), is_refused=P.BOOL),
            param_names=("steps", "is_refused"),
        ),
        RemoteReducer(
            name="fill",
            accessor="fill",
            params=product(first=P.U32, count=P.U32, text=P.STRING),
            param_names=("first", "count", "text"),
        ),
        RemoteReducer(name="clear", accessor="clear"),
    ),
)
Context = client.EventContext["Db", "Reducers"]


class ItemHandle(KeyedTableHandle[Item, Context]):
    def find(self, *, id: int) -> Item | None:  # noqa: A002  # the column's name
        return self._find(id=id)


class MarkHandle(TableHandle[Mark, Context]):
    pass


class FlashHandle(EventTableHandle[Flash, Context]):
    pass


class Db:
    def __init__(self, tables: Tables) -> None:
        self.item = ItemHandle(tables, ITEM)
        self.mark = MarkHandle(tables, MARK)
        self.flash = FlashHandle(tables, FLASH)


class Reducers(client.Reducers):
    def change(self, *, steps: list[int], is_refused: bool = False) -> Call[None]:
        return self._call("change", steps, is_refused)

    def fill(self, *, first: int, count: int, text: str) -> Call[None]:
        return self._call("fill", first, count, text)

    def clear(self) -> Call[None]:
        return self._call("clear")


class Procedures(client.Procedures):
    pass


class Queries:
    def __init__(self) -> None:
        self.item: TableQuery[Item, Columns] = TableQuery(ITEM, Columns)
        self.mark: TableQuery[Mark, Columns] = TableQuery(MARK, Columns)
        self.flash: TableQuery[Flash, Columns] = TableQuery(FLASH, Columns)


tables = Queries()


class DbConnection(client.DbConnection[Db, Reducers, Procedures]):
    bindings = Bindings(module=MODULE, db=Db, reducers=Reducers, procedures=Procedures)


class SyncReducers(client.SyncReducers):
    def change(self, *, steps: list[int], is_refused: bool = False) -> None:
        self._run("change", steps, is_refused)

    def fill(self, *, first: int, count: int, text: str) -> None:
        self._run("fill", first, count, text)

    def clear(self) -> None:
        self._run("clear")


class SyncProcedures(client.SyncProcedures):
    pass


class SyncDbConnection(client.SyncDbConnection[Db, Reducers, Procedures, SyncReducers, SyncProcedures]):
    bindings = SyncBindings(
        module=MODULE,
        db=Db,
        reducers=Reducers,
        procedures=Procedures,
        sync_reducers=SyncReducers,
        sync_procedures=SyncProcedures,
    )
