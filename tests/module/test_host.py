"""Reducers run: rows in and out, outcomes, limits."""

import contextlib
import gc
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from stdbctl.module import PythonHost, load_package, pack
from stdbctl.records import DONE, LogLevel, OutcomeKind, Program
from stdbctl.sats import Identity, Some, TimeDuration, Uuid, compile_codec
from stdbctl.schema import ModuleDef, raw_v10_of, validate

from .running import ALICE, Running, program_of

GOOD = Path(__file__).parent / "cases" / "good"
HEAD = """
from stdbctl.module import *
from stdbctl.module import f32, reducer, table, u8, u64, index
from typing import Annotated
"""


@pytest.fixture(scope="module")
def game_program() -> Program:
    return pack(GOOD / "everything" / "game", GOOD / "everything")


@pytest.fixture
def game(game_program: Program) -> Running:
    return Running(game_program)


def test_row_with_every_kind_of_column_comes_back_as_it_was_put(game: Running) -> None:
    outcome = game.call("add_item", "lamp", {"x": 0.1, "y": 2.0}, ["a", "b"], {"some": {"redPear": []}})
    assert outcome == DONE, game.lines
    [row] = game.rows("item")
    assert row == (1, "lamp", (0.10000000149011612, 2.0), ("a", "b"), (1, ()), ALICE)


def test_unions_and_recursive_types_reach_the_author_as_classes(game: Running) -> None:
    group = {"group": [{"circle": 2.0}, {"label": "abc"}, {"nothing": []}, {"spot": {"x": 1.0, "y": 1.0}}]}
    tree = {"value": 1, "children": [{"value": 2, "children": []}]}
    assert game.call("draw", group, tree, 0.5) == DONE, game.lines
    assert game.lines[-1] == "15.0 | 2 | 0.5"
    assert game.rows("edge") == []


def test_an_explicit_column_name_stands_as_it_is_written() -> None:
    loaded = load_package(GOOD / "everything" / "game", GOOD / "everything")
    assert not isinstance(loaded, tuple)
    columns = {c.accessor: c.name for table in loaded.module.tables for c in table.columns}
    assert columns["raw"] == "RawText"
    read_again = validate(raw_v10_of(loaded.module))
    assert isinstance(read_again, ModuleDef)
    assert "RawText" in {c.name for table in read_again.tables for c in table.columns}


def test_defaults_are_encoded_at_the_width_of_their_columns() -> None:
    loaded = load_package(GOOD / "everything" / "game", GOOD / "everything")
    assert not isinstance(loaded, tuple)
    widths = loaded.module.table("widths")
    assert widths is not None
    space = loaded.module.typespace
    values = {
        c.accessor: compile_codec(c.type, space).decode_all(c.default) for c in widths.columns if c.default is not None
    }
    assert values["small"] == 255
    assert values["f"] == -128
    assert values["ll"] == 0.10000000149011612
    assert values["p"] == b"\x00\xff"
    assert values["q"] == (1, None)
    assert values["r"] == Some(None)
    assert values["s"] == 7
    assert (values["t"], values["u"]) == ((0, 1), (1, ()))
    assert values["y"] == TimeDuration.seconds(1.5)
    assert values["z"] == Uuid.from_int(1)
    assert values["cc"] == ()
    assert len(values) == len(widths.columns)


def test_filters_use_prefixes_ranges_and_hashes(game: Running) -> None:
    for number, level in ((1, 1), (2, 2), (3, 3)):
        assert game.call("add_player", 7, number, 0.5 * number, level) == DONE
    assert game.call("add_player", 8, 1, 9.0, 2) == DONE
    assert game.call("look", 7) == DONE, game.lines
    assert game.lines[-6:] == [
        "team [1, 2, 3]",
        "from 2 [2, 3]",
        "levels [1, 2, 1]",
        "one 0.5",
        "all 4 4",
        "no index of `Player2` covers `x`; declare `x: Index[…]`, or iterate over the table and test each row",
    ]


def test_unique_violation_can_be_caught_and_refused(game: Running) -> None:
    game.call("add_player", 7, 1, 0.5, 1)
    outcome = game.call("add_player", 7, 1, 0.6, 1)
    assert (outcome.kind, outcome.text) == (OutcomeKind.REFUSED, "taken: Player2")
    assert len(game.rows('"Player2"')) == 1


