"""From the types of a module's bindings to functions: BSATN to row objects and back, compiled once per table."""

import enum
import gc
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields
from functools import partial
from itertools import pairwise
from operator import attrgetter
from typing import Any, TypeVar

from stdbctl.client.remote import RemoteTable, TypeClass, Union
from stdbctl.sats import (
    BYTES,
    UNIT,
    AlgebraicType,
    ArrayType,
    Convert,
    Converters,
    Definition,
    EncodeError,
    EnumShape,
    ListShape,
    Mismatch,
    Named,
    OptionShape,
    Primitive,
    ProductType,
    RecordShape,
    Ref,
    ResultShape,
    Scalar,
    Shape,
    SumType,
    Typespace,
    UnionShape,
    Unit,
    compile_codec,
    compile_outof,
    given_text,
    option_inner,
    result_inner,
    special_name,
    type_text,
)

Row = TypeVar("Row")
Key = Any
"""What tells a row from others of its table: its primary key, or its bytes where it has none."""

BULK_BYTES = 64 * 1024
"""From here on rows are decoded with the garbage collector at rest: it would walk all of them again and again."""
CHUNK_BYTES = 256 * 1024
"""Rows are decoded in pieces of this size: the tuples between bytes and objects then stay in the CPU's cache."""


class Shapes:
    """The Python shapes of a module's types, as its bindings declare them."""

    def __init__(self, types: Typespace, classes: tuple[TypeClass, ...]) -> None:
        self.types, self.classes = types, classes
        self.converters = Converters(dict(self._definitions()), types)

    def _definitions(self) -> Iterator[tuple[int, Definition]]:
        for index, (type_, held) in enumerate(zip(self.types.types, self.classes, strict=True)):
            if isinstance(held, Union):
                assert isinstance(type_, SumType), f"{held.name} is a union, its type is not"
                payloads = tuple(self.shape(v.type) for v in type_.variants)
                yield index, UnionShape(held.name, tuple(zip(held.variants, payloads, strict=True)))
            elif held is not None and issubclass(held, enum.Enum):
                yield index, EnumShape(held)
            elif held is not None:
                assert isinstance(type_, ProductType), f"{held.__name__} is a dataclass, its type is no product"
                yield index, self.record(held, type_)

    def record(self, cls: type[Any], type_: ProductType) -> RecordShape:
        """The shape of a dataclass that stands for a product."""
        names = [field.name for field in fields(cls)]
        shapes = [self.shape(element.type) for element in type_.elements]
        return RecordShape(cls, tuple(zip(names, shapes, strict=True)))

    def shape(self, type_: AlgebraicType) -> Shape:
        """The shape of a value of this type."""
        if isinstance(type_, Ref):
            held = self.classes[type_.index]
            if held is None:
                return self.shape(self.types.types[type_.index])
            return Named(type_, held.name if isinstance(held, Union) else held.__name__)
        if type_ == UNIT:
            return Unit()
        inner = option_inner(type_)
        if inner is not None:
            return OptionShape(self.shape(inner), is_boxed=self._is_none_a_value(inner))
        pair = result_inner(type_)
        if pair is not None:
            return ResultShape(self.shape(pair[0]), self.shape(pair[1]))
        if isinstance(type_, ArrayType) and type_ != BYTES:
            return ListShape(self.shape(type_.element))
        return Scalar(type_, _scalar_name(type_))

    def _is_none_a_value(self, type_: AlgebraicType) -> bool:
        while isinstance(type_, Ref):
            if self.classes[type_.index] is not None:
                return False  # a class stands for it, even where it travels as an option does
            type_ = self.types.types[type_.index]
        return type_ == UNIT or option_inner(type_) is not None


