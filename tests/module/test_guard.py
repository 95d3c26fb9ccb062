"""What differs from one run to the next is refused while a module runs, and everything else works as ever."""

import os
import re
import subprocess
import sys
import threading
import types
from collections.abc import Sequence
from pathlib import Path

import pytest

from stdbctl.module import lint, load_package
from stdbctl.records import DONE, OutcomeKind

from .running import Running, program_of, write_module

HEAD = """
import asyncio, builtins, concurrent.futures, datetime as dt, gc, glob, http.client, importlib, io, multiprocessing
import os, os.path, pathlib, platform, random, secrets, shutil, signal, socket, sqlite3, subprocess, sys, tempfile
import email.utils, gzip, threading, time, timeit, urllib.request, uuid
from datetime import date, datetime, timezone
from os import environ, path
from pathlib import Path
from random import Random, shuffle
from time import time as now
from stdbctl.module import ReducerContext, reducer

class MyTime(datetime): ...
class Worker(threading.Thread): ...
"""

REFUSED = {
    # clocks
    "time.time()": "`time.time()` reads the clock",
    "now()": "`time.time()` reads the clock",
    "time.monotonic_ns()": "use `ctx.timestamp`",
    "time.perf_counter()": "use `ctx.timestamp`",
    "time.gmtime()": "`time.gmtime()` reads the clock",
    "time.gmtime(None)": "`time.gmtime()` reads the clock",
    "time.strftime('%Y')": "`time.strftime()` reads the clock",
    "time.localtime(0)": "`time.localtime()` depends on the machine's time zone",
    "time.sleep(0)": "`time.sleep()` waits",
    "datetime.now()": "`datetime.now()` reads the clock",
    "dt.datetime.now(timezone.utc)": "`datetime.now()` reads the clock",
    "dt.datetime.utcnow()": "`datetime.utcnow()` reads the clock",
    "MyTime.now()": "`datetime.now()` reads the clock",
    "date.today()": "`date.today()` reads the clock",
    "datetime.fromtimestamp(0)": "depends on the machine's time zone",
    "gzip.compress(b'')": "`gzip.compress()` reads the clock",
    "email.utils.formatdate()": "`email.utils.formatdate()` reads the clock",
    "timeit.default_timer()": "`timeit.default_timer()` reads the clock",
    # chance
    "random.random()": "use `ctx.random.random()`",
    "random.randint(1, 2)": "use `ctx.random.randint()`",
    "shuffle([1])": "use `ctx.random.shuffle()`",
    "random.seed(1)": "`random.seed()` is random",
    "Random()": "`Random()` without a seed is random",
    "Random(1).seed()": "`Random.seed()` without a seed is random",
    "random.SystemRandom()": "`SystemRandom()` is random",
    "ctx.random.seed()": "`Random.seed()` without a seed is random",
    "secrets.token_hex()": "`secrets.token_hex()` is random",
    "os.urandom(1)": "`os.urandom()` is random",
    "uuid.uuid4()": "use `ctx.new_uuid_v4()`",
    "uuid.uuid1()": "use `ctx.new_uuid_v7()`",
    # the machine
    "sys.argv[0]": "`sys.argv` depends on the environment",
    "os.environ['HOME']": "`os.environ` depends on the environment",
    "environ.get('HOME')": "`os.environ` depends on the environment",
    "os.getenv('HOME')": "`os.getenv()` depends on the environment",
    "os.getpid()": "`os.getpid()` depends on the machine",
    "platform.node()": "`platform.node()` depends on the machine",
    "sys.getrefcount(1)": "depends on what else is in memory",
    "gc.collect()": "`gc.collect()` depends on what else is in memory",
    "signal.alarm(1)": "changes the process that serves all databases",
    "sys.setrecursionlimit(10)": "changes the process that serves all databases",
    # files
    "open('/etc/hostname')": "`open()` depends on the files of the machine",
    "open('/tmp/x', 'w')": "`open()` changes the files of the machine",
    "builtins.open('/etc/hostname')": "`open()` depends on the files of the machine",
    "io.open('/etc/hostname')": "`open()` depends on the files of the machine",
    "Path('/etc').exists()": "`Path.exists()` depends on the files of the machine",
    "(pathlib.Path('/') / 'etc').iterdir()": "`Path.iterdir()` depends on the files of the machine",
    "Path.cwd()": "`Path.cwd()` depends on the files of the machine",
    "Path('/tmp/x').write_text('')": "`Path.write_text()` changes the files of the machine",
    "os.path.exists('/etc')": "`os.path.exists()` depends on the files of the machine",
    "path.abspath('x')": "`os.path.abspath()` depends on the files of the machine",
    "os.listdir('/')": "`os.listdir()` depends on the files of the machine",
    "glob.glob('/*')": "`glob.glob()` depends on the files of the machine",
    "tempfile.mkdtemp()": "`tempfile.mkdtemp()` changes the files of the machine",
    "shutil.rmtree('/nowhere')": "`shutil.rmtree()` changes the files of the machine",
    "sqlite3.connect(':memory:')": "`sqlite3.connect()` depends on the files of the machine",
    # the network, other processes, threads
    "socket.socket()": "`socket()` uses the network",
    "socket.create_connection(('127.0.0.1', 1))": "uses the network",
    "urllib.request.urlopen('http://127.0.0.1:1')": "`urllib.request.urlopen()` uses the network",
    "http.client.HTTPConnection('127.0.0.1')": "uses the network",
    "subprocess.run(['true'])": "`subprocess.run()` uses other processes",
    "subprocess.Popen(['true'])": "`Popen()` uses other processes",
    "os.system('true')": "`os.system()` uses other processes",
    "os.fork()": "`os.fork()` uses other processes",
    "multiprocessing.Process()": "`Process()` uses other processes",
    "threading.Thread(target=print).start()": "`Thread()` uses threads or tasks",
    "Worker()": "`Thread()` uses threads or tasks",
    "threading.get_ident()": "uses threads or tasks",
    "concurrent.futures.ThreadPoolExecutor()": "`ThreadPoolExecutor()` uses threads or tasks",
    "asyncio.new_event_loop()": "uses threads or tasks",
    "input()": "`input()` waits for the keyboard",
    # other ways to the same
    "importlib.import_module('time').time()": "`time.time()` reads the clock",
    "__import__('random').random()": "`random.random()` is random",
    "late()": "`time.time_ns()` reads the clock",
    # packages outside the module: only what the audit hook sees
    "uncached()": "`open()` depends on the files of the machine",
}

