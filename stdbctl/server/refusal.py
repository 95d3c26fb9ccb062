"""The answer to a request that ends early: a status and a text, raised anywhere, sent at the rim."""

from collections.abc import Mapping

from starlette.responses import PlainTextResponse, Response

from stdbctl.errors import Fault


class Refusal(Fault):
    """An HTTP answer other than success. `text` is the body as plain text."""

    def __init__(self, status: int, text: str, *, headers: Mapping[str, str] | None = None) -> None:
        self.status, self.text, self.headers = status, text, dict(headers or {})
        super().__init__(text or f"HTTP {status}")

    def response(self) -> Response:
        """The same as a Starlette response."""
        return PlainTextResponse(self.text, self.status, headers=self.headers)
