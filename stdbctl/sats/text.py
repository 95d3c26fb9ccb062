"""Types as people read them: `(id: U64, tags: Array<String>)`."""

from stdbctl.sats.types import AlgebraicType, ArrayType, Primitive, ProductType, Ref


def type_text(type_: AlgebraicType) -> str:
    """SpacetimeDB's text form of a type, as in SQL and validation errors; refs are `&3`."""
    if isinstance(type_, Primitive):
        return type_.text
    if isinstance(type_, Ref):
        return f"&{type_.index}"
    if isinstance(type_, ArrayType):
        return f"Array<{type_text(type_.element)}>"
    if isinstance(type_, ProductType):
        return f"({', '.join(_member(i, e.name, e.type) for i, e in enumerate(type_.elements))})"
    if not type_.variants:
        return "(|)"
    return f"({' | '.join(_member(i, v.name, v.type) for i, v in enumerate(type_.variants))})"


def _member(position: int, name: str | None, type_: AlgebraicType) -> str:
    return f"{position if name is None else name}: {type_text(type_)}"
