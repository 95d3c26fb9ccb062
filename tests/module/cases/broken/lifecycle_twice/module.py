from stdbctl.module import ReducerContext, client_connected, client_disconnected, init


@init
def setup(ctx: ReducerContext) -> None: ...


@init
def setup_more(ctx: ReducerContext) -> None: ...


@client_connected
def enter(ctx: ReducerContext, name: str) -> None: ...


@client_disconnected
def leave() -> None: ...
