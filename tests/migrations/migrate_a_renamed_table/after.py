"""A table under another name, by a function: the module after the change."""

from dataclasses import dataclass
from typing import Annotated

from stdbctl.module import Index, PrimaryKey, ReducerContext, Unique, column, migration, table, u8, u32


@table(public=True, was="player")
class Member:
    id: PrimaryKey[u32]
    nick: Annotated[Unique[str], column(was="name")]
    team: Index[u32]
    score: u32


@dataclass
class MemberV1:
    """The stored columns, by the names that they have after renames."""

    id: u32
    nick: str
    team: u8
    score: u32


@migration(Member)
def member_from_v1(ctx: ReducerContext, old: MemberV1) -> Member:
    return Member(id=old.id, nick=old.nick, team=old.team * 100_000, score=old.score)
