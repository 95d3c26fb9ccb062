"""A version runs from its own copy of its sources, and leaves nothing behind."""

import gc
import linecache
import logging
import os
import sys
import weakref
from pathlib import Path

import pytest

from stdbctl.errors import Problem
from stdbctl.module import Loaded, PythonHost, load_package, pack
from stdbctl.records import DONE, LogLevel

from .running import Running, program_of, write_module

HEAD = "from stdbctl.module import *\nfrom stdbctl.module import f32, reducer, table, u8, u64\n"


def load(folder: Path, files: dict[str, str] | str) -> Loaded:
    loaded = load_package(write_module(folder, files), folder)
    assert isinstance(loaded, Loaded), loaded
    return loaded


def problems(folder: Path, files: dict[str, str] | str) -> tuple[Problem, ...]:
    found = load_package(write_module(folder, files), folder)
    assert isinstance(found, tuple)
    return found


def versions() -> set[str]:
    """The names under which versions stand in sys.modules."""
    return {name for name in sys.modules if "@" in name}


def test_saves_of_equal_size_in_one_second_are_all_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    seen = []
    for value in "123456":
        files = {"__init__.py": "from .values import VALUE\n", "values.py": f"VALUE = {value}\n"}
        path = write_module(tmp_path, files)
        for file in path.iterdir():
            os.utime(file, (1_000_000, 1_000_000))
        seen.append(load(tmp_path, files).version.namespace_of("")["VALUE"])
    assert seen == [1, 2, 3, 4, 5, 6]
    assert not list(tmp_path.rglob("*.pyc"))


def test_late_imports_work_after_a_bad_save(tmp_path: Path) -> None:
    source = (
        HEAD
        + """
@reducer
def go(ctx: ReducerContext) -> None:
    import helpers
    import module.other
    from . import third
    from .helpers import NAME
    print(helpers.NAME, NAME, module.other.NAME, third.NAME)
"""
    )
    files = {"__init__.py": source, **{f"{n}.py": f"NAME = '{n}'\n" for n in ("helpers", "other", "third")}}
    running = Running(program_of(tmp_path, files))
    for name in files:
        (tmp_path / "module" / name).write_text("this is no Python", encoding="utf-8")
    assert running.call("go") == DONE, running.lines
    assert running.lines[-1] == "helpers helpers other third"


def test_two_versions_run_side_by_side(tmp_path: Path) -> None:
    def files(value: str) -> dict[str, str]:
        source = HEAD + "from . import state\n@reducer\ndef go(ctx: ReducerContext) -> None:\n"
        return {
            "__init__.py": source + "    from .late import VALUE\n    print(VALUE, state.VALUE)\n",
            "state.py": f"VALUE = {value}\n",
            "late.py": f"VALUE = {value}\n",
        }

    old = Running(program_of(tmp_path / "a", files("1")))
    new = Running(program_of(tmp_path / "b", files("2")))
    for running in (old, new, old):
        assert running.call("go") == DONE
    assert (old.lines[-2:], new.lines[-1]) == (["1 1", "1 1"], "2 2")


def test_nothing_of_a_version_is_left_when_it_is_let_go(tmp_path: Path) -> None:
    source = (
        HEAD
        + """
import enum
from dataclasses import dataclass
from typing import Optional
from . import more

class Kind(enum.Enum):
    A = 1

@dataclass
class Spot:
    x: f32

@table()
class Point:
    id: PrimaryKey[u64]
    kind: Index[Kind]
    spot: Optional[Spot]
    spots: list[Spot]

@reducer
def go(ctx: ReducerContext) -> None:
    ctx.db[Point].insert(Point(id=1, kind=Kind.A, spot=Spot(x=1), spots=[]))
    raise ValueError
"""
    )
    gc.collect()
    before = versions()
    running = Running(program_of(tmp_path, {"__init__.py": source, "more.py": "X = 1\n"}))
    running.call("go")
    classes = [weakref.ref(spec.cls) for spec in running.prepared.loaded.tables]
    assert {name.partition("@")[0] for name in versions() - before} == {"module"}
    del running
    gc.collect()  # the program goes, and takes its names out of sys.modules
    gc.collect()  # which was all that held the classes
    assert not versions() - before
    assert [ref() for ref in classes] == [None]
    assert not any("module/__init__.py" in name for name in linecache.cache)


def test_failed_load_leaves_nothing_behind(tmp_path: Path) -> None:
    before = versions()
    found = problems(tmp_path, {"__init__.py": HEAD + "from . import more\n1 / 0\n", "more.py": "x: int = 1\n"})
    assert [p.code for p in found] == ["module.import_failed"]
    assert versions() <= before


def test_annotations_as_text_aliases_and_type_checking_imports_resolve(tmp_path: Path) -> None:
    source = """
from __future__ import annotations
import typing
from dataclasses import dataclass
from typing import TYPE_CHECKING, NewType
from stdbctl.module import Index, PrimaryKey, ReducerContext, reducer, table, u64
if TYPE_CHECKING:
    from .types import Spot as Place
    import module.types as kinds
UserId = NewType("UserId", int)
Many = typing.List["UserId"]

@dataclass
class Base:
    tree: typing.Optional[Base]

@table()
class Point:
    id: PrimaryKey[u64]
    place: Place
    other: kinds.Spot
    user: Index[UserId]
    users: Many
    base: "list[Base]"

@reducer
def go(ctx: ReducerContext, place: Place, point: Point) -> None:
    hints = typing.get_type_hints(Base)
    print(hints["tree"] == typing.Optional[Base], place.x)
"""
    types = "from dataclasses import dataclass\n@dataclass\nclass Spot:\n    x: int\n"
    running = Running(program_of(tmp_path, {"__init__.py": source, "types.py": types}))
    row = {"id": 1, "place": {"x": 1}, "other": {"x": 2}, "user": 3, "users": [4], "base": []}
    assert running.call("go", {"x": 5}, row) == DONE, running.lines
    assert running.lines[-1] == "True 5"


