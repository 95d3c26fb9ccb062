from stdbctl.module import ReducerContext
from stdbctl.module import reducer as function


@function
def work(ctx: ReducerContext) -> None: ...
