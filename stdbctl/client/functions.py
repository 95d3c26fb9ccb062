"""Reducers and procedures of a module as functions: arguments to bytes, and bytes to results."""

from typing import Any

from stdbctl.client.remote import RemoteProcedure, RemoteReducer
from stdbctl.client.row_types import Shapes
from stdbctl.client.sdk_errors import InvalidArgument
from stdbctl.sats import EncodeError, Mismatch, Shape, compile_codec


class Arguments:
    """The parameters of one function."""

    def __init__(self, function: RemoteReducer | RemoteProcedure, what: str, shapes: Shapes) -> None:
        self.function, self.what = function, what
        self._codec = compile_codec(function.params, shapes.types)
        self._converters = shapes.converters
        self._shapes = [shapes.shape(element.type) for element in function.params.elements]
        self._into = [shapes.converters.into(shape) for shape in self._shapes]
        self._is_plain = all(into is None for into in self._into)

    def encode(self, args: tuple[Any, ...]) -> bytes:
        """The BSATN of all arguments, in order.

        Raises:
            InvalidArgument: one of them is not of its parameter's type.
        """
        try:
            if self._is_plain:
                return self._codec.encode(args)
            return self._codec.encode(
                tuple([v if into is None else into(v) for into, v in zip(self._into, args, strict=True)])
            )
        except (Mismatch, EncodeError):
            return self._codec.encode(tuple(map(self._exact, self.function.param_names, self._shapes, args)))

    def _exact(self, name: str, shape: Shape, value: Any) -> Any:
        """An argument that was refused, looked at closely: it may be of a subclass that fits."""
        try:
            return self._converters.exact(shape, value)
        except Mismatch as error:
            raise InvalidArgument(self.what, str(Mismatch((name, *error.path), error.expected, error.given))) from None

    def by_name(self, args: tuple[Any, ...]) -> dict[str, Any]:
        """Parameter -> argument, for people and events."""
        return dict(zip(self.function.param_names, args, strict=False))


class Procedure(Arguments):
    """A procedure: its parameters and its result."""

    def __init__(self, procedure: RemoteProcedure, what: str, shapes: Shapes) -> None:
        super().__init__(procedure, what, shapes)
        self._decode = compile_codec(procedure.returns, shapes.types).decode_all
        self._outof = shapes.converters.outof(shapes.shape(procedure.returns))

    def decode(self, data: bytes) -> Any:
        """The result. Raises DecodeError."""
        value = self._decode(data)
        return value if self._outof is None else self._outof(value)
