"""An instance that does not run some of its functions, because they took the whole server down."""

from collections.abc import Callable, Iterable, Mapping

from stdbctl.engine.deployment import Deployment
from stdbctl.engine.ports import Instance
from stdbctl.engine.timeline import Timeline
from stdbctl.records import Call, LogLevel, Outcome, OutcomeKind, Row, TableAccess
from stdbctl.schema import Lifecycle

LIFECYCLE_NAMES = {
    "init": Lifecycle.INIT,
    "client_connected": Lifecycle.ON_CONNECT,
    "client_disconnected": Lifecycle.ON_DISCONNECT,
}

FAREWELLS_STOPPED_MAX = 3
"""`client_disconnected` hooks that a start may stop for running too long before it leaves the others out."""


class BlockingInstance:
    """Stands before an instance. `reasons`: function id -> what its callers are told."""

    def __init__(self, instance: Instance, reasons: Mapping[int, str]) -> None:
        self._instance, self._reasons = instance, reasons

    def call_reducer(self, tx: TableAccess, function_id: int, call: Call, args: bytes, values: Row) -> Outcome:
        """See Instance."""
        reason = self._reasons.get(function_id)
        if reason is not None:
            return Outcome(OutcomeKind.STOPPED, reason)
        return self._instance.call_reducer(tx, function_id, call, args, values)

    def migrate(
        self, tx: TableAccess, migration_id: int, call: Call, rows: Iterable[Row], put: Callable[[Row | None], bool]
    ) -> Outcome:
        """See Instance."""
        return self._instance.migrate(tx, migration_id, call, rows, put)

    def interrupt(self) -> None:
        """See Instance."""
        self._instance.interrupt()

    def close(self) -> None:
        """See Instance."""
        self._instance.close()


def block(deployment: Deployment, reasons: Mapping[str, str]) -> None:
    """Run these functions no more, as long as this deployment serves. Names of lifecycle events mean their reducers."""
    found = {}
    for name, reason in reasons.items():
        event = LIFECYCLE_NAMES.get(name)
        function = deployment.functions.get(name) if event is None else deployment.lifecycle.get(event)
        if function is not None:
            found[function.function_id] = reason
    if found:
        deployment.instance = BlockingInstance(deployment.instance, found)


def tell_farewells_left_out(timeline: Timeline, count: int) -> None:
    """Say in the log that connections of the last server are ended without their hook."""
    if count:
        text = f"`client_disconnected` was stopped {FAREWELLS_STOPPED_MAX} times: {count} more connections of the last "
        timeline.tell(LogLevel.ERROR, f"{text}server are ended without it")