LATE = """
def late():
    import time as clock
    return clock.time_ns()

def uncached():
    import netrc
    return netrc.netrc('/etc/hostname')
"""

ALLOWED = """
isinstance(datetime(2024, 1, 2), datetime) and isinstance(dt.date(2024, 1, 2), dt.date)
isinstance(ctx.timestamp.to_datetime(), datetime) and not isinstance(1, datetime)
type(ctx.timestamp.to_datetime()) == datetime and {datetime: 1}[type(datetime(2024, 1, 1))] == 1
issubclass(MyTime, datetime) and issubclass(datetime, date) and issubclass(MyTime, date)
isinstance(MyTime(2024, 1, 2), datetime) and MyTime(2024, 1, 2).year == 2024 and not isinstance(datetime.max, MyTime)
datetime.fromtimestamp(0, timezone.utc).year == 1970 and datetime.fromtimestamp(0, tz=timezone.utc).hour == 0
datetime.fromisoformat("2024-01-02") + dt.timedelta(days=1) == datetime(2024, 1, 3)
datetime.strptime("2024", "%Y").isoformat() == "2024-01-01T00:00:00"
datetime.combine(date(2024, 1, 2), dt.time(3)) > datetime.min
matched(datetime(2024, 5, 6)) == 2024
seen(datetime(2024, 5, 6)) == "datetime" and seen(1) == "object"
copy.deepcopy([datetime(2024, 1, 1)]) == [datetime(2024, 1, 1)]
ZoneInfo("UTC").utcoffset(None) is None or True
random.Random(5).random() == Random(5).random() and isinstance(ctx.random, random.Random)
0 <= ctx.random.random() < 1 and ctx.random.choice([1]) == 1
time.struct_time((2024, 1, 2, 0, 0, 0, 0, 0, 0)).tm_year == 2024 and time.gmtime(0).tm_year == 1970
time.strftime("%Y", time.gmtime(0)) == "1970"
uuid.uuid5(uuid.NAMESPACE_DNS, "a") == uuid.uuid5(uuid.NAMESPACE_DNS, "a") and uuid.UUID(int=1).int == 1
os.path.join("a", "b") == "a/b" and path.splitext("a.b")[1] == ".b" and os.sep == "/" and os.fspath(Path("a")) == "a"
Path("a") / "b" == pathlib.PurePath("a/b") and Path("a/b.c").suffix == ".c" and isinstance(Path("a"), Path)
repr(Path("a/b")) == "PosixPath('a/b')" and Path("a/b").parent.name == "a"
secrets.compare_digest("a", "a")
gzip.compress(b"a", mtime=0) == gzip.compress(b"a", 9, mtime=0) and email.utils.formatdate(0)[:3] == "Thu"
threading.Lock() is not None and issubclass(Worker, threading.Thread)
json.loads(json.dumps({"a": [1, None]})) == {"a": [1, None]} and re.sub("a", "b", "aa") == "bb"
math.sqrt(4) == 2 and statistics.mean([1, 2, 3]) == 2 and str(Decimal("0.1")) == "0.1" and Fraction(1, 2) == 0.5
hashlib.sha256(b"a").hexdigest()[:4] == "ca97" and zlib.crc32(b"a") == 3904355907
list(itertools.accumulate([1, 2])) == [1, 3] and functools.reduce(operator.add, [1, 2]) == 3
textwrap.shorten("a b c", 5) and string.digits and bisect.bisect([1, 2], 1) == 1 and heapq.nsmallest(1, [2, 1]) == [1]
collections.Counter("aab")["a"] == 2 and dataclasses.replace(Spot(1), x=2).x == 2 and Kind("a") is Kind.A
sum([0.1] * 10) == 0.1 + 0.1 + 0.1 + 0.1 + 0.1 + 0.1 + 0.1 + 0.1 + 0.1 + 0.1 and sum([[1], [2]], []) == [1, 2]
importlib.import_module("json") is json and importlib.import_module(".helpers", __package__).DATA == "12"
resources.files(__package__).joinpath("data.txt").read_text() == "12"
late_import()
"x".encode("cp500") == bytes([167])
traceback.format_exc().startswith("NoneType")
callable(field_default().made)
""".strip().splitlines()

