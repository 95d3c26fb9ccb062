"""Random interleavings of several users' calls, answers, refusals and broken connections, against a plain model.

The model knows no layers, reads and steps: it copies what the server holds and does what is predicted, call by call.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Protocol

from hypothesis import given, settings
from hypothesis import strategies as st

from stdbctl.client import ReducerError, at_least
from tests.client.example_bindings import Db, Point, Tally
from tests.client.optimist import ME, YOU, Optimist, Rows, point

Step = tuple[str, int, int]
"""What to do, and two numbers for it."""


class World(Protocol):
    """What steps are done to: the server's rows, the model's, or a draft."""

    def insert(self, row: Point) -> None: ...
    def find(self, number: int) -> Point | None: ...
    def update(self, row: Point) -> None: ...
    def delete(self, row: Point) -> None: ...
    def owned(self, by_you: bool) -> list[Point]: ...
    def from_x(self, x: float) -> list[Point]: ...
    def count(self) -> int: ...
    def set_tally(self, row: Tally, is_there: bool) -> None: ...


def do(world: World, step: Step) -> None:
    """Do one step. Raises ReducerError where a module would."""
    kind, number, value = step
    if kind == "add":
        world.insert(point(0, float(value), owner=YOU if number % 2 else ME))
    elif kind == "put":
        world.insert(point(number + 1, float(value)))
    elif kind == "move":
        found = world.find(number)
        if found is None:
            raise ReducerError(f"no point {number}")
        world.update(replace(found, x=float(value)))
    elif kind == "remove":
        found = world.find(number)
        if found is not None:
            world.delete(found)
    elif kind == "clear":
        for row in world.owned(number % 2 == 1):
            world.delete(row)
    elif kind == "shift":
        for row in world.from_x(float(value)):
            world.update(replace(row, y=row.y + 1))
    elif kind == "count":
        world.set_tally(Tally(name="points", count=world.count()), is_there=True)
    else:
        world.set_tally(Tally(name="any", count=number), is_there=value > 0)


@dataclass
class Plain:
    """Rows in dictionaries. `number()`: what stands for 0."""

    rows: Rows
    number: Callable[[], int]

    def insert(self, row: Point) -> None:
        row = replace(row, id=row.id or self.number())
        if row.id in self.rows.points:
            raise ReducerError("taken")
        self.rows.points[row.id] = row

    def find(self, number: int) -> Point | None:
        return self.rows.points.get(number)

    def update(self, row: Point) -> None:
        self.rows.points[row.id] = row

    def delete(self, row: Point) -> None:
        del self.rows.points[row.id]

    def owned(self, by_you: bool) -> list[Point]:
        return [row for row in self.rows.points.values() if row.owner == (YOU if by_you else ME)]

    def from_x(self, x: float) -> list[Point]:
        return [row for row in self.rows.points.values() if row.x >= x]

    def count(self) -> int:
        return len(self.rows.points)

    def set_tally(self, row: Tally, is_there: bool) -> None:
        if is_there:
            self.rows.tallies[row.name, row.count] = row
        else:
            self.rows.tallies.pop((row.name, row.count), None)


@dataclass
class Drafted:
    """A draft. `numbers`: what it made up, in order."""

    db: Db
    numbers: list[int]

    def insert(self, row: Point) -> None:
        made = self.db.point.insert(row)
        if not row.id:
            self.numbers.append(made.id)

    def find(self, number: int) -> Point | None:
        return self.db.point.find(id=number)

    def update(self, row: Point) -> None:
        self.db.point.update(row)

    def delete(self, row: Point) -> None:
        assert self.db.point.delete(row)

    def owned(self, by_you: bool) -> list[Point]:
        return self.db.point.filter(owner=YOU if by_you else ME)

    def from_x(self, x: float) -> list[Point]:
        return self.db.point.filter(x=at_least(x))

    def count(self) -> int:
        assert len(self.db.point) == len(list(self.db.point))
        return len(self.db.point)

    def set_tally(self, row: Tally, is_there: bool) -> None:
        if is_there:
            self.db.tally.insert(row)
        else:
            self.db.tally.delete(row)


@dataclass(frozen=True)
class Call:
    """A call of ours: what it is predicted to do, and what it will do."""

    predicted: list[Step]
    real: list[Step]


@dataclass(frozen=True)
class Answer:
    """The server comes to our oldest call."""

    is_refused: bool


@dataclass(frozen=True)
class Others:
    """Somebody else's transaction."""

    steps: list[Step]


