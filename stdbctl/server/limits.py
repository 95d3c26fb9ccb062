"""Every limit of the server in one place: queues, messages, waits. docs/server.md lists the same numbers."""

INCOMING_MESSAGE_BYTES = 32 * 1024 * 1024
"""One WebSocket message, all its fragments together; more closes with 1009, as SpacetimeDB's limit is."""

INCOMING_QUEUE_MESSAGES = 16_384
"""Requests of one client that wait for their turn; more closes with 1013."""

INCOMING_PAUSE_MESSAGES = 4_096
"""Above this the client's socket is not read until its queue is half empty: TCP slows the sender before 1013 must."""

OUTGOING_BACKLOG_BYTES = 16 * 1024 * 1024
"""What a client that reads nothing may leave unread when the next frame is due; more aborts it without a close frame.

A client that does read may have more waiting: its first subscription, and what was committed while it took that in.
"""

OUTGOING_STALL_S = 5.0
"""How long a client with so much unread may take no byte: as long as a browser may need to unpack 16 MiB of rows."""

OUTGOING_BACKLOG_MAX_BYTES = 256 * 1024 * 1024
"""What may wait for any client when the next frame is due, however steadily it reads."""

DRAIN_S = 0.004
"""How long one batch of calls may keep the event loop before sockets and timers get their turn."""

CLIENT_TURN_MESSAGES = 64
"""Requests of one client that run before the next client's turn."""

DUE_TURN_ROWS = 64
"""Scheduled rows that run before the next client's turn."""

ALARM_LOOK_S = 1.0
"""While a scheduled row waits, the clock is looked at this often: it may be set, or the machine may have slept."""

LATE_S = 0.03
"""A scheduled row that starts so much too late is worth a line in the server's log, as in SpacetimeDB."""

LATE_EVERY_S = 10.0
"""Between two such lines of one database."""

PING_EVERY_S = 15.0
"""Between two Pings to a client; none goes out while one is unanswered."""

IDLE_S = 30.0
"""A client that sent nothing at all for so long is dropped without a close frame."""

CLOSE_HANDSHAKE_S = 0.25
"""How long the peer's Close may take after ours; then the TCP connection is aborted."""

CLOSE_REASON_BYTES = 123
"""What fits into a close frame beside its code."""

BODY_BYTES = 2 * 1024 * 1024
"""One HTTP request body, except programs."""

REQUEST_S = 30.0
"""The head of an HTTP request from its first byte, and then its body; more is answered with 408."""

MIGRATION_STRETCH_S = 0.02
"""How long migration functions may keep the event loop at once: sockets and other databases get their turn between."""

MIGRATION_TELL_S = 0.1
"""Between two words to whoever publishes of how far they are."""

PROGRAM_BYTES = 16 * 1024 * 1024
"""One program (the zip of a module's sources) at publish: twice what its files may hold together."""

CALL_S = 10.0
"""One reducer call, one lifecycle hook, or one import of a module; then it is stopped and rolled back."""

DEAF_GRACE_S = 5.0
"""A call that still runs so long after it was told to stop sits in deaf C code: the supervisor ends the process."""

MEMORY_SHARE = 0.75
"""Of the machine's memory, for the data of the process that serves; a call that wants more gets a MemoryError."""

FREE_MEMORY_SHARE = 0.9
"""Of what is free when the server starts: beyond it the kernel would look for a process to kill."""

MEMORY_LEAST_MB = 512
"""A server may take as much however little is free at its start."""

STRIKES = 3
"""How often a function may take the server down within `STRIKES_WINDOW_S` before it is run no more."""

STRIKES_WINDOW_S = 600.0


WEBSOCKET_TOKEN_S = 60
"""Life of the token that a browser puts into its WebSocket URL."""

CLOCK_LEEWAY_S = 60
"""How long after its `exp` a token is still good: clocks differ."""

TOKENS_REMEMBERED = 4_096
"""Checked tokens whose signature is not computed again."""


LOG_FOLLOW_BACKLOG = 2_500
"""Old lines that `follow=true&num_lines=N` gives at most."""

SHUTDOWN_S = 2
"""How long HTTP answers under way may take when the server ends."""

RESTARTS_MAX = 5
"""Crashes within `RESTART_WINDOW_S` after which the supervisor gives up."""

RESTART_WINDOW_S = 60.0

EXPORT_SLICE = 64
"""Rows that one step of an export writes, between two turns of the event loop."""

IMPORT_TURN_S = 0.002
"""How long reading rows of an import may keep the event loop before others get their turn."""

IMPORT_WAIT_S = 300.0
"""How long the next bytes of an import may take to come: they may be the output of a slow program."""

HISTORY_TRANSACTIONS = 100_000
"""Of each database, so many of the newest transactions are kept: with small ones some 20 to 50 MB."""

HISTORY_DAYS = 30.0
"""Transactions older than this are not kept."""

HISTORY_SLICE = 200
"""Transactions that one step of an answer reads, so that an answer of any length takes little memory."""

COMPACT_EVERY_S = 10.0
"""How often the server looks whether history may go."""

COMPACT_AGAIN_S = 0.05
"""The pause between two steps while more may go: calls that came meanwhile are committed first."""

SNAPSHOTS_AUTOMATIC = 10
"""Of each database, so many of the snapshots stay that the server took by itself, the newest ones."""

SNAPSHOTS_AUTOMATIC_BYTES = 1_000_000_000
"""What these may take together; the newest one stays whatever its size."""

TURN_S = 30.0
"""How long a change of a database as a whole waits for the one before; clients wait longer, and hear why."""

STORE_PROBE_S = 0.25
"""While a database's disk takes no transactions, it is tried this often."""

LOSS_TOLD_EVERY_S = 10.0
"""Between two lines of one database that say that transactions could not be stored."""

REOPEN_S = 1.0
"""A database that could not be opened is tried again so much later, when somebody asks for it."""

REOPEN_SHARE = 20
"""And not before this many times what the last try took: it holds the others up."""

REOPEN_QUICK_S = 0.5
"""It is tried again unasked if the last try took no longer: a full disk says no at once, a damaged file is read."""