class RowType:
    """The functions of one table's rows."""

    def __init__(self, table: RemoteTable[Any], shapes: Shapes) -> None:
        self.table = table
        self._codec = compile_codec(table.row, shapes.types)
        record = shapes.record(table.row_class, table.row)
        self._build = compile_builder(table.row_class, shapes.converters.fields_outof(record))
        self._into = shapes.converters.row_into(record)
        self._exact = partial(shapes.converters.exact_row, record)
        self.fields = tuple(name for name, _ in record.fields)
        elements = zip(self.fields, table.row.elements, strict=True)
        self.hashable = frozenset(name for name, element in elements if _is_hashable(element.type, shapes.types))
        self.key_of = self._key_reader(shapes)
        self._decode_to_key = self._prefix_decoder(shapes)
        self._has_floats = _has_floats(table.row, shapes.types)

    def _key_reader(self, shapes: Shapes) -> Callable[[Any], Key] | None:
        name = self.table.primary_key
        if name is None:
            return None
        read = attrgetter(name)
        if name in self.hashable:
            return read
        type_ = self.table.row.elements[self.fields.index(name)].type
        encode, into = compile_codec(type_, shapes.types).encode, shapes.converters.into(shapes.shape(type_))
        return lambda row: encode(read(row) if into is None else into(read(row)))

    def _prefix_decoder(self, shapes: Shapes) -> Callable[[bytes, int], tuple[Any, int]] | None:
        """What reads a row's columns up to its key, where the key is held by program and wire alike."""
        name = self.table.primary_key
        if name is None or name not in self.hashable:
            return None
        elements = self.table.row.elements[: self.fields.index(name) + 1]
        if shapes.converters.outof(shapes.shape(elements[-1].type)) is not None:
            return None
        return compile_codec(ProductType(elements), shapes.types).decode

    def rows(self, data: bytes, row_size: int | None, offsets: Sequence[int] = ()) -> list[Any]:
        """All rows in `data`; the other two say where to cut it. Raises DecodeError."""
        decode_many, build = self._codec.decode_many, self._build
        if len(data) <= CHUNK_BYTES:
            return build(decode_many(data))
        made: list[Any] = []
        for start, end in pairwise(_cuts(len(data), row_size, offsets)):
            made += build(decode_many(data[start:end]))
        return made

    def keys(self, data: bytes, starts: Sequence[int]) -> list[Key] | None:
        """The keys of the rows at these offsets, without the rest of the rows; None where that is no shorter way."""
        if self._decode_to_key is None:
            return None
        decode = self._decode_to_key
        return [decode(data, start)[0][-1] for start in starts]

    def empty_rows(self, count: int) -> list[Any]:
        """Rows that take no bytes: those of a table without columns. Raises DecodeError."""
        return self._build([self._codec.decode_all(b"")] * count)

    def differs(self, old: Any, new: Any) -> bool:
        """Whether two rows are not the same, NaN being equal to itself and -0.0 not to 0.0."""
        if self._has_floats:
            return self.encode(old) != self.encode(new)
        return bool(old != new)

    def encode(self, row: Any) -> bytes:
        """The row's BSATN. Raises Mismatch, EncodeError: it does not fit."""
        return self._codec.encode(self._into(row))

    def column_type(self, name: str) -> AlgebraicType:
        """The type of a column, by its field."""
        return self.table.row.elements[self.fields.index(name)].type

    def key(self, row: Any) -> Key:
        """What tells the row from others."""
        return self.encode(row) if self.key_of is None else self.key_of(row)

    def normal(self, row: Any) -> Any:
        """The row as it would come from the server: f32 rounded, subclasses of numbers and texts plain.

        Raises:
            Mismatch: it is of another class, or a value does not fit.
            EncodeError: a value does not fit.
        """
        if not isinstance(row, self.table.row_class):
            raise Mismatch((), self.table.row_class.__name__, given_text(row))
        try:
            data = self.encode(row)
        except (Mismatch, EncodeError):
            data = self._codec.encode(self._exact(row))
        (made,) = self._build([self._codec.decode_all(data)])
        return made

    def is_same(self, old: Any, new: Any) -> bool:
        """Whether two are the same: equal rows, or one and the same None."""
        cls = self.table.row_class
        return old is new or (isinstance(old, cls) and isinstance(new, cls) and not self.differs(old, new))


