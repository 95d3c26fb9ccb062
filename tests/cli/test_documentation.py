"""docs/cli.md and the commands say the same."""

import re
from pathlib import Path
from typing import Any

import pytest
import typer

from stdbctl.cli.app import build_app
from stdbctl.cli.exits import ExitCode

TEXT = (Path(__file__).parent.parent.parent / "docs" / "cli.md").read_text(encoding="utf-8")
ALIASES = {"publish": "deploy", "client-sdk": "generate"}


def sections() -> dict[str, str]:
    """Command name -> its section of the manual."""
    parts = re.split(r"^## `stdbctl ([a-z-]+).*`$", TEXT, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def commands() -> dict[str, Any]:  # Any: typer keeps click's classes to itself
    group: Any = typer.main.get_command(build_app())
    return dict(group.commands)


def options(command: Any) -> set[str]:
    """Its own, and those of the commands under it."""
    below = [options(inner) for inner in getattr(command, "commands", {}).values()]
    return set().union(*below) | {
        spelling
        for param in command.params
        if param.param_type_name == "option" and not param.hidden
        for spelling in param.opts
    }


def documented_options(section: str) -> set[str]:
    table = "\n".join(
        line.split("|")[1] if line.count("|") > 1 else "" for line in section.splitlines() if line[:1] == "|"
    )
    return set(re.findall(r"`(--?[a-z][a-z-]*)", table))


def test_every_command_has_a_section_and_every_section_a_command() -> None:
    assert set(sections()) == set(commands()) - set(ALIASES)


def test_aliases_are_mentioned_where_they_lead() -> None:
    for alias, name in ALIASES.items():
        assert f"`stdbctl {alias}" in sections()[name]


@pytest.mark.parametrize("name", sorted(set(commands()) - set(ALIASES)))
def test_options_of_a_command_are_those_of_the_manual(name: str) -> None:
    assert documented_options(sections()[name]) == options(commands()[name])


def test_exit_codes_are_those_of_the_manual() -> None:
    assert {int(code) for code in re.findall(r"^\| (\d+) \|", TEXT, flags=re.MULTILINE)} == {
        code.value for code in ExitCode
    }


def test_every_command_takes_a_project_and_a_format() -> None:
    for name, command in commands().items():
        expected = {"--format"} if name == "init" else {"--project", "--format"}
        assert name == "client-sdk" or expected <= options(command)


def test_help_of_every_option_is_a_sentence() -> None:
    for name, command in commands().items():
        assert command.help, name
        for param in command.params:
            if not getattr(param, "hidden", False):
                assert param.help, f"{name} {param.name}"
