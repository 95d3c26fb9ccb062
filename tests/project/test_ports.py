"""Ports: loopback on both families, the first free one, the kept one."""

import contextlib
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from stdbctl.project import (
    LOOPBACK,
    BadListenAddress,
    ListenAddress,
    PortTaken,
    is_free,
    listen_on,
    listen_on_first_free,
)


def has_ipv6() -> bool:
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET6) as probe:
        probe.bind(("::1", 0))
        return True
    return False


needs_ipv6 = pytest.mark.skipif(not has_ipv6(), reason="the machine has no ::1")


@contextmanager
def taken(host: str) -> Iterator[int]:
    """A port that somebody listens on, on one address only."""
    with socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET) as server:
        yield server.getsockname()[1]


@contextmanager
def opened(sockets: list[socket.socket]) -> Iterator[list[socket.socket]]:
    try:
        yield sockets
    finally:
        for each in sockets:
            each.close()


def ports_of(sockets: list[socket.socket]) -> set[int]:
    return {each.getsockname()[1] for each in sockets}


def test_any_port_is_the_same_on_both_families() -> None:
    with opened(listen_on(LOOPBACK, 0)) as sockets:
        assert len(ports_of(sockets)) == 1
        assert len(sockets) == (2 if has_ipv6() else 1)


@pytest.mark.parametrize("host", ["127.0.0.1", pytest.param("::1", marks=needs_ipv6)])
def test_a_port_in_use_on_one_family_is_not_free(host: str) -> None:
    with taken(host) as port:
        assert not is_free(port)
        with pytest.raises(PortTaken, match=str(port)):
            listen_on(LOOPBACK, port)


def test_next_free_port_is_taken() -> None:
    with taken("127.0.0.1") as port, opened(listen_on_first_free(LOOPBACK, port)) as sockets:
        assert min(ports_of(sockets)) > port


def test_two_servers_never_share_a_port() -> None:
    with opened(listen_on(LOOPBACK, 0)) as first:
        (port,) = ports_of(first)
        with opened(ListenAddress().open(kept=port)) as second:
            assert ports_of(second).isdisjoint({port})


def test_kept_port_is_used_again() -> None:
    with opened(listen_on(LOOPBACK, 0)) as sockets:
        (port,) = ports_of(sockets)
    with opened(ListenAddress().open(kept=port)) as again:
        assert ports_of(again) == {port}


def test_given_port_is_not_replaced_by_another() -> None:
    with taken("127.0.0.1") as port, pytest.raises(PortTaken):
        ListenAddress(port=port).open(kept=None)


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("127.0.0.1:4000", "127.0.0.1", 4000),
        (":4000", None, 4000),
        ("localhost:4000", None, 4000),
        ("0.0.0.0", "0.0.0.0", None),
        ("[::1]:0", "::1", 0),
        ("[::]", "::", None),
        ("board.test:80", "board.test", 80),
    ],
)
def test_listen_addresses(text: str, host: str | None, port: int | None) -> None:
    assert ListenAddress.parse(text) == ListenAddress(host=host, port=port)


@pytest.mark.parametrize("text", ["", "host:99999", "::1", "a b", "host:x", "[::1", "http://x:1"])
def test_what_is_no_listen_address(text: str) -> None:
    with pytest.raises(BadListenAddress):
        ListenAddress.parse(text)
