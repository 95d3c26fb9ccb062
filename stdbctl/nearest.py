"""The nearest match for a name that was typed wrong: what errors offer."""

import difflib
from collections.abc import Iterable

_SURE = 0.75
"""From this likeness on a name is taken for a typo of another even when the first letter differs."""


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that `name` was most likely meant to be, or None when none comes close."""
    folded = {candidate.casefold(): candidate for candidate in sorted(known)}
    given = name.casefold()
    for close in difflib.get_close_matches(given, folded, n=3, cutoff=0.6):
        if close[0] == given[0] or difflib.SequenceMatcher(None, close, given).ratio() >= _SURE:
            return folded[close]
    return None


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A sentence to act on: the nearest match, or all that is known."""
    names = sorted(known)
    match = nearest(name, names)
    if match is not None:
        return f"did you mean `{match}`?"
    return f"known: {', '.join(f'`{known_name}`' for known_name in names)}" if names else "there are none"