@dataclass(frozen=True)
class Lose:
    """The connection breaks; the server had come to some of our calls."""

    done: int


Action = Call | Answer | Others | Lose

kinds = st.sampled_from(("add", "add", "move", "move", "put", "remove", "clear", "shift", "count", "tally"))
steps = st.lists(st.tuples(kinds, st.integers(0, 6), st.integers(0, 3)), min_size=1, max_size=4)
right = steps.map(lambda same: Call(same, same))
wrong = st.builds(Call, predicted=steps, real=steps)
answers = st.builds(Answer, is_refused=st.integers(0, 3).map(lambda chance: chance == 0))
actions = st.one_of(right, wrong, answers, answers, st.builds(Others, steps=steps), st.builds(Lose, st.integers(0, 3)))


@dataclass
class Pending:
    """A call under way, the numbers it made up when it was last worked out, and whether its effect ended well."""

    call: Call
    numbers: list[int] = field(default_factory=list)


class Play:
    """A client with its server, and the calls under way."""

    def __init__(self) -> None:
        self.client = Optimist()
        self.pending: list[Pending] = []
        self.last_number = 100  # above those that steps name

    def act(self, action: Action) -> None:
        match action:
            case Call():
                self._call(action)
            case Answer():
                self._answer(action)
            case Others():
                self.client.others(self._done(action.steps) or self.client.server)
            case Lose():
                self._lose(action)
        self.assert_sound()

    def end(self) -> None:
        """Everything is answered: what is shown is what the server holds."""
        while self.pending:
            self.act(Answer(is_refused=False))
        assert self.client.shown() == self.client.server

    def assert_sound(self) -> None:
        """What is shown is truth with all predictions on it; callbacks led there; look-ups agree."""
        shown = self.client.shown()
        assert shown == self._model()
        assert self.client.seen == shown
        points = self.client.db.point
        for owner in (ME, YOU):
            mine = {row.id for row in shown.points.values() if row.owner == owner}
            assert {row.id for row in points.filter(owner=owner)} == mine
        for row in shown.points.values():
            assert points.find(id=row.id) == row
            assert points.is_predicted(row) or self.client.server.points[row.id] == row
        mistakes = [error for error in self.client.reports if not isinstance(error, ReducerError)]
        assert mistakes == [], "refusals of calls that nobody awaits are all that is reported"

    def _call(self, call: Call) -> None:
        pending = Pending(call)
        self.pending.append(pending)

        def effect(db: Db) -> None:
            pending.numbers.clear()
            for step in call.predicted:
                do(Drafted(db, pending.numbers), step)

        self.client.optimistic(effect).clear_points()

    def _answer(self, answer: Answer) -> None:
        if not self.pending:
            return
        call = self.pending.pop(0).call
        rows = None if answer.is_refused else self._done(call.real)
        if rows is None:
            self.client.refuse()
        else:
            self.client.commit(rows)

    def _lose(self, loss: Lose) -> None:
        self.client.lose()
        done, self.pending = self.pending[: loss.done], []
        self.assert_sound()
        for pending in done:
            self.client.server = self._done(pending.call.real) or self.client.server
        self.client.open()

    def _done(self, steps: list[Step]) -> Rows | None:
        """What the server holds after these steps; None when it refuses them."""
        rows = self.client.server.copy()
        try:
            for step in steps:
                do(Plain(rows, self._next_number), step)
        except ReducerError:
            return None
        return rows

    def _next_number(self) -> int:
        self.last_number += 1
        return self.last_number

    def _model(self) -> Rows:
        rows = self.client.server.copy()
        for pending in self.pending:
            numbers: Iterator[int] = iter(pending.numbers)
            after = rows.copy()
            try:
                for step in pending.call.predicted:
                    do(Plain(after, numbers.__next__), step)
            except ReducerError:
                continue
            rows = after
        return rows


@settings(max_examples=150, deadline=None)
@given(st.lists(actions, max_size=30))
def test_shown_is_truth_with_pending_predictions_at_every_step_and_truth_at_the_end(actions: list[Action]) -> None:
    play = Play()
    for action in actions:
        play.act(action)
    play.end()
