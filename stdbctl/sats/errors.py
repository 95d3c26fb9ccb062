"""What can go wrong with types, bytes and JSON.

DecodeError    (Fault)         bytes that are no value of the type
JsonError      (Fault)         JSON that is no value of the type
InvalidType    (Fault)         a type that cannot be used: a ref out of range, or refs that only lead to each other
EncodeError    (StdbctlError)  a Python value that is no value of the type
"""

from stdbctl.errors import Fault, StdbctlError

Path = tuple[str | int, ...]
"""Where inside a value: field names, positions of unnamed fields, array positions, variant names."""


def steps_text(path: Path) -> str:
    """Show how to go on from a value: `[3].x`; nothing for the empty path."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)


def path_text(path: Path) -> str:
    """Show a path as in source code: `points[3].x`; the empty path is `value`."""
    return steps_text(path).removeprefix(".") or "value"


class DecodeError(Fault):
    """Bytes do not hold a value of the expected type. The text is SpacetimeDB's (docs/formats.md, "Decode errors")."""


class JsonError(Fault):
    """JSON does not hold a value of the expected type.

    `path`: where inside the document (`.` at the root, `[0].x` inside), as SpacetimeDB shows it in front of `what`.
    """

    def __init__(self, what: str, path: Path = ()) -> None:
        super().__init__(what)
        self.steps = path

    @property
    def path(self) -> str:
        if not self.steps:
            return "."
        first, *rest = ("[" + str(s) + "]" if isinstance(s, int) else s for s in self.steps)
        return first + "".join(step if step.startswith("[") else "." + step for step in rest)


class InvalidType(Fault):
    """A type cannot be used: a ref points nowhere, or refs only lead to each other."""


class EncodeError(StdbctlError):
    """A Python value is no value of its type.

    `path`: where inside the value; for a row, `path[0]` is the column. `expected`, `given`: for people.
    """

    def __init__(self, *, path: Path, expected: str, given: str) -> None:
        self.path, self.expected, self.given = path, expected, given
        super().__init__(f"`{path_text(path)}` expects {expected}, got {given}")
