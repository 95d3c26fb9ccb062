"""What can go wrong between a program and a server's HTTP API."""

import json

from stdbctl.errors import Fault


class ServerNotReachable(Fault):
    """Nothing answers at the address."""

    code = "client.server_not_reachable"
    what_text = "no server answers at {url}"
    fix_text = "start the embedded server with `stdbctl start --detach`, or check the address"

    def __init__(self, url: str, reason: str) -> None:
        self.url = url
        super().__init__(self.what_text.format(url=url), why=reason, fix=self.fix_text)


class AnswerBrokeOff(ServerNotReachable):
    """The server took the request and was gone before it had answered."""

    code = "client.answer_broke_off"
    what_text = "the answer of {url} broke off"
    fix_text = "see `stdbctl ps` whether the server still runs, and `stdbctl logs` for what it was doing"


class UnexpectedAnswer(Fault):
    """Something answers, but not as SpacetimeDB's API does."""

    code = "client.unexpected_answer"

    def __init__(self, url: str, given: str) -> None:
        self.url = url
        super().__init__(
            f"{url} does not answer as a SpacetimeDB server does",
            why=f"got {given}",
            fix="check the address; another program may be listening there",
        )


class Refused(Fault):
    """The server understood the request and refused it. `status` is HTTP's, `text` the body."""

    code = "client.refused"
    what_text = "the server refused"
    fix_text = "see `stdbctl logs` for what the server says about it"

    def __init__(self, status: int, text: str, what: str = "") -> None:
        self.status, self.text = status, text
        super().__init__(what or self.what_text, why=text or f"HTTP status {status}", fix=self.fix_text)


class TokenRefused(Refused):
    """401: the server does not accept the token, or wants one."""

    code = "client.token_refused"
    what_text = "the server does not accept the token"
    fix_text = "the server's keys may have changed; remove the token under `.stdbctl/` to get a new one"


class NotAllowed(Refused):
    """403: the identity may not do this; most often it is not the database's owner."""

    code = "client.not_allowed"
    what_text = "only the owner of the database may do this"
    fix_text = "use the identity that owns the database: leave `--as` out for the embedded server"


class NoSuchDatabase(Refused):
    """404: the server has no such database. `database` is the name asked for."""

    code = "client.no_such_database"
    fix_text = "publish it with `stdbctl deploy`, or see `stdbctl list` for those that exist"

    def __init__(self, status: int, text: str, database: str) -> None:
        self.database = database
        super().__init__(status, text, f"the server has no database `{database}`")


class NoSuchFunction(Refused):
    """404: the database has no such reducer, or it is private."""

    code = "client.no_such_function"
    what_text = "the database has no such function"
    fix_text = "see `stdbctl describe` for the reducers of the database"


class BadArguments(Refused):
    """400: the arguments do not fit the function's parameters."""

    code = "client.bad_arguments"
    what_text = "the arguments do not fit the function"
    fix_text = "see `stdbctl describe` for its parameters and their types"


class FunctionFailed(Refused):
    """530: the reducer ended with an error; `text` is its message."""

    code = "client.function_failed"
    what_text = "the function ended with an error"
    fix_text = ""


class QueryRefused(Refused):
    """400: the SQL text cannot be run."""

    code = "client.query_refused"
    what_text = "the query cannot be run"
    fix_text = "see `stdbctl describe` for tables and columns"


class SnapshotRefused(Refused):
    """A snapshot cannot be taken, found, restored or deleted; the server says why and what to do."""

    code = "client.snapshot_refused"

    def __init__(self, status: int, text: str, what: str = "") -> None:
        super().__init__(status, text, what)
        try:
            parts = json.loads(text)["error"]
            self.what, self.why, self.fix = str(parts["what"]), str(parts["why"]), str(parts["fix"])
            self.code = str(parts["code"])
        except (ValueError, LookupError, TypeError):
            self.what = "the server refused"  # in plain text


class PublishRefused(Refused):
    """The program was not taken; what served before still serves."""

    code = "client.publish_refused"
    what_text = "the server refused the program"
    fix_text = ""