def test_update_and_second_table_with_the_same_rows(game: Running) -> None:
    game.call("add_item", "lamp", {"x": 1.0, "y": 2.0}, [], {"none": []})
    assert game.call("rename", "lamp", "lantern") == DONE, game.lines
    assert game.rows("item") == game.rows("archive")
    assert game.call("rename", "lamp", "x").text == "no item lamp"
    assert game.call("wipe", "lantern") == DONE
    assert game.lines[-1] == "1 gone"


def test_value_that_does_not_fit_names_table_column_expected_and_given(game: Running) -> None:
    outcome = game.call("check_widths")
    assert outcome.kind is OutcomeKind.REFUSED
    assert outcome.text == "`widths.small` expects u8 (0 to 255), got 256 (int)"


def test_explicit_names_are_taken_as_written(game: Running) -> None:
    assert game.call("MaintenanceNow") == DONE
    module = game.database.module
    assert module is not None
    assert module.table("Player2") is not None


def test_scheduled_reducers_are_private_and_get_the_row_that_is_due() -> None:
    folder = GOOD / "scheduled"
    loaded = load_package(folder / "reminders.py", folder)
    assert not isinstance(loaded, tuple)
    assert next(r for r in loaded.module.reducers if r.name == "remind").is_private
    reminder = loaded.module.table("reminder")
    assert reminder is not None
    assert reminder.schedule is not None
    assert reminder.schedule.function == "remind"
    running = Running(pack(folder / "reminders.py", folder))
    assert running.call("remind", [0, {"Time": [0]}, "by hand"]) == DONE
    assert running.lines[-1] == "by hand"


def test_docstrings_are_kept_in_the_definition(game: Running) -> None:
    module = game.database.module
    assert module is not None
    assert module.docs["module"] == "Everything that a module can declare, in one package."
    assert module.docs["table.item.label"] == "Its name."
    assert module.docs["reducer.add_item"] == "Put down one item."
    assert module.docs["type.Spot"] == "Where something is."


def test_insert_gives_a_new_row_and_leaves_its_argument_alone(tmp_path: Path) -> None:
    source = (
        HEAD
        + """
@table()
class Point:
    id: PrimaryKey[AutoInc[u64]] = 0
    x: f32

@reducer
def add(ctx: ReducerContext) -> None:
    given = Point(x=0.1)
    made = ctx.db[Point].insert(given)
    assert made is not given
    assert (given.id, given.x) == (0, 0.1)
    assert (made.id, made.x) == (1, 0.10000000149011612)
    rows = ctx.db[Point]
    for row in rows:
        rows.insert(Point(x=1))
    assert len(rows) == 2
    assert [row.id for row in rows] == [1, 2]
    assert rows.delete(made) and not rows.delete(made)
    assert rows.find(id=1) is None
"""
    )
    running = Running(program_of(tmp_path, source))
    assert running.call("add") == DONE, running.lines


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("some(ctx.db[Point]).find(idd=1)", "TypeError: `Point` has no column `idd`; did you mean `id`?"),
        ("some(ctx.db[Point]).filter()", "TypeError: name a column of `Point`, or iterate over the table for all rows"),
        ("some(ctx.db[Point]).insert(7)", "TypeError: `Point` holds rows of class `Point`, got 7 (int)"),
        ("ctx.db[some(Plain)]", "TypeError: `Plain` is no table of this module"),
        ("some(ctx.db[Plain2]).update(Plain2(x=1))", "TypeError: `Plain2` has no primary key to update by"),
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("deeper()", "RecursionError: maximum recursion depth exceeded"),
        ("raise Strange", "Strange: <exception str() failed>"),
        ("raise StrangeRefusal('x')", "LookupError"),
    ],
)
def test_mistakes_of_the_author_fail_the_call_and_are_logged(tmp_path: Path, body: str, message: str) -> None:
    source = (
        HEAD
        + f"""
@table()
class Point:
    id: PrimaryKey[u64]

@table()
class Plain2:
    x: u64

class Plain: ...

def some(value):
    return value  # whose table or class no check can follow

class Strange(Exception):
    def __str__(self):
        raise LookupError

class StrangeRefusal(ReducerError):
    def __str__(self):
        raise LookupError

def deeper():
    deeper()

@reducer
def go(ctx: ReducerContext) -> None:
    ctx.db[Plain2].insert(Plain2(x=1))
    {body}
"""
    )
    running = Running(program_of(tmp_path, source))
    outcome = running.call("go")
    assert outcome.kind is OutcomeKind.FAILED
    assert outcome.text == "The instance encountered a fatal error."
    assert running.rows("plain_2") == []
    record = running.log[-1]
    assert message in record.message.splitlines()[-1]
    assert record.level is LogLevel.PANIC
    assert record.filename == "module/__init__.py"
    assert record.function in ("go", "deeper", "__str__")
    assert "stdbctl/" not in record.message


