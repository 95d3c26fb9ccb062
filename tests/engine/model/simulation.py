"""A real database beside the model: a Python module in `PythonHost`, rows in a SQLite file, clients with replicas.

Every step changes both, then everything that can be seen of them is compared.
"""

import json
import random
import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from stdbctl.engine import Committed, Database, UpdateGroup
from stdbctl.errors import Fault, Problems
from stdbctl.module import PythonHost
from stdbctl.records import LogRecord, OutcomeKind, ProgramKind
from stdbctl.sats import ConnectionId, Identity, Primitive, compile_codec, product
from stdbctl.store import SqliteStore
from tests.support.server import program_of

from .declared import FIRST, Declared, source_of
from .deploys import breaks_clients, deployed, random_change, refusals
from .questions import Question, random_question
from .reference import Reference, Row
from .steps import Step, answers_of, look, random_steps, text_of

OWNER, SOMEBODY = Identity.from_int(1), Identity.from_int(3)
CLIENTS = 3
SETS_MAX = 3
_ARGS = compile_codec(product(steps=Primitive.STRING)).encode
_OUTCOMES = {"ZeroDivisionError": OutcomeKind.FAILED}

Heard = dict[int, Counter[tuple[str, bool, bytes]]]
"""Query set -> how often each (table, whether it came, row)."""


class DiskFull(Fault):
    """What a commit says that is made to fail."""

    def __init__(self) -> None:
        super().__init__("the disk is full")


@dataclass
class Client:
    """A connection. `sets`: what it asked for; `replicas`: the rows that it holds for that, and how often each came."""

    number: int
    sets: dict[int, tuple[Question, ...]] = field(default_factory=dict)
    replicas: dict[int, Counter[tuple[str, bytes]]] = field(default_factory=dict)


