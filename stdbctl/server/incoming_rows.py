"""The body of an import as staged rows: read piece by piece, in turns with everything else that the server does."""

import asyncio
import time
from collections.abc import AsyncIterator

from starlette.requests import Request

from stdbctl.server import limits
from stdbctl.server.refusal import Refusal
from stdbctl.transfer import BrokenParts, FileFormat, PartHead, PartSplitter, Staging

FileKey = tuple[str, str, FileFormat]
BODY = "body"
"""How problems call a body that is one file."""


class IncomingRows:
    """The body of one import."""

    def __init__(self, request: Request) -> None:
        self._request, self._is_over = request, False

    async def pieces(self) -> AsyncIterator[bytes]:
        """The body as it comes; Refusal 408 when nothing comes for too long."""
        stream = aiter(self._request.stream())
        while not self._is_over:
            try:
                async with asyncio.timeout(limits.IMPORT_WAIT_S):
                    piece = await anext(stream, None)
            except TimeoutError:
                self._is_over = True
                text = f"no further row came within {limits.IMPORT_WAIT_S:g} s; nothing was changed"
                raise Refusal(408, text, headers={"connection": "close"}) from None
            if piece is None:
                self._is_over = True
            else:
                yield piece

    async def drain(self) -> None:
        """Read what is left: who is still sending does not hear an answer."""
        async for _ in self.pieces():
            pass

    async def stage_file(self, staging: Staging, table: str | None, format_: FileFormat) -> None:
        """Read a body that is one file."""
        staging.open(BODY, table, format_)
        async for piece in self.pieces():
            await _feed(staging, piece)
        staging.close()

    async def stage_parts(self, staging: Staging) -> None:
        """Read a body of parts (`stdbctl.transfer`, parts.py); Refusal 400 for what is none."""
        splitter, open_file = PartSplitter(), None
        try:
            async for piece in self.pieces():
                for head, data in splitter.feed(piece):
                    if open_file != _key(head):
                        _close(staging, open_file)
                        open_file = _key(head)
                        staging.open(head.file or head.table, head.table or None, head.format)
                    await _feed(staging, data)
            splitter.end()
        except BrokenParts as error:
            raise Refusal(400, f"{error.what}; {error.why}" if error.why else error.what) from error
        _close(staging, open_file)


def _key(head: PartHead) -> FileKey:
    return head.file, head.table, head.format


def _close(staging: Staging, open_file: FileKey | None) -> None:
    if open_file is not None:
        staging.close()


async def _feed(staging: Staging, data: bytes) -> None:
    deadline = time.monotonic() + limits.IMPORT_TURN_S
    for _ in staging.feed(data):
        if time.monotonic() >= deadline:
            await asyncio.sleep(0)
            deadline = time.monotonic() + limits.IMPORT_TURN_S
