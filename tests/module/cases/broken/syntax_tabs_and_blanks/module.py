from stdbctl.module import ReducerContext, reducer


@reducer
def add(ctx: ReducerContext) -> None:
    if ctx:
	print("x")
