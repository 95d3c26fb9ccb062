"""Columns in the style of object-relational mappers, and other fields without a type."""

from stdbctl.module import AutoInc, Index, PrimaryKey, table, u64


def Column(kind: object, **options: object) -> object:
    return None


@table()
class Player:
    id = PrimaryKey[AutoInc[u64]]
    name = Column(str, unique=True)
    level = 1
    owner = Index[str]
    MAX_LEVEL = 100
    score: u64 = 0
