# ruff: noqa  # spellings that a linter would change are the point here
"""What is the same every time: nothing here may be warned of."""

import bisect
import collections
import dataclasses
import enum
import functools
import hashlib
import heapq
import itertools
import json
import logging
import math
import os.path
import random
import re
import statistics
import string
import textwrap
import time
import uuid
import zlib
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from pathlib import PurePath

from stdbctl.module import (
    AutoInc,
    Identity,
    Index,
    PrimaryKey,
    ReducerContext,
    ReducerError,
    Timestamp,
    reducer,
    table,
    u64,
)

log = logging.getLogger(__name__)
WORDS = frozenset(["a", "b"])
PATTERN = re.compile(r"\w+")
LIMIT = timedelta(minutes=5)
DICE = random.Random(7)
TABLE = {name: len(name) for name in sorted(WORDS)}


class Kind(enum.Enum):
    RED = "red"
    BLUE = "blue"


@dataclasses.dataclass(frozen=True)
class Spot:
    x: int
    y: int

    def __hash__(self) -> int:
        return hash((self.x, self.y))


@table(public=True)
class Message:
    id: PrimaryKey[AutoInc[u64]] = 0
    sender: Index[Identity]
    text: str
    at: Timestamp

    def now(self) -> datetime:
        return self.at.to_datetime()

    def time(self) -> str:
        return self.now().isoformat()


class random_things:
    """The names of clocks are nobody's property."""

    def random(self) -> int:
        return 4

    def today(self) -> str:
        return "today"


def only_for_the_command_line() -> None:
    print(time.time(), datetime.now(), random.random(), os.path.exists("x"), open("x"), hash("x"))
    for word in WORDS:
        print(word)


@functools.cache
def slow(number: int) -> int:
    return number * number


def flood(start: tuple[int, int], size: int) -> set[tuple[int, int]]:
    seen = {start}
    waiting = [start]
    while waiting:
        x, y = waiting.pop()
        for step in [(x + 1, y), (x, y + 1)]:
            if step not in seen and max(step) < size:
                seen.add(step)
                waiting.append(step)
    return seen


def walk(node: object, visited: set[int]) -> None:
    if id(node) in visited:
        return
    visited.add(id(node))


@reducer
def say(ctx: ReducerContext, text: str) -> None:
    time = ctx.timestamp
    random = ctx.random
    if random.random() < 0.5 and random.choice([1, 2]) == 1:
        random.shuffle([1, 2])
    message = ctx.db[Message].insert(Message(sender=ctx.sender, text=text.strip(), at=time))
    log.info("%s at %s %s", message.text, message.time(), ctx.new_uuid_v4())
    when = time.to_datetime() - LIMIT
    if when > datetime(2024, 1, 1, tzinfo=timezone.utc) and isinstance(when, datetime):
        raise ReducerError("too late")
    print(datetime.fromtimestamp(0, tz=timezone.utc), datetime.fromisoformat("2024-01-01"), datetime.min)
    print(os.path.join("a", "b"), PurePath("a") / "b", uuid.uuid5(uuid.NAMESPACE_DNS, text), random_things().today())


@reducer
def sets(ctx: ReducerContext, names: list[str], numbers: list[int]) -> None:
    unique = set(names)
    if "a" in unique and "b" in {"a", "b"} and not unique.isdisjoint(WORDS) and unique <= WORDS:
        print(len(unique), sorted(unique), sorted(unique, key=len), max(unique), sum({n for n in numbers}))
    for name in sorted(unique | WORDS):
        print(name)
    print(sorted(n.upper() for n in unique), sorted([n for n in unique]), sorted(list(unique)), len(list(unique)))
    print(any(n == "a" for n in unique), all(map(str.isalpha, unique)), {n.upper() for n in unique}, max(*unique, "z"))
    lengths = {name: len(name) for name in unique}
    count = 0
    for name in unique:
        count += 1
        if name not in lengths:
            continue
    for name in list(unique):
        if len(name) > 3:
            unique.discard(name)
    for number in {row.id for row in ctx.db[Message].filter(sender=ctx.sender)}:
        ctx.db[Message].delete(id=number)
    for name in unique:
        if name == "b":
            raise ReducerError("b is taken")
    merged = [*names]
    merged.extend(sorted(unique))
    ordered = list(dict.fromkeys(names))
    for name in ordered:
        print(name, merged)
    unique = sorted(unique)
    for name in unique:
        print(name)
    for key in {"a": 1}.keys():
        print(key)
    walk(ctx, set())
    print(len(flood((0, 0), 4)))


@reducer
def pure(ctx: ReducerContext, numbers: list[int]) -> None:
    print(
        json.dumps({"a": numbers}, sort_keys=True),
        math.sqrt(4),
        statistics.mean(numbers),
        Decimal("0.1"),
        Fraction(1, 3),
    )
    print(bisect.bisect(numbers, 1), heapq.nsmallest(1, numbers), list(itertools.accumulate(numbers)), slow(3))
    print(collections.Counter(numbers).most_common(1), string.digits, textwrap.shorten("a", 4), zlib.crc32(b"a"))
    print(
        hashlib.sha256(b"a").hexdigest(), Kind.RED.value, hash(Spot(1, 2)) == hash(Spot(1, 2)), PATTERN.findall("a b")
    )
    print(
        [kind.name for kind in Kind],
        time.gmtime(0).tm_year,
        time.strftime("%Y", time.gmtime(0)),
        random.Random(5).random(),
    )
    random_things().random()
