"""Reading table declarations: columns, keys, indexes, defaults, each rule with its place."""

import dataclasses
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from stdbctl.errors import Place
from stdbctl.module.columns import ColumnMark, Constraint, IndexMark
from stdbctl.module.convert import Converters, Mismatch, given_text
from stdbctl.module.declare import MUTABLE_DEFAULT, Declaration, TableOf, TableOptions
from stdbctl.module.nearest import nearest
from stdbctl.module.places import PlaceBook
from stdbctl.module.problems import (
    AutoIncType,
    BadDefault,
    BadIndex,
    DefaultOnKey,
    DirectIndexType,
    MissingAnnotation,
    ModuleProblem,
    MutableDefault,
    NotDeclarable,
    NotFilterable,
    TwoPrimaryKeys,
    UnknownColumn,
)
from stdbctl.module.resolve import Mark, Poisoned, TypeBook
from stdbctl.module.shapes import INTEGERS, EnumShape, Named, Shape
from stdbctl.sats import CONNECTION_ID, IDENTITY, TIMESTAMP, UUID, AlgebraicType, EncodeError, Primitive, compile_codec
from stdbctl.schema import IndexAlgorithm, RawIndexDef, RawSequenceDef, RawTableDef, RawUniqueDef

Add = Callable[[ModuleProblem], None]
NO_DEFAULT = object()
_ALGORITHMS = {"btree": IndexAlgorithm.BTREE, "hash": IndexAlgorithm.HASH, "direct": IndexAlgorithm.DIRECT}
_FILTERABLE: frozenset[AlgebraicType] = frozenset(
    {*INTEGERS, Primitive.BOOL, Primitive.STRING, IDENTITY, CONNECTION_ID, TIMESTAMP, UUID}
)
_DIRECT: frozenset[AlgebraicType] = frozenset({Primitive.U8, Primitive.U16, Primitive.U32, Primitive.U64})


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column as read. `position`: in the row; `shape` None: its type is a problem already."""

    name: str
    source_name: str
    position: int
    shape: Shape | None
    marks: tuple[Mark, ...]
    default: object

    def has(self, constraint: str) -> bool:
        return any(isinstance(mark, Constraint) and mark.name == constraint for mark in self.marks)


@dataclass(frozen=True, slots=True, kw_only=True)
class TableSpec:
    """One table as read. `key`: what authors put into `ctx.db[…]`."""

    key: object
    cls: type[Any]
    source_name: str
    explicit_name: str | None
    options: TableOptions
    declaration: Declaration
    columns: tuple[Column, ...]
    ref: int | None
    """Where the row type stands in the typespace; None when it has problems."""
    place: Place | None


def read_table(declaration: Declaration, book: TypeBook, places: PlaceBook, add: Add) -> TableSpec | None:
    """Read one declaration; problems go to `add`. None when there is no row class at all."""
    target, options = declaration.target, declaration.options
    assert isinstance(options, TableOptions)
    cls = target.row if isinstance(target, TableOf) else target
    if not isinstance(cls, type) or not dataclasses.is_dataclass(cls):
        add(_no_table(declaration, places))
        return None
    is_further = isinstance(target, TableOf)
    place = (
        places.option(declaration.file, declaration.line, "name") if is_further else places.name(cls, declaration.line)
    )
    columns = tuple(_read_column(cls, field, i, book) for i, field in enumerate(dataclasses.fields(cls)))
    return TableSpec(
        key=target,
        cls=cls,
        source_name=str(options.name) if is_further else cls.__name__,
        explicit_name=options.name,
        options=options,
        declaration=declaration,
        columns=columns,
        ref=book.row_ref(cls),
        place=place,
    )


def _no_table(declaration: Declaration, places: PlaceBook) -> ModuleProblem:
    is_further = isinstance(declaration.target, TableOf)
    return NotDeclarable(
        what="`table_of` needs a class with `@table`"
        if is_further
        else "`@table` stands on something that is no class",
        why="a table takes its columns from the fields of a class",
        fix="put `@table(…)` above a class with annotated fields",
        place=places.option(declaration.file, declaration.line, ""),
    )


def _read_column(cls: type[Any], field: "dataclasses.Field[Any]", position: int, book: TypeBook) -> Column:
    shape: Shape | None = None
    marks: tuple[Mark, ...] = ()
    with suppress(ModuleProblem, Poisoned):  # the book reports them with the class
        shape, marks = book.read(field.type, book.field_scope(cls, field.name))
    explicit = next((mark.name for mark in marks if isinstance(mark, ColumnMark)), None)
    return Column(
        name=field.name,
        source_name=explicit or field.name,
        position=position,
        shape=shape,
        marks=marks,
        default=_default_of(field),
    )


def _default_of(field: "dataclasses.Field[Any]") -> object:
    if MUTABLE_DEFAULT in field.metadata or field.default_factory is not dataclasses.MISSING:
        return field.default_factory
    return NO_DEFAULT if field.default is dataclasses.MISSING else field.default


class TableChecker:
    """Checks one table and makes its raw definition."""

    def __init__(self, spec: TableSpec, book: TypeBook, places: PlaceBook, add: Add) -> None:
        self.spec, self.book, self.places, self.add = spec, book, places, add
        self.by_name = {column.name: column for column in spec.columns}

    def check(self, *, with_columns: bool) -> None:
        """Report every problem of the declaration except its defaults; columns only with the class's first table."""
        if with_columns:
            self._check_bare_assignments()
            self._check_keys()
            for column in self.spec.columns:
                self._check_column(column)
        for i, index in enumerate(self.spec.options.indexes):
            self._check_index(index, self._option_place("indexes", i))
        for i, columns in enumerate(self.spec.options.unique):
            self._check_unique(columns, self._option_place("unique", i))

    def _option_place(self, keyword: str, item: int) -> Place | None:
        return self.places.option(self.spec.declaration.file, self.spec.declaration.line, keyword, item)

    def _place(self, column: Column, part: str = "annotation") -> Place | None:
        return self.places.field(self.spec.cls, column.name, part)

    def _check_bare_assignments(self) -> None:
        for name, place in self.places.bare_assignments(self.spec.cls):
            value = vars(self.spec.cls).get(name)
            is_behaviour = callable(value) or hasattr(type(value), "__get__") or isinstance(value, dataclasses.Field)
            if not (name.startswith("_") or name.isupper() or is_behaviour) and name not in self.by_name:
                self.add(
                    MissingAnnotation(
                        thing=f"`{name}` in table `{self.spec.cls.__name__}`",
                        fix=f"write `{name}: TYPE = …` for a column, or `{name}: ClassVar[TYPE] = …` for a constant",
                        place=place,
                    )
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
        self._check_filterable(column, "indexed", place)
        self._check_algorithm(mark, [column], place)

    def _check_filterable(self, column: Column, constraint: str, place: Place | None) -> None:
        shape = column.shape
        if shape is not None and not (shape.type in _FILTERABLE or self._is_enum(shape)):
            self.add(NotFilterable(column=column.name, type=shape.text, constraint=constraint, place=place))

    def _is_enum(self, shape: Shape) -> bool:
        return isinstance(shape, Named) and isinstance(self.book.definitions.get(shape.ref.index), EnumShape)

    def _check_algorithm(self, mark: IndexMark, columns: list[Column], place: Place | None) -> None:
        if mark.algorithm not in _ALGORITHMS:
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

    def _check_index(self, mark: IndexMark, place: Place | None) -> None:
        if not isinstance(mark, IndexMark) or not mark.columns:
            self.add(
                BadIndex(
                    what=f"`{mark!r}` is no index over columns",
                    why="`indexes` holds indexes with the names of their columns",
                    fix='write `indexes=[index("x", "y")]`',
                    place=place,
                )
            )
            return
        columns = self._columns(mark.columns, place)
        for column in columns:
            self._check_filterable(column, "indexed", place)
        self._check_algorithm(mark, columns, place)

    def _check_unique(self, names: Sequence[str], place: Place | None) -> None:
        if isinstance(names, str) or not names:
            self.add(
                BadIndex(
                    what=f"`{names!r}` is no set of columns",
                    why="each entry of `unique` names the columns that are unique together",
                    fix='write `unique=[("x", "y")]`, or `Unique[…]` around the type of a single column',
                    place=place,
                )
            )
            return
        for column in self._columns(names, place):
            self._check_filterable(column, "unique", place)

    def _columns(self, names: Sequence[str], place: Place | None) -> list[Column]:
        for name in dict.fromkeys(names):
            if name not in self.by_name:
                self.add(self._unknown(name, place))
            elif list(names).count(name) > 1:
                self.add(
                    BadIndex(
                        what=f"`{name}` stands twice in one index", why="", fix="name each column once", place=place
                    )
                )
        return [self.by_name[name] for name in names if name in self.by_name]

    def _unknown(self, name: str, place: Place | None) -> UnknownColumn:
        near = nearest(name, self.by_name)
        fix = f"did you mean `{near}`?" if near else f"its columns: {', '.join(f'`{n}`' for n in self.by_name)}"
        return UnknownColumn(table=self.spec.cls.__name__, column=name, fix=fix, place=place)

    def defaults(self, converters: Converters) -> tuple[tuple[int, bytes], ...]:
        """(position, BSATN) of every column default; what is no default is reported."""
        encoded = []
        for column in self.spec.columns:
            if column.default is not NO_DEFAULT and column.shape is not None:
                data = self._default(column, column.shape, converters)
                if data is not None:
                    encoded.append((column.position, data))
        return tuple(encoded)

    def _default(self, column: Column, shape: Shape, converters: Converters) -> bytes | None:
        field = next(f for f in dataclasses.fields(self.spec.cls) if f.name == column.name)
        place = self._place(column, "value")
        if column.has("AutoInc") or column.has("PrimaryKey") or column.has("Unique"):
            self._check_key_default(column, place)
            return None
        if MUTABLE_DEFAULT in field.metadata:
            shared = field.default_factory() if field.default_factory is not dataclasses.MISSING else None
            kind = type(shared).__name__
            factory = kind if not shared else f"lambda: {shared!r}"
            self.add(MutableDefault(column=column.name, type=kind, factory=factory, place=place))
            return None
        try:
            value: Any = field.default_factory() if field.default_factory is not dataclasses.MISSING else field.default
            convert, codec = converters.into(shape), compile_codec(shape.type, self.book.typespace())
            return codec.encode(codec.normalize(value if convert is None else convert(value)))
        except (EncodeError, Mismatch) as error:
            given = error.given if isinstance(error, EncodeError) else given_text(error.given)
            expected = error.expected if error.expected != shape.text else shape.text
            self.add(BadDefault(column=column.name, given=given, expected=expected, place=place))
        except Exception as error:  # the author's own factory or __getattr__ may raise anything
            self.add(BadDefault(column=column.name, given=repr(error), expected=shape.text, place=place))
        return None

    def _check_key_default(self, column: Column, place: Place | None) -> None:
        is_counted = column.has("AutoInc")
        if is_counted and type(column.default) is int and column.default == 0:
            return
        constraint = next(m.name for m in column.marks if isinstance(m, Constraint) and m.name in _WORDS)
        fix = "write `= 0`, which asks for the next number" if is_counted else "remove the default"
        self.add(DefaultOnKey(column=column.name, constraint=_WORDS[constraint], fix=fix, place=place))

    def raw(self, defaults: tuple[tuple[int, bytes], ...]) -> RawTableDef:
        """The raw definition; the table must be free of problems."""
        spec = self.spec
        assert spec.ref is not None
        unique = self._unique_sets()
        return RawTableDef(
            source_name=spec.source_name,
            product_type_ref=spec.ref,
            primary_key=tuple(c.position for c in spec.columns if c.has("PrimaryKey")),
            indexes=tuple(self._indexes(unique)),
            constraints=tuple(RawUniqueDef(columns=tuple(sorted(columns))) for columns in unique),
            sequences=tuple(RawSequenceDef(column=c.position) for c in spec.columns if c.has("AutoInc")),
            is_public=spec.options.public,
            is_event=spec.options.event,
            default_values=defaults,
        )

    def _unique_sets(self) -> list[tuple[int, ...]]:
        single = [(c.position,) for c in self.spec.columns if c.has("PrimaryKey") or c.has("Unique")]
        several = [tuple(self.by_name[name].position for name in names) for names in self.spec.options.unique]
        return list(dict.fromkeys([*single, *several]))

    def _indexes(self, unique: list[tuple[int, ...]]) -> list[RawIndexDef]:
        marked = [((c.position,), m) for c in self.spec.columns for m in c.marks if isinstance(m, IndexMark)]
        several = [(tuple(self.by_name[n].position for n in m.columns), m) for m in self.spec.options.indexes]
        covered = {frozenset(columns) for columns, _ in marked + several}
        implied = [(columns, _PLAIN) for columns in unique if frozenset(columns) not in covered]
        found = {(columns, mark.algorithm): mark for columns, mark in [*marked, *several, *implied]}
        order = sorted(found, key=lambda key: (len(key[0]) > 1, key[0] if len(key[0]) == 1 else ()))
        return [self._index(columns, found[columns, algorithm]) for columns, algorithm in order]

    def _index(self, columns: tuple[int, ...], mark: IndexMark) -> RawIndexDef:
        joined = "_".join(self.spec.columns[i].source_name for i in columns)
        return RawIndexDef(
            source_name=f"{self.spec.source_name}_{joined}_idx_{mark.algorithm}",
            accessor_name=mark.name or joined,
            algorithm=_ALGORITHMS[mark.algorithm],
            columns=columns,
        )


_WORDS = {"PrimaryKey": "the primary key", "Unique": "unique", "AutoInc": "counted up"}
_PLAIN = IndexMark((), "btree", None)
