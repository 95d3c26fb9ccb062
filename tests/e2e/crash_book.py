"""What the clients of the crash test know, and how a restarted server is compared with it."""

import json
from collections.abc import Iterable
from typing import Any

import httpx

from tests.e2e.crash_clients import DATABASE, NUMBERS_OF_A_CLIENT, Recorder
from tests.support.server import RunningServer, wait_until

TABLES = ("entry", "mirror", "total", "online", "reminder", "reminded")
KEPT_ENTRIES = 3_000
"""With more of them the oldest are deleted, so that a long test stays quick."""


class Book:
    """Everything that was asked for and acknowledged, and the state that the history so far leads to.

    `ranges`: (client, first number, numbers sent, numbers acknowledged) of each life of a client since the last look.
    """

    def __init__(self, clients: int) -> None:
        self._next = [client * NUMBERS_OF_A_CLIENT + 1 for client in range(clients)]
        self._lives: list[tuple[int, int, int, set[int]]] = []
        self._known: dict[int, int] = {}
        """number -> sequence of each entry that was there at the last look"""
        self._counts = [0] * clients
        self._state: dict[str, set[str]] = {table: set() for table in TABLES}
        self._offset = 0
        self.acknowledged = self.stored = 0

    def __str__(self) -> str:
        return f"{self.acknowledged} calls acknowledged, {self.stored} stored, {self._offset} transactions"

    def next_number(self, client: int) -> int:
        """The first number that a client has never sent."""
        return self._next[client]

    def add(self, recorders: Iterable[Recorder]) -> None:
        """Take in what the clients of a life say."""
        for one in recorders:
            self._lives.append((one.client, one.first, one.sent, one.acknowledged))
            self._next[one.client] = one.first + one.sent
            self.acknowledged += len(one.acknowledged)

    def check(self, server: RunningServer) -> None:
        """Compare a server that was just started with the books, then make room."""
        assert server.sql(DATABASE, "SELECT * FROM online") == [], "a dead client is shown as connected"
        wait_until(lambda: server.sql(DATABASE, "SELECT key FROM reminder") == [], "the end of the reminders", 60)
        state = {table: server.sql(DATABASE, f"SELECT * FROM {table}") for table in TABLES}
        entries = {row[0]: row for row in state["entry"]}
        self._check_lives(entries)
        self._check_agreement(state, entries)
        self._check_wide(server)
        self._check_history(server, state)
        self._known = {number: row[2] for number, row in entries.items()}
        if len(entries) > KEPT_ENTRIES:
            self._prune(server)

    def _check_lives(self, entries: dict[int, list[Any]]) -> None:
        """What was acknowledged is there; of each life a beginning is there, in the order in which it was sent."""
        for client, first, sent, acknowledged in self._lives:
            mine = [number for number in range(first, first + sent) if number in entries]
            assert acknowledged <= set(mine), f"lost: {sorted(acknowledged - set(mine))[:10]}"
            assert mine == list(range(first, first + len(mine))), "a call is missing before one that is there"
            sequences = [entries[number][2] for number in mine]
            assert sequences == sorted(sequences), "the order of a client's calls is lost"
            self._counts[client] += len(mine)
            self.stored += len(mine)
            self._known |= dict.fromkeys(mine, 0)
        self._lives.clear()
        assert self._known.keys() == entries.keys(), "an entry is there that nobody sent, or an old one is gone"

    def _check_agreement(self, state: dict[str, list[list[Any]]], entries: dict[int, list[Any]]) -> None:
        """The tables that one transaction writes agree; numbers were given once; what was scheduled ran once."""
        assert {(s, n, c) for n, c, s, _ in entries.values()} == {tuple(row) for row in state["mirror"]}
        given = sorted(row[0] for row in state["mirror"])
        assert given == list(range(given[0], given[0] + len(given))) if given else True, "a number is missing"
        assert {row[0]: row[1] for row in state["total"]} == {c: n for c, n in enumerate(self._counts) if n}
        expected = [[number, 1] for number in sorted(entries) if number % 5 == 0]
        assert sorted(state["reminded"]) == expected, "a scheduled row was lost or ran twice"

    def _check_wide(self, server: RunningServer) -> None:
        """The table that migrations build anew is whole, and found by its index where it has one."""
        rows = [[number, number % 7] for number in range(300)]
        assert sorted(server.sql(DATABASE, "SELECT * FROM wide")) == rows
        assert sorted(server.sql(DATABASE, 'SELECT * FROM wide WHERE "group" = 3')) == rows[3::7]

    def _check_history(self, server: RunningServer, state: dict[str, list[list[Any]]]) -> None:
        """History goes on without a gap, and replayed it gives the rows that are there."""
        for entry in reversed(self._newer_history(server)):
            assert entry["offset"] == self._offset + 1, "history has a gap"
            self._offset += 1
            self._replay(entry)
        for table, rows in state.items():
            found = sorted(json.dumps(row) for row in rows)
            assert found == sorted(self._state[table]), f"history does not lead to `{table}`"

    def _newer_history(self, server: RunningServer) -> list[dict[str, Any]]:
        """The transactions since the last look, newest first."""
        url, found = f"{server.url}/v1/database/{DATABASE}/history", []
        with httpx.stream("GET", url, headers=server.headers, timeout=60, trust_env=False) as answer:
            assert answer.status_code == 200
            for line in answer.iter_lines():
                entry = json.loads(line)
                if entry["offset"] <= self._offset:
                    break
                found.append(entry)
        return found

    def _replay(self, entry: dict[str, Any]) -> None:
        for change in entry["changes"]:
            if change["table"] in self._state:
                rows = self._state[change["table"]]
                gone = {json.dumps(list(row.values())) for row in change["deleted"]}
                assert gone <= rows, "history deletes what was not there"
                rows -= gone
                rows |= {json.dumps(list(row.values())) for row in change["inserted"]}

    def _prune(self, server: RunningServer) -> None:
        below = sorted(self._known.values())[-KEPT_ENTRIES // 2]
        assert server.call(DATABASE, "prune", below).status_code == 200
        self._known = {number: sequence for number, sequence in self._known.items() if sequence >= below}