def test_traceback_has_the_authors_frames_and_causes_only(tmp_path: Path) -> None:
    files = {
        "__init__.py": HEAD
        + """
from .deep import parse

@reducer
def go(ctx: ReducerContext) -> None:
    try:
        parse("x")
    except ValueError as error:
        raise LookupError("no such thing") from error
""",
        "deep.py": "import json\n\ndef parse(text):\n    return json.loads(text)\n",
    }
    running = Running(program_of(tmp_path, files))
    running.call("go")
    assert running.log[-1].message == (
        "Traceback (most recent call last):\n"
        '  File "module/__init__.py", line 11, in go\n'
        '    parse("x")\n'
        '  File "module/deep.py", line 4, in parse\n'
        "    return json.loads(text)\n"
        "json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0)\n"
        "\nThe above exception was the direct cause of the following exception:\n\n"
        "Traceback (most recent call last):\n"
        '  File "module/__init__.py", line 13, in go\n'
        '    raise LookupError("no such thing") from error\n'
        "LookupError: no such thing"
    )
    assert running.log[-1].trace == (("module", "go"),)


def test_context_tells_who_when_and_draws_the_same_numbers_again(tmp_path: Path) -> None:
    source = (
        HEAD
        + """
@reducer
def go(ctx: ReducerContext) -> None:
    ids = [ctx.new_uuid_v7() for _ in range(300)]
    assert ids == sorted(ids) and len(set(ids)) == 300
    assert ids[0].value.version == 7 and ctx.new_uuid_v4().value.version == 4
    print(ctx.sender == Identity.from_int(0xA11CE), ctx.connection_id, ctx.timestamp.micros, ctx.identity)
    print(ctx.random.random(), ctx.new_uuid_v4())
"""
    )
    program = program_of(tmp_path, source)
    one, other = Running(program), Running(program)
    assert one.call("go") == DONE, one.lines
    assert other.call("go") == DONE
    assert one.lines == other.lines
    assert one.lines[-2] == f"True None 1000001 {Identity.from_int(2)}"


def test_tables_cannot_be_used_after_the_call(tmp_path: Path) -> None:
    source = (
        HEAD
        + """
@table()
class Point:
    x: u64

kept = []

@reducer
def keep(ctx: ReducerContext) -> None:
    kept.append(ctx.db[Point])

@reducer
def read(ctx: ReducerContext) -> None:
    len(kept[0])
"""
    )
    running = Running(program_of(tmp_path, source))
    running.call("keep")
    assert running.call("read") == DONE, "a table serves the call that runs"


# Far longer than the limit, yet with an end: a test that fails must not eat the machine it runs on.
LOOPS = (
    HEAD
    + """
import re

LAPS = 200_000

@table()
class Point:
    id: PrimaryKey[AutoInc[u64]] = 0

@reducer
def add(ctx: ReducerContext) -> None:
    for _ in range(LAPS):
        ctx.db[Point].insert(Point())

@reducer
def count(ctx: ReducerContext) -> None:
    n = 0
    for _ in range(100 * LAPS):
        n += 1

@reducer
def match(ctx: ReducerContext) -> None:
    re.match("(a+)+b", "a" * 60)

@reducer
def swallow(ctx: ReducerContext) -> None:
    try:
        for _ in range(100 * LAPS):
            pass
    except BaseException:
        pass

def endless(self):
    while True:
        pass

class Endless(Exception):
    __str__ = endless

class EndlessRefusal(ReducerError):
    __str__ = endless

@reducer
def greedy(ctx: ReducerContext) -> None:
    ctx.db[Point].insert(Point())
    b"x" * (1 << 62)

@reducer
def asked(ctx: ReducerContext) -> None:
    ctx.db[Point].insert(Point())
    raise Endless

@reducer
def refused(ctx: ReducerContext) -> None:
    ctx.db[Point].insert(Point())
    raise EndlessRefusal("no")

@reducer
def quick(ctx: ReducerContext) -> None:
    ctx.db[Point].insert(Point())
"""
)


