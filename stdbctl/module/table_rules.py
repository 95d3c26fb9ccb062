"""The rules on tables: keys, constraints and indexes, each broken one reported at its place."""

import dataclasses
from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

from stdbctl.errors import Place
from stdbctl.module.columns import Constraint, IndexMark
from stdbctl.module.places import PlaceBook
from stdbctl.module.problems import (
    AutoIncType,
    BadIndex,
    BadName,
    DirectIndexType,
    MissingAnnotation,
    NotFilterable,
    TwoPrimaryKeys,
    UnknownColumn,
)
from stdbctl.module.resolve import TypeBook
from stdbctl.module.tables import ALGORITHMS, Add, Column, TableSpec, is_name
from stdbctl.nearest import nearest
from stdbctl.sats import (
    CONNECTION_ID,
    FLOATS,
    IDENTITY,
    INTEGERS,
    TIMESTAMP,
    UUID,
    AlgebraicType,
    EnumShape,
    Named,
    Primitive,
    Shape,
)

_FILTERABLE: frozenset[AlgebraicType] = frozenset(
    {*INTEGERS, Primitive.BOOL, Primitive.STRING, IDENTITY, CONNECTION_ID, TIMESTAMP, UUID}
)
_DIRECT: frozenset[AlgebraicType] = frozenset({Primitive.U8, Primitive.U16, Primitive.U32, Primitive.U64})


Listed = TypeVar("Listed")
PlaceOf = Callable[..., Place | None]
"""The place of an entry in an option, or of a text in it."""


def _are_names(names: Sequence[object]) -> bool:
    return all(isinstance(name, str) for name in names)


def _index_key(mark: object) -> object:
    """What two indexes of one table may not share; None for what is no index."""
    return (mark.columns, mark.algorithm) if isinstance(mark, IndexMark) and _are_names(mark.columns) else None


def _unique_key(columns: object) -> object:
    """What two unique sets of one table may not share; None for what is no set of columns."""
    return frozenset(columns) if isinstance(columns, list | tuple) and _are_names(columns) else None


def _quoted(given: object) -> str:
    """The columns that were probably meant, as arguments of `index`."""
    names = given.columns if isinstance(given, IndexMark) else [given] if isinstance(given, str) else given
    if isinstance(names, list | tuple) and names and _are_names(names):
        return ", ".join(f'"{name}"' for name in names)
    return '"x", "y"'


