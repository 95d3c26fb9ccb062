# ruff: noqa  # spellings that a linter would change are the point here
"""Guarded calls of every spelling. A comment at the end of a line names the warnings that are expected there."""

import datetime as dt
import os
import random
import time
from dataclasses import dataclass
from datetime import datetime, timezone
from os import environ
from pathlib import Path
from time import monotonic as tick
from uuid import uuid4

from stdbctl.module import AutoInc, PrimaryKey, ReducerContext, client_connected, f64, init, reducer, table, u64


@table()
class Visit:
    id: PrimaryKey[AutoInc[u64]] = 0
    at: f64 = 0.0

    def age(self) -> float:
        return time.time() - self.at  # module.not_deterministic

    @property
    def label(self) -> str:
        return datetime.now().isoformat()  # module.not_deterministic


@dataclass
class Stamp:
    at: float

    def __post_init__(self) -> None:
        self.at = tick()  # module.not_deterministic


def helper() -> float:
    return deeper()


def deeper() -> float:
    return time.perf_counter()  # module.not_deterministic


def decorated(function):
    def inner(*args):
        return function(*args)

    return inner


@decorated
def behind_a_decorator() -> None:
    random.shuffle([1])  # module.not_deterministic


@init
def setup(ctx: ReducerContext) -> None:
    random.seed(1)  # module.not_deterministic


@client_connected
def enter(ctx: ReducerContext) -> None:
    ctx.db[Visit].insert(Visit(at=time.time()))  # module.not_deterministic


@reducer
def work(ctx: ReducerContext) -> None:
    helper()
    Stamp(0.0)
    behind_a_decorator()
    for row in ctx.db[Visit]:
        print(row.age(), row.label)
    print(dt.datetime.now(timezone.utc), dt.date.today())  # module.not_deterministic module.not_deterministic
    print(datetime.fromtimestamp(1.0))  # module.not_deterministic
    print(datetime.fromtimestamp(1.0, None))  # module.not_deterministic
    print(uuid4(), environ["HOME"], os.environ.get("HOME"), os.getenv("HOME"))  # 4 module.not_deterministic
    print(sorted([2, 1], key=lambda _: random.random()))  # module.not_deterministic
    print(list(map(time.ctime, [1.0])))  # module.not_deterministic
    print(Path("data.txt").read_text(), open("data.txt"))  # module.not_deterministic module.not_deterministic
    print(random.Random(), random.Random(None))  # module.not_deterministic module.not_deterministic
    import secrets
    from os import path

    print(secrets.token_hex(), path.exists("x"))  # module.not_deterministic module.not_deterministic
    print(hash("text") % 8, id(ctx))  # module.address_or_hash module.address_or_hash
    print(sorted([ctx], key=id), max(map(hash, "ab")))  # module.address_or_hash module.address_or_hash
