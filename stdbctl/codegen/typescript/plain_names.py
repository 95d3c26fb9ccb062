"""The names of the plain face: as the module declares them, and never one that TypeScript or the face itself needs."""

from collections.abc import Iterable

from stdbctl.codegen.literals import TsName

_RESERVED = """
    arguments await break case catch class const continue debugger default delete do else enum eval export extends
    false finally for function if implements import in instanceof interface let new null package private protected
    public return static super switch this throw true try typeof var void while with yield
"""
_TAKEN = """
    any bigint boolean exports globalThis never number object require string symbol undefined unknown
"""
"""Names of TypeScript's own types, and what it keeps for itself at the top of a module."""
_HELPERS = """
    __ClientOptions __Codec __ConnectionId __Identity __PlainClient __ScheduleAt __Table __Tables __Uuid
    __array __call __connectionId __identity __option __product __queries __result __same __scheduleAt __sum
    __tables __timeDuration __timestamp __uuid
"""
"""What `modules/spacetime.ts` calls its own parts, beside `__codec_` and the name of a type."""
_ALWAYS = frozenset((_RESERVED + _TAKEN + _HELPERS).split())
_CODEC = "__codec_"
_EXPORTS = frozenset({"Identity", "SpacetimeDBClient", "then"})
"""What the face exports itself, and the name that would make the module look like a promise."""


class Namer:
    """Gives every name once: the wanted one, or that with as many `_` after it as it takes."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = _ALWAYS | set(taken)

    def name(self, wanted: str) -> TsName:
        """Take a name for good."""
        name = f"_{wanted}" if wanted.startswith(_CODEC) else wanted
        while name in self._taken:
            name += "_"
        self._taken |= {name}
        return TsName(name)


def export_namer() -> Namer:
    """Make the namer for what the face exports."""
    return Namer(_EXPORTS)


def codec_name(type_name: TsName) -> TsName:
    """The constant that converts the values of a type."""
    return TsName(f"{_CODEC}{type_name}")
