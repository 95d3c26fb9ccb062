"""What can go wrong on a connection to a database.

ReducerError (stdbctl.errors) is the module's own refusal, in its own words; these are the others.
"""

from stdbctl.errors import Fault


class InternalError(Fault):
    """A call failed on the server, or never ran; `text` is the server's."""

    code = "client.internal_error"
    is_about_one_call = True

    def __init__(self, what: str, text: str) -> None:
        self.text = text
        super().__init__(f"{what} failed", why=text, fix="see `stdbctl logs` for what the module says about it")


class SubscriptionError(Fault):
    """The server refused or ended a subscription; `text` is the server's."""

    code = "client.subscription_error"
    is_about_one_call = True

    def __init__(self, queries: tuple[str, ...], text: str) -> None:
        self.queries, self.text = queries, text
        shown = ", ".join(f"`{query}`" for query in queries)
        super().__init__(
            f"the server does not serve the subscription to {shown}",
            why=text,
            fix="see `stdbctl describe` for public tables and their columns",
        )


class QueryError(Fault):
    """The server refused a one-off query; `text` is the server's."""

    code = "client.query_error"
    is_about_one_call = True

    def __init__(self, query: str, text: str) -> None:
        self.query, self.text = query, text
        super().__init__(
            f"the server cannot answer `{query}`", why=text, fix="see `stdbctl describe` for tables and columns"
        )


class InvalidArgument(Fault):
    """An argument is not of the type that the reducer or procedure takes; nothing was sent."""

    code = "client.invalid_argument"

    def __init__(self, what: str, why: str) -> None:
        super().__init__(f"{what} cannot be called with these arguments", why=why, fix="nothing was sent")


class InvalidPrediction(Fault):
    """An effect wrote a row that is none of its table's; its prediction is not shown, the call goes on."""

    code = "client.invalid_prediction"

    def __init__(self, table: str, why: str) -> None:
        self.table = table
        super().__init__(
            f"the row is none of table `{table}`", why=why, fix=f"write rows of the class that `db.{table}` holds"
        )


class ConnectionLost(Fault):
    """The connection broke while something was under way, or is not there yet again."""

    code = "client.connection_lost"

    def __init__(self, what: str, why: str, fix: str = "call again once `on_connect` has said that it is back") -> None:
        super().__init__(what, why=why, fix=fix)


class ConnectionClosed(ConnectionLost):
    """The connection was closed by this program, or ended for good."""

    code = "client.connection_closed"

    def __init__(self, what: str, why: str = "the connection is closed") -> None:
        super().__init__(what, why, fix="make a new connection")


class ConnectFailed(Fault):
    """The server answered, and made no connection out of it."""

    code = "client.connect_failed"

    def __init__(self, url: str, why: str) -> None:
        self.url = url
        super().__init__(
            f"{url} does not take the connection",
            why=why,
            fix="check address and database; what listens there must speak SpacetimeDB's WebSocket v2 or v3",
        )


class IdentityChanged(ConnectFailed):
    """The server takes the same token for somebody else: it is another server."""


class SchemaMismatch(Fault):
    """The database is not the one that the bindings were generated from. `differences`: one short sentence each."""

    code = "client.schema_mismatch"

    def __init__(self, database: str, differences: tuple[str, ...]) -> None:
        self.database, self.differences = database, differences
        more = f" and {len(differences) - 3} more" if len(differences) > 3 else ""
        super().__init__(
            f"the bindings do not fit database `{database}`",
            why="; ".join(differences[:3]) + more,
            fix="run `stdbctl generate --lang python --out-dir DIR` and start again",
        )


class BrokenMessage(Fault):
    """The server sent something that is no message of the protocol."""

    code = "client.broken_message"

    def __init__(self, why: str) -> None:
        super().__init__(
            "the server sent something that is no message",
            why=why,
            fix="the connection was dropped and will be made anew",
        )


class ChangesOverflowed(Fault):
    """More changes came than a stream may hold for its reader."""

    code = "client.changes_overflowed"

    def __init__(self, table: str, queue_len_max: int) -> None:
        self.table = table
        super().__init__(
            f"more than {queue_len_max} changes of `{table}` wait to be read",
            fix="read faster, give `changes(queue_len_max=…)` more room, or read the table anew",
        )


class TooMuchToSend(Fault):
    """More bytes wait to be sent than a connection holds."""

    code = "client.too_much_to_send"

    def __init__(self, bytes_max: int) -> None:
        super().__init__(
            f"more than {bytes_max} bytes wait to be sent",
            why="calls are made faster than the server takes them",
            fix="wait for the results of earlier calls before making more",
        )


class NoPlaceToWait(Fault):
    """Waiting here would wait forever: what is waited for arrives through this very thread."""

    code = "client.no_place_to_wait"

    def __init__(self, what: str) -> None:
        super().__init__(
            f"cannot wait for {what} inside a callback",
            why="answers arrive only after the callback has returned",
            fix="use `conn.reducers_nowait` or `call.on_done(…)` here",
        )


class UnknownTable(Fault):
    """Rows came of a table that the bindings do not have; SQL text may ask for any."""

    code = "client.unknown_table"

    def __init__(self, table: str) -> None:
        self.table = table
        super().__init__(
            f"the bindings have no table `{table}`",
            why="its rows cannot be read",
            fix="run `stdbctl generate --lang python --out-dir DIR`, with `--include-private` for a private table",
        )
