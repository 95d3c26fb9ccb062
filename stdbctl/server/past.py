"""Bytes of the past as JSON, read by the definition of their time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self  # Any: JSON data

from stdbctl.engine import same_type
from stdbctl.sats import (
    AlgebraicType,
    DecodeError,
    JsonError,
    JsonStyle,
    ProductElement,
    ProductType,
    Typespace,
    compile_codec,
    to_json,
)
from stdbctl.schema import ModuleDef, UnreadableDefinition, decode_raw, validate
from stdbctl.store import StoredDefinition


@dataclass(frozen=True, slots=True)
class Reading:
    """A definition and the tables that it had, by id. Without one (None) bytes stay bytes: strings of hex digits.

    So do bytes that do not fit it.
    """

    module: ModuleDef | None
    table_names: Mapping[int, str]

    @classmethod
    def of(cls, stored: StoredDefinition) -> Self:
        """What a store keeps of a time; a definition that this version cannot read counts as none."""
        if not stored.definition:
            return cls(None, stored.table_names)
        try:
            module = validate(decode_raw(stored.definition))
        except UnreadableDefinition:
            return cls(None, stored.table_names)
        return cls(module if isinstance(module, ModuleDef) else None, stored.table_names)

    def args(self, function: str, data: bytes) -> Any:
        """The arguments of a call as an object by source names."""
        type_ = self._params(function)
        return data.hex() if type_ is None else self._values(type_, (data,))[0]

    def rows(self, table_id: int, rows: Sequence[bytes]) -> list[Any]:
        """Rows of a table as objects by canonical names."""
        type_ = self._row_type(table_id)
        return [row.hex() for row in rows] if type_ is None else self._values(type_, rows)

    def has_function_of(self, other: "Reading", function: str) -> bool:
        """Whether a function has the same parameters here and there."""
        return self._is_same(self._params(function), other, other._params(function))

    def has_table_of(self, other: "Reading", table_id: int) -> bool:
        """Whether a table has the same name and columns here and there."""
        is_called_so = self.table_names.get(table_id) == other.table_names.get(table_id)
        return is_called_so and self._is_same(self._row_type(table_id), other, other._row_type(table_id))

    def _is_same(self, type_: AlgebraicType | None, other: "Reading", other_type: AlgebraicType | None) -> bool:
        if type_ is None or other_type is None:
            return False
        return same_type(type_, self._typespace, other_type, other._typespace)

    @property
    def _typespace(self) -> Typespace:
        return Typespace() if self.module is None else self.module.typespace

    def _params(self, function: str) -> ProductType | None:
        reducer = None if self.module is None else self.module.reducer(function)
        if reducer is None:
            return None
        return ProductType(tuple(ProductElement(param.accessor, param.type) for param in reducer.params))

    def _row_type(self, table_id: int) -> AlgebraicType | None:
        name = self.table_names.get(table_id)
        definition = None if self.module is None or name is None else self.module.table(name)
        return None if definition is None else definition.row_type

    def _values(self, type_: AlgebraicType, encoded: Sequence[bytes]) -> list[Any]:
        typespace = self._typespace
        decode = compile_codec(type_, typespace).decode_all

        def value(data: bytes) -> Any:
            try:
                return to_json(type_, typespace, decode(data), JsonStyle.TYPED)
            except (DecodeError, JsonError):
                return data.hex()

        return [value(data) for data in encoded]
