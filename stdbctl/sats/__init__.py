"""SpacetimeDB's algebraic type system: types, special values, BSATN and SATS-JSON."""

from stdbctl.sats.types import *  # noqa: F403  # replaced by explicit names with the codec
from stdbctl.sats.values import ConnectionId, Err, Identity, Ok, ScheduleAt, Some, TimeDuration, Timestamp, Uuid
