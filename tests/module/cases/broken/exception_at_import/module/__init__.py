from stdbctl.module import AutoInc, PrimaryKey, table, u64

from . import settings


@table()
class Point:
    id: PrimaryKey[AutoInc[str]]
    x: f23 = settings.RATE