@contextlib.contextmanager
def ringing(interrupt: Callable[[], None]) -> Iterator[None]:
    """Interrupt after a while, again and again, as the server does; ITIMER_REAL belongs to the test's time limit.

    Python drops what is raised inside a finaliser, and warns: so the garbage of other tests goes first, and none is
    collected meanwhile.
    """
    gc.collect()
    gc.disable()
    old = signal.signal(signal.SIGVTALRM, lambda *_: interrupt())
    signal.setitimer(signal.ITIMER_VIRTUAL, 0.05, 0.05)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, old)
        gc.enable()


@pytest.mark.parametrize("name", ["add", "count", "match", "swallow", "asked", "refused"])
def test_runaway_reducer_is_stopped_by_a_signal_and_rolled_back(tmp_path: Path, name: str) -> None:
    running = Running(program_of(tmp_path, LOOPS))
    with ringing(running.database.interrupt):
        outcome = running.call(name)
    assert outcome.kind is OutcomeKind.STOPPED
    assert outcome.text == f"The reducer `{name}` was stopped: it ran longer than allowed."
    assert running.rows("point") == []
    assert running.call("quick") == DONE
    assert running.rows("point") == [(1,)]
    if name in ("add", "count", "match"):
        assert any('File "module/__init__.py", line' in line for line in running.lines)


def test_reducer_that_wants_too_much_memory_is_stopped_and_its_memory_given_back(tmp_path: Path) -> None:
    running = Running(program_of(tmp_path, LOOPS))
    outcome = running.call("greedy")
    assert outcome.kind is OutcomeKind.STOPPED
    assert outcome.text == "The reducer `greedy` was stopped: it wanted more memory than allowed."
    assert running.rows("point") == []
    assert "in greedy\n" in running.lines[-1]
    assert running.lines[-1].endswith("\nMemoryError")


def test_runaway_reducer_is_stopped_from_another_thread(tmp_path: Path) -> None:
    running = Running(program_of(tmp_path, LOOPS))
    timer = threading.Timer(0.05, running.database.interrupt)
    timer.start()
    outcome = running.call("count")
    timer.join()
    assert outcome.kind is OutcomeKind.STOPPED
    assert running.call("quick") == DONE


def test_interrupt_between_calls_does_nothing(tmp_path: Path) -> None:
    running = Running(program_of(tmp_path, LOOPS))
    running.database.interrupt()
    assert running.call("quick") == DONE


def test_runaway_import_is_a_problem(tmp_path: Path) -> None:
    program = program_of(tmp_path, "for _ in range(20_000_000):\n    pass\n")
    host = PythonHost()
    with ringing(host.interrupt):
        problems = host.prepare(program)
    assert isinstance(problems, tuple)
    assert [p.code for p in problems] == ["module.import_stopped"]
    assert problems[0].place is not None
    assert problems[0].place.line in (1, 2)


