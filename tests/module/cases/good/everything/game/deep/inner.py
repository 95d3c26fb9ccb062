"""A folder without `__init__.py` is a package too."""

import string

LETTERS = string.ascii_letters
