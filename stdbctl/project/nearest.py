"""The nearest match for a name that was typed wrong."""

import difflib
from collections.abc import Iterable


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that `name` was most likely meant to be, or None when none comes close."""
    by_folded = {candidate.casefold(): candidate for candidate in sorted(known)}
    close = difflib.get_close_matches(name.casefold(), by_folded, n=1, cutoff=0.6)
    return by_folded[close[0]] if close else None


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A sentence to act on: the nearest match, or all that is known."""
    names = sorted(known)
    match = nearest(name, names)
    if match is not None:
        return f"did you mean `{match}`?"
    return f"known: {', '.join(f'`{known_name}`' for known_name in names)}" if names else "there are none"
