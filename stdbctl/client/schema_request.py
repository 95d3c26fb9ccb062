"""One HTTP request on asyncio, for the schema: the client needs no HTTP library for a single GET."""

import asyncio
import io
import json
import ssl
from http.client import HTTPException, HTTPResponse
from typing import Any, cast

from stdbctl.client.compatibility import ServedModule, differences
from stdbctl.client.endpoint import Endpoint
from stdbctl.client.remote import RemoteModule
from stdbctl.client.sdk_errors import SchemaMismatch
from stdbctl.sats import InvalidType

ANSWER_BYTES_MAX = 64 * 1024 * 1024
"""A larger schema is no schema."""
CHUNK_BYTES = 64 * 1024


class SchemaCheck:
    """Compares the bindings with what the database serves. The same answer is compared once."""

    def __init__(self, module: RemoteModule, endpoint: Endpoint) -> None:
        self._module, self._endpoint = module, endpoint
        self._compared: bytes | None = None

    async def run(self) -> None:
        """Raise SchemaMismatch when the bindings do not fit.

        A server that does not tell its schema is not asked twice: rows are then read as the bindings say.
        """
        try:
            body = await _get(self._endpoint)
            if body is None or body == self._compared:
                return
            served = ServedModule.read(json.loads(body))
        except (OSError, HTTPException, ValueError, KeyError, TypeError, InvalidType):
            return
        found = tuple(differences(self._module, served))
        if found:
            raise SchemaMismatch(self._endpoint.database, found)
        self._compared = body


async def _get(endpoint: Endpoint) -> bytes | None:
    """The body of a 200; None for any other status."""
    host, port = endpoint.address
    context = ssl.create_default_context() if endpoint.is_secure else None
    reader, writer = await asyncio.open_connection(host, port, ssl=context)
    try:
        name = f"[{host}]" if ":" in host else host
        request = f"GET {endpoint.schema_path} HTTP/1.1\r\nHost: {name}:{port}\r\nConnection: close\r\n\r\n"
        writer.write(request.encode("ascii"))
        return _body(await _read(reader))
    finally:
        writer.close()


async def _read(reader: asyncio.StreamReader) -> bytes:
    """All of an answer; HTTPException: it is longer than any schema."""
    parts, size = [], 0
    while part := await reader.read(CHUNK_BYTES):
        parts.append(part)
        size += len(part)
        if size > ANSWER_BYTES_MAX:
            raise HTTPException(f"the answer is longer than {ANSWER_BYTES_MAX} bytes")
    return b"".join(parts)


def _body(data: bytes) -> bytes | None:
    response = HTTPResponse(cast("Any", _Received(data)))  # Any: it only ever asks for a file of the bytes
    response.begin()
    body = response.read()
    return body if response.status == 200 else None


class _Received:
    """An answer that has come, as `http.client` wants to read it."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def makefile(self, mode: str) -> io.BytesIO:
        return io.BytesIO(self._data)
