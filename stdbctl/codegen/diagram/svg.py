"""The picture as SVG: one file that needs nothing else, for light and dark surroundings.

Every text has the length that was measured for it (`textLength`), so it stays in its box whatever font is there.
"""

from collections.abc import Iterator
from itertools import pairwise
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from stdbctl.codegen.diagram.layout import GAP, LOOP, PlacedBox, PlacedLink, Point, lay_out
from stdbctl.codegen.diagram.measure import CELL, HEAD, LINE, PAD, cells, cut, foot_text
from stdbctl.codegen.diagram.model import Box, BoxKind, Diagram, Row

_STYLE = """
svg { --paper: #ffffff; --box: #ffffff; --line: #c9d1d9; --text: #1f2328; --soft: #636c76; --told: #8250df;
  --table: #ddf4ff; --view: #dafbe1; --type: #fff8c5; --function: #f6f0ff; }
@media (prefers-color-scheme: dark) {
  svg { --paper: #0d1117; --box: #151b23; --line: #3d444d; --text: #e6edf3; --soft: #9198a1; --told: #bc8cff;
    --table: #0c2d4d; --view: #0f3d20; --type: #3d3210; --function: #2c1f47; }
}
.paper { fill: var(--paper); }
text { font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: var(--text);
  white-space: pre; }
.title { font-weight: 600; }
.soft { fill: var(--soft); }
.box { fill: var(--box); stroke: var(--line); }
.head { stroke: var(--line); }
.table .head { fill: var(--table); }
.view .head { fill: var(--view); }
.type .head { fill: var(--type); }
.function .head { fill: var(--function); }
.link { fill: none; stroke: var(--soft); stroke-width: 1.2; }
.told { stroke: var(--told); stroke-dasharray: 5 4; }
.tip { fill: var(--soft); }
.told-tip { fill: var(--told); }
""".strip()
_LEGEND = (("link", "the module says so"), ("link told", "names and types tell it"))
_LEGEND_LINE = 36.0
_LEGEND_HEIGHT = 30.0
_EMPTY = Diagram(boxes=(Box(kind=BoxKind.TYPE, title="nothing is declared"),), links=())
_RADIUS = 5.0
_BASELINE = 4.5
"""From the middle of a line to the baseline of 13 pixel letters."""


def draw_svg(diagram: Diagram, title: str) -> str:
    """Draw a diagram; `title` is what readers of the screen hear."""
    picture = lay_out(diagram if diagram.boxes else _EMPTY)
    has_legend = bool(picture.links)
    width = max(picture.width, _legend_x(len(_LEGEND))) if has_legend else picture.width
    height = picture.height + (_LEGEND_HEIGHT if has_legend else 0)
    size = {"width": _number(width), "height": _number(height)}
    root = Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": f"0 0 {size['width']} {size['height']}",
            **size,
            "role": "img",
        },
    )
    SubElement(root, "title").text = title
    SubElement(root, "style").text = f"\n{_STYLE}\n"
    _tips(root)
    SubElement(root, "rect", {"class": "paper", **size})
    for link in picture.links:
        _draw_link(root, link)
    for box in picture.boxes:
        _draw_box(root, box)
    if has_legend:
        _draw_legend(root, picture.height)
    indent(root, " ")
    return f"{tostring(root, encoding='unicode')}\n"


def _draw_legend(root: Element, middle: float) -> None:
    for position, (style, text) in enumerate(_LEGEND):
        x = _legend_x(position)
        tip = "url(#told-tip)" if "told" in style else "url(#tip)"
        line = f"M{_point((x, middle))} H{_number(x + _LEGEND_LINE)}"
        SubElement(root, "path", {"class": style, "marker-end": tip, "d": line})
        _text(root, x + _LEGEND_LINE + PAD, middle, text, "soft")


def _legend_x(position: int) -> float:
    """Where an entry of the legend begins."""
    return GAP + sum(_LEGEND_LINE + PAD + cells(text) * CELL + GAP for _, text in _LEGEND[:position])


