"""Whether a value can be one of a column: asked of the very converters and codecs that a call goes through."""

import enum
from collections.abc import Mapping

from stdbctl.module.accesses.meanings import Known, Meaning, Typed, is_plain
from stdbctl.sats import (
    BYTES,
    CONNECTION_ID,
    IDENTITY,
    SCHEDULE_AT,
    TIME_DURATION,
    TIMESTAMP,
    UUID,
    AlgebraicType,
    ConnectionId,
    Converters,
    Definition,
    EncodeError,
    EnumShape,
    Identity,
    Mismatch,
    Named,
    Primitive,
    Scalar,
    ScheduleAt,
    Shape,
    TimeDuration,
    Timestamp,
    Typespace,
    Uuid,
    compile_codec,
)

_SAMPLES: dict[AlgebraicType, object] = {
    **{primitive: 0 for primitive in Primitive if primitive.name[0] in "IU"},
    Primitive.F32: 0.5,
    Primitive.F64: 0.5,
    Primitive.BOOL: True,
    Primitive.STRING: "",
    BYTES: b"",
    IDENTITY: Identity.zero(),
    CONNECTION_ID: ConnectionId.zero(),
    TIMESTAMP: Timestamp(0),
    TIME_DURATION: TimeDuration(0),
    SCHEDULE_AT: ScheduleAt(TimeDuration(0)),
    UUID: Uuid.from_int(0),
}
"""One value of each type that every number type, or every text type, would take if it takes any of its kind."""


class Fits:
    """Compares meanings with columns."""

    def __init__(self, converters: Converters, typespace: Typespace) -> None:
        self.converters, self._typespace = Converters(converters.definitions, typespace), typespace

    @property
    def definitions(self) -> Mapping[int, Definition]:
        """The named types of the module."""
        return self.converters.definitions

    def refused(self, meaning: Meaning, shape: Shape) -> str | None:
        """The value, as text, when it cannot be one of the shape; None when it can, or when there is doubt."""
        if isinstance(meaning, Known):
            value = meaning.value
            return _short(value) if is_plain(value) and not self._takes(value, shape) else None
        if isinstance(meaning, Typed) and meaning.shape != shape:
            sample = self._sample(meaning.shape)
            if sample is not None and not self._takes(sample, shape):
                return f"a value of type `{meaning.shape.text}`"
        return None

    def _sample(self, shape: Shape) -> object:
        if isinstance(shape, Scalar):
            return _SAMPLES.get(shape.type)
        definition: Definition | None = None
        if isinstance(shape, Named):
            definition = self.converters.definitions.get(shape.ref.index)
        return next(iter(definition.cls)) if isinstance(definition, EnumShape) else None

    def _takes(self, value: object, shape: Shape) -> bool:
        codec = compile_codec(shape.type, self._typespace)
        try:
            codec.encode(codec.normalize(self.converters.exact(shape, value)))
        except (EncodeError, Mismatch):
            return False
        return True


def _short(value: object) -> str:
    text = str(value) if isinstance(value, enum.Enum) else repr(value)
    return f"`{text if len(text) <= 40 else text[:37] + '…'}`"
