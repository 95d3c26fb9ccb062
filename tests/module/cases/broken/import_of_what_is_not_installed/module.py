import numpyy
import stdbctl.modul
from stdbctl import tabel
from spacetimedb_sdk import table
from .helpers import thing
from . import helpers

from stdbctl.module import PrimaryKey, u64
