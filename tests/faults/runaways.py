"""What the tests of runaways publish: one reducer for each way in which an author's code may not come back.

Each writes a row first, which must not be there afterwards.
"""

RUNAWAYS = """
import itertools
import json
import queue
import re
import sys
import threading

from stdbctl.module import AutoInc, PrimaryKey, ReducerContext, ReducerError, reducer, table, u32, u64


@table(public=True)
class Row:
    id: PrimaryKey[AutoInc[u64]] = 0
    text: str


class Endless(Exception):
    def __str__(self) -> str:
        while True:
            pass


class EndlessRefusal(ReducerError):
    __str__ = Endless.__str__


class LastWord:
    def __del__(self) -> None:
        while True:
            pass


class Mirror:
    def __repr__(self) -> str:
        return repr(self)

    def __eq__(self, other: object) -> bool:
        return self == other


class Odd(BaseException):
    def __str__(self) -> str:
        raise KeyboardInterrupt


def put(ctx):
    ctx.db[Row].insert(Row(text="never kept"))


def nested(depth):
    found = []
    for _ in range(depth):
        found = [found]
    return found


@reducer
def fill(ctx: ReducerContext, count: u32) -> None:
    for number in range(count):
        ctx.db[Row].insert(Row(text=f"row {number}"))


@reducer
def change_all(ctx: ReducerContext, text: str) -> None:
    for row in list(ctx.db[Row]):
        row.text = text
        ctx.db[Row].update(row)


@reducer
def change_half(ctx: ReducerContext) -> None:
    for number, row in enumerate(list(ctx.db[Row])):
        if number == len(ctx.db[Row]) // 2:
            raise ValueError("in the middle")
        row.text = "half"
        ctx.db[Row].update(row)


@reducer
def in_python(ctx: ReducerContext) -> None:
    put(ctx)
    while True:
        pass


@reducer
def in_a_pattern(ctx: ReducerContext) -> None:
    put(ctx)
    re.match(r"(a+)+$", "a" * 60 + "b")


@reducer
def in_a_power(ctx: ReducerContext) -> None:
    put(ctx)
    10 ** 10**8


@reducer
def in_a_product(ctx: ReducerContext) -> None:
    put(ctx)
    number = (1 << 400_000_000) - 1
    number * number


@reducer
def in_a_lock(ctx: ReducerContext) -> None:
    put(ctx)
    lock = threading.Lock()
    lock.acquire()
    lock.acquire()


@reducer
def in_a_queue(ctx: ReducerContext) -> None:
    put(ctx)
    queue.Queue().get()


@reducer
def swallows_some(ctx: ReducerContext) -> None:
    put(ctx)
    for _ in range(3):
        try:
            while True:
                sum(range(100))
        except BaseException:
            pass


@reducer
def swallows_all(ctx: ReducerContext) -> None:
    put(ctx)
    while True:
        try:
            while True:
                sum(range(100))
        except BaseException:
            pass


@reducer
def finally_loops(ctx: ReducerContext) -> None:
    put(ctx)
    try:
        while True:
            sum(range(100))
    finally:
        while True:
            sum(range(100))


@reducer
def generator_loops(ctx: ReducerContext) -> None:
    put(ctx)

    def numbers():
        try:
            yield 1
        finally:
            while True:
                pass

    next(numbers())


@reducer
def last_word(ctx: ReducerContext) -> None:
    put(ctx)
    kept = LastWord()
    raise ValueError("with a last word")


@reducer
def endless_text(ctx: ReducerContext) -> None:
    put(ctx)
    raise Endless


@reducer
def endless_refusal(ctx: ReducerContext) -> None:
    put(ctx)
    raise EndlessRefusal("no")


@reducer
def inserts_without_end(ctx: ReducerContext) -> None:
    while True:
        put(ctx)


@reducer
def prints_without_end(ctx: ReducerContext) -> None:
    put(ctx)
    while True:
        print("again and again")


@reducer
def recurses(ctx: ReducerContext) -> None:
    put(ctx)

    def deeper(depth):
        return deeper(depth + 1) + 1

    deeper(0)


@reducer
def recurses_in_repr(ctx: ReducerContext) -> None:
    put(ctx)
    repr(Mirror())


@reducer
def recurses_in_eq(ctx: ReducerContext) -> None:
    put(ctx)
    assert [Mirror()] == [Mirror()]


@reducer
def nests_json(ctx: ReducerContext) -> None:
    put(ctx)
    json.dumps(nested(10_000))


@reducer
def nests_a_row(ctx: ReducerContext) -> None:
    ctx.db[Row].insert(Row(text=nested(10_000)))


@reducer
def huge_list(ctx: ReducerContext) -> None:
    put(ctx)
    list(itertools.repeat(1))


@reducer
def huge_text(ctx: ReducerContext) -> None:
    put(ctx)
    "a" * 10**12


@reducer
def many_lists(ctx: ReducerContext) -> None:
    put(ctx)
    kept = []
    while True:
        kept.append([bytes(100_000)])


@reducer
def many_rows(ctx: ReducerContext) -> None:
    while True:
        ctx.db[Row].insert(Row(text="x" * 5_000_000))


@reducer
def exits(ctx: ReducerContext) -> None:
    put(ctx)
    sys.exit()


@reducer
def raises_interrupt(ctx: ReducerContext) -> None:
    put(ctx)
    raise KeyboardInterrupt


@reducer
def raises_generator_exit(ctx: ReducerContext) -> None:
    put(ctx)
    raise GeneratorExit


@reducer
def raises_odd(ctx: ReducerContext) -> None:
    put(ctx)
    raise Odd


@reducer
def os_exit(ctx: ReducerContext) -> None:
    put(ctx)
    import posix

    posix._exit(3)


@reducer
def os_kill(ctx: ReducerContext) -> None:
    put(ctx)
    import os

    os.kill(os.getppid(), 9)


@reducer
def stops_the_alarm(ctx: ReducerContext) -> None:
    put(ctx)
    import signal

    signal.alarm(0)


@reducer
def starts_a_thread(ctx: ReducerContext) -> None:
    put(ctx)
    import _thread

    _thread.start_new_thread(put, (ctx,))


@reducer
def traces(ctx: ReducerContext) -> None:
    put(ctx)
    sys.settrace(lambda *_: None)


@reducer
def deaf(ctx: ReducerContext) -> None:
    put(ctx)
    any(itertools.repeat(0))


@reducer
def overflows_the_stack(ctx: ReducerContext) -> None:
    put(ctx)
    numbers = iter([1])
    for _ in range(200_000):
        numbers = filter(None, numbers)
    list(numbers)


@reducer
def leaves_by_the_back_door(ctx: ReducerContext) -> None:
    put(ctx)
    import typing

    typing.sys.modules["os"]._exit(0)
"""
