"""What is no table, and what tables cannot do."""

from dataclasses import dataclass

from stdbctl.module import PrimaryKey, ReducerContext, reducer, table, u64


@table()
class GameRoom:
    id: PrimaryKey[u64]
    title: str


@table()
class Line:
    text: str


@dataclass
class Spot:
    x: u64


@reducer
def wrong(ctx: ReducerContext, room: GameRoom) -> None:
    ctx.db["GameRoom"].find(id=1)
    ctx.db["gme_room"].find(id=1)
    ctx.db[Spot].find(x=1)
    ctx.db[7].find(x=1)
    ctx.db.game_room.insert(room)
    ctx.db.rooms.insert(room)
    rooms = ctx.db[GameRoom]
    rooms.all()
    rooms.get(id=1)
    rooms.where(id=1)
    rooms.fnd(id=1)
    rooms.clear()
    rooms.commit()
    rooms.find(7)
    rooms.find(room)
    rooms.filter(lambda room: room.title == "x")
    rooms.find()
    rooms.filter()
    rooms.delete()
    rooms.delete(7)
    rooms.insert({"id": 1, "title": "x"})
    rooms.insert(id=1, title="x")
    rooms.update(id=1, title="x")
    ctx.db[Line].update(Line(text="x"))


@reducer
def right(ctx: ReducerContext, room: GameRoom, line: Line) -> None:
    rooms = ctx.db[GameRoom]
    rooms.insert(room)
    rooms.update(room)
    rooms.delete(room)
    ctx.db[Line].delete(line)
    print(rooms.count(), len(rooms), bool(rooms), list(rooms), [room.title for room in rooms])