def _tips(root: Element) -> None:
    defs = SubElement(root, "defs")
    for name in ("tip", "told-tip"):
        place = {"viewBox": "0 0 8 8", "refX": "8", "refY": "4", "markerWidth": "8", "markerHeight": "8"}
        units = {"markerUnits": "userSpaceOnUse", "orient": "auto"}
        marker = SubElement(defs, "marker", {"id": name, **place, **units})
        SubElement(marker, "path", {"class": name, "d": "M0 0 8 4 0 8z"})


def _draw_link(root: Element, placed: PlacedLink) -> None:
    is_declared = placed.link.is_declared
    path = SubElement(
        root,
        "path",
        {
            "class": "link" if is_declared else "link told",
            "marker-end": "url(#tip)" if is_declared else "url(#told-tip)",
            "d": _path(placed),
        },
    )
    SubElement(path, "title").text = f"{placed.link.source} {placed.link.label} {placed.link.target}"


def _path(placed: PlacedLink) -> str:
    (x, y), *_ = placed.stops
    return f"M{_point((x, y))}" + "".join(_steps(placed))


def _steps(placed: PlacedLink) -> Iterator[str]:
    for (x1, y1), (x2, y2) in pairwise(placed.stops):
        if placed.is_loop:
            yield f" C{_point((x1 + LOOP, y1))} {_point((x2 + LOOP, y2))} {_point((x2, y2))}"
        elif y1 == y2:
            yield f" H{_number(x2)}"
        else:
            middle = (x1 + x2) / 2
            yield f" C{_point((middle, y1))} {_point((middle, y2))} {_point((x2, y2))}"


def _draw_box(root: Element, placed: PlacedBox) -> None:
    box, size = placed.box, placed.size
    group = SubElement(
        root,
        "g",
        {"class": box.kind.value, "transform": f"translate({_number(placed.x)} {_number(placed.y)})"},
    )
    SubElement(group, "title").text = f"{box.title}: {box.note}"
    frame = {"width": _number(size.width), "rx": _number(_RADIUS)}
    SubElement(group, "rect", {"class": "box", **frame, "height": _number(size.height)})
    SubElement(group, "path", {"class": "head", "d": _head(size.width, is_whole=not box.rows)})
    _text(group, PAD, HEAD / 2, box.title, "title")
    _text(group, size.width - PAD - cells(box.note) * CELL, HEAD / 2, box.note, "soft")
    for row, middle in zip(box.rows, size.row_middles, strict=True):
        _draw_row(group, box, row, middle, placed)


def _head(width: float, *, is_whole: bool) -> str:
    """The outline of a box's head: round above, and below too where nothing follows."""
    r, w, h = _number(_RADIUS), _number(width), _number(HEAD)
    right, bottom = _number(width - _RADIUS), _number(HEAD - _RADIUS)
    if is_whole:
        return f"M0 {r}Q0 0 {r} 0H{right}Q{w} 0 {w} {r}V{bottom}Q{w} {h} {right} {h}H{r}Q0 {h} 0 {bottom}z"
    return f"M0 {r}Q0 0 {r} 0H{right}Q{w} 0 {w} {r}V{h}H0z"


def _draw_row(group: Element, box: Box, row: Row, middle: float, placed: PlacedBox) -> None:
    mark, name, type_, note = placed.size.columns
    _text(group, mark, middle, row.mark, "soft")
    if row.is_foot:
        if not any(above.is_foot for above in box.rows[: box.rows.index(row)]):
            top = _number(middle - LINE / 2)
            SubElement(group, "path", {"class": "head", "d": f"M0 {top}H{_number(placed.size.width)}"})
        _text(group, name, middle, foot_text(row.name, row.note), "soft")
        return
    _text(group, name, middle, row.name)
    _text(group, type_, middle, row.type, "soft")
    _text(group, note, middle, row.note, "soft")


def _text(parent: Element, x: float, middle: float, text: str, style: str = "") -> None:
    if not text:
        return
    shown = cut(text)
    attributes = {
        "x": _number(x),
        "y": _number(middle + _BASELINE),
        "textLength": _number(cells(shown) * CELL),
        "lengthAdjust": "spacingAndGlyphs",
    }
    element = SubElement(parent, "text", {"class": style, **attributes} if style else attributes)
    element.text = shown
    if shown != text:
        SubElement(element, "title").text = text


def _point(point: Point) -> str:
    return f"{_number(point[0])} {_number(point[1])}"


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
