"""Every type in every place. Written by `generate.py`."""

from . import defaults as defaults
from . import holders as holders
from . import keyed as keyed
from . import plain as plain
from . import unique as unique
