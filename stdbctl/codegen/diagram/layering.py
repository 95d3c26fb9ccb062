"""Which column of the picture each box stands in, and in which order: links lead from left to right.

A box stands further right than whatever leads to it. A link that would close a circle counts backwards. A column that
is full is continued in the next one, so that many boxes that lead to one do not make a tower. A link over several
columns takes a slot in each between (`Slot`), shared by all links to the same end; so no link crosses a box.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

_SWEEPS = 8
"""So many times the orders are improved; further ones changed nothing in pictures of 60 tables."""


@dataclass(frozen=True, slots=True)
class Slot:
    """Room for links to pass a column on their way to the box `end`."""

    end: str
    layer: int


Node = str | Slot


@dataclass(frozen=True, slots=True, kw_only=True)
class Layers:
    """`columns`: nodes from left to right, each from top to bottom. `backwards`: links laid out the other way round.

    `ways`: link (as laid out) -> the slots that it passes.
    """

    columns: tuple[tuple[Node, ...], ...]
    backwards: frozenset[tuple[str, str]]
    ways: Mapping[tuple[str, str], tuple[Slot, ...]]


def arrange(heights: Mapping[str, float], links: Iterable[tuple[str, str]], height_max: float) -> Layers:
    """Arrange boxes (name -> height, in their order) linked by `links`; `height_max`: when a column is full."""
    pairs = [pair for pair in dict.fromkeys(links) if pair[0] != pair[1]]
    backwards = _backwards(tuple(heights), pairs)
    forward = list(dict.fromkeys((b, a) if (a, b) in backwards else (a, b) for a, b in pairs))
    layer = _layers(heights, forward, height_max)
    ways = {(a, b): tuple(Slot(b, step) for step in range(layer[a] + 1, layer[b])) for a, b in forward}
    columns: list[list[Node]] = [[] for _ in range(max(layer.values()) + 1)]
    for name in heights:
        columns[layer[name]].append(name)
    for slot in dict.fromkeys(slot for way in ways.values() for slot in way):
        columns[slot.layer].append(slot)
    _order(columns, ways)
    return Layers(columns=tuple(map(tuple, columns)), backwards=backwards, ways=ways)


def _backwards(names: Sequence[str], links: Sequence[tuple[str, str]]) -> frozenset[tuple[str, str]]:
    """The links that close a circle, as a walk over the boxes in their order meets them."""
    targets: dict[str, list[str]] = defaultdict(list)
    for source, target in links:
        targets[source].append(target)
    found: set[tuple[str, str]] = set()
    done: set[str] = set()
    for start in names:
        if start in done:
            continue
        path, stack = {start}, [(start, iter(targets[start]))]
        while stack:
            here, rest = stack[-1]
            following = next(rest, None)
            if following is None:
                stack.pop()
                path.discard(here)
                done.add(here)
            elif following in path:
                found.add((here, following))
            elif following not in done:
                path.add(following)
                stack.append((following, iter(targets[following])))
    return frozenset(found)


def _layers(heights: Mapping[str, float], links: Sequence[tuple[str, str]], height_max: float) -> dict[str, int]:
    """The column of each box, counted from the left."""
    before: dict[str, set[str]] = {name: set() for name in heights}
    for source, target in links:
        before[target].add(source)
    layer: dict[str, int] = {}
    filled: dict[int, float] = defaultdict(float)
    open_ends = list(heights)
    while open_ends:
        ready = [name for name in open_ends if before[name] <= layer.keys()]
        for name in ready:
            here = max((layer[other] + 1 for other in before[name]), default=0)
            while filled[here] and filled[here] + heights[name] > height_max:
                here += 1
            layer[name] = here
            filled[here] += heights[name]
        open_ends = [name for name in open_ends if name not in layer]
    used = {old: new for new, old in enumerate(sorted(set(layer.values())))}
    return {name: used[here] for name, here in layer.items()}


def links_between(
    ways: Mapping[tuple[str, str], tuple[Slot, ...]],
) -> tuple[Mapping[Node, Sequence[Node]], Mapping[Node, Sequence[Node]]]:
    """What each node is linked to in the column left of it, and in the one right of it."""
    left: dict[Node, dict[Node, None]] = defaultdict(dict)
    right: dict[Node, dict[Node, None]] = defaultdict(dict)
    for (source, target), way in ways.items():
        steps: list[Node] = [source, *way, target]
        for a, b in pairwise(steps):
            right[a][b] = None
            left[b][a] = None
    return {node: tuple(found) for node, found in left.items()}, {node: tuple(found) for node, found in right.items()}


def _order(columns: list[list[Node]], ways: Mapping[tuple[str, str], tuple[Slot, ...]]) -> None:
    """Put nodes beside what they are linked to: by the mean position of their neighbours, to and fro."""
    left, right = links_between(ways)
    for sweep in range(_SWEEPS):
        rightwards = sweep % 2 == 0
        neighbours = left if rightwards else right
        order = range(1, len(columns)) if rightwards else range(len(columns) - 2, -1, -1)
        for number in order:
            beside = columns[number - 1 if rightwards else number + 1]
            place = {node: position for position, node in enumerate(beside)}
            columns[number] = _by_mean(columns[number], neighbours, place)


def _by_mean(column: list[Node], neighbours: Mapping[Node, Sequence[Node]], place: Mapping[Node, int]) -> list[Node]:
    def key(item: tuple[int, Node]) -> tuple[float, int]:
        position, node = item
        found = [place[other] for other in neighbours.get(node, ()) if other in place]
        return (sum(found) / len(found) if found else float(position), position)

    return [node for _, node in sorted(enumerate(column), key=key)]
