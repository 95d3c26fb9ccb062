# %% [markdown]
# # The whiteboard in a notebook
#
# Run it cell by cell (VS Code, PyCharm, Spyder, Jupyter by way of jupytext), or all at once: `python whiteboard.py`.

# %% Connect. A notebook's event loop is not yours: rows are kept up to date in a thread beside it
import math
import os
from collections import Counter
from collections.abc import Iterable

from module_bindings import EventContext, Point, SyncDbConnection, tables

from stdbctl.client import Inserted

URL = os.environ.get("WHITEBOARD_URL", "http://127.0.0.1:3000")
DATABASE = os.environ.get("WHITEBOARD_DATABASE", "whiteboard")

conn = SyncDbConnection.connect(URL, DATABASE)
conn.run_in_thread()
print(conn)

# %% Subscribe: the rows come into `conn.db`, and stay as they are on the server
conn.subscribe(tables.point, tables.user)
print(f"{len(conn.db.point)} points on the board, {len(conn.db.user)} here")

# %% Draw. Calls that are not awaited one by one travel together
calls = []
for angle in (math.tau * step / 240 for step in range(241)):
    x = 400 + 18 * 16 * math.sin(angle) ** 3
    y = 270 - 18 * (13 * math.cos(angle) - 5 * math.cos(2 * angle) - 2 * math.cos(3 * angle) - math.cos(4 * angle))
    calls.append(conn.reducers_nowait.extend_stroke(x=x, y=y, color="#e03131", stroke=1))
for call in calls:
    call.result()  # an error of the module would be raised here
print(f"{len(conn.db.point.filter(user_id=conn.identity))} points are mine")

# %% Look: eight dots to a character
DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))


def picture(points: Iterable[Point], columns: int = 64, rows: int = 24) -> str:
    """The board of 800 by 600 in Braille."""
    cells = [[0x2800] * columns for _ in range(rows)]
    for point in points:
        x, y = math.floor(point.x / 800 * columns * 2), math.floor(point.y / 600 * rows * 4)
        if 0 <= x < columns * 2 and 0 <= y < rows * 4:
            cells[y // 4][x // 2] |= DOTS[y % 4][x % 2]
    return "\n".join("".join(map(chr, row)) for row in cells)


print(picture(conn.db.point))

# %% Count
for color, count in Counter(point.color for point in conn.db.point).most_common(5):
    print(f"{color} {'█' * math.ceil(40 * count / len(conn.db.point))} {count}")


# %% React: answer every line that somebody draws with its mirror image
def mirror(ctx: EventContext, point: Point) -> None:
    """Single dots (stroke 0) get no answer: this draws such, and two mirrors would never stop."""
    if point.user_id != ctx.identity and point.stroke != 0:
        ctx.reducers.add_point(x=800 - point.x, y=point.y, color=point.color)


mirroring = conn.db.point.on_insert(mirror)

# %% Follow: a friend draws, and the mirror answers. Draw on the web page meanwhile, it is answered as well
changes = conn.db.point.changes()
with SyncDbConnection.connect(URL, DATABASE) as friend:
    friend.reducers.extend_stroke(x=100, y=500, color="#1971c2", stroke=1)

for change in changes:
    if isinstance(change, Inserted):
        point = change.row
        print(f"{'mirror' if point.user_id == conn.identity else 'friend'}: {point.x:g}, {point.y:g} in {point.color}")
        if point.user_id == conn.identity:
            break

# %% Ask once, without a subscription
blue = conn.query(tables.point.where(color="#1971c2"))
print(f"{len(blue)} blue points; the newest at {max(blue, key=lambda point: point.id).timestamp}")

# %% The end
mirroring.remove()
conn.close()
