"""stdbctl.toml, typed.

database = "whiteboard"        the name to publish under (required)
module = "module"              the module package or file, relative to this file (required)
server = "local"               "local" (the embedded server) or the URL of another one
allowed_hosts = []             further names under which the embedded server may be addressed

[[generate]]                   what `generate` without flags writes; any number
lang = "typescript"            required, or instead of it
templates = "templates/lua"    a folder of templates for a language of one's own, relative to this file
out_dir = "client/src/…"       required, relative to this file
include_private = false        also write private tables and reducers

[dev]
run = "npm run dev"            the client's own dev command
cwd = "client"                 where to run it (default: this folder)

[history]                      what the embedded server keeps of the history of each database
transactions = 100000          at most so many, the newest
days = 30                      and none that is older

[snapshots]                    how many snapshots stay that the server takes before a step that loses data, per database
automatic = 10                 the newest ones
automatic_bytes = 1000000000   together; the newest one stays whatever its size

[limits]                       what one call may take of the embedded server
call_seconds = 10              how long a call, a hook or the import of a module may run
memory_mb = 4096               the memory of the whole process that serves
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from stdbctl.errors import Problem
from stdbctl.nearest import did_you_mean
from stdbctl.project.errors import EXAMPLE, BadProjectFile, MissingKey, ProjectFileSyntax, UnknownKey, WrongValue
from stdbctl.project.toml_places import KeyPath, TomlPlaces

T = TypeVar("T")
LOCAL = "local"
"""The server name that stands for the embedded server of the checkout."""

DAYS_MAX = 36_500
"""A hundred years of history."""

CALL_SECONDS_MAX = 3_600
"""A call holds up every other call, so an hour is more than anybody waits."""

_DATABASE_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_HEX_IDENTITY = re.compile(r"(0x)?[0-9a-f]{64}")
_KEYS: dict[str, type] = {
    "database": str,
    "module": str,
    "server": str,
    "allowed_hosts": list,
    "generate": list,
    "dev": dict,
    "history": dict,
    "snapshots": dict,
    "limits": dict,
}
_GENERATE_KEYS: dict[str, type] = {"lang": str, "templates": str, "out_dir": str, "include_private": bool}
_DEV_KEYS: dict[str, type] = {"run": str, "cwd": str}
_HISTORY_KEYS: dict[str, type] = {"transactions": int, "days": float}
_SNAPSHOT_KEYS: dict[str, type] = {"automatic": int, "automatic_bytes": int}
_LIMITS_KEYS: dict[str, type] = {"call_seconds": float, "memory_mb": int}
_TYPE_WORDS = {str: "a string", list: "an array", dict: "a table", bool: "true or false"}


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerateConfig:
    """One `[[generate]]` entry; either `lang` or `templates` is given. Folders are relative to the project."""

    lang: str | None = None
    templates: str | None = None
    out_dir: str
    include_private: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DevConfig:
    """The `[dev]` table."""

    run: str | None = None
    cwd: str = "."


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryConfig:
    """The `[history]` table; None: the server's own limit."""

    transactions: int | None = None
    days: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotConfig:
    """The `[snapshots]` table; None: the server's own limit."""

    automatic: int | None = None
    automatic_bytes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitsConfig:
    """The `[limits]` table; None: the server's own limit."""

    call_seconds: float | None = None
    memory_mb: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectConfig:
    """All of stdbctl.toml."""

    database: str
    module: str
    server: str = LOCAL
    allowed_hosts: tuple[str, ...] = ()
    generate: tuple[GenerateConfig, ...] = ()
    dev: DevConfig = field(default=DevConfig())
    history: HistoryConfig = field(default=HistoryConfig())
    snapshots: SnapshotConfig = field(default=SnapshotConfig())
    limits: LimitsConfig = field(default=LimitsConfig())


def database_name_error(name: str) -> str | None:
    """Say why `name` cannot be a database's name, or None when it can."""
    if not name:
        return "a database name cannot be empty"
    if _HEX_IDENTITY.fullmatch(name):
        return "a database name cannot look like an identity"
    if not _DATABASE_NAME.fullmatch(name):
        return "lower-case letters, digits and single dashes between them are expected"
    return None


