"""The module as it is on the wire."""

from stdbctl.client import (
    IDENTITY,
    TIMESTAMP,
    UNIT,
    ArrayType,
    Primitive,
    Ref,
    RemoteModule,
    RemoteReducer,
    RemoteTable,
    Typespace,
    Union,
    option,
    product,
    sum_type,
)

from .types import Circle, Color, Label, Nothing, Ping, Point, Tally

_POINT = product(
    id=Primitive.U64,
    owner=IDENTITY,
    x=Primitive.F32,
    y=Primitive.F32,
    color=Ref(0),
    shape=Ref(1),
    note=option(Primitive.STRING),
)
_PING = product(sender=IDENTITY, at=TIMESTAMP, tags=ArrayType(Primitive.STRING))
_TALLY = product(name=Primitive.STRING, count=Primitive.U32)

POINT = RemoteTable(
    name="point",
    accessor="point",
    row=_POINT,
    row_class=Point,
    primary_key="id",
    unique=(("id",),),
    indexes=(("id",), ("owner",)),
    auto_inc=("id",),
)
PING = RemoteTable(name="ping", accessor="ping", row=_PING, row_class=Ping, is_event=True)
TALLY = RemoteTable(name="tally", accessor="tally", row=_TALLY, row_class=Tally)

MODULE = RemoteModule(
    types=Typespace(
        (
            sum_type(Red=UNIT, Green=UNIT, Blue=UNIT),
            sum_type(Circle=Primitive.F32, Label=Primitive.STRING, Nothing=UNIT),
            _POINT,
            _PING,
            _TALLY,
        )
    ),
    classes=(Color, Union("Shape", (Circle, Label, Nothing)), Point, Ping, Tally),
    tables=(POINT, PING, TALLY),
    reducers=(
        RemoteReducer(
            name="add_point",
            accessor="add_point",
            params=product(x=Primitive.F32, y=Primitive.F32, color=Ref(0), shape=Ref(1), note=option(Primitive.STRING)),
            param_names=("x", "y", "color", "shape", "note"),
        ),
        RemoteReducer(
            name="add_many", accessor="add_many", params=product(count=Primitive.U32), param_names=("count",)
        ),
        RemoteReducer(name="clear_points", accessor="clear_points"),
        RemoteReducer(name="fail", accessor="fail"),
        RemoteReducer(
            name="move_point",
            accessor="move_point",
            params=product(id=Primitive.U64, x=Primitive.F32),
            param_names=("id", "x"),
        ),
        RemoteReducer(
            name="ping", accessor="ping", params=product(tags=ArrayType(Primitive.STRING)), param_names=("tags",)
        ),
        RemoteReducer(
            name="tally",
            accessor="tally",
            params=product(name=Primitive.STRING, count=Primitive.U32),
            param_names=("name", "count"),
        ),
    ),
)
