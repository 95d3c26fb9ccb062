"""Rows of one table between their three forms: tuple, BSATN, order keys. Wrong values become InvalidValue."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

from stdbctl.engine.ordering import OrderKey, order_key, probe_source
from stdbctl.engine.value_text import value_text
from stdbctl.records import InvalidValue, Row, StoredRow
from stdbctl.sats import (
    AlgebraicType,
    ArrayType,
    DecodeError,
    EncodeError,
    ProductType,
    Ref,
    SumType,
    Typespace,
    compile_codec,
)
from stdbctl.schema import TableDef

_FIND = """
def find(key):
    v, = key
    stored = get({place})
    return None if stored is None else stored.row
"""


class RowCodec:
    """What a table needs to know of its column types; made once per table and module."""

    __slots__ = (
        "_decode_many",
        "columns",
        "decode",
        "definition",
        "encode",
        "key_of",
        "needs_normalize",
        "normalize",
        "typespace",
    )

    def __init__(self, definition: TableDef, typespace: Typespace) -> None:
        self.definition, self.typespace = definition, typespace
        codec = compile_codec(definition.row_type, typespace)
        self.columns = tuple(compile_codec(column.type, typespace) for column in definition.columns)
        self.encode: Callable[[Row], bytes] = codec.encode
        self.decode: Callable[[bytes], Row] = codec.decode_all
        self._decode_many = codec.decode_many
        self.normalize: Callable[[Row], Row] = codec.normalize
        self.needs_normalize = codec.needs_normalize
        self.key_of = self._key_of()

    def decode_rows(self, rows_data: Sequence[bytes]) -> Sequence[Row]:
        """Rows from the BSATN of each, all at once: a third quicker than one by one. Raises DecodeError."""
        try:
            rows = self._decode_many(b"".join(rows_data))
        except (DecodeError, TypeError):
            rows = []
        if len(rows) == len(rows_data):
            return rows
        return [self._decode_damaged(data) for data in rows_data]

    def _decode_damaged(self, data: object) -> Row:
        """A row from a damaged file, which may give other things than bytes, too."""
        if not isinstance(data, bytes):
            raise DecodeError(f"a row is of type {type(data).__name__}, not bytes")
        return self.decode(data)

    def stored(self, row: Row, data: bytes) -> StoredRow:
        """A stored row with its key (see `StoredRow.key`)."""
        return StoredRow(row, data, self.key_of(row, data))

    def key_slice(self) -> slice | None:
        """What cuts the key out of the BSATN of a row, when that is the same for every row; see `StoredRow.key`."""
        primary_key = self.definition.primary_key
        if primary_key is None:
            return None
        sizes = [codec.fixed_size for codec in self.columns[: primary_key + 1]]
        if None in sizes:
            return None
        start = sum(size for size in sizes[:-1] if size is not None)
        return slice(start + (sizes[-1] or 0) - 1, start - 1 if start else None, -1)

    def _key_of(self) -> Callable[[Row, bytes], bytes]:
        primary_key, part = self.definition.primary_key, self.key_slice()
        if primary_key is None:
            return lambda row, data: data
        if part is not None:
            return lambda row, data: data[part]
        codec = self.columns[primary_key]
        encode = codec.encode
        if codec.fixed_size is None:
            return lambda row, data: encode(row[primary_key])
        return lambda row, data: encode(row[primary_key])[::-1]

    def order_key(self, column: int) -> OrderKey:
        """The function from a value of the column to its order key."""
        return order_key(self.definition.columns[column].type, self.typespace)

    def probe(self, column: int) -> Callable[[Any], Any]:
        """The function from a value from outside to its order key; it raises InvalidValue for a wrong one."""
        codec, key = self.columns[column], self.order_key(column)

        def slow(value: Any) -> Any:
            value = codec.normalize(value)
            try:
                codec.encode(value)
            except EncodeError as error:
                self.refuse_value(column, error)
            return key(value)

        names: dict[str, Any] = {"slow": slow}
        source = probe_source(self.definition.columns[column].type, self.typespace, "slow", names)
        return eval(f"lambda v: {source}", names)  # type: ignore[no-any-return]  # our own source

    def finder(self, columns: tuple[int, ...], entries: Mapping[Any, StoredRow]) -> Callable[[Row], Row | None]:
        """The function from values of these columns, from outside, to the row that `entries` has by their order keys.

        Of a single column it is one function with the probe inside: a look-up is what reducers do most.
        """
        get, probes = entries.get, [self.probe(column) for column in columns]
        if len(columns) == 1:
            names: dict[str, Any] = {"get": get, "probe": probes[0]}
            place = probe_source(self.definition.columns[columns[0]].type, self.typespace, "probe", names)
            exec(_FIND.format(place=place), names)
            return names["find"]  # type: ignore[no-any-return]  # our own source

        def find(key: Row) -> Row | None:
            stored = get(tuple([probe(value) for probe, value in zip(probes, key, strict=True)]))
            return None if stored is None else stored.row

        return find

    def refuse_row(self, error: EncodeError) -> NoReturn:
        """Say which column does not fit; `error` comes from encoding a row."""
        path = error.path
        column = str(path[0]) if path else "?"
        raise InvalidValue(
            table=self.definition.name, column=column, expected=error.expected, given=error.given
        ) from None

    def refuse_value(self, column: int, error: EncodeError) -> NoReturn:
        """Say that a key does not fit its column."""
        name = self.definition.columns[column].name
        raise InvalidValue(
            table=self.definition.name, column=name, expected=error.expected, given=error.given
        ) from None

    def text(self, columns: tuple[int, ...], row: Row) -> str:
        """Values of some columns for an error: `7`, `"a"`, `(x = 1, y = 2)`."""
        types = self.definition.columns
        texts = [value_text(types[column].type, row[column], self.typespace) for column in columns]
        if len(columns) == 1:
            return texts[0]
        named = zip(columns, texts, strict=True)
        return "(" + ", ".join(f"{self.definition.columns[column].name} = {text}" for column, text in named) + ")"


def same_type(
    left: AlgebraicType,
    left_space: Typespace,
    right: AlgebraicType,
    right_space: Typespace,
    assumed: set[tuple[Ref, Ref]] | None = None,
) -> bool:
    """Whether two types are the same once their refs are followed, each in its own typespace."""
    assumed = set() if assumed is None else assumed
    if isinstance(left, Ref) and isinstance(right, Ref):
        if (left, right) in assumed:
            return True
        assumed.add((left, right))
    left, right = left_space.resolve(left), right_space.resolve(right)
    if isinstance(left, ArrayType) and isinstance(right, ArrayType):
        return same_type(left.element, left_space, right.element, right_space, assumed)
    left_parts, right_parts = _parts(left), _parts(right)
    if type(left) is not type(right) or left_parts is None or right_parts is None:
        return left == right
    return [name for name, _ in left_parts] == [name for name, _ in right_parts] and all(
        same_type(a, left_space, b, right_space, assumed)
        for (_, a), (_, b) in zip(left_parts, right_parts, strict=True)
    )


def _parts(type_: AlgebraicType) -> tuple[tuple[str | None, AlgebraicType], ...] | None:
    if isinstance(type_, ProductType):
        return tuple((element.name, element.type) for element in type_.elements)
    if isinstance(type_, SumType):
        return tuple((variant.name, variant.type) for variant in type_.variants)
    return None
