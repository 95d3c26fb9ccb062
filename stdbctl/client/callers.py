"""What generated functions stand on. Names here begin with `_`, so that no reducer's or procedure's can clash."""

from typing import Any, Protocol

from stdbctl.client.calls import Call


class Caller(Protocol):
    """What a connection offers to generated functions."""

    def call_reducer(self, name: str, args: tuple[Any, ...]) -> Call[None]:
        """Call a reducer by its accessor with all its arguments, in order."""

    def call_procedure(self, name: str, args: tuple[Any, ...]) -> Call[Any]:
        """Call a procedure by its accessor with all its arguments, in order."""

    def require_waiting(self, what: str) -> None:
        """Raise NoPlaceToWait when an answer could not be waited for here."""


class Reducers:
    """The base of `Reducers` in generated code: every method gives a `Call`, sent at once."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def _call(self, name: str, *args: Any) -> Call[None]:
        return self._caller.call_reducer(name, args)


class SyncReducers(Reducers):
    """The base of `SyncReducers` in generated code: every method waits for the answer."""

    def _run(self, name: str, *args: Any) -> None:
        self._caller.require_waiting(f"reducer `{name}`")
        self._caller.call_reducer(name, args).result()


class Procedures:
    """The base of `Procedures` in generated code: every method gives a `Call` of its result, sent at once."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def _call(self, name: str, *args: Any) -> Call[Any]:
        return self._caller.call_procedure(name, args)


class SyncProcedures(Procedures):
    """The base of `SyncProcedures` in generated code: every method waits for the result."""

    def _run(self, name: str, *args: Any) -> Any:
        self._caller.require_waiting(f"procedure `{name}`")
        return self._caller.call_procedure(name, args).result()
