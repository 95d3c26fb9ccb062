"""The engine against a plain model: random transactions, failures, lost commits, crashes, subscriptions.

After every step rows, indexes and numbers equal the model's, and every client's cache (initial rows plus all
deltas that it was sent) equals what its queries give now.
"""

import copy
import math
import struct
from collections import Counter
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from stdbctl.engine import Committed, QuerySetRows
from stdbctl.records import Bound, OutcomeKind, RowNotFound, UniqueViolation
from stdbctl.sats import TIMESTAMP, Timestamp, compile_codec, product

from .scripted import BOB, DiskFull, FailingStore, P, Tables, TableSpec, World, script

USER = TableSpec(
    "user",
    {"id": P.U8, "name": P.STRING, "team": P.U8, "seen": TIMESTAMP},
    "id",
    ("id",),
    unique=(("name",),),
    indexes=(("team",), ("team", "seen")),
)
BAG = TableSpec("bag", {"x": P.F64, "n": P.U8}, indexes=(("x",),), hashes=(("n",),))
SHOT = TableSpec("shot", {"n": P.U8}, is_event=True)
PROGRAM = script(USER, BAG, SHOT)
QUERIES = (
    "SELECT * FROM user",
    "SELECT * FROM user WHERE team = 1",
    "SELECT * FROM user WHERE team = 2 AND id > 2",
    "SELECT * FROM user WHERE name = 'a' OR id < 2",
    "SELECT * FROM bag",
    "SELECT * FROM bag WHERE n = 1",
    "SELECT * FROM bag WHERE x > 0.5",
    "SELECT * FROM shot",
)
CLIENTS = ("a", "b", "c")
_FLOATS = (0.0, -0.0, 1.0, -1.5, math.inf, math.nan)
_ENCODE = {
    "user": compile_codec(product(id=P.U8, name=P.STRING, team=P.U8, seen=TIMESTAMP)).encode,
    "bag": compile_codec(product(x=P.F64, n=P.U8)).encode,
}
_user = st.tuples(st.integers(0, 4), st.sampled_from("abcd"), st.integers(0, 2), st.integers(0, 2).map(Timestamp))
_bag = st.tuples(st.sampled_from(_FLOATS), st.integers(0, 2))
_operation = st.one_of(
    st.tuples(st.just("insert_user"), _user),
    st.tuples(st.just("update_user"), _user),
    st.tuples(st.just("delete_user"), _user),
    st.tuples(st.just("delete_team"), st.integers(0, 2)),
    st.tuples(st.just("insert_bag"), _bag),
    st.tuples(st.just("delete_bag"), _bag),
    st.tuples(st.just("shoot"), st.integers(0, 2)),
)
_transaction = st.tuples(
    st.lists(_operation, min_size=1, max_size=8),
    st.integers(0, 4).map(lambda n: n == 0),
    st.sampled_from((None, *CLIENTS)),
)


class Model:
    """What the tables should hold, the slow and obvious way."""

    def __init__(self) -> None:
        self.users: dict[int, tuple[Any, ...]] = {}
        self.bag: dict[bytes, tuple[float, int]] = {}
        self.next_id = 1

    def apply(self, name: str, value: Any) -> object:
        """Do one operation; the answer is what the engine's should be."""
        return getattr(self, name)(value)

    def insert_user(self, row: tuple[Any, ...]) -> object:
        if row[0] == 0:
            while self.next_id in self.users:
                self.next_id = self.next_id % 255 + 1
            row = (self.next_id, *row[1:])
            self.next_id = self.next_id % 255 + 1
        if self.users.get(row[0]) == row:
            return row
        if row[0] in self.users or self._name_taken(row):
            return "clash"
        self.users[row[0]] = row
        return row

    def update_user(self, row: tuple[Any, ...]) -> object:
        if row[0] not in self.users:
            return "missing"
        if self._name_taken(row):
            return "clash"
        self.users[row[0]] = row
        return row

    def delete_user(self, row: tuple[Any, ...]) -> object:
        return self.users.pop(row[0], None) is not None

    def delete_team(self, team: int) -> object:
        gone = [id_ for id_, row in self.users.items() if row[2] == team]
        for id_ in gone:
            del self.users[id_]
        return len(gone)

    def insert_bag(self, row: tuple[float, int]) -> object:
        self.bag[_bytes(row)] = row
        return _bytes(row)

    def delete_bag(self, row: tuple[float, int]) -> object:
        return self.bag.pop(_bytes(row), None) is not None

    def shoot(self, n: int) -> object:
        return (n,)

    def _name_taken(self, row: tuple[Any, ...]) -> bool:
        return any(other[1] == row[1] and id_ != row[0] for id_, other in self.users.items())


