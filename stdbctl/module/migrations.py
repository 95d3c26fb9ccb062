"""`@migration(Table)`: the author's function that makes a table's rows of older ones, read with each rule at its place.

    @dataclass
    class PlayerV1:                       # the columns as they are stored
        name: str
        team: u32

    @migration(Player)
    def player_from_v1(ctx: ReducerContext, old: PlayerV1) -> Player | None: ...

The old row's types make a typespace of their own, so that they are no part of the module's schema.
"""

import inspect
import types
import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, is_dataclass
from typing import Any, ForwardRef, get_args, get_origin

from stdbctl.errors import Place
from stdbctl.module.columns import ColumnMark
from stdbctl.module.context import ReducerContext
from stdbctl.module.declare import Declaration, MigrationOptions
from stdbctl.module.functions import annotations_of
from stdbctl.module.places import PlaceBook
from stdbctl.module.problems import BadMigration
from stdbctl.module.resolve import TypeBook
from stdbctl.module.scope import BadText, Scope, UnknownName
from stdbctl.module.tables import TableSpec
from stdbctl.module.unseen import UNSEEN
from stdbctl.sats import Converters, RecordShape
from stdbctl.schema import RawMigrationDef

_SIGNATURE = "write `def {name}(ctx: ReducerContext, old: {old}) -> {new} | None`"


@dataclass(frozen=True, slots=True, kw_only=True)
class MigrationSpec:
    """One migration function as read. `book` knows the types of the old row, which is at `row` in it."""

    function: Callable[..., Any]  # its parameters are known only at run time
    inner: types.FunctionType
    source_name: str
    table: TableSpec
    book: TypeBook
    row: int | None
    place: Place | None
    declaration: Declaration

    @property
    def is_whole(self) -> bool:
        """Whether every type in it is known and sound."""
        return self.row is not None and self.table.is_whole

    @property
    def old_row(self) -> RecordShape:
        """The shape of the rows that it takes; the function must be free of problems."""
        assert self.row is not None
        shape = self.book.definitions[self.row]
        assert isinstance(shape, RecordShape), "old rows are dataclasses"
        return shape

    @property
    def converters(self) -> Converters:
        """The converters of the old row's types."""
        return Converters(self.book.definitions, self.book.typespace())

    def raw(self) -> RawMigrationDef:
        """The raw definition; the function must be free of problems."""
        assert self.row is not None
        record = self.old_row.cls
        marks = {
            name: self.book.read(field.type, self.book.field_scope(record, name))[1]
            for name, field in record.__dataclass_fields__.items()
        }
        named = {
            name: next((m.name for m in found if isinstance(m, ColumnMark)), None) for name, found in marks.items()
        }
        return RawMigrationDef(
            table_name=self.table.source_name,
            function_name=self.source_name,
            typespace=self.book.typespace(),
            row=self.row,
            column_names={name: canonical for name, canonical in named.items() if canonical is not None},
        )


@dataclass(frozen=True, slots=True)
class BrokenMigration:
    """A declaration that is no migration function."""

    declaration: Declaration
    problem: BadMigration


def read_migrations(
    declarations: Sequence[Declaration],
    tables: Mapping[object, TableSpec],
    scope_of: Callable[[str], Scope],
    places: PlaceBook,
) -> Iterator[MigrationSpec | BrokenMigration]:
    """Read every migration function. `tables`: by what authors put into `ctx.db[…]`."""
    for declaration in declarations:
        if declaration.kind == "migration":
            found = _Reader(declaration, tables, TypeBook(scope_of), places).read()
            if found is not None:
                yield found


