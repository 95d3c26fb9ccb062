"""One request and its answer: what leads a call of the control client to a server, and a refusal to its error."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TypeVar
from urllib.parse import quote, urlsplit

import httpx

from stdbctl.client.errors import (
    AnswerBrokeOff,
    NoSuchDatabase,
    NoSuchFunction,
    NotAllowed,
    Refused,
    ServerNotReachable,
    TokenRefused,
    UnexpectedAnswer,
)
from stdbctl.client.results import Json
from stdbctl.sats import InvalidType, JsonError, loads

T = TypeVar("T")
CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 60.0
"""How long a request may take; longer than any limit that a server puts on one reducer."""
Parameters = Mapping[str, str | int | Sequence[str]] | httpx.QueryParams
"""What stands behind the question mark; a sequence becomes one parameter for each of its members."""
Refusals = Mapping[int, type[Refused]]
"""Status code -> the error that it means for one call."""
_LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")
_NONE: Refusals = {}


class Exchange:
    """Sends requests to the routes below `/v1` of one server, as one identity or as nobody in particular.

    Every method raises ServerNotReachable when nothing answers, AnswerBrokeOff when the answer does not end, and for
    a status from 400 on what `refusals` says of it, else what it means everywhere: Refused or one of its subclasses.
    """

    def __init__(self, url: str, token: str | None) -> None:
        self.url = url.rstrip("/")
        address = urlsplit(self.url)
        self._http = httpx.Client(
            base_url=f"{self.url}/v1",
            headers={"Authorization": f"Bearer {token}"} if token else {},
            timeout=httpx.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS),
            trust_env=address.hostname not in _LOOPBACK_NAMES,  # a proxy never leads to this machine
            verify=address.scheme != "http",  # else the system's certificates would be read for nothing: 20 ms
        )

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def send(
        self,
        method: str,
        path: str,
        parameters: Parameters | None = None,
        *,
        content: bytes | Iterable[bytes] = b"",
        headers: Mapping[str, str] | None = None,
        database: str | None = None,
        refusals: Refusals = _NONE,
        seconds: float = ANSWER_SECONDS,
    ) -> httpx.Response:
        """A request and its whole answer. `database`: which one a status of 404 is about."""
        limits = httpx.Timeout(seconds, connect=CONNECT_SECONDS)
        with self._reaching():
            answer = self._http.request(
                method, path, params=parameters, content=content, headers=headers, timeout=limits
            )
        if answer.status_code >= 400:
            raise _refusal(answer, database, refusals)
        return answer

    @contextmanager
    def stream(
        self,
        method: str,
        path: str,
        parameters: Parameters | None = None,
        *,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        database: str,
        refusals: Refusals = _NONE,
        seconds: float | None = ANSWER_SECONDS,
    ) -> Iterator[httpx.Response]:
        """A request and the head of its answer; `lines` or `chunks` has the rest.

        `seconds`: how long the server may say nothing, None = for ever.
        """
        limits = httpx.Timeout(seconds, connect=CONNECT_SECONDS)
        with (
            self._reaching(),
            self._http.stream(
                method, path, params=parameters, content=content, headers=headers, timeout=limits
            ) as answer,
        ):
            if answer.status_code >= 400:
                answer.read()
                raise _refusal(answer, database, refusals)
            yield answer

    def lines(self, answer: httpx.Response) -> Iterator[str]:
        """The lines of a streamed answer as they come, without their ends."""
        with self._reaching():
            yield from answer.iter_lines()

    def chunks(self, answer: httpx.Response) -> Iterator[bytes]:
        """The bytes of a streamed answer as they come, cut anywhere."""
        with self._reaching():
            yield from answer.iter_bytes()

    def read(self, reader: Callable[[Json], T], answer: httpx.Response) -> T:
        """What `reader` makes of the answer's JSON; UnexpectedAnswer when it cannot, or it is none."""
        try:
            return reader(loads(answer.text))
        except (ValueError, KeyError, TypeError, AttributeError, JsonError, InvalidType) as error:
            given = answer.text[:80] or "an empty body"
            raise UnexpectedAnswer(self.url, f"`{given}` for {answer.request.url.path}") from error

    @contextmanager
    def _reaching(self) -> Iterator[None]:
        try:
            yield
        except httpx.TimeoutException as error:
            raise ServerNotReachable(self.url, f"it took too long ({type(error).__name__})") from error
        except (httpx.RemoteProtocolError, httpx.ReadError) as error:
            raise AnswerBrokeOff(self.url, str(error) or type(error).__name__) from error
        except (httpx.TransportError, httpx.InvalidURL) as error:
            raise ServerNotReachable(self.url, str(error) or type(error).__name__) from error


def database_path(name: str, *parts: str) -> str:
    """The path of a database's route, below `/v1`."""
    return "/database/" + "/".join(_segment(part) for part in (name, *parts))


def _segment(part: str) -> str:
    """One segment of a path; `..` must not climb: httpx would delete a database for a snapshot of that name."""
    return part.replace(".", "%2E") if part in (".", "..") else quote(part, safe="")


def _refusal(answer: httpx.Response, database: str | None, refusals: Refusals) -> Refused:
    """The error for one answer: what the call says of this status, else what the status means everywhere."""
    status, text = answer.status_code, answer.text.strip()
    if status == 404 and database is not None:
        # One status for two things: a function's absence is told by the server's words for it.
        is_function = text.startswith("No such") and "database" not in text
        return NoSuchFunction(status, text) if is_function else NoSuchDatabase(status, text, database)
    known: dict[int, type[Refused]] = {401: TokenRefused, 403: NotAllowed, **refusals}
    return known.get(status, Refused)(status, text)
