"""A transaction of the past as readable lines.

#42 2026-01-31T12:00:00.123456Z draw(x = 1.5, y = 2.0, color = "#fff") by anna
    + point (id = 7, x = 1.5, y = 2.0, color = "#fff")
    - point (id = 6, x = 1.0, y = 2.0, color = "#fff")
    … and 97 more rows of point
"""

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any  # Any: JSON data

from stdbctl.cli.output import counted
from stdbctl.cli.values import value_text
from stdbctl.sats import (
    AlgebraicType,
    InvalidType,
    JsonError,
    JsonStyle,
    ProductElement,
    ProductType,
    Timestamp,
    from_json,
    loads,
    to_json,
)
from stdbctl.schema import ModuleDef

if TYPE_CHECKING:
    from rich.text import Text

Part = str | tuple[str, str]
HEX_SHOWN = 12
"""Digits of an identity that has no name here: enough for `--caller`."""
BYTES_SHOWN = 64
"""Digits of bytes that the module cannot read."""


class HistoryPrinter:
    """Shows transactions; what has the types of `module`, the present one, as these say.

    `names`: what to call identities, by their hex digits.
    """

    def __init__(self, module: ModuleDef, names: Mapping[str, str]) -> None:
        self._module, self._names = module, names

    def styled(self, raw: str) -> "Text":
        """One line of the server's NDJSON as text."""
        from rich.text import Text

        data = loads(raw)
        moment = str(Timestamp(data["timestamp"])).replace("+00:00", "Z")
        caller = data["caller"]
        head: list[Part] = [
            (f"#{data['offset']} {moment} ", "dim"),
            self._what(data),
            (f" by {self._names.get(caller, caller[:HEX_SHOWN])}", "dim"),
        ]
        return Text.assemble(*head, *self._rows(data["changes"]))

    def _what(self, data: Any) -> str:
        function, args = data["function"], data["args"]
        kind = "" if data["kind"] == "reducer" else f"{data['kind']} "
        if function is None:
            return str(data["kind"])
        reducer = self._module.reducer(function)
        if isinstance(args, str):
            return f"{kind}{function}({_hex(args)})"
        if reducer is None or not data["has_present_types"]:
            return f"{kind}{function}{_by_name(args)}"
        named = ProductType(tuple(ProductElement(param.accessor, param.type) for param in reducer.params))
        return f"{kind}{function}{self._value(named, args)}"

    def _rows(self, changes: Any) -> Iterator[Part]:
        for change in changes:
            table = change["table"] or f"table {change['table_id']}"
            definition = self._module.table(table) if change["has_present_types"] else None
            row_type = None if definition is None else definition.row_type
            for sign, style, key in (("-", "red", "deleted"), ("+", "green", "inserted")):
                for row in change[key]:
                    yield f"\n    {sign} {table} {self._value(row_type, row)}", style
                left = change[f"{key}_count"] - len(change[key])
                if left:
                    yield f"\n    {sign} … {counted(left, 'more row')} of {table}", style

    def _value(self, type_: AlgebraicType | None, data: Any) -> str:
        """A value that the server wrote. `type_`: the module's; None where that was another one then."""
        if isinstance(data, str):
            return _hex(data)
        typespace = self._module.typespace
        try:
            if type_ is not None:
                bare = to_json(type_, typespace, from_json(type_, typespace, data), JsonStyle.BARE)
                return value_text(type_, bare, typespace)
        except (JsonError, InvalidType):
            pass
        return _by_name(data)


def _by_name(data: Any) -> str:
    """Arguments or a row without their types: the values as JSON."""
    if not isinstance(data, dict):
        return json.dumps(data, ensure_ascii=False)
    return f"({', '.join(f'{name} = {json.dumps(value, ensure_ascii=False)}' for name, value in data.items())})"


def _hex(digits: str) -> str:
    cut = f"… {len(digits) // 2} bytes" if len(digits) > BYTES_SHOWN else ""
    return f"0x{digits[:BYTES_SHOWN]}{cut}" if digits else ""
