"""How programs predict what a call will do: effects given with one call, or registered for all calls of a reducer.

An effect is a plain function that writes into a draft of the tables. It may run several times, whenever what it has
looked at changes, so it looks at its `db` and its arguments alone.
"""

import inspect
from collections.abc import Callable
from typing import Any, Protocol

from stdbctl.client.callers import Caller, Reducers
from stdbctl.client.calls import Call
from stdbctl.client.optimistic_layers import Effect
from stdbctl.client.waiting import Waiting


class PredictingCaller(Caller, Protocol):
    """A caller that can be told what a call will do."""

    def call_reducer(self, name: str, args: tuple[Any, ...], effect: Effect | None = None) -> Call[None]:
        """Call a reducer; `effect`: what it is predicted to do, None: what is registered for it."""


class OptimisticCaller:
    """Calls reducers with an effect of the program's own in place of registered ones."""

    def __init__(self, caller: PredictingCaller, effect: Effect) -> None:
        if inspect.iscoroutinefunction(effect) or not callable(effect):
            raise TypeError(f"an effect must be a plain function that takes `db`, got {effect!r}")
        self._caller, self._effect = caller, effect

    def call_reducer(self, name: str, args: tuple[Any, ...]) -> Call[None]:
        """Call a reducer and show the effect."""
        return self._caller.call_reducer(name, args, self._effect)

    def call_procedure(self, name: str, args: tuple[Any, ...]) -> Call[Any]:
        """Procedures are not predicted."""
        return self._caller.call_procedure(name, args)

    def require_waiting(self, what: str) -> None:
        """Raise NoPlaceToWait when an answer could not be waited for here."""
        self._caller.require_waiting(what)


def reducer_accessor(function: Callable[..., object], waiting: Waiting) -> str:
    """Which reducer a generated function calls: it is asked, with a caller that only listens.

    Raises:
        TypeError: it is none of `conn.reducers`' functions.
    """
    reducers = getattr(function, "__self__", None)
    if not isinstance(reducers, Reducers):
        raise TypeError(f"predict() takes a reducer, as in `@conn.predict(conn.reducers.add_point)`, got {function!r}")
    listener = _Listener(waiting)
    listening = getattr(type(reducers)(listener), function.__name__)
    listening(**dict.fromkeys(inspect.signature(function).parameters))
    return listener.heard


class _Listener:
    """Notes what it is asked to call."""

    heard = ""

    def __init__(self, waiting: Waiting) -> None:
        self._waiting = waiting

    def call_reducer(self, name: str, args: tuple[Any, ...]) -> Call[None]:
        self.heard = name
        call: Call[None] = Call(self._waiting, name)
        call.finish(None)
        return call

    def call_procedure(self, name: str, args: tuple[Any, ...]) -> Call[Any]:
        raise TypeError(f"predict() takes a reducer; `{name}` is a procedure")

    def require_waiting(self, what: str) -> None:
        """Nothing is waited for."""
