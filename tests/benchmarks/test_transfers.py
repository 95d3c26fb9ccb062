"""What the benchmark of transfers sends, and what it expects to have come of it."""

import struct

from tests.benchmarks.transfers.workload import CHOICES, NODE, STREAM, V3_CALLS, Stream, transfers


def test_every_transfer_moves_money_between_two_accounts() -> None:
    for choice in CHOICES.values():
        made = transfers(choice, seed=1)
        assert len(made) == STREAM
        assert all(each.source != each.target and each.amount > 0 for each in made)


def test_a_stream_sends_what_it_books_round_after_round() -> None:
    made = transfers(CHOICES["zipf"], seed=2)
    stream = Stream(made, NODE)
    sent = b"".join(stream.next(7) for _ in range(STREAM // 2))
    size = 6 + 16
    balances, expected = [0] * 100_000, [0] * 100_000
    stream.book(balances)
    for place in range(0, len(sent), size):
        assert sent[place : place + 2] == b"\x82\x90", "one masked binary frame each"
        _, source, target, amount = struct.unpack_from("<IIII", sent, place + 6)
        expected[source] -= amount
        expected[target] += amount
    assert stream.sent == len(sent) // size
    assert balances == expected


def test_calls_that_go_at_once_share_a_frame() -> None:
    stream = Stream(transfers(CHOICES["uniform"], seed=3), V3_CALLS)
    one, many = len(stream.next(1)) - 6, stream.next(40)
    assert many[:2] == b"\x82\xfe"
    assert struct.unpack_from("!H", many, 2) == (40 * one,)
    assert len(many) == 8 + 40 * one