class TableChecker:
    """Checks one table."""

    def __init__(self, spec: TableSpec, book: TypeBook, places: PlaceBook, add: Add) -> None:
        self.spec, self.book, self.places, self.add = spec, book, places, add

    def check(self, *, with_columns: bool) -> None:
        """Report every problem of the declaration except its defaults; columns only with the class's first table."""
        if with_columns:
            self._check_bare_assignments()
            self._check_keys()
            for column in self.spec.columns:
                self._check_column(column)
        self._check_name()
        indexes = self._listed("indexes", self.spec.options.indexes)
        for i, index in enumerate(indexes):
            self._check_index(index, partial(self._option_place, "indexes", i))
        unique = self._listed("unique", self.spec.options.unique)
        for i, columns in enumerate(unique):
            self._check_unique(columns, partial(self._option_place, "unique", i))
        self._check_repeated("indexes", [_index_key(index) for index in indexes])
        self._check_repeated("unique", [_unique_key(columns) for columns in unique])

    def _check_repeated(self, option: str, keys: Sequence[object]) -> None:
        for i, key in enumerate(keys):
            if key is not None and key in keys[:i]:
                self.add(
                    BadIndex(
                        what=f"this entry of `{option}` repeats an earlier one",
                        why="both are about the same columns",
                        fix="remove one of the two",
                        place=self._option_place(option, i),
                    )
                )

    def _check_name(self) -> None:
        name = self.spec.options.name
        if name is not None and not is_name(name):
            place = self.places.option(self.spec.declaration.file, self.spec.declaration.line, "name")
            self.add(BadName(thing="a table", name=repr(name), place=place))

    def _listed(self, option: str, given: Sequence[Listed]) -> Sequence[Listed]:
        """The entries of an option; what is no list is a problem."""
        if isinstance(given, list | tuple):
            return given
        entry = f"index({_quoted(given)})" if option == "indexes" else '("x", "y")'
        self.add(
            BadIndex(
                what=f"`{option}` is no list",
                why=f"a table may have several entries in `{option}`",
                fix=f"write `{option}=[{entry}]`",
                place=self._option_place(option, 0),
            )
        )
        return ()

    def _option_place(self, keyword: str, item: int, text: str | None = None) -> Place | None:
        return self.places.option(self.spec.declaration.file, self.spec.declaration.line, keyword, item, text)

    def _place(self, column: Column, part: str = "annotation") -> Place | None:
        return self.places.field(self.spec.cls, column.name, part)

    def _check_bare_assignments(self) -> None:
        for name, place in self.places.bare_assignments(self.spec.cls):
            value = vars(self.spec.cls).get(name)
            if hasattr(value, "__metadata__"):
                self.add(self._assigned_type(name, place))
                continue
            is_behaviour = callable(value) or hasattr(type(value), "__get__") or isinstance(value, dataclasses.Field)
            if not (name.startswith("_") or name.isupper() or is_behaviour) and name not in self.spec.by_name:
                self.add(
                    MissingAnnotation(
                        thing=f"`{name}` in table `{self.spec.cls.__name__}`",
                        fix=f"write `{name}: TYPE = …` for a column, or `{name}: ClassVar[TYPE] = …` for a constant",
                        place=place,
                    )
                )

    def _assigned_type(self, name: str, place: Place) -> MissingAnnotation:
        """The problem of `id = PrimaryKey[u64]`."""
        written = place.source_line.partition("=")[2].strip()
        return MissingAnnotation(
            thing=f"`{name}` in table `{self.spec.cls.__name__}`",
            fix=f"write the type behind a colon: `{name}: {written}`",
            place=place,
        )

    def _check_keys(self) -> None:
        keys = [column for column in self.spec.columns if column.has("PrimaryKey")]
        for column in keys[1:]:
            self.add(
                TwoPrimaryKeys(
                    table=self.spec.cls.__name__, column=column.name, first=keys[0].name, place=self._place(column)
                )
            )

    def _check_column(self, column: Column) -> None:
        if column.canonical_name is not None and not is_name(column.canonical_name):
            self.add(BadName(thing="a column", name=repr(column.canonical_name), place=self._place(column)))
        if column.shape is None:
            return
        if column.has("AutoInc") and column.shape.type not in INTEGERS:
            self.add(AutoIncType(column=column.name, type=column.shape.text, place=self._place(column)))
        for mark in column.marks:
            if isinstance(mark, Constraint) and mark.name != "AutoInc":
                is_key = mark.name == "PrimaryKey"
                self._check_filterable(column, "a primary key" if is_key else "unique", self._place(column))
            elif isinstance(mark, IndexMark):
                self._check_column_index(column, mark)

    def _check_column_index(self, column: Column, mark: IndexMark) -> None:
        place = self._place(column)
        if mark.columns:
            self.add(
                BadIndex(
                    what=f"the index on `{column.name}` names columns",
                    why="an index in an annotation is on the annotated column",
                    fix="put an index over several columns into `@table(indexes=[…])`",
                    place=place,
                )
            )
        self._check_accessor(mark, place)
        self._check_indexable(mark, [column], place)
        self._check_algorithm(mark, [column], place)

    def _check_filterable(self, column: Column, constraint: str, place: Place | None) -> None:
        shape = column.shape
        if shape is not None and not (shape.type in _FILTERABLE or self._is_enum(shape)):
            self.add(NotFilterable(column=column.name, type=shape.text, constraint=constraint, place=place))

    def _check_indexable(self, mark: IndexMark, columns: Sequence[Column], place: Place | None) -> None:
        for column in columns:
            # Ranges over floats have a meaning, equality of floats hardly: only ordered indexes take them.
            is_float = column.shape is not None and column.shape.type in FLOATS
            if not (is_float and mark.algorithm == "btree"):
                self._check_filterable(column, "in a hash index" if is_float else "indexed", place)

    def _is_enum(self, shape: Shape) -> bool:
        return isinstance(shape, Named) and isinstance(self.book.definitions.get(shape.ref.index), EnumShape)

    def _check_algorithm(self, mark: IndexMark, columns: list[Column], place: Place | None) -> None:
        if mark.algorithm not in ALGORITHMS:
            self.add(
                BadIndex(
                    what=f"there is no index algorithm `{mark.algorithm}`",
                    why="",
                    fix='use "btree", "hash" or "direct"',
                    place=place,
                )
            )
        elif mark.algorithm == "direct":
            self._check_direct(columns, place)

    def _check_direct(self, columns: list[Column], place: Place | None) -> None:
        if len(columns) > 1:
            self.add(
                BadIndex(
                    what="a direct index is on one column",
                    why="it uses the value as a position in an array",
                    fix='use `algorithm="btree"`',
                    place=place,
                )
            )
        for column in columns[:1]:
            if column.shape is not None and column.shape.type not in _DIRECT and not self._is_enum(column.shape):
                self.add(DirectIndexType(column=column.name, type=column.shape.text, place=place))

    def _check_index(self, mark: IndexMark, place_of: PlaceOf) -> None:
        place = place_of()
        if not isinstance(mark, IndexMark) or not mark.columns or not _are_names(mark.columns):
            self.add(
                BadIndex(
                    what="this entry of `indexes` names no columns",
                    why="each entry is an index with the names of its columns",
                    fix=f"write `indexes=[index({_quoted(mark)})]`",
                    place=place,
                )
            )
            return
        self._check_accessor(mark, place)
        columns = self._columns(mark.columns, place_of)
        self._check_indexable(mark, columns, place)
        self._check_algorithm(mark, columns, place)

    def _check_unique(self, names: Sequence[str], place_of: PlaceOf) -> None:
        if not isinstance(names, list | tuple) or not names or not _are_names(names):
            self.add(
                BadIndex(
                    what="this entry of `unique` is no set of columns",
                    why="each entry of `unique` names the columns that are unique together",
                    fix='write `unique=[("x", "y")]`, or `Unique[…]` around the type of a single column',
                    place=place_of(),
                )
            )
            return
        for column in self._columns(names, place_of):
            self._check_filterable(column, "unique", place_of(column.name))

    def _columns(self, names: Sequence[str], place_of: PlaceOf) -> list[Column]:
        for name in dict.fromkeys(names):
            if name not in self.spec.by_name:
                self.add(self._unknown(name, place_of(name)))
            elif list(names).count(name) > 1:
                self.add(
                    BadIndex(
                        what=f"`{name}` stands twice in one index",
                        why="",
                        fix="name each column once",
                        place=place_of(name),
                    )
                )
        return [self.spec.by_name[name] for name in names if name in self.spec.by_name]

    def _check_accessor(self, mark: IndexMark, place: Place | None) -> None:
        if mark.name is not None and not is_name(mark.name):
            self.add(BadName(thing="an index", name=repr(mark.name), place=place))

    def _unknown(self, name: str, place: Place | None) -> UnknownColumn:
        near = nearest(name, self.spec.by_name)
        fix = f"did you mean `{near}`?" if near else f"its columns: {', '.join(f'`{n}`' for n in self.spec.by_name)}"
        return UnknownColumn(table=self.spec.cls.__name__, column=name, fix=fix, place=place)
