"""Reducers that do not come back are stopped or fail, leave nothing behind, and disturb nobody else."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from stdbctl.protocol import ReducerOk, ReducerResult
from tests.faults.runaways import RUNAWAYS
from tests.support.server import RawClient, RunningServer, call_reducer, serving, wait_until

STOPPED = "The reducer `{}` was stopped: it ran longer than allowed."
TOO_MUCH = "The reducer `{}` was stopped: it wanted more memory than allowed."
FATAL = "The instance encountered a fatal error."
QUIET = """
from stdbctl.module import PrimaryKey, ReducerContext, reducer, table, u64

@table(public=True)
class Tick:
    id: PrimaryKey[u64]

@reducer
def tick(ctx: ReducerContext) -> None:
    ctx.db[Tick].insert(Tick(id=len(ctx.db[Tick])))
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server with little patience and memory that serves `wild` and `quiet`."""
    folder = tmp_path_factory.mktemp("runaways")
    with serving(folder, call_limit_s=0.5, deaf_grace_s=60.0, memory_limit_mb=500) as running:
        for name, source in (("wild", RUNAWAYS), ("quiet", QUIET)):
            # The limit is also that of the import, which a busy machine may not finish in time.
            wait_until(lambda: running.publish(name, {"module/__init__.py": source}).is_success, name, 60)  # noqa: B023
        yield running


@pytest.fixture(scope="module")
def bystander(server: RunningServer) -> Iterator[RawClient]:
    """A client of the other database, connected all the time."""
    with server.connect("quiet") as client:
        client.receive()
        yield client


def assert_all_goes_on(server: RunningServer, bystander: RawClient) -> None:
    assert server.sql("wild", "SELECT id FROM row") == [], "a row of the failed call is there"
    bystander.send(call_reducer(1, "tick"))
    done = bystander.receive()
    assert isinstance(done, ReducerResult)
    assert isinstance(done.outcome, ReducerOk)


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("in_python", "in in_python"),
        ("in_a_pattern", "re.match("),
        ("in_a_power", "10 ** 10**8"),
        ("in_a_product", "number * number"),
        ("in_a_lock", "lock.acquire()"),
        ("in_a_queue", "queue.Queue().get()"),
        ("swallows_some", ""),
        ("finally_loops", "sum(range(100))"),
        ("generator_loops", ""),
        ("last_word", ""),
        ("endless_text", "in __str__"),
        ("endless_refusal", "in __str__"),
        ("inserts_without_end", "put(ctx)"),
        ("prints_without_end", 'print("again and again")'),
    ],
)
def test_call_without_end_is_stopped(server: RunningServer, bystander: RawClient, name: str, line: str) -> None:
    answer = server.call("wild", name)
    assert (answer.status_code, answer.text) == (530, STOPPED.format(name))
    message = next(text for text in reversed(server.log_messages("wild")) if STOPPED.format(name) in text)
    assert line in message
    assert_all_goes_on(server, bystander)


@pytest.mark.parametrize("name", ["huge_list", "huge_text", "many_lists", "many_rows"])
def test_call_that_wants_all_memory_is_stopped_and_gives_it_back(
    server: RunningServer, bystander: RawClient, name: str
) -> None:
    before = resident_mib(server)
    answer = server.call("wild", name)
    assert (answer.status_code, answer.text) in ((530, TOO_MUCH.format(name)), (530, STOPPED.format(name)))
    assert f"in {name}\n" in server.log_messages("wild")[-1]
    assert_all_goes_on(server, bystander)
    assert resident_mib(server) - before < 100


def resident_mib(server: RunningServer) -> int:
    pages = int(Path(f"/proc/{server.pid}/statm").read_text().split()[1])
    return pages * 4096 >> 20


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("recurses", "RecursionError"),
        ("recurses_in_repr", "RecursionError"),
        ("recurses_in_eq", "RecursionError"),
        ("nests_json", "RecursionError"),
        ("exits", "SystemExit"),
        ("raises_interrupt", "KeyboardInterrupt"),
        ("raises_generator_exit", "GeneratorExit"),
        ("raises_odd", "Odd: <exception str() failed>"),
        ("os_exit", "`posix._exit()` uses other processes"),
        ("os_kill", "`os.getppid()` depends on the machine"),
        ("stops_the_alarm", "`signal.alarm()` changes the process"),
        ("starts_a_thread", "uses threads"),
        ("traces", "`sys.settrace()` changes the process"),
    ],
)
def test_call_that_tries_to_end_more_than_itself_fails(
    server: RunningServer, bystander: RawClient, name: str, said: str
) -> None:
    answer = server.call("wild", name)
    assert (answer.status_code, answer.text) == (530, FATAL)
    message = server.log_messages("wild")[-1]
    assert f", in {name}\n" in message
    assert said in message
    assert_all_goes_on(server, bystander)


def test_row_nested_without_end_is_refused(server: RunningServer, bystander: RawClient) -> None:
    answer = server.call("wild", "nests_a_row")
    assert (answer.status_code, "expects str, got [[[" in answer.text) == (530, True)
    assert_all_goes_on(server, bystander)


def test_arguments_nested_without_end_are_refused(server: RunningServer, bystander: RawClient) -> None:
    body = "[" * 200_000 + "]" * 200_000
    headers = {"content-type": "application/json"}
    answer = server.request("POST", "/database/wild/call/fill", content=body, headers=headers)
    assert answer.status_code == 400, answer.text
    assert_all_goes_on(server, bystander)
