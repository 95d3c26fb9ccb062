"""Values as an author would write them, for the texts of broken rules."""

import enum
from collections.abc import Iterable

from stdbctl.sats import ConnectionId, Identity


def author_text(value: object) -> str:
    """`Kind.RED`, `"a"`, `7`, `[1, 2]`, `Spot(x=1.0, y=2.0)`; identities as their digits."""
    if isinstance(value, enum.Enum):
        return f"{type(value).__name__}.{value.name}"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, Identity | ConnectionId):
        return str(value)
    if isinstance(value, list):
        return f"[{', '.join(map(author_text, value))}]"
    return repr(value)


def author_texts(columns: Iterable[tuple[str, object]]) -> str:
    """The value of one column, or several with their names: `(x = 1, y = 2)`."""
    texts = [(name, author_text(value)) for name, value in columns]
    if len(texts) == 1:
        return texts[0][1]
    return "(" + ", ".join(f"{name} = {text}" for name, text in texts) + ")"
