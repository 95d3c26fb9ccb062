"""A module's sources as a program: a reproducible zip, and back.

The zip holds the package's files under project-relative paths with `/`, sorted, stored without compression (its bytes
would depend on the zlib at hand), dated 1980-01-01, with mode 0644; Python files have `\\n` newlines. So the same
sources give the same bytes, and the same hash, on every machine.
"""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from Crypto.Hash import keccak

from stdbctl.errors import Problems
from stdbctl.module.problems import BadArchive, NotFound, TooLarge
from stdbctl.records import Program, ProgramKind

PROGRAM_BYTES_MAX = 8 * 1024 * 1024
"""All files of a package together. A program is held in memory, in the store and in every publish request."""
FILE_BYTES_MAX = 1024 * 1024
"""One file that is no Python source."""

_EPOCH = (1980, 1, 1, 0, 0, 0)
_SKIPPED_FOLDERS = frozenset({"__pycache__", "node_modules"})
_SKIPPED_SUFFIXES = (".pyc", ".pyo", ".so", ".pyd", ".dll", ".dylib", "~", ".tmp", ".swp")


def pack(path: Path, root: Path) -> Program:
    """Make the program of the package at `path`, whose paths are to be relative to `root`.

    Raises Problems: nothing there, or too large.
    """
    return pack_files(collect(path, root))


def pack_files(files: Mapping[str, bytes]) -> Program:
    """Make a program from its files (path -> bytes)."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(files):
            entry = zipfile.ZipInfo(path, _EPOCH)
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            archive.writestr(entry, files[path])
    data = buffer.getvalue()
    return Program(ProgramKind.PYTHON, data, keccak.new(digest_bits=256, data=data).hexdigest())


def collect(path: Path, root: Path) -> dict[str, bytes]:
    """Read the files that belong to the package at `path`: path relative to `root` -> bytes, in order.

    Belong: Python files, `py.typed` and small data files; not hidden files, caches, binaries, virtual environments.
    A path without `.py` may name the file `path.py`. Raises Problems.
    """
    path, root = path.absolute(), root.absolute()
    if not path.exists() and path.with_name(path.name + ".py").is_file():
        path = path.with_name(path.name + ".py")
    base = root if path.is_relative_to(root) and path != root else path.parent
    files = {path.relative_to(base).as_posix(): path} if path.is_file() else _walk(path, base)
    _refuse_missing(path, base, files)
    found: dict[str, bytes] = {}
    for name in sorted(files):
        data = files[name].read_bytes()
        limit = PROGRAM_BYTES_MAX if name.endswith(".py") else FILE_BYTES_MAX
        if len(data) > limit:
            raise Problems([TooLarge(path=name, size=len(data), limit=limit)])
        found[name] = data.replace(b"\r\n", b"\n") if name.endswith(".py") else data
    total = sum(map(len, found.values()))
    if total > PROGRAM_BYTES_MAX:
        raise Problems([TooLarge(path=path.name, size=total, limit=PROGRAM_BYTES_MAX)])
    return found


def _refuse_missing(path: Path, base: Path, files: Mapping[str, Path]) -> None:
    if path.is_dir() and not (path / "__init__.py").is_file():
        reason = "the folder has no `__init__.py`"
    elif not path.exists():
        reason = "nothing is there"
    elif path.is_file() and path.suffix != ".py":
        reason = "the file is no `.py` file"
    else:
        return
    shown = path.relative_to(base).as_posix() if path.is_relative_to(base) else path.name
    raise Problems([NotFound(path=shown, reason=reason)])


def _walk(folder: Path, base: Path) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for entry in sorted(folder.iterdir()) if folder.is_dir() else ():
        if entry.name.startswith("."):
            continue
        if entry.is_dir() and not entry.is_symlink():
            if entry.name not in _SKIPPED_FOLDERS and not (entry / "pyvenv.cfg").exists():
                found.update(_walk(entry, base))
        elif entry.is_file() and not entry.name.endswith(_SKIPPED_SUFFIXES):
            found[entry.relative_to(base).as_posix()] = entry
    return found


def unpack(program: Program) -> dict[str, bytes]:
    """The files of a program. Raises Problems for what is no archive, or one that is too large."""
    try:
        with zipfile.ZipFile(io.BytesIO(program.data)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            total = sum(entry.file_size for entry in entries)
            if total > PROGRAM_BYTES_MAX:
                raise Problems([TooLarge(path="the program", size=total, limit=PROGRAM_BYTES_MAX)])
            for entry in entries:
                _refuse_path(entry.filename)
            return {entry.filename: archive.read(entry) for entry in entries}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError) as error:
        raise Problems([BadArchive(reason=str(error))]) from error


def _refuse_path(name: str) -> None:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name:
        raise Problems([BadArchive(reason=f"`{name}` leads out of it")])