class Simulation:
    """`reference` is what memory must hold, `saved` what the disk must; `told` the rows that history amounts to."""

    def __init__(self, folder: Path, seed: int) -> None:
        self._rng, self._folder, self._files = random.Random(seed), folder, 0
        self._micros, self._version, self._connections = 1_000_000, 0, 0
        self._log: list[LogRecord] = []
        self._host = PythonHost(clock=lambda: self._micros)
        self._store = SqliteStore.create(self._file(), Identity.from_int(2), OWNER)
        self._open()
        self.reference = Reference(())
        self._clients: list[Client] = []
        self._told: dict[int, set[bytes]] = {}
        self._told_offset = 0
        self._deploy(FIRST)
        self._flush()
        self._connect_all()

    def step(self) -> str:
        """Do something and compare everything; what was done."""
        steps = (
            *((self._transact,) * 14),
            *((self._subscribe,) * 4),
            self._unsubscribe,
            self._come_and_go,
            *((self._deploy_change,) * 2),
            *((self._flush,) * 3),
            self._lose,
            self._restart,
            self._crash,
        )
        action = self._rng.choice(steps)
        action()
        self._look()
        self._compare()
        return action.__name__.strip("_")

    def close(self) -> None:
        """Compare what is on disk, and end."""
        self._flush()
        self._database.close()

    # --- what is done

    def _transact(self) -> None:
        for _ in range(self._rng.choice((1, 1, 4))):
            self._call(random_steps(self._rng, self.reference), self._rng.choice([None, *self._clients]))

    def _call(self, steps: list[Step], caller: Client | None) -> None:
        before, after = self.reference, self.reference.copy()
        expected, end = answers_of(after, steps)
        committed = self._run(text_of(steps, before), caller)
        answers = next(r.message for r in reversed(self._log) if r.message.startswith("["))
        assert json.loads(answers) == expected, steps
        outcome = OutcomeKind.DONE if end is None else _OUTCOMES.get(expected[-1], OutcomeKind.REFUSED)
        assert committed.outcome.kind is outcome, committed.outcome
        events = {} if end else after.end_events()
        if end is None:
            self.reference = after
        self._deliver(before, events, committed, caller)

    def _run(self, text: str, caller: Client | None) -> Committed:
        self._micros += self._rng.choice((0, 1, 1_000))
        self._log.clear()
        number = None if caller is None else caller.number
        return self._database.call(
            "run", _ARGS((text,)), identity=SOMEBODY, connection_id=None, client=number, is_owner=False
        )

    def _subscribe(self) -> None:
        client, set_id = self._rng.choice(self._clients), self._rng.randrange(SETS_MAX)
        if set_id in client.sets:
            return
        questions = tuple(random_question(self._rng, self.reference) for _ in range(self._rng.choice((1, 1, 2, 3))))
        rows = self._database.subscribe(client.number, set_id, [question.sql() for question in questions])
        client.sets[set_id] = questions
        client.replicas[set_id] = Counter((table, row) for table, data in rows.tables for row in data)

    def _unsubscribe(self) -> None:
        client = self._rng.choice(self._clients)
        for set_id in sorted(client.sets)[:1]:
            rows = self._database.unsubscribe(client.number, set_id)
            left = Counter((table, row) for table, data in rows.tables for row in data)
            assert left == +client.replicas.pop(set_id)
            del client.sets[set_id]

    def _come_and_go(self) -> None:
        client = self._rng.choice(self._clients)
        self._database.disconnect(client.number)
        self._clients.remove(client)
        self._connect_all()

    def _deploy_change(self) -> None:
        self._deploy(random_change(self._rng, self.reference))

    def _deploy(self, declared: tuple[Declared, ...]) -> None:
        self._version += 1
        prepared = self._host.prepare(program_of({"module/__init__.py": source_of(declared, self._version)}))
        assert not isinstance(prepared, Sequence), prepared
        expected = refusals(self.reference, declared)
        if expected:
            with pytest.raises(Problems) as refused:
                self._database.publish(prepared, allow_breaking=True)
            assert {problem.code for problem in refused.value.problems} == expected
            return
        published = self._database.publish(prepared, allow_breaking=True)
        everybody = {client.number for client in self._clients}
        assert set(published.drop) == (everybody if breaks_clients(self.reference, declared) else set())
        self.reference = deployed(self.reference, declared)
        self._drop(published.drop)

    def _drop(self, numbers: Sequence[object]) -> None:
        for number in numbers:
            self._database.disconnect(number)
        self._clients = [client for client in self._clients if client.number not in numbers]
        self._connect_all()

    def _connect_all(self) -> None:
        while len(self._clients) < CLIENTS:
            self._connections += 1
            client = Client(self._connections)
            connection_id = ConnectionId.from_int(client.number)
            assert self._database.connect(client.number, SOMEBODY, connection_id).outcome.kind is OutcomeKind.DONE
            self._clients.append(client)

    # --- disk

    def _file(self) -> Path:
        self._files += 1
        return self._folder / str(self._files)

    def _open(self) -> None:
        self._database = Database.open(
            self._store, {ProgramKind.PYTHON: self._host}, clock=lambda: self._micros, log=self._log.append
        )

    def _flush(self) -> None:
        self._database.flush()
        self._save()

    def _save(self) -> None:
        """All is on disk: file and history must amount to the model."""
        self.saved = self.reference.copy()
        names = self._database.live_table_names
        for table_id, name in names.items():
            rows = set(map(self.saved.tables[name].declared.encode, self.saved.tables[name].rows))
            assert set(self._store.rows(table_id)) == rows, name
        self._read_history()
        for table_id, told in self._told.items():
            name = names.get(table_id, "")
            table = self.saved.tables.get(name)
            assert told == (set(map(table.declared.encode, table.rows)) if table else set()), name

    def _read_history(self) -> None:
        while entries := self._store.history(self._told_offset):
            for entry in entries:
                assert entry.offset == self._told_offset + 1
                self._told_offset = entry.offset
                for change in entry.changes:
                    rows = self._told.setdefault(change.table_id, set())
                    if not change.is_event:
                        assert rows.issuperset(change.deleted)
                        rows.difference_update(change.deleted)
                        assert rows.isdisjoint(change.inserted)
                        rows.update(change.inserted)

    def _lose(self) -> None:
        """The disk refuses a group: memory goes back to what it holds, and clients who heard of more are dropped."""
        if self._database.begin_commit() is None:
            return
        self._transact()
        lost = self._database.end_commit(DiskFull())
        assert lost is not None
        self.reference = self.saved.copy()
        self._drop(lost.clients)
        for client in self._clients:
            for set_id, questions in client.sets.items():
                client.replicas[set_id] = self._expected(questions)

    def _restart(self) -> None:
        self._flush()
        self._database.close()
        self._begin(SqliteStore(self._store.path.parent))

    def _crash(self) -> None:
        """What `kill -9` leaves: the files as they are, in the middle of a group, with statements not committed."""
        if self._rng.random() < 0.5:
            self._database.begin_commit()
        folder = self._file()
        shutil.copytree(self._store.path.parent, folder)
        self._database.close()
        self.reference = self.saved.copy()
        self._begin(SqliteStore(folder))

    def _begin(self, store: SqliteStore) -> None:
        self._store = store
        self._open()
        self._clients = []
        self._connect_all()
        self._flush()

    # --- what is compared

    def _look(self) -> None:
        """Read everything in every way, in a reducer; it changes nothing."""
        self._call(look(self._rng, self.reference), None)

    def _compare(self) -> None:
        for name, table in self.reference.tables.items():
            rows = tuple(map(table.declared.encode, table.scan()))
            assert self._database.query(f"SELECT * FROM {name}", OWNER, True).data == rows, name
        for client in self._clients:
            for set_id, questions in client.sets.items():
                assert +client.replicas[set_id] == self._expected(questions), questions
        question = random_question(self._rng, self.reference)
        found = self._database.query(question.sql(), OWNER, True)
        assert list(found.data) == question.rows(self.reference), question.sql()

    def _expected(self, questions: tuple[Question, ...]) -> Counter[tuple[str, bytes]]:
        distinct = {question.sql(): question for question in questions}.values()
        lasting = [q for q in distinct if not self.reference.tables[q.table].declared.is_event]
        return Counter((question.table, row) for question in lasting for row in question.rows(self.reference))

    def _deliver(
        self, before: Reference, events: dict[str, list[Row]], committed: Committed, caller: Client | None
    ) -> None:
        """Every client hears exactly the net change of what it asked for, the caller on its own."""
        groups = committed.groups
        if caller is not None and committed.own:
            groups = (*groups, UpdateGroup(committed.own, (caller.number,)))
        heard: dict[object, Heard] = {number: _heard(group) for group in groups for number in group.clients}
        assert len(heard) == sum(len(group.clients) for group in groups), "each hears of a transaction once"
        for client in self._clients:
            expected: Heard = {}
            for set_id, questions in client.sets.items():
                net = self._net(before, events, questions)
                if net:
                    expected[set_id] = net
                for (table, is_new, row), count in net.items():
                    if not self.reference.tables[table].declared.is_event:
                        client.replicas[set_id][table, row] += count if is_new else -count
            assert heard.pop(client.number, {}) == expected
        assert not heard, "nobody else hears of it"

    def _net(
        self, before: Reference, events: dict[str, list[Row]], questions: tuple[Question, ...]
    ) -> Counter[tuple[str, bool, bytes]]:
        net: Counter[tuple[str, bool, bytes]] = Counter()
        for question in {question.sql(): question for question in questions}.values():
            table = self.reference.tables[question.table]
            if table.declared.is_event:
                rows = [row for row in events.get(question.table, ()) if question.holds(table, row)]
                net.update((question.table, True, table.declared.encode(row)) for row in rows)
                continue
            old, new = set(question.rows(before)), set(question.rows(self.reference))
            net.update((question.table, False, row) for row in old - new)
            net.update((question.table, True, row) for row in new - old)
        return net


def _heard(group: UpdateGroup) -> Heard:
    heard: Heard = {}
    for set_id, deltas in group.sets:
        rows = heard.setdefault(set_id, Counter())
        for delta in deltas:
            assert delta.inserted or delta.deleted, "an update is never empty"
            rows.update((delta.table, True, row) for row in delta.inserted)
            rows.update((delta.table, False, row) for row in delta.deleted)
    return heard
