"""The decorators of a module: they note what was declared, and where; checking comes later, all at once.

Outside a load (in an author's own tests, in a type checker's plug-in) they make the row classes and note nothing.
"""

import dataclasses
import enum
import inspect
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Concatenate, Generic, Literal, TypeVar, dataclass_transform, overload

from stdbctl.module.columns import IndexMark, names_of
from stdbctl.module.context import ReducerContext
from stdbctl.schema import Lifecycle

T = TypeVar("T")
Old = TypeVar("Old")
F = TypeVar("F", bound=Callable[Concatenate[ReducerContext, ...], None])
Hook = TypeVar("Hook", bound=Callable[[ReducerContext], None])
Kind = Literal["table", "reducer", "seed", "migration"]
MUTABLE_DEFAULT = "stdbctl.mutable_default"
"""Key in a field's metadata: the author wrote a mutable value after `=`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableOptions:
    """What stands between the parentheses of `@table(…)` or `table_of(…)`."""

    name: str | None = None
    public: bool = False
    event: bool = False
    indexes: Sequence[IndexMark] = ()
    unique: Sequence[Sequence[str]] = ()
    was: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReducerOptions:
    """What stands between the parentheses of `@reducer(…)`, or which lifecycle hook it is."""

    name: str | None = None
    private: bool = False
    schedule: object | None = None
    lifecycle: Lifecycle | None = None
    is_seed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MigrationOptions:
    """What stands between the parentheses of `@migration(…)`; None: there are none."""

    table: object | None


@dataclass(frozen=True, slots=True, eq=False)
class TableOf(Generic[T]):
    """A further table with the row type `row`; `ctx.db[…]` takes it like a class."""

    row: type[T]
    options: TableOptions


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Declaration:
    """One use of a decorator. `file` and `line` are where it stands in the author's sources."""

    kind: Kind
    target: Any  # the class, TableOf or function that was declared: whatever the author decorated
    options: TableOptions | ReducerOptions | MigrationOptions
    file: str
    line: int


_collected: ContextVar[list[Declaration] | None] = ContextVar("stdbctl_declarations", default=None)


@contextmanager
def collecting() -> Iterator[list[Declaration]]:
    """Collect every declaration made in the block, in order."""
    declarations: list[Declaration] = []
    token = _collected.set(declarations)
    try:
        yield declarations
    finally:
        _collected.reset(token)


def _note(kind: Kind, target: object, options: TableOptions | ReducerOptions | MigrationOptions) -> None:
    declarations = _collected.get()
    if declarations is not None:
        frame = sys._getframe(2)
        while frame.f_globals is globals() and frame.f_back is not None:
            frame = frame.f_back
        file, line = frame.f_code.co_filename, frame.f_lineno
        declarations.append(Declaration(kind=kind, target=target, options=options, file=file, line=line))


@overload
def table(cls: type[T], /) -> type[T]: ...
@overload
def table(
    *,
    public: bool = False,
    name: str | None = None,
    event: bool = False,
    indexes: Sequence[IndexMark] = (),
    unique: Sequence[Sequence[str]] = (),
    was: str | tuple[str, ...] = (),
) -> Callable[[type[T]], type[T]]: ...
@dataclass_transform(kw_only_default=True, field_specifiers=(dataclasses.field,))
def table(
    cls: type[T] | None = None,
    /,
    *,
    public: bool = False,
    name: str | None = None,
    event: bool = False,
    indexes: Sequence[IndexMark] = (),
    unique: Sequence[Sequence[str]] = (),
    was: str | tuple[str, ...] = (),
) -> type[T] | Callable[[type[T]], type[T]]:
    """Make a class the row type of a table.

    `public`: clients may subscribe. `name`: the canonical name, taken as written (default: the class name in
    snake_case). `event`: rows live for one transaction. `indexes`: indexes over several columns.
    `unique`: sets of columns that together are unique. `was`: what the table was called before; it keeps its rows.
    """
    options = TableOptions(name=name, public=public, event=event, indexes=indexes, unique=unique, was=names_of(was))

    def declare(cls: type[T]) -> type[T]:
        # What is no class is refused with all other mistakes, after the import.
        row = _row_class(cls) if inspect.isclass(cls) and not issubclass(cls, enum.Enum | tuple | dict) else cls
        _note("table", row, options)
        return _let_through if _is_text(row) else row  # type: ignore[return-value]  # see `_let_through`

    return declare if cls is None else declare(cls)


