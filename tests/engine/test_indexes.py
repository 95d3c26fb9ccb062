"""Indexes against a plain list: every kind, one to three columns, every prefix and bound, while rows come and go."""

import itertools
import math
from functools import partial
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stdbctl.errors import ReducerError
from stdbctl.records import Bound, RowNotFound, UniqueViolation
from stdbctl.sats import IDENTITY, TIMESTAMP, AlgebraicType, Identity, Timestamp, option

from .scripted import P, Tables, TableSpec, World, script

KINDS: dict[str, tuple[AlgebraicType, list[Any]]] = {
    "u8": (P.U8, [0, 1, 2, 255]),
    "i256": (P.I256, [-(1 << 255), -1, 0, 1, (1 << 255) - 1]),
    "f64": (P.F64, [-math.inf, -1.5, -0.0, 0.0, 1.5, math.inf, math.nan]),
    "str": (P.STRING, ["", "a", "a\0", "ab", "b", "é", "\U0001f600"]),
    "bool": (P.BOOL, [False, True]),
    "identity": (IDENTITY, [Identity.from_int(n) for n in (0, 1, 256, 1 << 255)]),
    "timestamp": (TIMESTAMP, [Timestamp(n) for n in (-(1 << 63), -1, 0, 1)]),
    "option": (option(P.I8), [-1, 0, 1, None]),
}
"""Values per kind, in the order of an index."""
COLUMNS = ("a", "b", "c")
INDEXES = (("a",), ("b",), ("a", "b"), ("b", "a", "c"))


class Ask(NamedTuple):
    """One look-up: the columns of an index, the ranks of a prefix, and the bounds (rank, inclusive) after it."""

    columns: tuple[str, ...]
    prefix: tuple[int, ...]
    low: tuple[int, bool] | None
    high: tuple[int, bool] | None


def rank(kind: str, value: Any) -> int:
    """The place of a value in the order of its kind; -0.0 and 0.0 have the same."""
    values = KINDS[kind][1]
    if value != value:
        return len(values) - 1
    return values.index(value)


def table(kinds: tuple[str, ...]) -> TableSpec:
    columns = {"id": P.U16} | {name: KINDS[kind][0] for name, kind in zip(COLUMNS, kinds, strict=True)}
    return TableSpec("t", columns, "id", indexes=INDEXES, hashes=(("c",), ("c", "a")))


def expected(rows: dict[int, tuple[int, ...]], ask: Ask) -> list[int]:
    """The keys of the rows that a look-up gives: by the values of the index, then by key."""
    places = [COLUMNS.index(name) for name in ask.columns]

    def fits(ranks: tuple[int, ...]) -> bool:
        values = [ranks[place] for place in places]
        if tuple(values[: len(ask.prefix)]) != ask.prefix:
            return False
        if len(ask.prefix) == len(values):
            return True
        value = values[len(ask.prefix)]
        above = ask.low is None or value > ask.low[0] or (ask.low[1] and value == ask.low[0])
        below = ask.high is None or value < ask.high[0] or (ask.high[1] and value == ask.high[0])
        return above and below

    found = [(tuple(ranks[place] for place in places), key) for key, ranks in rows.items() if fits(ranks)]
    return [key for _, key in sorted(found)]


def seek(tables: Tables, kinds: tuple[str, ...], ask: Ask, *, delete: bool = False) -> Any:
    """Ask the engine: the keys in order, or the number of rows that it deleted."""
    values = [KINDS[kinds[COLUMNS.index(name)]][1] for name in ask.columns]
    prefix = [values[i][place] for i, place in enumerate(ask.prefix)]
    bounds = [
        None if bound is None else Bound(values[len(prefix)][bound[0]], bound[1]) for bound in (ask.low, ask.high)
    ]
    name = "_".join(ask.columns)
    if delete:
        return tables.delete_by("t", name, *prefix, lower=bounds[0], upper=bounds[1])
    return [row[0] for row in tables.seek("t", name, *prefix, lower=bounds[0], upper=bounds[1])]


# --- every combination, on one small table

SMALL = ("u8", "u8", "u8")
CUBE = {n: ranks for n, ranks in enumerate(itertools.product((0, 1, 2), repeat=3), start=1) if n % 4}
BOUNDS = [None, *itertools.product((0, 1, 2), (True, False))]


