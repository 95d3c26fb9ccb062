# ruff: noqa  # spellings that a linter would change are the point here
"""Loops over sets of every kind. A comment at the end of a line names the warnings that are expected there."""

from collections.abc import Set as AbstractSet

from stdbctl.module import AutoInc, PrimaryKey, ReducerContext, reducer, table, u64

COLORS = {"red", "green"}
FROZEN = frozenset(COLORS)


@table()
class Name:
    id: PrimaryKey[AutoInc[u64]] = 0
    text: str


def tags() -> set[str]:
    return {"a", "b"}


def annotated(given: set[str], other: "frozenset[str]", third: AbstractSet[int]) -> None:
    for text in given:  # module.set_order
        print(text)
    print([text for text in other])  # module.set_order
    print(*third)  # module.set_order


@reducer
def loops(ctx: ReducerContext, names: list[str]) -> None:
    for name in {"a", "b"}:  # module.set_order
        ctx.db[Name].insert(Name(text=name))
    for name in set(names):  # module.set_order
        print(name)
    unique = set(names)
    for name in unique:  # module.set_order
        print(name)
    for name in list(unique):  # module.set_order
        print(name)
    for name in unique | COLORS:  # module.set_order
        print(name)
    for name in unique.union(names):  # module.set_order
        print(name)
    for name in COLORS:  # module.set_order
        print(name)
    for number, name in enumerate(FROZEN):  # module.set_order
        print(number, name)
    both = {n: 1 for n in names}.keys() & {"a"}
    for name in both:  # module.set_order
        print(name)
    annotated(unique, FROZEN, {1})


@reducer
def takes(ctx: ReducerContext, names: list[str]) -> None:
    unique: set[str] = set()
    unique.update(names)
    print(unique.pop())  # module.set_order
    print(next(iter(unique)))  # module.set_order
    print(list(unique), tuple(unique))  # module.set_order module.set_order
    print(", ".join(unique))  # module.set_order
    first, *rest = unique  # module.set_order
    print(first, [*rest, *unique])  # module.set_order
    print([n.upper() for n in unique if n])  # module.set_order
    text = ""
    for name in unique:  # module.set_order
        text += name
    if chosen := {name for name in names}:
        print(list(zip(chosen, [1])))  # module.set_order
    names.extend(unique)  # module.set_order
