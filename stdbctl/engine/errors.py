"""What the engine refuses. The texts of calls and subscriptions are SpacetimeDB's: clients show them.

StdbctlError
├── CallRefused            a call that never ran
│   ├── NoSuchReducer, LifecycleCall, BadArguments
├── SubscriptionRefused
│   ├── UnknownClient, UnknownQuerySet, DuplicateQuerySet
├── InitFailed             `init` refused or failed: nothing was published
├── NoProgram              the database has no program yet
├── ModuleChanged          rows were read by a definition that runs no more
Fault
├── TransactionClosed      tables used after their call ended
├── ProgramMismatch        (next_tables) the stored program does not know the stored tables
├── UnreadableRows         (next_tables) stored bytes are no row of their table
Problem (raised in Problems)
├── BreaksClients, NotServed, TableHasRows, UniqueClash, SequenceInUse, UnknownTable, DropNotNeeded, MigrationFailed
"""

from collections.abc import Iterable

from stdbctl.engine.results import Client
from stdbctl.errors import Fault, Problem, StdbctlError
from stdbctl.nearest import did_you_mean
from stdbctl.records import Outcome
from stdbctl.schema import Lifecycle

_LIFECYCLE_TEXT = {Lifecycle.INIT: "Init", Lifecycle.ON_CONNECT: "OnConnect", Lifecycle.ON_DISCONNECT: "OnDisconnect"}


class CallRefused(StdbctlError):
    """A call that never ran; its text is what the caller is told."""


class NoSuchReducer(CallRefused):
    """No reducer has this name, or it is private and the caller is not the owner."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__("no such reducer")


class LifecycleCall(CallRefused):
    """Only the server calls this reducer."""

    def __init__(self, name: str, lifecycle: Lifecycle) -> None:
        self.name, self.lifecycle = name, lifecycle
        super().__init__(f"can't directly call special {_LIFECYCLE_TEXT[lifecycle]} lifecycle reducer")


class BadArguments(CallRefused):
    """The arguments are no value of the parameters' types; `reason` says how. The cause is kept."""

    def __init__(self, name: str, reason: str) -> None:
        self.name, self.reason = name, reason
        super().__init__(f"invalid arguments for reducer {name}: {reason}")


class SubscriptionRefused(StdbctlError):
    """A subscription that was not made or not found."""


class UnknownClient(SubscriptionRefused):
    """The client never connected, or is gone."""

    def __init__(self, client: Client) -> None:
        self.client = client
        super().__init__(f"Client not found: {client}")


class UnknownQuerySet(SubscriptionRefused):
    """The client has no query set with this id."""

    def __init__(self, client: Client, query_set_id: int) -> None:
        self.client, self.query_set_id = client, query_set_id
        super().__init__(f"Subscription not found: {query_set_id}")


class DuplicateQuerySet(SubscriptionRefused):
    """The client has a query set with this id already."""

    def __init__(self, client: Client, query_set_id: int) -> None:
        self.client, self.query_set_id = client, query_set_id
        super().__init__(f"Subscription with id {query_set_id} already exists for client: {client}")


class NoProgram(StdbctlError):
    """The database has no program yet."""

    def __init__(self) -> None:
        super().__init__("the database has no module yet", fix="publish one first")


class InitFailed(StdbctlError):
    """`init`, or a seed, did not end well, so nothing was published or reset. `trace`: what the log says of it."""

    def __init__(self, name: str, outcome: Outcome, what: str = "init reducer", trace: str = "") -> None:
        self.name, self.outcome, self.kind = name, outcome, what
        text = f"the {what} `{name}` failed: {outcome.text}" + (f"\n{trace}" if trace else "")
        super().__init__(text, fix="correct it and publish again")


class ModuleChanged(StdbctlError):
    """Rows to be imported were read by the definition of a module that another one has replaced meanwhile."""

    def __init__(self) -> None:
        super().__init__("the module was replaced while the rows came in; nothing was changed", fix="import again")


class TransactionClosed(Fault):
    """Tables were used after the call that they belong to ended."""

    code = "engine.transaction_closed"

    def __init__(self) -> None:
        super().__init__(
            "this transaction has ended",
            why="a reducer's tables can be used only while it runs",
            fix="keep rows, not `ctx` or its tables, beyond the end of a reducer",
        )


