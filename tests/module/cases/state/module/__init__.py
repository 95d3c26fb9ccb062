import heapq
import itertools
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field

from stdbctl.module import PrimaryKey, ReducerContext, reducer, table, u64

from . import helpers
from .helpers import SEEN, remember

LIMIT = 5
COLOURS = ["red", "green"]
handlers: dict[str, Callable[[], None]] = {}
counts: defaultdict[str, int] = defaultdict(int)
recent: deque[int] = deque()
total = 0
numbers = itertools.count()
waiting: list[int] = []


@dataclass
class Config:
    names: list[str] = field(default_factory=list)
    size: int = 0


config = Config()


@table()
class Point:
    id: PrimaryKey[u64]


def handler(name: str) -> Callable[[Callable[[], None]], Callable[[], None]]:
    def keep(function: Callable[[], None]) -> Callable[[], None]:
        handlers[name] = function
        return function

    return keep


@handler("nothing")
def nothing() -> None: ...


@reducer
def change(ctx: ReducerContext, colour: str) -> None:
    global total
    total += 1
    COLOURS.append(colour)
    counts[colour] += 1
    del handlers["nothing"]
    recent.appendleft(1)
    SEEN.add(colour)
    helpers.SEEN.clear()
    helpers.count = 3
    config.size = 7
    config.names.extend(["a"])
    Point.label = "all"
    ctx.random.shuffle(COLOURS)
    heapq.heappush(waiting, next(numbers))
    remember(colour)
    (lambda: COLOURS.sort())()


@reducer
def leave(ctx: ReducerContext, colour: str) -> None:
    counts = {colour: LIMIT}
    counts[colour] += 1
    COLOURS = [*helpers.NAMES, colour]  # noqa: N806
    COLOURS.append("blue")
    for recent in ([], [1]):
        recent.append(2)
    print(next(iter(helpers.NAMES)), ctx.random.shuffle(counts[colour]), heapq.nlargest(1, waiting))
    row = Point(id=1)
    row.id = 2
    ctx.db[Point].insert(row)
    ctx.db[Point].update(row)

    def inner() -> None:
        COLOURS.pop()

    inner()
    print(helpers.NAMES.index("a"), config.size, handlers.get("a", nothing))