@pytest.fixture(scope="module")
def cube() -> World:
    world = World(script(table(SMALL)))
    world.ask(lambda t: [t.insert("t", key, *ranks) for key, ranks in CUBE.items()])
    return world


@pytest.mark.parametrize("index", INDEXES, ids="_".join)
def test_every_prefix_with_every_pair_of_bounds_gives_what_fits_in_index_order(
    cube: World, index: tuple[str, ...]
) -> None:
    prefixes = [p for length in range(len(index)) for p in itertools.product((0, 1, 2), repeat=length)]
    asks = [Ask(index, prefix, low, high) for prefix in prefixes for low in BOUNDS for high in BOUNDS]
    asks += [Ask(index, whole, None, None) for whole in itertools.product((0, 1, 2), repeat=len(index))]
    answers = cube.ask(lambda t: [seek(t, SMALL, ask) for ask in asks])
    assert answers == [expected(CUBE, ask) for ask in asks]


@pytest.mark.parametrize("index", [("c",), ("c", "a")], ids="_".join)
def test_a_hash_index_finds_what_is_equal(cube: World, index: tuple[str, ...]) -> None:
    asks = [Ask(index, whole, None, None) for whole in itertools.product((0, 1, 2), repeat=len(index))]
    answers = cube.ask(lambda t: [seek(t, SMALL, ask) for ask in asks])
    assert answers == [expected(CUBE, ask) for ask in asks]


# --- random tables, rows and histories

_ranks = st.integers(0, 7)
_values = st.tuples(_ranks, _ranks, _ranks)
_bound = st.none() | st.tuples(_ranks, st.booleans())
_asks = st.builds(Ask, st.sampled_from(INDEXES), st.lists(_ranks, max_size=3).map(tuple), _bound, _bound)
_steps = st.one_of(
    st.tuples(st.just("put"), st.integers(1, 6), _values, st.booleans()),
    st.tuples(st.just("delete"), st.integers(1, 6), _values, st.booleans()),
    st.tuples(st.just("range"), _asks, _values, st.booleans()),
    st.tuples(st.just("restart"), st.just(0), _values, st.just(False)),
)


def fitted(ask: Ask, kinds: tuple[str, ...]) -> Ask:
    """An ask whose ranks exist, and are those that equal values share."""
    own = [kinds[COLUMNS.index(name)] for name in ask.columns]
    prefix = tuple(shared(kind, value) for kind, value in zip(own, ask.prefix, strict=False))
    if len(prefix) == len(own):
        return Ask(ask.columns, prefix, None, None)
    low, high = (b and (shared(own[len(prefix)], b[0]), b[1]) for b in (ask.low, ask.high))
    return Ask(ask.columns, prefix, low, high)


def shared(kind: str, place: int) -> int:
    values = KINDS[kind][1]
    return rank(kind, values[place % len(values)])


class Both:
    """The engine and the plain list."""

    def __init__(self, kinds: tuple[str, ...]) -> None:
        self.kinds = kinds
        self.world = World(script(table(kinds)))
        self.rows: dict[int, tuple[int, ...]] = {}

    def put(self, key: int, values: tuple[int, ...], *, fails: bool) -> None:
        row = [KINDS[kind][1][v % len(KINDS[kind][1])] for kind, v in zip(self.kinds, values, strict=True)]

        def body(t: Tables) -> None:
            t.update("t", key, *row) if key in self.rows else t.insert("t", key, *row)
            self._end(fails)

        self.world.run(body)
        if not fails:
            self.rows[key] = tuple(shared(kind, v) for kind, v in zip(self.kinds, values, strict=True))

    def delete(self, key: int, *, fails: bool) -> None:
        def body(t: Tables) -> None:
            t.delete_by("t", "id", key)
            self._end(fails)

        self.world.run(body)
        if not fails:
            self.rows.pop(key, None)

    def delete_range(self, ask: Ask, *, fails: bool) -> None:
        gone = expected(self.rows, ask)

        def body(t: Tables) -> None:
            assert seek(t, self.kinds, ask, delete=True) == len(gone)
            self._end(fails)

        self.world.run(body)
        if not fails:
            for key in gone:
                del self.rows[key]

    @staticmethod
    def _end(fails: bool) -> None:
        if fails:
            raise ReducerError("rolled back")


