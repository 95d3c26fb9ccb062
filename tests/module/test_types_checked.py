"""What type checkers say of types: every type in every place is sound, and a `match` that forgets a case is not."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parent.parent
PYRIGHT = TESTS / "node" / "node_modules" / ".bin" / "pyright"
MATCHES = """
import enum
from dataclasses import dataclass
from typing import Annotated

from stdbctl.module import Err, Ok, Option, Result, Some, Variant, f32, union


class Mood(enum.Enum):
    CALM = 1
    ODD = 2


@dataclass
class Spot:
    x: f32


class Circle(Variant[f32]): ...


class Group(Variant["list[Shape]"]): ...


class Nothing(Variant[None]): ...


Shape = Annotated[Circle | Group | Spot | Nothing, union("Shape")]


def area(shape: Shape) -> float:
    match shape:
        case Circle(radius):
            return 3.14 * radius
        case Group(members):
            return sum(area(member) for member in members)
        case Spot(x=x):
            return x
        case Nothing():
            return 0.0


def mood(mood: Mood) -> str:
    match mood:
        case Mood.CALM:
            return "calm"
        case Mood.ODD:
            return "odd"


def outcome(outcome: Result[int, str]) -> str:
    match outcome:
        case Ok(number):
            return str(number + 1)
        case Err(text):
            return text.upper()


def nested(value: Option[Option[int]]) -> int:
    match value:
        case Some(inner):
            return 1 if inner is None else inner.value
        case None:
            return 2


def loosened(value: Ok[int] | Err[str]) -> Result[int | None, str | bytes]:
    return value
"""
CASES = (
    "        case Circle(radius):\n            return 3.14 * radius\n",
    "        case Spot(x=x):\n            return x\n",
    "        case Nothing():\n            return 0.0\n",
    '        case Mood.ODD:\n            return "odd"\n',
    "        case Err(text):\n            return text.upper()\n",
    "        case None:\n            return 2\n",
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Modules: `module` with every type, `whole.py`, and one file for each case that can be forgotten."""
    folder = tmp_path_factory.mktemp("checked")
    shutil.copytree(TESTS / "modules" / "every_type" / "module", folder / "module")
    (folder / "whole.py").write_text(MATCHES, encoding="utf-8")
    for number, case in enumerate(CASES):
        assert MATCHES.count(case) == 1
        (folder / f"without_{number}.py").write_text(MATCHES.replace(case, ""), encoding="utf-8")
    return folder


def files_with_errors(output: str) -> set[str]:
    return set(re.findall(r"([\w.]+\.py):\d+(?::\d+)?(?: -|:) error", output))


WITHOUT = {f"without_{number}.py" for number in range(len(CASES))}


def test_mypy_strict_finds_each_forgotten_case_and_nothing_else(folder: Path) -> None:
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(folder / ".cache"), "."]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert files_with_errors(done.stdout) == WITHOUT, done.stdout
    assert done.stdout.count("Missing return statement") == len(CASES), done.stdout


def test_pyright_strict_finds_each_forgotten_case_and_nothing_else(folder: Path) -> None:
    config = folder / "pyrightconfig.json"
    config.write_text(json.dumps({"typeCheckingMode": "strict"}))
    command = [str(PYRIGHT), "--project", str(config), "--pythonpath", sys.executable]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert files_with_errors(done.stdout) == WITHOUT, done.stdout
    assert done.stdout.count("reportMatchNotExhaustive") == len(CASES), done.stdout
