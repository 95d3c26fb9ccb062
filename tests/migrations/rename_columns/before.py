"""Two columns under other names, one of them a key that counts up: the module before the change."""

from stdbctl.module import AutoInc, Index, PrimaryKey, ReducerContext, Unique, init, table, u32


@table(public=True)
class Player:
    number: PrimaryKey[AutoInc[u32]] = 0
    login: Unique[str]
    team: Index[u32]
    score: u32


@init
def fill(ctx: ReducerContext) -> None:
    for name in ("ann", "bob"):
        ctx.db[Player].insert(Player(login=name, team=1, score=7))