def _bytes(row: tuple[float, int]) -> bytes:
    return struct.pack("<dB", *row)


def _total(x: float) -> tuple[bool, float]:
    return (math.isnan(x), 0.0 if math.isnan(x) else x)


def perform(t: Tables, name: str, value: Any) -> object:
    """Do one operation on the engine; a broken rule is an answer."""
    try:
        match name:
            case "insert_user":
                return t.insert("user", *value)
            case "update_user":
                return t.update("user", *value)
            case "delete_user":
                return t.delete("user", *value)
            case "delete_team":
                return t.delete_by("user", "team", value)
            case "insert_bag":
                return _bytes(t.insert("bag", *value))
            case "delete_bag":
                return t.delete("bag", *value)
            case _:
                return t.insert("shot", value)
    except UniqueViolation:
        return "clash"
    except RowNotFound:
        return "missing"


class Cache:
    """What one client knows: rows per query set and table, with how often each came."""

    def __init__(self) -> None:
        self.sets: dict[int, Counter[tuple[str, bytes]]] = {}
        self.events: list[bytes] = []

    def applied(self, set_id: int, rows: QuerySetRows) -> None:
        self.sets[set_id] = Counter((table, row) for table, data in rows.tables for row in data)

    def updated(self, sets: Any) -> None:
        assert sets, "an update is never empty"
        for set_id, deltas in sets:
            assert deltas
            for delta in deltas:
                assert delta.inserted or delta.deleted
                if delta.is_event:
                    self.events += delta.inserted
                    continue
                for row in delta.deleted:
                    self.sets[set_id][delta.table, row] -= 1
                    assert self.sets[set_id][delta.table, row] >= 0, "a row was deleted that was not there"
                for row in delta.inserted:
                    self.sets[set_id][delta.table, row] += 1


