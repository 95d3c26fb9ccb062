"""Random transactions and query sets, with and without broken connections: caches equal the server's answers."""

import asyncio
import random
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stdbctl.client import ConnectionLost, ReducerError, Subscription
from tests.client.lab.bindings import DbConnection, Item, Mark
from tests.client.lab.witness import QUICK, Troubles, Witness, answer, settled, within
from tests.support.faulty_proxy import FaultyProxy, faulty_proxy
from tests.support.server import RunningServer, serving

LAB = Path(__file__).parent / "lab"
QUERIES = (
    "SELECT * FROM item",
    "SELECT * FROM item WHERE team = 1",
    "SELECT * FROM item WHERE team = 2",
    "SELECT * FROM item WHERE value > 0",
    "SELECT * FROM item WHERE value <= 0 AND team <> 3",
    "SELECT * FROM item WHERE team = 1 OR value = 2",
    "SELECT * FROM mark",
    "SELECT * FROM mark WHERE team = 1",
)
CLIENTS = 2


@dataclass(frozen=True)
class Transaction:
    client: int
    steps: list[int]
    is_refused: bool
    is_awaited: bool


@dataclass(frozen=True)
class Subscribe:
    client: int
    queries: tuple[str, ...]
    is_awaited: bool


@dataclass(frozen=True)
class Unsubscribe:
    client: int
    which: int
    is_awaited: bool


@dataclass(frozen=True)
class Drop:
    """Every connection breaks."""


@dataclass(frozen=True)
class Compare:
    """Everybody is asked what they see."""


clients = st.integers(0, CLIENTS - 1)
step = st.tuples(st.integers(0, 3), st.integers(0, 5), st.integers(0, 3), st.integers(-2, 2))
transactions = st.builds(
    Transaction,
    client=clients,
    steps=st.lists(step, max_size=5).map(lambda steps: [number for each in steps for number in each]),
    is_refused=st.integers(0, 5).map(lambda chance: chance == 0),
    is_awaited=st.booleans(),
)
subscriptions = st.builds(
    Subscribe,
    client=clients,
    queries=st.lists(st.sampled_from(QUERIES), min_size=1, max_size=3).map(tuple),
    is_awaited=st.booleans(),
)
unsubscriptions = st.builds(Unsubscribe, client=clients, which=st.integers(0, 5), is_awaited=st.booleans())
steady = st.one_of(transactions, transactions, transactions, subscriptions, unsubscriptions, st.just(Compare()))
Action = Transaction | Subscribe | Unsubscribe | Drop | Compare


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with serving(tmp_path_factory.mktemp("server"), in_memory=True) as running:
        assert running.publish("lab", LAB).status_code == 200
        yield running


@pytest.fixture(scope="module")
def proxy(server: RunningServer) -> Iterator[FaultyProxy]:
    with faulty_proxy(server.url) as running:
        yield running


@dataclass
class Player:
    """One client with what it was told."""

    conn: DbConnection
    witness: Witness
    held: list[Subscription] = field(default_factory=list)

    async def assert_sound(self) -> None:
        """The cache is what the server answers to the same queries, and the callbacks led there."""
        queries = sorted({query for held in self.held for query in held.queries})
        items: dict[int, Item] = {}
        marks: set[Mark] = set()
        for query in queries:
            for row in await self.conn.query(query):
                if isinstance(row, Item):
                    items[row.id] = row
                else:
                    marks.add(row)
        assert {row.id: row for row in self.conn.db.item} == items
        assert set(self.conn.db.mark) == marks
        self.witness.assert_agrees(self.conn)


class Play:
    """One run of a list of actions."""

    def __init__(self, players: list[Player], proxy: FaultyProxy) -> None:
        self.players, self.proxy = players, proxy
        self.running: list[asyncio.Task[None]] = []

    async def act(self, action: Action) -> None:
        match action:
            case Transaction():
                await self._start(self._call(self.players[action.client], action), action.is_awaited)
            case Subscribe():
                await self._start(self._subscribe(self.players[action.client], action), action.is_awaited)
            case Unsubscribe():
                await self._start(self._unsubscribe(self.players[action.client], action), action.is_awaited)
            case Drop():
                await asyncio.to_thread(self.proxy.drop)
            case Compare():
                await self.compare()

    async def compare(self) -> None:
        """End what is under way, have everybody hear of everything, and compare."""
        await within(answer(asyncio.gather(*self.running)))
        self.running.clear()
        for player in self.players:
            await settled(player.conn)
        for player in self.players:
            await player.assert_sound()

    async def _start(self, work: Coroutine[Any, Any, None], is_awaited: bool) -> None:
        task = asyncio.create_task(work)
        self.running.append(task)
        if is_awaited:
            await asyncio.wait_for(asyncio.shield(task), 60)
        else:
            await asyncio.sleep(0)

    async def _call(self, player: Player, action: Transaction) -> None:
        refusal = None
        try:
            await player.conn.reducers.change(steps=action.steps, is_refused=action.is_refused)
        except ReducerError as error:
            refusal = str(error)
        except ConnectionLost:
            return  # whether it was committed, the comparison with the server shows
        assert refusal == ("as you wished" if action.is_refused else None)

    async def _subscribe(self, player: Player, action: Subscribe) -> None:
        player.held.append(await player.conn.subscribe(*action.queries))

    async def _unsubscribe(self, player: Player, action: Unsubscribe) -> None:
        if player.held:
            await player.held.pop(action.which % len(player.held)).unsubscribe()


async def play(proxy: FaultyProxy, actions: list[Action]) -> None:
    troubles = Troubles()
    async with asyncio.timeout(60):
        players = []
        for _ in range(CLIENTS):
            conn = await DbConnection.connect(proxy.url, "lab", reconnect=QUICK, on_error=troubles)
            players.append(Player(conn, Witness(conn)))
        await players[0].conn.reducers.clear()
        run = Play(players, proxy)
        for action in actions:
            await run.act(action)
        await run.compare()
        for player in players:
            await player.conn.close()
    assert troubles == []
    assert len(asyncio.all_tasks()) == 1, "a closed connection leaves no task"


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(actions=st.lists(steady, max_size=25))
def test_caches_equal_the_servers_answers(proxy: FaultyProxy, actions: list[Action]) -> None:
    asyncio.run(play(proxy, actions))


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(actions=st.lists(st.one_of(steady, steady, st.just(Drop())), max_size=25))
def test_caches_equal_the_servers_answers_after_broken_connections(proxy: FaultyProxy, actions: list[Action]) -> None:
    asyncio.run(play(proxy, actions))


def test_long_random_play_with_drops_ends_sound(proxy: FaultyProxy) -> None:
    chance = random.Random(5)
    actions: list[Action] = []
    for _ in range(300):
        kind, client = chance.random(), chance.randrange(CLIENTS)
        if kind < 0.7:
            steps = [
                n
                for _ in range(4)
                for n in (chance.randrange(4), chance.randrange(30), chance.randrange(4), chance.randrange(-2, 3))
            ]
            actions.append(Transaction(client, steps, chance.random() < 0.1, chance.random() < 0.2))
        elif kind < 0.82:
            actions.append(Subscribe(client, tuple(chance.sample(QUERIES, 2)), chance.random() < 0.5))
        elif kind < 0.92:
            actions.append(Unsubscribe(client, chance.randrange(6), chance.random() < 0.5))
        else:
            actions.append(Drop() if chance.random() < 0.5 else Compare())
    asyncio.run(play(proxy, actions))
