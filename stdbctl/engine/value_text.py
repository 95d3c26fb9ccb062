"""Values in the texts of broken rules, by their types: `7`, `"a"`, `red`, `circle(1.5)`, `(x = 1, y = 2)`, `[1, 2]`."""

from typing import Any

from stdbctl.sats import AlgebraicType, ArrayType, ProductType, Some, SumType, Typespace, option_inner


def value_text(type_: AlgebraicType, value: Any, typespace: Typespace) -> str:
    """An engine value of a type; variants go by their names, options are the value or `none`."""
    type_ = typespace.resolve(type_)
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if isinstance(type_, SumType) and (inner := option_inner(type_)) is not None:
        value = value.value if isinstance(value, Some) else value
        return "none" if value is None else value_text(inner, value, typespace)
    if isinstance(type_, SumType) and isinstance(value, tuple):
        return _variant(type_, value, typespace)
    if isinstance(type_, ProductType) and isinstance(value, tuple):
        named = zip(type_.elements, value, strict=True)
        return "(" + ", ".join(f"{e.name} = {value_text(e.type, part, typespace)}" for e, part in named) + ")"
    if isinstance(type_, ArrayType) and not isinstance(value, bytes):
        return "[" + ", ".join(value_text(type_.element, part, typespace) for part in value) + "]"
    return str(value)


def _variant(type_: SumType, value: tuple[int, Any], typespace: Typespace) -> str:
    variant = type_.variants[value[0]]
    name = variant.name or str(value[0])
    return name if value[1] == () else f"{name}({value_text(variant.type, value[1], typespace)})"
