"""What clients are to be sent: collected while calls run, released when their transactions are on disk."""

from collections.abc import Sequence
from typing import Protocol

from stdbctl.server.frames import batched_frames, single_frames


class Receiver(Protocol):
    """The part of a client that sending needs."""

    outbox: list[bytes]
    is_batched: bool

    def send(self, frames: bytes) -> None:
        """Hand ready-made frames to the socket."""
        ...


Group = list[tuple[Receiver, list[bytes]]]
"""Clients and their messages, in order."""


class Deliveries:
    """Messages that wait for the next release, per client in order."""

    def __init__(self) -> None:
        self._clients: list[Receiver] = []

    def put(self, client: Receiver, message: bytes) -> None:
        """One message for one client."""
        if not client.outbox:
            self._clients.append(client)
        client.outbox.append(message)

    def put_all(self, clients: Sequence[Receiver], message: bytes) -> None:
        """The very same message for many clients."""
        touched = self._clients
        for client in clients:
            outbox = client.outbox
            if not outbox:
                touched.append(client)
            outbox.append(message)

    def take(self) -> Group:
        """Everything that waits; nothing does afterwards."""
        group: Group = []
        for client in self._clients:
            group.append((client, client.outbox))
            client.outbox = []
        self._clients = []
        return group


def release(group: Group) -> None:
    """Send a group. Clients in a row that get the same messages share one encoded frame."""
    shared: list[bytes] = []
    single = batched = b""
    for client, messages in group:
        if messages != shared:  # equal messages are mostly the same objects, which Python compares first
            shared, single, batched = messages, b"", b""
        if client.is_batched:
            batched = batched or batched_frames(messages)
            client.send(batched)
        else:
            single = single or single_frames(messages)
            client.send(single)