ALLOWED_HEAD = """
import bisect, collections, copy, dataclasses, enum, functools, hashlib, heapq, itertools, json, math, operator, re
import statistics, string, textwrap, traceback, zlib
from decimal import Decimal
from fractions import Fraction
from importlib import resources
from zoneinfo import ZoneInfo
from . import helpers

@dataclasses.dataclass(frozen=True)
class Spot:
    x: int
    when: datetime | None = None

class Kind(enum.Enum):
    A = "a"

@dataclasses.dataclass
class field_default:
    made: object = dataclasses.field(default_factory=lambda: print)

@functools.singledispatch
def seen(value): return "object"

@seen.register
def _(value: datetime): return "datetime"

def matched(value):
    match value:
        case datetime(year=year):
            return year

def late_import():
    import wave, colorsys
    from xml.etree import ElementTree
    return ElementTree.fromstring("<a/>").tag == "a"
"""


REDUCER = """
@reducer(name='r{number}')
def r{number}(ctx: ReducerContext) -> None:
    assert {line}
"""


def _program(folder: Path, lines: Sequence[str], head: str) -> Running:
    bodies = [REDUCER.format(number=number, line=line) for number, line in enumerate(lines)]
    files = {
        "__init__.py": HEAD + head + "".join(bodies),
        "helpers.py": "from importlib import resources\n"
        "DATA = resources.files(__package__).joinpath('data.txt').read_text()\n",
        "data.txt": "12",
    }
    return Running(program_of(folder, files))


@pytest.fixture(scope="module")
def refusing(tmp_path_factory: pytest.TempPathFactory) -> Running:
    return _program(tmp_path_factory.mktemp("refused"), list(REFUSED), LATE)


@pytest.fixture(scope="module")
def allowing(tmp_path_factory: pytest.TempPathFactory) -> Running:
    return _program(tmp_path_factory.mktemp("allowed"), ALLOWED, ALLOWED_HEAD)


@pytest.mark.parametrize("line", REFUSED)
def test_what_differs_the_next_time_is_refused_in_a_reducer(refusing: Running, line: str) -> None:
    outcome = refusing.call(f"r{list(REFUSED).index(line)}")
    assert outcome.kind is OutcomeKind.FAILED
    assert outcome.text == "The instance encountered a fatal error."
    message = refusing.lines[-1]
    assert REFUSED[line] in message
    assert "stdbctl.module.NotDeterministic: " in message
    assert message.endswith("[module.not_deterministic]")
    assert f"    assert {line}" in message


@pytest.mark.parametrize("line", ALLOWED)
def test_what_is_the_same_every_time_works_in_a_reducer(allowing: Running, line: str) -> None:
    assert allowing.call(f"r{ALLOWED.index(line)}") == DONE, allowing.lines[-1]


