"""From what the engine gives back to messages on the wire."""

from stdbctl.engine import Committed
from stdbctl.protocol import reducer_error, reducer_internal_error, reducer_ok, update_body
from stdbctl.records import DONE, OutcomeKind


def reducer_result(request_id: int, committed: Committed) -> bytes:
    """The answer to a call that ran."""
    outcome = committed.outcome
    if outcome is DONE:
        if committed.own:
            return reducer_ok(request_id, committed.timestamp, update_body(committed.own))
        return reducer_ok(request_id, committed.timestamp)
    if outcome.kind is OutcomeKind.REFUSED:
        return reducer_error(request_id, committed.timestamp, outcome.text)
    return reducer_internal_error(request_id, committed.timestamp, outcome.text)
