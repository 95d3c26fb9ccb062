from stdbctl.module import table


@table()
class Third:
    x: Unknown
