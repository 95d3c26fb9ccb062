from . import helpers
from .deep.inner import LETTERS


def is_allowed(label: str) -> bool:
    return helpers.strip(label)[:1] in LETTERS
