"""How high each node of a column stands: as level as can be with what it is linked to, in its order, over no other."""

from collections.abc import Callable, Mapping, Sequence

from stdbctl.codegen.diagram.layering import Layers, Node, links_between

_SWEEPS = 6
"""To and fro; further sweeps moved boxes by a pixel or two in pictures of 60 tables."""
_IDLE = 0.01
"""The weight of a node that nothing pulls: enough to keep it near its place, too little to move others."""


def find_tops(layers: Layers, room: Callable[[Node], float], height: Callable[[Node], float]) -> dict[Node, float]:
    """Give the top of every node; the highest is 0.

    `room`: what a node takes of its column, gap included; `height`: of the node itself.
    """
    tops = {node: top for column in layers.columns for node, top in _centred(column, room)}
    left, right = links_between(layers.ways)
    for sweep in range(_SWEEPS):
        neighbours, columns = (left, layers.columns) if sweep % 2 == 0 else (right, layers.columns[::-1])
        for column in columns:
            wishes = [_wish(node, neighbours, tops, height) for node in column]
            rooms = [room(node) for node in column]
            places = [
                (tops[node], _IDLE) if wish is None else (wish, 1.0) for node, wish in zip(column, wishes, strict=True)
            ]
            tops |= zip(column, _spread(rooms, places), strict=True)
    highest = min(tops.values())
    return {node: top - highest for node, top in tops.items()}


def _centred(column: Sequence[Node], room: Callable[[Node], float]) -> list[tuple[Node, float]]:
    top = -sum(map(room, column)) / 2
    found = []
    for node in column:
        found.append((node, top))
        top += room(node)
    return found


def _wish(
    node: Node,
    neighbours: Mapping[Node, Sequence[Node]],
    tops: Mapping[Node, float],
    height: Callable[[Node], float],
) -> float | None:
    """The top at which a node's middle would be at the mean of its neighbours' middles."""
    middles = [tops[other] + height(other) / 2 for other in neighbours.get(node, ())]
    return sum(middles) / len(middles) - height(node) / 2 if middles else None


def _spread(rooms: Sequence[float], wishes: Sequence[tuple[float, float]]) -> list[float]:
    """The tops closest to the wishes (place, weight) by least squares, in order and with room for each.

    Less the room before them, tops must not fall: neighbours that would are put together at their mean.
    """
    before = 0.0
    offsets: list[float] = []
    blocks: list[list[float]] = []  # place, weight, number of nodes
    for room, (place, weight) in zip(rooms, wishes, strict=True):
        offsets.append(before)
        blocks.append([place - before, weight, 1])
        before += room
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            last_place, last_weight, last_count = blocks.pop()
            place_0, weight_0, count_0 = blocks[-1]
            total = weight_0 + last_weight
            blocks[-1] = [(place_0 * weight_0 + last_place * last_weight) / total, total, count_0 + last_count]
    places = [place for place, _, count in blocks for _ in range(int(count))]
    return [place + offset for place, offset in zip(places, offsets, strict=True)]
