import numpyy
from stdbctl.module import table, u64


@table()
class Point:
    x: numpyy.float32
    y: u64 = "one"
