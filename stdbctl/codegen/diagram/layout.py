"""Where everything stands in the picture, in pixels from its top left: boxes never overlap, links cross none.

Boxes that are linked form a group, laid out in columns (`layering.py`); groups, and boxes by themselves, stand in
shelves below each other.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from stdbctl.codegen.diagram.layering import Layers, Node, Slot, arrange
from stdbctl.codegen.diagram.leveling import find_tops
from stdbctl.codegen.diagram.measure import BoxSize, measure
from stdbctl.codegen.diagram.model import Box, BoxKind, Diagram, Link

GAP = 24.0
"""Between boxes, and around the picture."""
SLOT_HEIGHT = 10.0
GUTTER = 70.0
"""Between columns: room for the links to bend."""
LOOP = 26.0
"""How far the link of a box to itself reaches out; less than half a gutter."""
_ASPECT = 1.6
"""The width of a picture by its height, as far as the boxes allow."""

Point = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedBox:
    """A box with its top left corner and its size."""

    box: Box
    x: float
    y: float
    size: BoxSize


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedLink:
    """A link as its stops, from its source to its target. `is_loop`: it leads to its own box.

    Between stops of one height the link runs level, through a column; between others it bends, in a gutter.
    """

    link: Link
    stops: tuple[Point, ...]
    is_loop: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """The whole; `width` and `height` include the margin."""

    boxes: tuple[PlacedBox, ...]
    links: tuple[PlacedLink, ...]
    width: float
    height: float


def lay_out(diagram: Diagram) -> Picture:
    """Place the boxes and links of a diagram; the same diagram always gives the same picture."""
    sizes = {box.key: measure(box) for box in diagram.boxes}
    groups = [_group(boxes, links, sizes) for boxes, links in _split(diagram)]
    return _on_shelves(groups)


def _split(diagram: Diagram) -> list[tuple[list[Box], list[Link]]]:
    """The boxes that are linked with each other, with their links; in the order of their first boxes."""
    leader = {box.key: box.key for box in diagram.boxes}

    def find(key: str) -> str:
        while leader[key] != key:
            leader[key] = key = leader[leader[key]]
        return key

    for link in diagram.links:
        leader[find(link.target)] = find(link.source)
    groups: dict[str, tuple[list[Box], list[Link]]] = {}
    for box in diagram.boxes:
        groups.setdefault(find(box.key), ([], []))[0].append(box)
    for link in diagram.links:
        groups[find(link.source)][1].append(link)
    return list(groups.values())


def _group(boxes: Sequence[Box], links: Sequence[Link], sizes: Mapping[str, BoxSize]) -> Picture:
    """Lay out one group, from (0, 0)."""
    heights = {box.key: sizes[box.key].height + GAP for box in boxes}
    area = sum((sizes[box.key].width + GUTTER) * heights[box.key] for box in boxes)
    layers = arrange(heights, ((link.source, link.target) for link in links), math.sqrt(area / _ASPECT))
    columns = _Columns(layers, sizes)
    placed = {box.key: columns.place(box) for box in boxes}
    bottom = max(p.y + p.size.height for p in placed.values())
    paths = tuple(columns.route(link, placed) for link in links)
    lowest = max([bottom, *(y for path in paths for _, y in path.stops)])
    has_loop = any(path.is_loop for path in paths)
    return Picture(
        boxes=tuple(placed.values()), links=paths, width=columns.width + (LOOP if has_loop else 0), height=lowest
    )


class _Columns:
    """The columns of one group: where each begins, how wide it is, and where its nodes stand."""

    def __init__(self, layers: Layers, sizes: Mapping[str, BoxSize]) -> None:
        self.layers, self.sizes = layers, sizes
        self.widths = [
            max((sizes[node].width for node in column if isinstance(node, str)), default=0.0)
            for column in layers.columns
        ]
        self.lefts = [sum(self.widths[:i]) + GUTTER * i for i in range(len(self.widths))]
        self.width = self.lefts[-1] + self.widths[-1]
        self.layer_of = {node: number for number, column in enumerate(layers.columns) for node in column}
        self.tops = find_tops(layers, lambda node: self._height(node) + self._gap(node), self._height)

    def place(self, box: Box) -> PlacedBox:
        return PlacedBox(box=box, x=self.lefts[self.layer_of[box.key]], y=self.tops[box.key], size=self.sizes[box.key])

    def route(self, link: Link, placed: Mapping[str, PlacedBox]) -> PlacedLink:
        """The way of a link, from its source to its target."""
        source, target = placed[link.source], placed[link.target]
        start, end = _row_y(source, link.row), _row_y(target, link.to_row)
        if source is target:
            right = source.x + source.size.width
            end = end if end != start else source.y + source.size.head_middle
            return PlacedLink(link=link, stops=((right, start), (right, end)), is_loop=True)
        if (link.source, link.target) not in self.layers.backwards:
            return PlacedLink(link=link, stops=self._stops(source, start, target, end))
        return PlacedLink(link=link, stops=tuple(reversed(self._stops(target, end, source, start))))

    def _stops(self, left: PlacedBox, start: float, right: PlacedBox, end: float) -> tuple[Point, ...]:
        """From the right side of a box, level to the end of its column, through slots, to the left side of another."""
        layer = self.layer_of[left.box.key]
        stops = [(left.x + left.size.width, start), (self.lefts[layer] + self.widths[layer], start)]
        for slot in self.layers.ways[left.box.key, right.box.key]:
            y = self.tops[slot] + SLOT_HEIGHT / 2
            stops += [(self.lefts[slot.layer], y), (self.lefts[slot.layer] + self.widths[slot.layer], y)]
        return (*stops, (right.x, end))

    def _height(self, node: Node) -> float:
        return SLOT_HEIGHT if isinstance(node, Slot) else self.sizes[node].height

    def _gap(self, node: Node) -> float:
        return 4.0 if isinstance(node, Slot) else GAP


def _row_y(placed: PlacedBox, row: int | None) -> float:
    return placed.y + (placed.size.head_middle if row is None else placed.size.row_middles[row])


def _on_shelves(groups: Sequence[Picture]) -> Picture:
    """Put groups beside each other until the width is used up, then below.

    What holds tables comes first, then types, then functions, each from a new shelf; the tallest first.
    """
    in_order = sorted(enumerate(groups), key=lambda item: (_rank(item[1]), -item[1].height, item[0]))
    area = sum((group.width + GAP) * (group.height + GAP) for group in groups)
    width_max = max([math.sqrt(area * _ASPECT), *(group.width for group in groups)])
    boxes: list[PlacedBox] = []
    links: list[PlacedLink] = []
    x = y = GAP
    shelf = width = 0.0
    rank = 0
    for _, group in in_order:
        if x > GAP and (x + group.width > width_max + GAP or _rank(group) != rank):
            x, y, shelf = GAP, y + shelf + GAP, 0.0
        rank = _rank(group)
        boxes += (replace(p, x=p.x + x, y=p.y + y) for p in group.boxes)
        links += (replace(p, stops=tuple((a + x, b + y) for a, b in p.stops)) for p in group.links)
        width, shelf = max(width, x + group.width), max(shelf, group.height)
        x += group.width + GAP
    return Picture(boxes=tuple(boxes), links=tuple(links), width=width + GAP, height=y + shelf + GAP)


def _rank(group: Picture) -> int:
    kinds = {placed.box.kind for placed in group.boxes}
    return 0 if kinds & {BoxKind.TABLE, BoxKind.VIEW} else 1 if BoxKind.TYPE in kinds else 2
