"""Everything whose order or value could differ from process to process, written into tables."""

import enum
import functools
from dataclasses import dataclass, field

from stdbctl.module import (
    AutoInc,
    Identity,
    Index,
    PrimaryKey,
    ReducerContext,
    ReducerError,
    Timestamp,
    Uuid,
    f64,
    i64,
    reducer,
    table,
    u64,
)


@table(public=True)
class Line:
    id: PrimaryKey[AutoInc[u64]] = 0
    kind: Index[str]
    text: str


@table(public=True)
class Draw:
    id: PrimaryKey[Uuid]
    by: Identity
    at: Timestamp
    number: i64
    share: f64
    words: list[str] = field(default_factory=list[str])


class Kind(enum.Enum):
    RED = 1
    GREEN = 2
    BLUE = 3


@dataclass(frozen=True)
class Spot:
    name: str
    note: str | None


class Thing:
    """Hashed by its address."""

    def __init__(self, name: str) -> None:
        self.name = name

    @property
    def label(self) -> str:
        return f"thing {self.name}"


CONSTANTS = frozenset({"alpha", "beta", "gamma", "delta", None, Kind, Thing})
NAMES = [str(getattr(member, "__name__", member)) for member in CONSTANTS]


def put(ctx: ReducerContext, kind: str, text: object) -> None:
    ctx.db[Line].insert(Line(kind=kind, text=str(text)))


@reducer
def words(ctx: ReducerContext, given: list[str], more: list[str]) -> None:
    """Sets of text, by every way that makes one."""
    first, second = set(given), {word.upper() for word in more}
    for word in first:
        put(ctx, "for", word)
    for word in {*given, *more, "one", "two"}:
        put(ctx, "display", word)
    for name, members in {
        "or": first | second,
        "and": first & set(more),
        "sub": first - second,
        "xor": first ^ set(more),
        "union": first.union(more, ["z"]),
        "frozen": frozenset(more) | first,
        "copy": first.copy(),
        "reduced": functools.reduce(set.union, [first, second, {"end"}]),
    }.items():
        put(ctx, name, ",".join(members))
    second.update(given)
    second.difference_update(more[:1])
    second.add("last")
    put(ctx, "repr", second)
    put(ctx, "names", NAMES)
    if second:
        put(ctx, "pop", second.pop())


@reducer
def objects(ctx: ReducerContext, names: list[str]) -> None:
    """Sets of what is hashed by address, wholly or in part."""
    things = {Thing(name) for name in names}
    for thing in things:
        put(ctx, "thing", thing.label)
    for spot in {Spot(name, None) for name in names} | {Spot(name, "x") for name in names}:
        put(ctx, "spot", f"{spot.name} {spot.note}")
    for member in {None, int, str, len, Kind.RED, Kind.GREEN, Ellipsis, (None, "a"), *names}:
        put(ctx, "mixed", getattr(member, "__name__", member))
    groups: dict[str, set[str]] = {}
    for name in names:
        groups.setdefault(name[:1], set()).add(name)
    for letter, members in groups.items():
        put(ctx, "group", letter + "".join(members))
    for thing in ctx.random.sample(list(things), min(2, len(things))):
        put(ctx, "sample", thing.label)


@reducer
def draw(ctx: ReducerContext, shares: list[f64]) -> None:
    """Chance, time, ids, floats."""
    ctx.db[Draw].insert(
        Draw(
            id=ctx.new_uuid_v7(),
            by=ctx.sender,
            at=ctx.timestamp,
            number=ctx.random.randint(-(2**40), 2**40),
            share=sum(shares) + ctx.random.random(),
            words=ctx.random.choices(NAMES, k=3),
        )
    )
    put(ctx, "uuid", ctx.new_uuid_v4())


@reducer
def refuse(ctx: ReducerContext, names: list[str]) -> None:
    """What is rolled back leaves nothing, not even in the numbers that come after it."""
    for name in set(names):
        put(ctx, "gone", name)
    raise ReducerError(f"refused {', '.join(set(names))}")
