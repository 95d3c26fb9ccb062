"""The life line: a pipe whose writing end lives as long as this process, however it ends.

Children that inherit the reading end see end-of-file when this process is gone, also after `kill -9`.
"""

import functools
import os


@functools.cache
def life_line() -> int:
    """The reading end, for `pass_fds`. Nobody inherits the writing end, and nobody closes it."""
    reading, _writing = os.pipe()
    return reading
