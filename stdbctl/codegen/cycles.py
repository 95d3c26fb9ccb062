"""Which named types contain themselves, directly or through others."""

from collections.abc import Iterator

from stdbctl.sats import AlgebraicType, ArrayType, ProductType, Ref, SumType, Typespace


def refs_of(type_: AlgebraicType) -> Iterator[int]:
    """Every typespace position that a type mentions, in order, without following any."""
    if isinstance(type_, Ref):
        yield type_.index
    elif isinstance(type_, ArrayType):
        yield from refs_of(type_.element)
    elif isinstance(type_, ProductType):
        for element in type_.elements:
            yield from refs_of(element.type)
    elif isinstance(type_, SumType):
        for variant in type_.variants:
            yield from refs_of(variant.type)


def recursive_refs(typespace: Typespace) -> dict[int, frozenset[int]]:
    """Map each position that reaches itself to all positions of its cycle (itself included).

    Cost: for each position one walk over what it reaches; types that reach nothing cost nothing.
    """
    edges = [tuple(dict.fromkeys(refs_of(type_))) for type_ in typespace.types]
    reached = [_reach(edges, start) for start in range(len(edges))]
    return {
        start: frozenset(other for other in found if start in reached[other])
        for start, found in enumerate(reached)
        if start in found
    }


def _reach(edges: list[tuple[int, ...]], start: int) -> frozenset[int]:
    found: set[int] = set()
    open_ends = list(edges[start])
    while open_ends:
        here = open_ends.pop()
        if here not in found:
            found.add(here)
            open_ends.extend(edges[here])
    return frozenset(found)