class _Reader:
    """Reads one declaration."""

    def __init__(
        self, declaration: Declaration, tables: Mapping[object, TableSpec], book: TypeBook, places: PlaceBook
    ) -> None:
        assert isinstance(declaration.options, MigrationOptions)
        self.declaration, self.book, self.places = declaration, book, places
        self.line, self.given = declaration.line, declaration.options.table
        self.table = next((spec for spec in tables.values() if spec.key is self.given), None)
        function = declaration.target
        self.function = inspect.unwrap(function) if callable(function) else function
        self.name = getattr(self.function, "__name__", "")

    def read(self) -> MigrationSpec | BrokenMigration | None:
        """The function, why it is none, or None where it is about something that the import did not get to."""
        function = self.function
        if not isinstance(function, types.FunctionType) or "." in function.__qualname__.replace("<locals>.", ""):
            return self._broken(
                "`@migration` stands on something that is no plain function",
                "it is called with each old row",
                "put it above `def name(ctx: ReducerContext, old: OldRow) -> Table | None:` at the top of a file",
            )
        if self.given is UNSEEN:
            return None
        if self.table is None:
            return self._without_table()
        if self.table.options.event:
            return self._broken(
                f"`{self.table.source_name}` is an event table", "its rows are never stored", "remove the function"
            )
        if inspect.iscoroutinefunction(function) or inspect.isgeneratorfunction(function):
            why = "it runs once per row and gives one row back"
            return self._broken(f"`{self.name}` is a coroutine or a generator", why, self._signature(self.table))
        return self._signed(function, self.table)

    def _signed(self, function: types.FunctionType, table: TableSpec) -> MigrationSpec | BrokenMigration | None:
        code, annotations = function.__code__, annotations_of(function)
        names = code.co_varnames[: code.co_argcount]
        is_plain = code.co_kwonlyargcount == 0 and not code.co_flags & (inspect.CO_VARARGS | inspect.CO_VARKEYWORDS)
        if len(names) != 2 or not is_plain or any(name not in annotations for name in (*names, "return")):
            what = f"`{self.name}` does not take a context and an old row, and say what it returns"
            return self._broken(what, "it is called with both, for each row", self._signature(table))
        scope = self.book.scope_of(function.__module__)
        try:
            context, old, result = (_meaning(annotations[name], scope) for name in (*names, "return"))
        except UnknownName as error:
            what = f"`{error.name}`, in the signature of `{self.name}`, is not defined"
            return self._broken(what, "its types say when it runs", error.fix)
        except BadText as error:
            what = f"an annotation of `{self.name}` cannot be read: {error}"
            return self._broken(what, "its types say when it runs", self._signature(table))
        if UNSEEN in (context, old, result):
            return None
        return self._typed(function, table, names, (context, old, result))

    def _typed(
        self, function: types.FunctionType, table: TableSpec, names: Sequence[str], meanings: tuple[Any, Any, Any]
    ) -> MigrationSpec | BrokenMigration:
        context, old, result = meanings
        if context is not ReducerContext:
            where = self.places.parameter(function, names[0], self.line)
            what = f"the first parameter of `{self.name}` is not its context"
            return self._broken(what, "time and tables reach it only through that", self._signature(table), where)
        where = self.places.parameter(function, names[1], self.line)
        if not isinstance(old, type) or not is_dataclass(old):
            what, why = f"`{names[1]}` of `{self.name}` is no dataclass", "its fields say which stored columns it takes"
            fix = "write the columns as they are stored into a `@dataclass` of its own"
            return self._broken(what, why, fix, where)
        if old is table.cls:
            what, why = (
                f"`{self.name}` takes rows of the table's own class",
                "it is about rows that are stored otherwise",
            )
            fix = "write the columns as they are stored into a `@dataclass` of its own"
            return self._broken(what, why, fix, where)
        if not _is_row(result, table.cls):
            what = f"`{self.name}` does not return rows of `{table.source_name}`"
            where = self.places.returns(function, self.line)
            return self._broken(what, "what it returns is stored there", self._signature(table), where)
        return MigrationSpec(
            function=self.declaration.target,
            inner=function,
            source_name=self.name,
            table=table,
            book=self.book,
            row=self.book.row_ref(old),
            place=self.places.name(function, self.line),
            declaration=self.declaration,
        )

    def _without_table(self) -> BrokenMigration:
        given = self.given.__name__ if isinstance(self.given, type) else "…"
        what = "`@migration` names no table of this module"
        fix = f"put `@table()` above `{given}`" if isinstance(self.given, type) else "write `@migration(Table)`"
        return self._broken(what, "it makes the rows of one table anew", fix)

    def _signature(self, table: TableSpec) -> str:
        return _SIGNATURE.format(name=self.name, old="OldRow", new=table.cls.__name__)

    def _broken(self, what: str, why: str, fix: str, place: Place | None = None) -> BrokenMigration:
        place = place or self.places.option(self.declaration.file, self.line, "")
        return BrokenMigration(self.declaration, BadMigration(what=what, why=why, fix=fix, place=place))


def _is_row(result: Any, cls: type[Any]) -> bool:  # Any: whatever the author's annotation means
    """Whether it is `cls`, `cls | None` or `None`."""
    is_union = get_origin(result) in (typing.Union, types.UnionType)
    parts = get_args(result) if is_union else (result,)
    return all(part in (cls, None, type(None)) for part in parts)


def _meaning(annotation: Any, scope: Scope) -> Any:  # Any: see `_is_row`
    """What an annotation means, once its text and aliases are followed."""
    while True:
        if isinstance(annotation, str | ForwardRef):
            annotation = scope.evaluate(annotation)
        elif type(annotation).__name__ == "TypeAliasType":
            annotation = annotation.__value__
        else:
            return annotation