class BreaksClients(Problem):
    """The migration would disconnect clients, and that was not allowed."""

    code = "publish.breaks_clients"

    def __init__(self) -> None:
        super().__init__(
            what="the new schema is one that connected clients cannot decode",
            why="they would all be disconnected and need new bindings",
            fix="publish with `--break-clients`",
        )


def counted_rows(count: int) -> str:
    """`1 row`, `12 rows`."""
    return "1 row" if count == 1 else f"{count} rows"


class TableHasRows(Problem):
    """A table that the new module has no more still holds rows: dropping it would lose them."""

    code = "publish.table_has_rows"

    def __init__(self, *, table: str, row_count: int, alike: Iterable[str] = ()) -> None:
        """`alike`: new tables that can take its rows, and may be this one under another name."""
        self.table, self.row_count = table, row_count
        hints = "".join(
            f"if it is `{name}` now, deploy with `--rename {table}:{name}`, or say so in the module: "
            f'`@table(was="{table}")`; else '
            for name in alike
        )
        super().__init__(
            what=f"the module has no table `{table}` any more, and {counted_rows(row_count)} in it would be lost",
            why="only an empty table is dropped",
            fix=f"{hints}lose them with `--drop-table {table}`; or put the table back, delete its rows in a reducer, "
            "and deploy again without it",
        )


class UnknownTable(Problem):
    """A table that is to be dropped does not exist in the running module."""

    code = "publish.unknown_table"

    def __init__(self, name: str, known: Iterable[str]) -> None:
        self.name = name
        super().__init__(
            what=f"the running module has no table `{name}` to drop",
            why="tables are dropped by their names in the database",
            fix=did_you_mean(name, known),
        )


class DropNotNeeded(Problem):
    """A table that is to be dropped can be kept with its rows: nothing is lost by mistake, or by an old flag."""

    code = "publish.drop_not_needed"

    def __init__(self, *, table: str, row_count: int) -> None:
        self.table, self.row_count = table, row_count
        super().__init__(
            what=f"table `{table}` need not be dropped",
            why=f"the change keeps it, and {counted_rows(row_count)} in it would be lost for nothing",
            fix=f"leave `--drop-table {table}` out; to empty the table, delete its rows in a reducer",
        )


class NotServed(Problem):
    """A program declares what this engine does not carry out; to serve it anyway would break its promise in silence."""

    code = "publish.not_served"

    def __init__(self, declaration: str) -> None:
        self.declaration = declaration
        super().__init__(
            what=f"{declaration} is declared, and this server does not serve that",
            why="it would never run, and nobody would be told",
            fix="leave it out for now",
        )


class UniqueClash(Problem):
    """Stored rows break a unique constraint that is to be added."""

    code = "publish.unique_clash"

    def __init__(self, *, table: str, constraint: str, columns: tuple[str, ...], value: str) -> None:
        self.table, self.constraint, self.columns, self.value = table, constraint, columns, value
        names = ", ".join(columns)
        super().__init__(
            what=f"`{table}` has rows that share {names} = {value}",
            why=f"the new unique constraint `{constraint}` allows one",
            fix="change or delete the rows first, or leave the constraint out",
        )


class SequenceInUse(Problem):
    """Stored rows hold numbers that a sequence to be added would give again."""

    code = "publish.sequence_in_use"

    def __init__(self, *, table: str, column: str, sequence: str, value: int) -> None:
        self.table, self.column, self.sequence, self.value = table, column, sequence, value
        super().__init__(
            what=f"`{table}.{column}` has rows with numbers in the range of the new sequence `{sequence}`",
            why=f"the sequence would give {value} a second time",
            fix="keep the column without auto-increment, or change the rows first",
        )


class MigrationFailed(Problem):
    """The author's migration function could not make a row anew. Nothing was changed."""

    code = "publish.migration_failed"

    def __init__(self, *, table: str, function: str, row: str, reason: str) -> None:
        self.table, self.function, self.row, self.reason = table, function, row, reason
        super().__init__(
            what=f"the migration function `{function}` failed at the row of `{table}` with {row}",
            why=reason,
            fix="correct the function, or let it return None for such a row to drop it; nothing was changed",
        )
