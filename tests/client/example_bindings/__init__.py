"""Bindings of an example module, written by hand: what `stdbctl generate --lang python` is to write."""

from .connection import DbConnection, EventContext, SyncDbConnection
from .reducers import Reducers, SyncReducers
from .tables import Db, tables
from .types import Circle, Color, Label, Nothing, Ping, Point, Shape, Tally

__all__ = [
    "Circle",
    "Color",
    "Db",
    "DbConnection",
    "EventContext",
    "Label",
    "Nothing",
    "Ping",
    "Point",
    "Reducers",
    "Shape",
    "SyncDbConnection",
    "SyncReducers",
    "Tally",
    "tables",
]
