"""Reducers and procedures of a module as functions: arguments to bytes, and bytes to results."""

from typing import Any

from stdbctl.client.remote import RemoteProcedure, RemoteReducer
from stdbctl.client.row_types import Shapes
from stdbctl.client.sdk_errors import InvalidArgument
from stdbctl.sats import EncodeError, Mismatch, compile_codec


class Arguments:
    """The parameters of one function."""

    def __init__(self, function: RemoteReducer | RemoteProcedure, what: str, shapes: Shapes) -> None:
        self.function, self.what = function, what
        self._codec = compile_codec(function.params, shapes.types)
        self._into = [shapes.converters.into(shapes.shape(element.type)) for element in function.params.elements]
        self._is_plain = all(into is None for into in self._into)

    def encode(self, args: tuple[Any, ...]) -> bytes:
        """The BSATN of all arguments, in order.

        Raises:
            InvalidArgument: one of them is not of its parameter's type.
        """
        try:
            if not self._is_plain:
                args = tuple([v if into is None else into(v) for into, v in zip(self._into, args, strict=True)])
            return self._codec.encode(args)
        except Mismatch as error:
            raise InvalidArgument(self.what, str(error)) from None
        except EncodeError as error:
            raise InvalidArgument(self.what, str(error)) from None

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
