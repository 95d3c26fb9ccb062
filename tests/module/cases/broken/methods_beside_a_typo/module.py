from stdbctl.module import PrimaryKey, ReducerContext, reducer, table, u64


class Game:
    @reducer
    def start(self, ctx: ReducerContext) -> None: ...

    @property
    def name(self) -> str:
        raise RuntimeError("never run")


@tabel()
class Point:
    id: PrimaryKey[u64]