def parse_config(text: str, file: str) -> ProjectConfig:
    """Read the text of a stdbctl.toml; `file` is the name to show.

    Raises:
        BadProjectFile: with every mistake of the file at once.
    """
    places = TomlPlaces(text, file)
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadProjectFile([_syntax_problem(error, places)]) from error
    reader = _Reader(places)
    config = reader.config(data)
    if reader.problems or config is None:
        raise BadProjectFile(reader.problems)
    return config


def _syntax_problem(error: tomllib.TOMLDecodeError, places: TomlPlaces) -> Problem:
    position = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
    place = places.line(int(position[1]), int(position[2])) if position else places.line(10**9)
    what = re.sub(r" \(at .*\)$", "", str(error))
    return ProjectFileSyntax(
        what=f"not valid TOML: {what}", fix="write `key = value` lines as TOML has them", place=place
    )


class _Reader:
    """Turns decoded TOML into the dataclasses and collects what is wrong on the way."""

    def __init__(self, places: TomlPlaces) -> None:
        self._places = places
        self.problems: list[Problem] = []

    def config(self, data: Mapping[str, object]) -> ProjectConfig | None:
        """The whole file; None (with problems) when a required key is missing or wrong."""
        self._check_keys(data, _KEYS, ())
        database, module = self._required(data, "database", ()), self._required(data, "module", ())
        self._check_database(database)
        server = self._get(data, "server", str, (), LOCAL)
        if server != LOCAL and not re.match(r"https?://[^/]", server):
            self._wrong(
                ("server",), f"`{server}` is no server", f'write "{LOCAL}" or a URL such as "http://127.0.0.1:3000"'
            )
        hosts = self._strings(data, "allowed_hosts")
        generate, dev, history = self._generate(data), self._dev(data), self._history(data)
        snapshots = self._snapshots(data)
        if database is None or module is None:
            return None
        return ProjectConfig(
            database=database,
            module=module,
            server=server.rstrip("/"),
            allowed_hosts=hosts,
            generate=generate,
            dev=dev,
            history=history,
            snapshots=snapshots,
            limits=self._limits(data),
        )

    def _generate(self, data: Mapping[str, object]) -> tuple[GenerateConfig, ...]:
        entries = []
        for position, item in enumerate(self._get(data, "generate", list, (), [])):
            path: KeyPath = ("generate", position)
            if not isinstance(item, dict):
                self._wrong(path, "an entry of `generate` must be a table", "write it as a `[[generate]]` section")
                continue
            self._check_keys(item, _GENERATE_KEYS, path)
            out_dir = self._required(item, "out_dir", path)
            private = self._get(item, "include_private", bool, path, False)
            lang, templates = self._language(item, path)
            if out_dir is not None:
                entry = GenerateConfig(lang=lang, templates=templates, out_dir=out_dir, include_private=private)
                entries.append(entry)
        return tuple(entries)

    def _language(self, item: Mapping[str, object], path: KeyPath) -> tuple[str | None, str | None]:
        """What an entry generates: the name of a language, or a folder of templates."""
        if "templates" not in item:
            return self._required(item, "lang", path), None
        if "lang" in item:
            self._wrong((*path, "templates"), "`lang` and `templates` exclude each other", "leave one of them out")
        return None, self._get(item, "templates", str, path, "")

    def _dev(self, data: Mapping[str, object]) -> DevConfig:
        table = self._get(data, "dev", dict, (), {})
        self._check_keys(table, _DEV_KEYS, ("dev",))
        run = self._get(table, "run", str, ("dev",), "")
        return DevConfig(run=run or None, cwd=self._get(table, "cwd", str, ("dev",), "."))

    def _history(self, data: Mapping[str, object]) -> HistoryConfig:
        table: Mapping[str, object] = self._get(data, "history", dict, (), {})
        self._check_keys(table, _HISTORY_KEYS, ("history",))
        days = self._number(table, ("history", "days"), float, "30", DAYS_MAX)
        return HistoryConfig(
            transactions=self._whole(table, ("history", "transactions"), "100_000"),
            days=None if days is None else float(days),
        )

    def _limits(self, data: Mapping[str, object]) -> LimitsConfig:
        table: Mapping[str, object] = self._get(data, "limits", dict, (), {})
        self._check_keys(table, _LIMITS_KEYS, ("limits",))
        seconds = self._number(table, ("limits", "call_seconds"), float, "10", CALL_SECONDS_MAX)
        return LimitsConfig(
            call_seconds=None if seconds is None else float(seconds),
            memory_mb=self._whole(table, ("limits", "memory_mb"), "4096"),
        )

    def _snapshots(self, data: Mapping[str, object]) -> SnapshotConfig:
        table: Mapping[str, object] = self._get(data, "snapshots", dict, (), {})
        self._check_keys(table, _SNAPSHOT_KEYS, ("snapshots",))
        return SnapshotConfig(
            automatic=self._whole(table, ("snapshots", "automatic"), "10"),
            automatic_bytes=self._whole(table, ("snapshots", "automatic_bytes"), "1_000_000_000"),
        )

    def _whole(self, table: Mapping[str, object], path: tuple[str, str], example: str) -> int | None:
        value = self._number(table, path, int, example, 2**63 - 1)
        return value if isinstance(value, int) else None

    def _number(
        self, table: Mapping[str, object], path: tuple[str, str], type_: type, example: str, most: int
    ) -> int | float | None:
        """A number of a section above 0; None when it is not there or wrong."""
        key = path[-1]
        value = table.get(key)
        is_of_type = isinstance(value, int) or (isinstance(value, float) and type_ is float)
        if isinstance(value, int | float) and not isinstance(value, bool) and is_of_type and 0 < value <= most:
            return value
        if key in table:
            words = "a number" if type_ is float else "a whole number"
            self._wrong(
                path,
                f"`{key}` must be {words} above 0, at most {most}",
                f"write `{key} = {example}` instead of {value!r}",
            )
        return None

    def _strings(self, data: Mapping[str, object], key: str) -> tuple[str, ...]:
        values = self._get(data, key, list, (), [])
        if not all(isinstance(value, str) for value in values):
            self._wrong((key,), f"`{key}` must be an array of strings", f'write `{key} = ["name"]`')
        return tuple(value for value in values if isinstance(value, str))

    def _check_keys(self, table: Mapping[str, object], known: Mapping[str, type], path: KeyPath) -> None:
        where = f" in `[{path[0]}]`" if path else ""
        for key in table:
            if key not in known:
                what, fix = f"unknown key `{key}`{where}", did_you_mean(key, known)
                self.problems.append(UnknownKey(what=what, fix=fix, place=self._places.of((*path, key))))

    def _check_database(self, database: str | None) -> None:
        reason = None if database is None else database_name_error(database)
        if reason is not None:
            self._wrong(
                ("database",), f"`{database}` cannot be a database's name", "choose a name such as `my-board`", reason
            )

    def _required(self, table: Mapping[str, object], key: str, path: KeyPath) -> str | None:
        if key in table:
            return self._get(table, key, str, path, "") or None
        example = f"a project needs {EXAMPLE}" if not path else f'write `{key} = "…"` into this `[[generate]]` section'
        where = f" in `[[{path[0]}]]`" if path else ""
        self.problems.append(MissingKey(what=f"`{key}` is missing{where}", fix=example, place=self._places.of(path)))
        return None

    def _get(self, table: Mapping[str, object], key: str, type_: type[T], path: KeyPath, default: T) -> T:
        value = table.get(key, default)
        if isinstance(value, type_):
            if value == "" and key in table:
                self._wrong((*path, key), f"`{key}` is empty", "give it a value, or leave the line out")
            return value
        self._wrong(
            (*path, key), f"`{key}` must be {_TYPE_WORDS[type_]}", f"write {_TYPE_WORDS[type_]} instead of {value!r}"
        )
        return default

    def _wrong(self, path: KeyPath, what: str, fix: str, why: str = "") -> None:
        self.problems.append(WrongValue(what=what, why=why, fix=fix, place=self._places.of(path)))
