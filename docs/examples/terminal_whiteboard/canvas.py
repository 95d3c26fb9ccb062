"""The picture: lines of ink as coloured half characters, so that pixels are about square."""

from collections.abc import Iterable
from itertools import groupby

from module_bindings import Point
from rich.text import Text

WIDTH, HEIGHT = 800, 600
"""Everybody's board, in its own units."""
PAPER = "#15171c"
Pixel = tuple[int, int]


class Canvas:
    """As many pixels as fit into some columns and rows, in the shape of the board."""

    def __init__(self, columns: int, rows: int) -> None:
        self.scale = max(min(columns / WIDTH, 2 * rows / HEIGHT), 2 / HEIGHT)
        self.width, self.height = round(WIDTH * self.scale), round(HEIGHT * self.scale) // 2 * 2
        self._pixels: dict[Pixel, str] = {}

    def paint(self, points: Iterable[Point]) -> None:
        """Paint points in the order of their ids, so that everyone sees the same picture."""
        tips: dict[object, Pixel] = {}
        for point in sorted(points, key=lambda point: point.id):
            stroke, end = (point.user_id, point.stroke), self.pixel(point.x, point.y)
            for pixel in line(tips.get(stroke, end), end):
                self._pixels[pixel] = point.color
            if point.stroke != 0:
                tips[stroke] = end

    def pixel(self, x: float, y: float) -> Pixel:
        """Where a place on the board is; what lies outside goes to the edge."""
        column, row = int(x * self.scale), int(y * self.scale)
        return min(max(column, 0), self.width - 1), min(max(row, 0), self.height - 1)

    def text(self, cursor: Pixel) -> Text:
        """The picture, two pixels to a character, with a white one at the cursor."""
        pixels, text = self._pixels | {cursor: "#ffffff"}, Text(no_wrap=True)
        for row in range(0, self.height, 2):
            pairs = ((pixels.get((x, row), PAPER), pixels.get((x, row + 1), PAPER)) for x in range(self.width))
            for (upper, lower), run in groupby(pairs):
                text.append("▀" * len(list(run)), f"{upper} on {lower}")
            text.append("\n")
        text.right_crop()
        return text


def line(start: Pixel, end: Pixel) -> list[Pixel]:
    """The pixels from one to the other."""
    (x, y), (dx, dy) = start, (end[0] - start[0], end[1] - start[1])
    steps = max(abs(dx), abs(dy), 1)
    return [(x + round(dx * step / steps), y + round(dy * step / steps)) for step in range(steps + 1)]
