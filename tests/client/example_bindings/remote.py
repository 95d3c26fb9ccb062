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

from .types import Circle, Color, Label, Nothing, Ping, Point

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

POINT = RemoteTable(
    name="point",
    accessor="point",
    row=_POINT,
    row_class=Point,
    primary_key="id",
    unique=(("id",),),
    indexes=(("id",), ("owner",)),
)
PING = RemoteTable(name="ping", accessor="ping", row=_PING, row_class=Ping, is_event=True)

MODULE = RemoteModule(
    types=Typespace(
        (
            sum_type(Red=UNIT, Green=UNIT, Blue=UNIT),
            sum_type(Circle=Primitive.F32, Label=Primitive.STRING, Nothing=UNIT),
            _POINT,
            _PING,
        )
    ),
    classes=(Color, Union("Shape", (Circle, Label, Nothing)), Point, Ping),
    tables=(POINT, PING),
    reducers=(
        RemoteReducer(
            name="add_point",
            accessor="add_point",
            params=product(x=Primitive.F32, y=Primitive.F32, color=Ref(0), shape=Ref(1), note=option(Primitive.STRING)),
            param_names=("x", "y", "color", "shape", "note"),
        ),
        RemoteReducer(name="clear_points", accessor="clear_points"),
    ),
)