def test_one_file_is_a_module_too(tmp_path: Path) -> None:
    (tmp_path / "board.py").write_text(HEAD + "@table()\nclass Point:\n    x: u64\n", encoding="utf-8")
    for path in (tmp_path / "board.py", tmp_path / "board"):
        loaded = load_package(path, tmp_path)
        assert isinstance(loaded, Loaded)
        assert loaded.files == ("board.py",)
        assert loaded.places["table", "Point"].file == "board.py"


def test_data_files_are_read_from_the_versions_own_copy(tmp_path: Path) -> None:
    source = """
import importlib.resources, pkgutil
TEXT = importlib.resources.files(__package__).joinpath("words.txt").read_text()
DATA = pkgutil.get_data(__package__, "words.txt")
"""
    program = program_of(tmp_path, {"__init__.py": source, "words.txt": "one two"})
    (tmp_path / "module" / "words.txt").unlink()
    prepared = PythonHost().prepare(program)
    assert not isinstance(prepared, tuple), prepared


def test_builtins_of_a_module_are_its_own(tmp_path: Path) -> None:
    loaded = load(tmp_path, "import builtins\nOWN = __builtins__ is not vars(builtins)\n")
    assert loaded.version.namespace_of("")["OWN"] is True


def test_declaring_outside_a_load_makes_plain_row_classes() -> None:
    names: dict[str, object] = {"__name__": "plain"}
    exec(HEAD + "@table()\nclass Point:\n    x: u64\n    y: u64 = 2\np = Point(x=1)\n", names)
    assert repr(names["p"]) == "Point(x=1, y=2)"


def test_log_has_level_place_and_function(tmp_path: Path) -> None:
    files = {
        "__init__.py": HEAD
        + """
import logging
from logging import getLogger
from . import more
logging.warning("while importing")
print("also", "this", sep="-")

@reducer
def go(ctx: ReducerContext) -> None:
    getLogger("any.name").debug("low %d", 1)
    logging.getLogger(__name__).info("named")
    logging.error("high")
    logging.critical("highest")
    print("one\\ntwo")
    more.deep()
    logging.info("%d", "no number")
    try:
        1 / 0
    except ZeroDivisionError:
        logging.exception("caught")
""",
        "more.py": "import logging\nlog = logging.getLogger(__name__)\ndef deep():\n    log.info('deep')\n",
    }
    running = Running(program_of(tmp_path, files))
    running.log[:] = [record for record in running.log if record.target != "__spacetimedb__"]
    assert [(r.level, r.message) for r in running.log] == [
        (LogLevel.WARN, "while importing"),
        (LogLevel.INFO, "also-this"),
    ]
    running.log.clear()
    assert running.call("go") == DONE
    assert [(r.level.value, r.target, r.message) for r in running.log[:6]] == [
        ("Debug", "any.name", "low 1"),
        ("Info", "module", "named"),
        ("Error", "root", "high"),
        ("Error", "root", "highest"),
        ("Info", "module", "one\ntwo"),
        ("Info", "module.more", "deep"),
    ]
    first, deep = running.log[0], running.log[5]
    assert (first.filename, first.line_number, first.function) == ("module/__init__.py", 12, "go")
    assert (deep.filename, deep.line_number, deep.function) == ("module/more.py", 4, "deep")
    assert "cannot be formatted" in running.log[6].message
    assert running.log[7].message.splitlines()[0] == "caught"
    assert running.log[7].message.splitlines()[-1] == "ZeroDivisionError: division by zero"


def test_logging_of_the_host_process_is_not_touched(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    before = (root.level, list(root.handlers), set(root.manager.loggerDict), logging.raiseExceptions)
    source = (
        HEAD
        + """
import logging, logging.handlers
from logging import handlers
logging.basicConfig(level=logging.ERROR, force=False)
logging.getLogger("asyncio").setLevel(1)
logging.disable(logging.DEBUG)
logging.addLevelName(25, "NOTICE") if False else None

@reducer
def go(ctx: ReducerContext) -> None:
    logging.getLogger("asyncio").info("mine")
    assert isinstance(logging.getLogger("x"), logging.Logger)
    assert logging.getLogger() is logging.root
"""
    )
    running = Running(program_of(tmp_path, source))
    assert running.call("go") == DONE, running.lines
    assert running.lines[-1] == "mine"
    after = (root.level, list(root.handlers), set(root.manager.loggerDict), logging.raiseExceptions)
    assert before == after
    assert root.manager.disable == 0
    assert capfd.readouterr() == ("", "")


def test_load_reads_nothing_but_the_package(tmp_path: Path) -> None:
    path = write_module(tmp_path, {"__init__.py": "", "data.json": "{}", ".hidden": "", "old.pyc": ""})
    (path / "__pycache__").mkdir()
    (path / "__pycache__" / "x.py").write_text("boom(")
    loaded = load_package(path, tmp_path)
    assert isinstance(loaded, Loaded)
    assert loaded.files == ("module/__init__.py", "module/data.json")


def test_program_loads_to_the_same_definition_as_the_folder(tmp_path: Path) -> None:
    good = Path(__file__).parent / "cases" / "good" / "everything"
    loaded = load_package(good / "game", good)
    prepared = PythonHost().prepare(pack(good / "game", good))
    assert isinstance(loaded, Loaded)
    assert not isinstance(prepared, tuple | list)
    assert prepared.describe() == loaded.raw  # type: ignore[union-attr]  # seen to be a prepared program
