"""Programs: the same sources give the same bytes everywhere."""

import io
import os
import zipfile
from pathlib import Path

import pytest
from Crypto.Hash import keccak
from hypothesis import given
from hypothesis import strategies as st

from stdbctl.errors import Problems
from stdbctl.module import PROGRAM_BYTES_MAX, PythonHost, pack
from stdbctl.records import Program, ProgramKind

from .running import write_module

FILES = {"__init__.py": "X = 1\n", "deep/more.py": "Y = 2\n", "py.typed": "", "data.json": "{}"}


def test_program_does_not_depend_on_the_machine(tmp_path: Path) -> None:
    one = pack(write_module(tmp_path / "a", FILES), tmp_path / "a")
    path = write_module(tmp_path / "b", {name: FILES[name] for name in reversed(FILES)})
    (path / "__init__.py").write_bytes(b"X = 1\r\n")
    os.utime(path / "__init__.py", (1, 1))
    (path / "data.json").chmod(0o600)
    (path / "__pycache__").mkdir()
    (path / "__pycache__" / "more.cpython-311.pyc").write_bytes(b"x")
    other = pack(path, tmp_path / "b")
    assert one == other


def test_hash_is_keccak_256_of_the_bytes(tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text("")
    program = pack(tmp_path / "m.py", tmp_path)
    assert program.kind is ProgramKind.PYTHON
    assert program.hash == keccak.new(digest_bits=256, data=program.data).hexdigest()
    assert keccak.new(digest_bits=256, data=b"").hexdigest().startswith("c5d24601"), "the original Keccak, not SHA-3"


def test_paths_are_relative_to_the_project(tmp_path: Path) -> None:
    program = pack(write_module(tmp_path / "src", FILES), tmp_path)
    with zipfile.ZipFile(io.BytesIO(program.data)) as archive:
        assert archive.namelist() == [f"src/module/{name}" for name in sorted(FILES)]
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({"readme.txt": ""}, "module.not_found"),
        ({"__init__.py": "", "big.bin": "x" * (1 << 20) + "y"}, "module.too_large"),
        ({"__init__.py": "#" * (PROGRAM_BYTES_MAX + 1)}, "module.too_large"),
    ],
)
def test_folders_that_are_no_program_are_refused(tmp_path: Path, files: dict[str, str], code: str) -> None:
    with pytest.raises(Problems) as refused:
        pack(write_module(tmp_path, files), tmp_path)
    assert [problem.code for problem in refused.value.problems] == [code]


def test_missing_module_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Problems) as refused:
        pack(tmp_path / "nowhere", tmp_path)
    assert refused.value.problems[0].code == "module.not_found"


def _zip(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"no zip", "module.bad_archive"),
        (_zip({}), "module.bad_archive"),
        (_zip({"a.py": b"", "b.py": b""}), "module.bad_archive"),
        (_zip({"../a.py": b""}), "module.bad_archive"),
        (_zip({"/a.py": b""}), "module.bad_archive"),
        (_zip({"m/__init__.py": b"#" * (PROGRAM_BYTES_MAX + 1)}), "module.too_large"),
        (_zip({"m.py": b"\xff\xfe"}), "module.syntax_error"),
        (_zip({"m.py": b"x = '\x00'"}), "module.syntax_error"),
        (_zip({"m.py": b"(" * 5000}), "module.syntax_error"),
    ],
)
def test_programs_that_are_no_archive_of_a_package_are_refused(data: bytes, code: str) -> None:
    problems = PythonHost().prepare(Program(ProgramKind.PYTHON, data, ""))
    assert isinstance(problems, tuple)
    assert [problem.code for problem in problems] == [code]


@given(st.binary(max_size=300))
def test_any_bytes_are_refused_with_a_problem(data: bytes) -> None:
    assert isinstance(PythonHost().prepare(Program(ProgramKind.PYTHON, data, "")), tuple)