def table_of(
    row: type[T],
    *,
    name: str,
    public: bool = False,
    event: bool = False,
    indexes: Sequence[IndexMark] = (),
    unique: Sequence[Sequence[str]] = (),
    was: str | tuple[str, ...] = (),
) -> TableOf[T]:
    """Declare a further table with the row type of `row`; its column constraints hold here too."""
    options = TableOptions(name=name, public=public, event=event, indexes=indexes, unique=unique, was=names_of(was))
    declared = TableOf(row, options)
    _note("table", declared, declared.options)
    return declared


def _is_text(given: object) -> bool:
    return isinstance(given, str)


def _let_through(decorated: T) -> T:
    """What stands in for the decorator that `@table("name")` would call, a mistake that is noted already."""
    return decorated


def _shared(value: object) -> Any:  # a Field of the value's type, as dataclasses.field returns it
    return dataclasses.field(default_factory=lambda: value, metadata={MUTABLE_DEFAULT: True})


def _row_class(cls: type[T]) -> type[T]:
    doc = cls.__dict__.get("__doc__")
    for name, value in list(vars(cls).items()):
        if not name.startswith("__") and type(value).__hash__ is None and not isinstance(value, dataclasses.Field):
            setattr(cls, name, _shared(value))
    made = dataclass(kw_only=True)(cls)
    made.__doc__ = doc
    return made


@overload
def reducer(function: F, /) -> F: ...
@overload
def reducer(
    *, private: bool = False, name: str | None = None, schedule: type[Any] | TableOf[Any] | None = None
) -> Callable[[F], F]: ...
def reducer(
    function: F | None = None,
    /,
    *,
    private: bool = False,
    name: str | None = None,
    schedule: type[Any] | TableOf[Any] | None = None,
) -> F | Callable[[F], F]:
    """Make a function a reducer: callable by clients, one transaction per call.

    `private`: only the database's owner may call it. `name`: the canonical name, taken as written.
    `schedule`: run when a row of this table is due, with that row; private.
    """
    options = ReducerOptions(name=name, private=private, schedule=schedule)

    def declare(function: F) -> F:
        _note("reducer", function, options)
        return _let_through if _is_text(function) else function  # type: ignore[return-value]  # see `_let_through`

    return declare if function is None else declare(function)


def init(function: Hook, /) -> Hook:
    """Run this once, when the database is created (and after its data was cleared)."""
    _note("reducer", function, ReducerOptions(lifecycle=Lifecycle.INIT))
    return function


def seed(function: Hook, /) -> Hook:
    """Run this after `init` and the seed files, in the same transaction: what a database begins with."""
    _note("seed", function, ReducerOptions(private=True, is_seed=True))
    return function


def client_connected(function: Hook, /) -> Hook:
    """Run this when a client connects; an error refuses the connection."""
    _note("reducer", function, ReducerOptions(lifecycle=Lifecycle.ON_CONNECT))
    return function


def client_disconnected(function: Hook, /) -> Hook:
    """Run this when a client is gone, however it left."""
    _note("reducer", function, ReducerOptions(lifecycle=Lifecycle.ON_DISCONNECT))
    return function


def migration(
    table: type[T] | TableOf[T], /
) -> Callable[[Callable[[ReducerContext, Old], T | None]], Callable[[ReducerContext, Old], T | None]]:
    """Make a function the way from older rows of a table to its present ones: called with each, inside the deploy.

    The fields of the old row's class are the columns for which it runs; None drops the row.
    """

    def declare(function: Callable[[ReducerContext, Old], T | None]) -> Callable[[ReducerContext, Old], T | None]:
        _note("migration", function, MigrationOptions(table=table))
        return function

    given: Any = table
    if inspect.isfunction(given):  # `@migration` without a table, a mistake that is reported with all others
        _note("migration", given, MigrationOptions(table=None))
    return declare