@settings(deadline=None, max_examples=100)
@given(
    kinds=st.tuples(*[st.sampled_from(sorted(KINDS))] * 3),
    steps=st.lists(_steps, min_size=1, max_size=12),
    asks=st.lists(_asks, min_size=1, max_size=6),
)
def test_whatever_happened_a_look_up_gives_what_a_plain_list_does(
    kinds: tuple[str, ...], steps: list[tuple[str, Any, tuple[int, ...], bool]], asks: list[Ask]
) -> None:
    both = Both(kinds)
    fitting = [fitted(ask, kinds) for ask in asks]
    for name, key, values, fails in steps:
        match name:
            case "put":
                both.put(key, values, fails=fails)
            case "delete":
                both.delete(key, fails=fails)
            case "range":
                both.delete_range(fitted(key, kinds), fails=fails)
            case _:
                both.world.reopen()
        answers = both.world.ask(lambda t: [seek(t, kinds, ask) for ask in fitting])
        assert answers == [expected(both.rows, ask) for ask in fitting]


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_bounds_at_every_value_of_every_kind(kind: str) -> None:
    both = Both((kind, "bool", "bool"))
    ranks = sorted({shared(kind, place) for place in range(len(KINDS[kind][1]))})
    for key, place in enumerate(ranks, start=1):
        both.put(key, (place, 0, 0), fails=False)
    bounds = [None, *itertools.product(ranks, (True, False))]
    asks = [Ask(("a",), (), low, high) for low in bounds for high in bounds]
    answers = both.world.ask(lambda t: [seek(t, both.kinds, ask) for ask in asks])
    assert answers == [expected(both.rows, ask) for ask in asks]


@settings(deadline=None, max_examples=100)
@given(
    kinds=st.tuples(*[st.sampled_from(sorted(KINDS))] * 3),
    steps=st.lists(st.tuples(st.booleans(), st.integers(1, 6), _values), min_size=1, max_size=25),
)
def test_a_unique_constraint_over_several_columns_holds_for_their_combination(
    kinds: tuple[str, ...], steps: list[tuple[bool, int, tuple[int, ...]]]
) -> None:
    columns = {"id": P.U16} | {name: KINDS[kind][0] for name, kind in zip(COLUMNS, kinds, strict=True)}
    world = World(script(TableSpec("t", columns, "id", unique=(("a", "b"), ("a", "b", "c"), ("c", "a")))))
    rows: dict[int, tuple[Any, ...]] = {}
    for is_update, key, values in steps:
        row = tuple(KINDS[kind][1][v % len(KINDS[kind][1])] for kind, v in zip(kinds, values, strict=True))
        a, b, c = (shared(kind, v) for kind, v in zip(kinds, values, strict=True))
        clashes = any((a, b) == old[:2] or (c, a) == (old[2], old[0]) for id_, old in rows.items() if id_ != key)
        if is_update:
            verdict = "missing" if key not in rows else "clash" if clashes else "done"
        else:
            verdict = "clash" if clashes or key in rows else "done"
        got = world.ask(partial(attempt, is_update=is_update, row=(key, *row)))
        assert got == verdict or (got == "same" and key in rows)
        if got == "done":
            rows[key] = (a, b, c)
            assert world.ask(partial(found, key=(row[2], row[0]))) == key


def found(t: Tables, key: tuple[Any, ...]) -> int:
    """The primary key of the row with these values of `c` and `a`."""
    row = t.find("t", "c_a", *key)
    assert row is not None
    return int(row[0])


def attempt(t: Tables, is_update: bool, row: tuple[Any, ...]) -> str:
    """Write a row; what became of it. A row that is there already, byte by byte, is "same"."""
    before = list(map(repr, t.scan("t")))
    try:
        t.update("t", *row) if is_update else t.insert("t", *row)
    except UniqueViolation:
        return "clash"
    except RowNotFound:
        return "missing"
    return "done" if list(map(repr, t.scan("t"))) != before else "same"
