"""The columns of one table as files know them: names, and what stands in for a column that is left out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any  # Any: engine values of types known only at run time

from stdbctl.sats import compile_codec, option_inner
from stdbctl.schema import ModuleDef, TableDef, TypeNames


class _Missing:
    """A column that must be given."""


MISSING = _Missing()


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """`names`: canonical, in order. `positions`: by canonical and by source name. `standins`: a value, or MISSING."""

    table: str
    names: tuple[str, ...]
    positions: Mapping[str, int]
    standins: tuple[Any, ...]
    type_names: tuple[str, ...]

    @classmethod
    def of(cls, table: TableDef, module: ModuleDef) -> "Columns":
        """Those of a table."""
        texts = TypeNames(module)
        positions = {column.accessor: index for index, column in enumerate(table.columns)}
        positions |= {column.name: index for index, column in enumerate(table.columns)}
        return cls(
            table=table.name,
            names=tuple(column.name for column in table.columns),
            positions=positions,
            standins=_standins(table, module),
            type_names=tuple(texts.text(column.type) for column in table.columns),
        )

    def missing(self, given: Iterable[int]) -> list[int]:
        """The columns that are not given and must be."""
        left = set(range(len(self.names))) - set(given)
        return [index for index in sorted(left) if self.standins[index] is MISSING]


def _standins(table: TableDef, module: ModuleDef) -> tuple[Any, ...]:
    """What a missing column holds: the next number, its default, nothing for an option."""
    counted = {sequence.column for sequence in table.sequences}
    standins: list[Any] = []
    for index, column in enumerate(table.columns):
        if index in counted:
            standins.append(0)
        elif column.default is not None:
            standins.append(compile_codec(column.type, module.typespace).decode_all(column.default))
        else:
            is_option = option_inner(module.typespace.resolve(column.type)) is not None
            standins.append(None if is_option else MISSING)
    return tuple(standins)