def test_a_refusal_is_an_exception_like_others_for_the_author(tmp_path: Path) -> None:
    source = """
    import time
    from stdbctl.module import NotDeterministic, ReducerContext, reducer

    @reducer
    def look(ctx: ReducerContext) -> None:
        try:
            time.time()
        except NotDeterministic as error:
            print(error.what, "|", error.fix)
    """
    running = Running(program_of(tmp_path, source))
    assert running.call("look") == DONE
    assert running.lines[-1:] == ["`time.time()` reads the clock | use `ctx.timestamp`"]


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("import time; START = time.time()", "`time.time()` reads the clock"),
        ("from datetime import datetime; START = datetime.now()", "`datetime.now()` reads the clock"),
        ("import random; SALT = random.random()", "`random.random()` is random"),
        ("import uuid; ID = uuid.uuid4()", "`uuid.uuid4()` is random"),
        ("import os; DEBUG = os.environ.get('DEBUG')", "`os.environ` depends on the environment"),
        ("import threading; threading.Thread(target=print).start()", "`Thread()` uses threads or tasks"),
        ("import subprocess; subprocess.run(['true'])", "`subprocess.run()` uses other processes"),
        ("import socket; socket.gethostname()", "`socket.gethostname()` uses the network"),
        ("open('x', 'w')", "`open()` changes the files of the machine"),
    ],
)
def test_a_top_level_that_differs_from_load_to_load_is_a_problem_at_its_line(
    tmp_path: Path, line: str, what: str
) -> None:
    loaded = load_package(write_module(tmp_path, f"A = 1\n{line}\n"), tmp_path)
    assert isinstance(loaded, tuple), "the module loads"
    [problem] = loaded
    assert (problem.code, problem.what) == ("module.not_deterministic", what)
    assert problem.why == "a module is imported anew at each start of the server, and has to come out the same"
    assert problem.fix.startswith("leave it out of the module's top level; in a reducer, ")
    assert problem.place is not None
    assert problem.place.line == 2


def test_the_top_level_may_read_files(tmp_path: Path) -> None:
    (tmp_path / "data.txt").write_text("7")
    source = f"""
    import os.path
    from pathlib import Path
    FOLDER = os.path.dirname(os.path.abspath({str(tmp_path / "x")!r}))
    with open(os.path.join(FOLDER, "data.txt")) as file:
        WITH_OPEN = file.read()
    WITH_PATH = Path(FOLDER, "data.txt").read_text() if os.path.exists(FOLDER) else ""
    print(WITH_OPEN, WITH_PATH)
    """
    loaded = load_package(write_module(tmp_path, source), tmp_path)
    assert not isinstance(loaded, tuple), loaded
    assert [record.message for record in loaded.log.kept] == ["7 7"]


def test_a_plain_import_by_a_test_of_the_author_is_not_guarded(tmp_path: Path) -> None:
    source = """
    import random, time
    from stdbctl.module import ReducerContext, reducer

    STARTED = time.time()

    @reducer
    def work(ctx: ReducerContext) -> None:
        print(random.random() < 1)
    """
    write_module(tmp_path, source)
    code = "import module; module.work(None)"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("True\n", "")


def test_other_threads_and_the_time_between_calls_are_not_guarded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = """
    import gate
    from stdbctl.module import ReducerContext, reducer

    @reducer
    def wait(ctx: ReducerContext) -> None:
        gate.begun.set()
        assert gate.ended.wait(60)
    """
    gate = types.ModuleType("gate")
    gate.begun, gate.ended = threading.Event(), threading.Event()  # type: ignore[attr-defined]  # a module of the test's
    monkeypatch.setitem(sys.modules, "gate", gate)
    listed: list[str] = []

    def elsewhere() -> None:
        gate.begun.wait(60)
        listed.extend(os.listdir(tmp_path))
        gate.ended.set()

    thread = threading.Thread(target=elsewhere)
    thread.start()
    running = Running(program_of(tmp_path, source))
    assert running.call("wait") == DONE, running.lines
    thread.join()
    assert listed == os.listdir(tmp_path) == ["module"]


def test_the_example_of_the_docs_runs_and_is_not_warned_of(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "determinism.md").read_text(encoding="utf-8")
    [example] = re.findall(r"^```python\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    running = Running(program_of(tmp_path, example))
    assert running.call("offer") == DONE, running.lines
    assert lint(running.prepared.loaded) == ()
