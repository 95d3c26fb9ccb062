"""The files of an import, as parts; and the files that an export becomes, whole or not at all."""

import os
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from stdbctl.cli.failures import UsageFault
from stdbctl.cli.output import CannotWrite
from stdbctl.errors import Fault
from stdbctl.sats import dumps
from stdbctl.transfer import ENDINGS, FileFormat, PartHead, format_of, names_its_tables

PIECE_BYTES = 256 * 1024
STDIN = "-"


class CannotRead(Fault):
    """A file of an import cannot be read."""

    code = "cli.cannot_read"


class CannotWriteFile(Fault):
    """A file of an export cannot be written."""

    code = "cli.cannot_write_file"


# --- in


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One file of an import. `path` None: stdin. `table` None: the file's name, or its own `$table` lines, say it."""

    path: Path | None
    format: FileFormat
    table: str | None

    @property
    def name(self) -> str:
        """How problems call it."""
        return "stdin" if self.path is None else str(self.path)

    @property
    def size(self) -> int | None:
        """Bytes; None when nobody knows."""
        return None if self.path is None or not self.path.is_file() else self.path.stat().st_size


def sources(paths: Sequence[str], table: str | None, *, is_csv: bool) -> list[Source]:
    """The files that are meant: a folder stands for those in it that hold rows. UsageFault."""
    found: list[Source] = []
    for text in paths:
        if text == STDIN:
            format_ = FileFormat.CSV if is_csv else FileFormat.JSONL
            found.append(Source(path=None, format=format_, table=table))
            continue
        path = Path(text)
        if path.is_dir():
            found += [_source(file, None, is_csv=is_csv) for file in _files_in(path)]
        else:
            found.append(_source(path, table, is_csv=is_csv))
    if table is not None and (len(found) != 1 or Path(paths[0]).is_dir()):
        raise UsageFault("`--table` names the table of one file", fix="import file by file, or leave it out")
    return found


def _source(path: Path, table: str | None, *, is_csv: bool) -> Source:
    format_ = FileFormat.CSV if is_csv else format_of(path)
    if format_ is None:
        if not path.exists():
            raise UsageFault(f"`{path}` does not exist", fix="name a file, a folder with files, or `-` for stdin")
        fix = f"name it with one of {', '.join(ENDINGS)}, or pipe it: `stdbctl import - --table NAME < {path}`"
        raise UsageFault(f"the name of `{path}` does not say what it holds", fix=fix)
    return Source(path=path, format=format_, table=table)


def _files_in(folder: Path) -> list[Path]:
    files = sorted(
        path for path in folder.iterdir() if format_of(path) and path.is_file() and not path.name.startswith(".")
    )
    if not files:
        raise UsageFault(f"`{folder}` holds no file with rows", fix=f"their names end in {', '.join(ENDINGS)}")
    return files


def parts_of(files: Iterable[Source]) -> Iterator[bytes]:
    """The files, piece by piece; CannotRead."""
    for source in files:
        try:
            if source.path is None:
                yield from _parts(source, sys.stdin.buffer)
            else:
                with source.path.open("rb") as stream:
                    yield from _parts(source, stream)
        except OSError as error:
            why = error.strerror or str(error)
            raise CannotRead(f"`{source.name}` cannot be read", why=why, fix="nothing was changed") from error


def _parts(source: Source, stream: BinaryIO) -> Iterator[bytes]:
    read = getattr(stream, "read1", stream.read)  # of a pipe, what is there: its writer may be slow
    piece, table = read(PIECE_BYTES), source.table
    if table is None:
        is_told = source.path is None or names_its_tables(piece)
        table = "" if is_told or source.path is None else source.path.stem
    while True:
        head = PartHead(table=table, format=source.format, size=len(piece), file=source.name)
        yield head.encode() + piece
        if not piece:
            return
        piece = read(PIECE_BYTES)


# --- out


class Sink(Protocol):
    """Where the rows of an export go."""

    @property
    def files(self) -> dict[str, Path]:
        """Table -> the file that holds its rows; empty for stdout."""
        ...

    def write(self, head: PartHead, data: bytes) -> None:
        """A piece of a table's file."""
        ...

    def finish(self) -> None:
        """All has come: keep what was written."""
        ...

    def discard(self) -> None:
        """Leave nothing behind; after `finish` there is nothing to do."""
        ...


class OneStream:
    """Rows of tables one after the other, into stdout. `with_names`: with a line that names each table."""

    def __init__(self, *, with_names: bool) -> None:
        self.files: dict[str, Path] = {}
        self._with_names, self._table = with_names, ""

    def write(self, head: PartHead, data: bytes) -> None:
        """See Sink."""
        try:
            if self._with_names and head.table != self._table:
                self._table = head.table
                self._put(f"{dumps({'$table': head.table})}\n".encode())
            self._put(data)
            self._flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            raise CannotWrite(error.strerror or str(error)) from error

    def _put(self, data: bytes) -> None:
        sys.stdout.buffer.write(data)

    def _flush(self) -> None:
        sys.stdout.buffer.flush()

    def finish(self) -> None:
        """See Sink."""

    def discard(self) -> None:
        """See Sink."""


class Files:
    """A file per table in a folder, or all tables in one file; each gets its name when all are whole."""

    def __init__(self, path: Path, *, is_folder: bool, may_replace: bool) -> None:
        self.files: dict[str, Path] = {}
        self._path, self._is_folder, self._may_replace = path, is_folder, may_replace
        self._open: dict[Path, tuple[str, BinaryIO]] = {}
        if not is_folder:
            self._refuse_existing(path)

    def write(self, head: PartHead, data: bytes) -> None:
        """See Sink; CannotWriteFile."""
        path = self._path / f"{head.table}.{head.format.value}" if self._is_folder else self._path
        try:
            if head.table not in self.files:
                self.files[head.table] = path
                if path not in self._open:
                    self._begin(path)
                if head.format is FileFormat.JSONL and not self._is_folder:
                    self._open[path][1].write(f"{dumps({'$table': head.table})}\n".encode())
            self._open[path][1].write(data)
        except OSError as error:
            raise _cannot_write(path, error) from error

    def _begin(self, path: Path) -> None:
        self._refuse_existing(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, staged = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        file = os.fdopen(handle, "wb")
        self._open[path] = staged, file
        os.fchmod(handle, 0o644)

    def _refuse_existing(self, path: Path) -> None:
        if not self._may_replace and path.exists():
            raise CannotWriteFile(
                f"`{path}` exists", fix="name another place with `--to`, or replace it with `--force`"
            )

    def finish(self) -> None:
        """See Sink; CannotWriteFile."""
        for path, (_, file) in self._open.items():
            try:
                file.flush()
                os.fsync(file.fileno())
                file.close()
            except OSError as error:
                raise _cannot_write(path, error) from error
        for path, (staged, _) in list(self._open.items()):
            try:
                os.replace(staged, path)
            except OSError as error:
                raise _cannot_write(path, error) from error
            del self._open[path]

    def discard(self) -> None:
        """See Sink."""
        for staged, file in self._open.values():
            with suppress(OSError):
                file.close()
            with suppress(OSError):
                Path(staged).unlink()
        self._open.clear()


def _cannot_write(path: Path, error: OSError) -> CannotWriteFile:
    return CannotWriteFile(
        f"`{path}` cannot be written", why=error.strerror or str(error), fix="name another place with `--to`"
    )
