"""Reading table declarations into columns, and columns into the raw definition of a table."""

import dataclasses
import enum
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from stdbctl.errors import Place
from stdbctl.module.columns import ColumnMark, Constraint, IndexMark
from stdbctl.module.declare import Declaration, TableOf, TableOptions
from stdbctl.module.places import PlaceBook
from stdbctl.module.problems import ModuleProblem, NotDeclarable
from stdbctl.module.refused_types import Mark
from stdbctl.module.resolve import Poisoned, TypeBook
from stdbctl.sats import Shape
from stdbctl.schema import IndexAlgorithm, RawIndexDef, RawSequenceDef, RawTableDef, RawUniqueDef

Add = Callable[[ModuleProblem], None]
Field = dataclasses.Field[Any]
"""A field of a dataclass; Any because its type is known only at run time."""

ALGORITHMS = {"btree": IndexAlgorithm.BTREE, "hash": IndexAlgorithm.HASH, "direct": IndexAlgorithm.DIRECT}
_PLAIN = IndexMark((), "btree", None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column as read. `canonical_name`: where the author chose it; `shape` None: its type is a problem already.

    `was`: what it was called before.
    """

    name: str
    canonical_name: str | None
    was: tuple[str, ...]
    position: int
    shape: Shape | None
    marks: tuple[Mark, ...]
    field: Field

    def has(self, constraint: str) -> bool:
        return any(isinstance(mark, Constraint) and mark.name == constraint for mark in self.marks)


@dataclass(frozen=True, kw_only=True, eq=False)
class TableSpec:
    """One table as read. `key`: what authors put into `ctx.db[…]`; `ref`: its row type (None: it has problems)."""

    key: object
    cls: type[Any]
    source_name: str
    options: TableOptions
    declaration: Declaration
    columns: tuple[Column, ...]
    ref: int | None
    place: Place | None

    @property
    def is_whole(self) -> bool:
        """Whether every type in it is known and sound."""
        return self.ref is not None

    @cached_property
    def by_name(self) -> Mapping[str, Column]:
        return {column.name: column for column in self.columns}


def read_table(declaration: Declaration, book: TypeBook, places: PlaceBook, add: Add) -> TableSpec | None:
    """Read one declaration; problems go to `add`. None when there is no row class at all."""
    target, options = declaration.target, declaration.options
    assert isinstance(options, TableOptions)
    is_further = isinstance(target, TableOf)
    cls = target.row if isinstance(target, TableOf) else target
    if not isinstance(cls, type) or not dataclasses.is_dataclass(cls):
        add(_no_table(declaration, places))
        return None
    line = declaration.line
    return TableSpec(
        key=target,
        cls=cls,
        source_name=str(options.name) if is_further else cls.__name__,
        options=options,
        declaration=declaration,
        columns=tuple(_read_column(cls, field, i, book) for i, field in enumerate(dataclasses.fields(cls))),
        ref=book.row_ref(cls),
        place=places.option(declaration.file, line, "name") if is_further else places.name(cls, line),
    )


def _no_table(declaration: Declaration, places: PlaceBook) -> ModuleProblem:
    if isinstance(declaration.target, str):
        return name_without_keyword("table", declaration, places)
    what, fix = _what_it_is(declaration.target)
    place = places.option(declaration.file, declaration.line, "")
    return NotDeclarable(what=what, why="a table takes its columns from the fields of a class", fix=fix, place=place)


def _what_it_is(target: object) -> tuple[str, str]:
    """What something is that cannot be a table, and what to do about it."""
    if isinstance(target, TableOf):
        return "`table_of` needs a class with `@table`", "give it the class of a table, or a `@dataclass`"
    if isinstance(target, type) and issubclass(target, enum.Enum):
        return f"`{target.__name__}` is an enum", "remove `@table`, and use the enum as the type of a column"
    if isinstance(target, type):
        base = next(b.__name__ for b in target.__mro__ if b in (tuple, dict))
        return f"`{target.__name__}` is a {base}", "remove the base class; `@table` makes columns of annotated fields"
    fix = "put `@table(…)` above a class with annotated fields"
    return "`@table` stands on something that is no class", fix


def is_name(name: object) -> bool:
    """Whether it is an identifier; the author may have given anything."""
    return isinstance(name, str) and name.isidentifier()


def name_without_keyword(decorator: str, declaration: Declaration, places: PlaceBook) -> ModuleProblem:
    """The problem of `@table("name")`."""
    return NotDeclarable(
        what=f"`@{decorator}` takes no text by position",
        why="every option is given by its name",
        fix=f'write `@{decorator}(name="{declaration.target}")`',
        place=places.option(declaration.file, declaration.line, ""),
    )


def _read_column(cls: type[Any], field: Field, position: int, book: TypeBook) -> Column:
    shape: Shape | None = None
    marks: tuple[Mark, ...] = ()
    with suppress(ModuleProblem, Poisoned):  # the book reports them with the class
        shape, marks = book.read(field.type, book.field_scope(cls, field.name))
    named = [mark for mark in marks if isinstance(mark, ColumnMark)]
    return Column(
        name=field.name,
        canonical_name=next((mark.name for mark in named if mark.name is not None), None),
        was=next((mark.was for mark in named if mark.was), ()),
        position=position,
        shape=shape,
        marks=marks,
        field=field,
    )


def raw_table(spec: TableSpec, defaults: tuple[tuple[int, bytes], ...]) -> RawTableDef:
    """The raw definition of a table that is free of problems."""
    assert spec.ref is not None
    unique = _unique_sets(spec)
    return RawTableDef(
        source_name=spec.source_name,
        product_type_ref=spec.ref,
        primary_key=tuple(c.position for c in spec.columns if c.has("PrimaryKey")),
        indexes=tuple(_indexes(spec, unique)),
        constraints=tuple(RawUniqueDef(columns=tuple(sorted(columns))) for columns in unique),
        sequences=tuple(RawSequenceDef(column=c.position) for c in spec.columns if c.has("AutoInc")),
        is_public=spec.options.public,
        is_event=spec.options.event,
        default_values=defaults,
    )


def _unique_sets(spec: TableSpec) -> list[tuple[int, ...]]:
    single = [(c.position,) for c in spec.columns if c.has("PrimaryKey") or c.has("Unique")]
    several = [tuple(spec.by_name[name].position for name in names) for names in spec.options.unique]
    return list(dict.fromkeys([*single, *several]))


def _indexes(spec: TableSpec, unique: list[tuple[int, ...]]) -> list[RawIndexDef]:
    """Those on single columns first, in column order; a unique set without an index gets an ordered one."""
    single = [((c.position,), m) for c in spec.columns for m in c.marks if isinstance(m, IndexMark)]
    several = [(tuple(spec.by_name[n].position for n in m.columns), m) for m in spec.options.indexes]
    covered = {frozenset(columns) for columns, _ in [*single, *several]}
    implied = [(columns, _PLAIN) for columns in unique if frozenset(columns) not in covered]
    found = {(columns, mark.algorithm): mark for columns, mark in [*single, *several, *implied]}
    order = sorted(found, key=lambda key: (len(key[0]) > 1, key[0] if len(key[0]) == 1 else ()))
    return [_index(spec, columns, found[columns, algorithm]) for columns, algorithm in order]


def _index(spec: TableSpec, columns: tuple[int, ...], mark: IndexMark) -> RawIndexDef:
    joined = "_".join(spec.columns[i].name for i in columns)
    return RawIndexDef(
        source_name=f"{spec.source_name}_{joined}_idx_{mark.algorithm}",
        accessor_name=mark.name or joined,
        algorithm=ALGORITHMS[mark.algorithm],
        columns=columns,
    )
