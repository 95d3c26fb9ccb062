"""Functions that cannot migrate anything."""

from dataclasses import dataclass

from stdbctl.module import ReducerContext, migration, table, u32


@table()
class Player:
    name: str


@table(event=True)
class Shot:
    x: u32


@dataclass
class Old:
    name: str
    when: complex


@dataclass
class Older:
    login: str


class Plain:
    login: str


@migration
def without_a_table(ctx: ReducerContext, old: Older) -> Player:
    return Player(name=old.login)


@migration(Older)
def of_no_table(ctx: ReducerContext, old: Older) -> Older:
    return old


@migration(Shot)
def of_an_event(ctx: ReducerContext, old: Older) -> Shot:
    return Shot(x=1)


@migration(Player)
def without_types(ctx, old):
    return Player(name=old.login)


@migration(Player)
def without_context(old: Older) -> Player:
    return Player(name=old.login)


@migration(Player)
def of_other_order(old: Older, ctx: ReducerContext) -> Player:
    return Player(name=old.login)


@migration(Player)
def of_no_dataclass(ctx: ReducerContext, old: Plain) -> Player:
    return Player(name=old.login)


@migration(Player)
def of_its_own_rows(ctx: ReducerContext, old: Player) -> Player:
    return old


@migration(Player)
def into_something_else(ctx: ReducerContext, old: Older) -> Older | None:
    return old


@migration(Player)
def of_a_bad_column(ctx: ReducerContext, old: Old) -> Player:
    return Player(name=old.name)


@migration(Player)
def of_an_unknown_row(ctx: ReducerContext, old: "Oldr") -> Player:
    return Player(name=old.name)


@migration(Player)
async def that_waits(ctx: ReducerContext, old: Older) -> Player:
    return Player(name=old.login)
