"""`stdbctl history`: who did what, and what came of it."""

import json
from pathlib import Path
from typing import Any

import pytest

from stdbctl.client.http import identity_of_token
from tests.cli.terminal import Command


def told(command: Command, *arguments: str) -> list[dict[str, Any]]:
    """The transactions as JSON, oldest first."""
    done = command("history", "--format", "json", *arguments)
    assert done.code == 0, done.err
    return [json.loads(line) for line in done.out.splitlines()]


def test_a_call_stands_with_its_arguments_its_caller_and_its_rows(command: Command) -> None:
    command("call", "keep", "h1", "0xC0FFEE", "null")
    done = command("history", "--table", "secret", "-n", "1")
    head, row = done.out.splitlines()
    assert head.endswith(' keep(name = "h1", value = 0xc0ffee, note = (none = ())) by operator')
    assert row == '    + secret (name = "h1", value = 0xc0ffee, note = (none = ()))'
    assert done.err == ""


def test_the_newest_come_last(command: Command) -> None:
    for number in range(3):
        command("call", "draw", str(number), "0", "#b00001")
    drawn = told(command, "--function", "draw", "-n", "2")
    assert [each["args"]["x"] for each in drawn] == [1.0, 2.0]
    assert len(told(command, "-n", "5")) == 5


def test_twenty_are_shown_unless_told_otherwise(command: Command) -> None:
    for _ in range(8):
        command("call", "tidy")
    assert len(command("history").out.splitlines()) == 20
    assert command("history", "-n", "0").err == "no transactions\n"


def test_a_caller_can_be_a_local_user_or_the_first_digits_of_an_identity(command: Command) -> None:
    command("call", "draw", "1", "2", "#b00002", "--as", "herta")
    (by_name,) = told(command, "--caller", "herta", "--function", "draw")
    assert by_name["args"] == {"x": 1.0, "y": 2.0, "color": "#b00002"}
    assert told(command, "--caller", by_name["caller"][:50], "--function", "draw") == [by_name]
    assert by_name not in told(command, "--caller", "operator", "-n", "100")
    assert " by herta" in command("history", "--caller", "herta").out


def test_the_operator_is_who_the_token_says(command: Command, served: Path) -> None:
    token = (served / ".stdbctl" / "operator.token").read_text(encoding="ascii").strip()
    command("call", "tidy")
    assert told(command, "--caller", "operator", "-n", "1")[0]["caller"] == identity_of_token(token).to_hex()


def test_one_transaction_is_shown_whole(command: Command) -> None:
    command("call", "draw", "7", "8", "#b00003")
    drawn = told(command, "--function", "draw", "-n", "1")[0]
    done = command("history", "--offset", str(drawn["offset"]))
    assert done.out.startswith(f"#{drawn['offset']} ")
    assert told(command, "--offset", str(drawn["offset"])) == [drawn]


def test_a_moment_leaves_out_what_was_before(command: Command) -> None:
    command("call", "draw", "7", "8", "#b00004")
    assert told(command, "--since", "1h", "--function", "draw")[-1]["args"]["color"] == "#b00004"
    assert told(command, "--since", "2020-01-31T12:00:00Z", "-n", "1")
    assert command("history", "--since", "2100-01-31T12:00:00Z").err == "no transactions\n"


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("--table", "secrt"), "did you mean `secret`?"),
        (("--since", "5x"), "how long ago"),
        (("--caller", "nobody at all"), "the first hex digits"),
        (("--offset", "1000000"), "no transaction 1000000 is kept"),
        (("--as", "stranger"), "view history"),
    ],
)
def test_what_cannot_be_shown_says_why(command: Command, arguments: tuple[str, ...], text: str) -> None:
    done = command("history", *arguments)
    assert (done.code, done.out) == (2, "")
    assert text in done.err