def _cuts(data_len: int, row_size: int | None, offsets: Sequence[int]) -> Iterator[int]:
    """Where to cut rows into pieces of about CHUNK_BYTES; begins with 0 and ends with `data_len`."""
    if row_size is not None:
        yield from range(0, data_len, max(CHUNK_BYTES // row_size, 1) * row_size) if row_size else (0,)
    else:
        cut = 0
        yield cut
        for offset in offsets:
            if offset >= cut + CHUNK_BYTES:
                cut = offset
                yield cut
    yield data_len


def compile_builder(cls: type[Any], converters: list[tuple[str, Convert | None]]) -> Callable[[list[Any]], list[Any]]:
    """Compile `[tuple, …] -> [object, …]` for a frozen dataclass, without running its `__init__`.

    The objects are made as instances of a twin class with the same slots and then given their class: three times
    quicker than going round the frozen `__setattr__` once per field.
    """
    twin = _twin(cls)
    if twin is None or not converters:
        each = compile_outof(cls, converters)
        return lambda values: [each(value) for value in values]
    names: dict[str, Any] = {"cls": cls, "twin": twin}
    names.update((f"c{i}", convert) for i, (_, convert) in enumerate(converters) if convert is not None)
    values = ", ".join(f"v{i}" for i in range(len(converters)))
    lines = [
        "def build(tuples):",
        "    rows = []; add = rows.append",
        f"    for {values}, in tuples:",
        "        o = twin()",
    ]
    for i, (name, convert) in enumerate(converters):
        lines.append(f"        o.{name} = {f'v{i}' if convert is None else f'c{i}(v{i})'}")
    lines += ["        o.__class__ = cls", "        add(o)", "    return rows"]
    exec(compile("\n".join(lines), "<stdbctl row builder>", "exec"), names)
    return names["build"]  # type: ignore[no-any-return]  # defined by the source


def _twin(cls: type[Any]) -> type[Any] | None:
    """A class whose instances can become instances of `cls`, with attributes that can be set; None if there is none."""
    slots = tuple(field.name for field in fields(cls))
    if cls.__mro__[1:] != (object,) or "__dict__" in dir(cls) or tuple(vars(cls).get("__slots__", ())) != slots:
        return None
    twin = type(cls.__name__, (), {"__slots__": slots})
    try:
        twin().__class__ = cls
    except TypeError:
        return None
    return twin


def _scalar_name(type_: AlgebraicType) -> str:
    """A type in Python's words: `u8`, `str`, `bytes`, `Identity`."""
    if type_ is Primitive.STRING:
        return "str"
    return "bytes" if type_ == BYTES else special_name(type_) or type_text(type_).lower()


def in_bulk(make: Callable[[], Row]) -> Row:
    """Make many objects that will live long, without the garbage collector looking at them three times as young ones.

    Frozen and thawed, all objects are of the oldest generation at once, where nothing hides from a full collection.
    """
    if not gc.isenabled():
        return make()
    gc.disable()
    try:
        return make()
    finally:
        if not gc.get_freeze_count():  # else the program has frozen objects of its own, which are not ours to thaw
            gc.freeze()
            gc.unfreeze()
        gc.enable()


def _is_hashable(type_: AlgebraicType, types: Typespace) -> bool:
    """Whether equal values of a type have equal bytes, so that the value itself may be a key."""
    resolved = types.resolve(type_)
    if isinstance(resolved, Primitive):
        return resolved not in (Primitive.F32, Primitive.F64)
    is_enum = isinstance(resolved, SumType) and all(v.type == UNIT for v in resolved.variants)
    return special_name(resolved) is not None or is_enum or resolved == BYTES


def _has_floats(type_: AlgebraicType, types: Typespace, seen: frozenset[int] = frozenset()) -> bool:
    if isinstance(type_, Ref):
        return type_.index not in seen and _has_floats(types.types[type_.index], types, seen | {type_.index})
    if isinstance(type_, ArrayType):
        return _has_floats(type_.element, types, seen)
    if isinstance(type_, ProductType):
        return any(_has_floats(element.type, types, seen) for element in type_.elements)
    if isinstance(type_, SumType):
        return any(_has_floats(variant.type, types, seen) for variant in type_.variants)
    return type_ in (Primitive.F32, Primitive.F64)