class Engine(RuleBasedStateMachine):
    """`saved`: model and caches as of the last durable transaction."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World(PROGRAM, store=FailingStore())
        self.model = Model()
        self.caches: dict[str, Cache] = {}
        self.queries: dict[tuple[str, int], list[str]] = {}
        for client in CLIENTS:
            self._connect(client)
        self._flush()

    # --- steps ---

    @rule(transactions=st.lists(_transaction, min_size=1, max_size=5), is_lost=st.booleans())
    def transact(self, transactions: list[tuple[list[tuple[str, Any]], bool, str | None]], is_lost: bool) -> None:
        for operations, fails, caller in transactions:
            self._transact(operations, fails, caller)
        if is_lost:
            self._lose()

    @rule(
        client=st.sampled_from(CLIENTS),
        set_id=st.integers(0, 2),
        queries=st.lists(st.sampled_from(QUERIES), min_size=1, max_size=3),
    )
    def toggle(self, client: str, set_id: int, queries: list[str]) -> None:
        cache = self.caches[client]
        if (client, set_id) in self.queries:
            del self.queries[client, set_id]
            dropped = self.world.db.unsubscribe(client, set_id)
            left = Cache()
            left.applied(set_id, dropped)
            assert left.sets[set_id] == +cache.sets.pop(set_id)
        else:
            self.queries[client, set_id] = queries
            cache.applied(set_id, self.world.db.subscribe(client, set_id, queries))

    @rule()
    def flush(self) -> None:
        self._flush()

    @rule()
    def crash(self) -> None:
        self.world.open()
        self.model = copy.deepcopy(self.saved[0])
        self.queries.clear()
        for client in CLIENTS:
            self._connect(client)
        self._flush()

    # --- what must hold ---

    @invariant()
    def tables_equal_the_model(self) -> None:
        assert self.world.run(lambda t: _check(t, self.model)).outcome.kind is OutcomeKind.DONE

    @invariant()
    def caches_equal_the_queries(self) -> None:
        for (client, set_id), queries in self.queries.items():
            expected: Counter[tuple[str, bytes]] = Counter()
            for query in dict.fromkeys(queries):
                if "shot" not in query:
                    result = self.world.db.query(query, BOB, False)
                    expected.update((result.table, row) for row in result.data)
            assert +self.caches[client].sets[set_id] == expected

    # --- helpers ---

    def _transact(self, operations: list[tuple[str, Any]], fails: bool, caller: str | None) -> None:
        model = copy.deepcopy(self.model)
        expected = [model.apply(name, value) for name, value in operations]
        answers: list[object] = []

        def body(t: Tables) -> None:
            for name, value in operations:
                answers.append(perform(t, name, value))
            _check(t, model)
            if fails:
                raise RuntimeError

        committed = self.world.run(body, caller)
        assert answers == expected
        assert committed.outcome.kind is (OutcomeKind.FAILED if fails else OutcomeKind.DONE), committed.outcome
        if not fails:
            self.model = model
        self._deliver(committed, caller, [bytes([v]) for name, v in operations if name == "shoot"] if not fails else [])

    def _lose(self) -> None:
        if self.world.db.begin_commit() is None:
            return
        lost = self.world.db.end_commit(DiskFull())
        assert lost is not None
        self.model, self.caches = copy.deepcopy(self.saved[0]), copy.deepcopy(self.saved[1])
        for client in lost.clients:
            assert isinstance(client, str)
            self._reconnect(client)
        self.queries = {key: value for key, value in self.queries.items() if key[0] not in lost.clients}

    def _deliver(self, committed: Committed, caller: str | None, shots: list[bytes]) -> None:
        got = {client: sets for sets, clients in committed.groups for client in clients}
        assert len(got) == sum(len(group.clients) for group in committed.groups)
        assert caller not in got
        if committed.own:
            got[caller] = committed.own
        for client, sets in got.items():
            assert isinstance(client, str)
            self.caches[client].updated(sets)
        for client, cache in self.caches.items():
            listening = sum("SELECT * FROM shot" in queries for (c, _), queries in self.queries.items() if c == client)
            unique = list(dict.fromkeys(shots))
            assert cache.events == unique * listening
            cache.events.clear()

    def _connect(self, client: str) -> None:
        self.world.connect(client, BOB)
        self.caches[client] = Cache()

    def _reconnect(self, client: str) -> None:
        self.world.db.disconnect(client)
        self._connect(client)

    def _flush(self) -> None:
        self.world.db.flush()
        self.saved = copy.deepcopy((self.model, self.caches))


def _check(t: Tables, model: Model) -> None:
    """Rows, counts and every index agree with the model."""
    users = [model.users[id_] for id_ in sorted(model.users)]
    assert list(t.scan("user")) == users
    assert t.count("user") == len(users)
    assert list(t.seek("user", "id", lower=Bound(1, False))) == [row for row in users if row[0] > 1]
    assert list(t.seek("user", "name")) == sorted(users, key=lambda row: row[1])
    assert list(t.seek("user", "team_seen")) == sorted(users, key=lambda row: (row[2], row[3]))
    for team in range(3):
        assert list(t.seek("user", "team", team)) == [row for row in users if row[2] == team]
        by_time = sorted((row for row in users if row[2] == team and row[3].micros >= 1), key=lambda row: row[3])
        assert list(t.seek("user", "team_seen", team, lower=Bound(Timestamp(1), True))) == by_time
    for name in "abcd":
        assert t.find("user", "name", name) == next((row for row in users if row[1] == name), None)
    bag = [model.bag[key] for key in sorted(model.bag)]
    assert [_bytes(row) for row in t.scan("bag")] == sorted(model.bag)
    assert [_bytes(row) for row in t.seek("bag", "x")] == [
        _bytes(row) for row in sorted(bag, key=lambda row: _total(row[0]))
    ]
    for x in _FLOATS:
        assert len(t.seek("bag", "x", x)) == sum(_total(row[0]) == _total(x) for row in bag)
    for n in range(3):
        assert len(t.seek("bag", "n", n)) == sum(row[1] == n for row in bag)


Engine.TestCase.settings = settings(
    max_examples=40, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck)
)
TestEngineAgainstModel = Engine.TestCase