REFUSALS = (
    HEAD
    + """
class Bare(ReducerError):
    def __init__(self, number: int) -> None:
        self.args = (f"bare {number}",)

class Full(ReducerError):
    def __init__(self, number: int) -> None:
        super().__init__(f"full {number}")

@table(unique=[("x", "y")], indexes=[index("y", "x")])
class Point:
    id: PrimaryKey[u64]
    x: Index[u64] = 0
    y: u64 = 0
    z: u64 = 0

def broken_group():
    try:
        raise ValueError("first")
    except ValueError as error:
        raise ExceptionGroup("both", [error, ReducerError("second")])

@reducer
def go(ctx: ReducerContext) -> None:
    """
)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("raise Bare(1)", "bare 1"),
        ("raise Full(2)", "full 2"),
        ("raise ReducerError('lone \\ud800')", "lone ?"),
        (
            "ctx.db[Point].find(x=1)",
            "no unique constraint of `point` covers `x`; use `filter`, since several rows may have the same",
        ),
        (
            "ctx.db[Point].find(z=1)",
            "no unique constraint of `point` covers `z`; declare `z: Unique[…]`, "
            "or iterate over the table and test each row",
        ),
        (
            "ctx.db[Point].find(x=1, z=1)",
            'no unique constraint of `point` covers `x`, `z`; declare `@table(unique=[("x", "z")])`, '
            "or iterate over the table and test each row",
        ),
    ],
)
def test_refusal_reaches_the_caller_as_text(tmp_path: Path, body: str, text: str) -> None:
    running = Running(program_of(tmp_path, REFUSALS + body))
    outcome = running.call("go")
    assert (outcome.kind, outcome.text) == (OutcomeKind.REFUSED, text), running.lines


def test_exceptions_of_a_group_are_logged_each(tmp_path: Path) -> None:
    running = Running(program_of(tmp_path, REFUSALS + "broken_group()"))
    running.call("go")
    assert "ExceptionGroup: both (2 sub-exceptions)" in running.lines[-1]
    assert "  +-- 1 of 2\n  | Traceback (most recent call last):\n" in running.lines[-1]
    assert '  |     raise ValueError("first")\n  | ValueError: first\n' in running.lines[-1]
    assert running.lines[-1].splitlines()[-1] == "  | stdbctl.errors.ReducerError: second"


def test_a_late_import_that_fails_names_the_module_as_its_author_does(tmp_path: Path) -> None:
    files = {
        "__init__.py": HEAD + "\n@reducer\ndef go(ctx: ReducerContext) -> None:\n    from .helper import nothing\n",
        "helper.py": "",
    }
    running = Running(program_of(tmp_path, files))
    running.call("go")
    assert running.lines[-1].endswith("cannot import name 'nothing' from 'module.helper' (module/helper.py)")


def test_a_refusal_is_logged_after_what_was_printed_before_it(tmp_path: Path) -> None:
    program = program_of(
        tmp_path,
        HEAD + "\n@reducer\ndef go(ctx: ReducerContext) -> None:\n    print(1)\n    raise ReducerError('no')\n",
    )
    running = Running(program)
    running.call("go")
    assert running.lines[-2:] == ["1", "no"]


def test_ordered_indexes_take_floats(tmp_path: Path) -> None:
    source = (
        HEAD
        + """
@table(indexes=[index("x", "y", name="by_place")])
class Point:
    id: PrimaryKey[AutoInc[u64]] = 0
    x: f32
    y: f32
    z: Index[float] = 0.0

@reducer
def go(ctx: ReducerContext) -> None:
    points = ctx.db[Point]
    nan, inf = float("nan"), float("inf")
    for x, y, z in ((1.0, 4.0, -0.0), (0.1, 2.0, nan), (1, 3.0, inf), (-inf, 0.0, 0.0), (9.5, 1.0, 5e-324)):
        points.insert(Point(x=x, y=y, z=z))
    assert [p.y for p in points.filter(x=1.0)] == [3.0, 4.0]
    assert [p.y for p in points.filter(x=0.1)] == [2.0]
    assert [p.y for p in points.filter(x=between(0.0, 9.5))] == [2.0, 3.0, 4.0, 1.0]
    assert [p.y for p in points.filter(x=at_least(0.1))] == [2.0, 3.0, 4.0, 1.0]
    assert [p.y for p in points.filter(x=1, y=above(3.0))] == [4.0]
    assert [p.id for p in points.filter(z=0.0)] == [1, 4]
    assert [p.id for p in points.filter(z=at_most(inf))] == [1, 4, 5, 3]
    assert [p.id for p in points.filter(z=nan)] == [2]
    point = points.find(id=2)
    point.z = 1.0
    points.update(point)
    assert [p.id for p in points.filter(z=nan)] == []
    assert points.delete(x=below(1.0)) == 2
    for wrong in ("a", True, None, 1e39):
        try:
            list(points.filter(x=wrong))
        except InvalidValue:
            continue
        raise AssertionError(wrong)
"""
    )
    running = Running(program_of(tmp_path, source))
    assert running.call("go") == DONE, running.lines
