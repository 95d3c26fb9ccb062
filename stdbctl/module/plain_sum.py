"""`sum` as a module's own files see it: from left to right, one addition after the other, in every version of Python.

Since 3.12 Python's own corrects the rounding of floats on the way, so the same numbers give another sum than in 3.11.
"""

import builtins
import operator
import sys
from collections.abc import Iterable
from functools import reduce, wraps
from typing import Any


@wraps(builtins.sum, updated=())
def _sum(iterable: Iterable[Any], /, start: Any = 0) -> Any:  # Any: whatever can be added
    if isinstance(start, str | bytes | bytearray):
        return builtins.sum((), start)  # raises what it always does
    return reduce(operator.add, iterable, start)


plain_sum = _sum if sys.version_info >= (3, 12) else builtins.sum
