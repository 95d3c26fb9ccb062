"""Golden cases: what is generated from a definition, file by file.

Rewrite what is expected with `python -m tests.codegen.python.test_python_golden`, then read the diff.
"""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from stdbctl.codegen import GenerateOptions, generate_python, write_files
from stdbctl.schema import ModuleDef
from tests.codegen.python.definitions import CASES, HERE, load

EXPECTED = HERE / "expected"
"""One package per case, importable and type-checked as it stands."""


def read_tree(folder: Path) -> dict[str, str]:
    """Read all files below a folder: path relative to it -> text."""
    return {path.relative_to(folder).as_posix(): path.read_text() for path in sorted(folder.rglob("*.py"))}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_output_is_what_the_case_expects(case: Path) -> None:
    assert generate_python(*load(case)) == read_tree(EXPECTED / case.name)


def test_no_other_case_is_expected() -> None:
    assert sorted(folder.name for folder in EXPECTED.iterdir() if folder.is_dir()) == sorted(c.name for c in CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_generating_twice_gives_the_same_bytes(case: Path) -> None:
    module, options = load(case)
    assert list(generate_python(module, options).items()) == list(generate_python(module, options).items())


@pytest.mark.parametrize("columns", [88, 120])
def test_formatters_leave_the_output_as_it_is(columns: int) -> None:
    command = ["ruff", "format", "--check", "--isolated", "--line-length", str(columns), str(EXPECTED)]
    done = subprocess.run([sys.executable, "-m", *command], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


def test_private_items_appear_only_when_they_are_asked_for() -> None:
    (case,) = (case for case in CASES if case.name == "private")
    module, _ = load(case)
    assert "ReminderHandle" not in generate_python(module)["tables.py"]
    assert "ReminderHandle" in generate_python(module, GenerateOptions(include_private=True))["tables.py"]


def test_docstrings_alone_change_only_what_shows_them() -> None:
    (case,) = (case for case in CASES if case.name == "whiteboard")
    module, _ = load(case)
    bare = ModuleDef(**{name: getattr(module, name) for name in module.__slots__ if name != "docs"})
    with_docs, without = generate_python(module), generate_python(bare)
    assert with_docs["remote.py"] == without["remote.py"]
    assert '"""Draw one point in the caller\'s name.' in with_docs["reducers.py"]
    assert "Draw one point" not in without["reducers.py"]


def _rewrite() -> None:
    """Make the generator's present output the expected one."""
    shutil.rmtree(EXPECTED, ignore_errors=True)
    for case in CASES:
        write_files(generate_python(*load(case)), EXPECTED / case.name)


if __name__ == "__main__":
    _rewrite()
