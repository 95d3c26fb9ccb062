"""Which functions may be called from outside, and what is said of calls that reach none."""

from stdbctl.engine.deployment import Deployment, Function
from stdbctl.engine.errors import BadArguments, LifecycleCall, NoSuchReducer
from stdbctl.engine.timeline import Timeline
from stdbctl.records import LogLevel
from stdbctl.sats import DecodeError, JsonError


def callable_function(timeline: Timeline, name: str, *, is_owner: bool) -> tuple[Deployment, Function]:
    """What a call of `name` runs; private functions are there for the owner alone.

    Raises:
        NoSuchReducer: also noted in the module's log.
        LifecycleCall: the server alone runs it.
    """
    live = timeline.live
    function = None if live is None else live.functions.get(name)
    if function is not None and function.lifecycle is not None:
        raise LifecycleCall(name, function.lifecycle)
    if live is None or function is None or (function.is_private and not is_owner):
        timeline.tell(
            LogLevel.ERROR,
            f'External attempt to call nonexistent reducer "{name}" failed. '
            "Have you run `spacetime generate` recently?",
            function=name,
        )
        raise NoSuchReducer(name)
    return live, function


def bad_arguments(timeline: Timeline, name: str, error: DecodeError | JsonError) -> BadArguments:
    """The error for arguments that are none of the function's; also noted in the module's log."""
    timeline.tell(
        LogLevel.ERROR,
        f'External attempt to call reducer "{name}" failed, invalid arguments.\n'
        "This is likely due to a mismatched client schema, have you run `spacetime generate` recently?",
        function=name,
    )
    return BadArguments(name, f"{error.path}: {error}" if isinstance(error, JsonError) else str(error))
