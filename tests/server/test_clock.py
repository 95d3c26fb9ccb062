"""The server's clock follows the machine's, and never goes back."""

from hypothesis import given
from hypothesis import strategies as st

from stdbctl.server.clock import Clock

HOUR = 3_600_000_000
SECOND = 1_000_000


class Machine:
    """The two clocks of a machine."""

    def __init__(self) -> None:
        self.wall, self.steady = 1_700_000_000_000_000, 5
        self.clock = Clock(lambda: self.wall, lambda: self.steady)

    def read_after(self, micros: int, step: int = 0) -> int:
        """Let time pass, set the wall clock by a step, and read the server's clock."""
        self.wall += micros + step
        self.steady += micros
        return self.clock()


def test_it_says_what_the_machine_says() -> None:
    machine = Machine()
    assert [machine.read_after(micros) == machine.wall for micros in (1, HOUR, 0, 7)] == [True] * 4


def test_set_back_it_goes_on_at_the_pace_of_time() -> None:
    machine = Machine()
    before = machine.clock()
    assert machine.read_after(SECOND, -HOUR) == before + SECOND
    assert machine.read_after(SECOND) == before + 2 * SECOND


def test_set_forward_it_follows_at_once() -> None:
    machine = Machine()
    assert machine.read_after(SECOND, HOUR) == machine.wall


def test_set_back_and_forward_again_it_says_what_the_machine_says() -> None:
    machine = Machine()
    machine.read_after(SECOND, -HOUR)
    assert machine.read_after(SECOND, HOUR) == machine.wall
    machine.read_after(SECOND, -HOUR)
    assert machine.read_after(SECOND, HOUR + SECOND) == machine.wall


def test_small_corrections_are_followed() -> None:
    machine = Machine()
    before = machine.clock()
    for _ in range(1000):
        machine.read_after(100_000, -500)
    assert machine.clock() == machine.wall == before + 1000 * 99_500


def test_a_machine_that_slept_is_on_time_when_it_wakes() -> None:
    machine = Machine()
    machine.wall += 8 * HOUR
    assert machine.clock() == machine.wall


@given(
    st.lists(st.tuples(st.integers(0, 10 * SECOND), st.sampled_from([0, 0, -20, 5, -HOUR, HOUR, -SECOND, 60 * SECOND])))
)
def test_it_never_goes_back_and_never_stands_still_for_long(steps: list[tuple[int, int]]) -> None:
    machine = Machine()
    last = machine.clock()
    for micros, step in steps:
        now = machine.read_after(micros, step)
        assert now >= last + micros - 10_000
        assert now >= last
        assert now >= machine.wall
        last = now
