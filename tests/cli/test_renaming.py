"""`deploy --rename`, and the question on a terminal."""

import json
from pathlib import Path

import pytest

from tests.cli.terminal import edit, on_a_terminal, stdbctl


@pytest.fixture
def renamed(project: Path) -> Path:
    """A deployed board with one point, whose module then calls `color` something else."""
    assert stdbctl("deploy", cwd=project).code == 0
    assert stdbctl("call", "draw", "1", "2", "#123456", cwd=project).code == 0
    edit(project, '    color: str = "#000000"', '    ink: str = "#000000"')
    edit(project, "color=color", "ink=color")
    return project


def inks(project: Path) -> str:
    return stdbctl("sql", "SELECT ink FROM point", cwd=project).out


def test_rename_by_flag_keeps_the_values(renamed: Path) -> None:
    refused = stdbctl("deploy", cwd=renamed)
    assert refused.code == 4
    assert "`--rename point.color:ink`" in refused.err.replace("\n", " ")
    plan = json.loads(
        stdbctl("deploy", "--dry-run", "--rename", "point.color:ink", "--format", "json", cwd=renamed).out
    )
    assert "▸ Renamed column color of table point to ink" in plan["plan"]
    done = stdbctl("deploy", "--rename", "point.color:ink", "--break-clients", cwd=renamed)
    assert done.code == 0, done.err
    assert "#123456" in inks(renamed)


def test_rename_is_asked_for_on_a_terminal(renamed: Path) -> None:
    done = on_a_terminal("deploy", "--break-clients", cwd=renamed, typed="y\n")
    assert "The column `color` of `point` is gone, and `ink` stands in its place." in done.out
    assert done.code == 0, done.out
    assert "#123456" in inks(renamed)


def test_rename_that_is_declined_changes_nothing(renamed: Path) -> None:
    done = on_a_terminal("deploy", "--break-clients", cwd=renamed, typed="n\n")
    assert done.code == 4, done.out
    assert "color" in stdbctl("describe", "table", "point", cwd=renamed).out


@pytest.mark.parametrize("given", ["color", "point.color", "point.color.ink:x", "point.color:point.ink"])
def test_rename_that_is_none_is_refused_with_its_form(project: Path, given: str) -> None:
    done = stdbctl("deploy", "--dry-run", "--rename", given, cwd=project)
    assert done.code == 2
    assert "--rename table.old_column:new_column" in done.err


def test_rename_and_watch_exclude_each_other(project: Path) -> None:
    done = stdbctl("deploy", "--watch", "--rename", "a:b", cwd=project)
    assert done.code == 2
    assert "column(was=" in done.err


def test_migration_function_is_shown_before_it_runs_and_tells_what_it_did(project: Path) -> None:
    assert stdbctl("deploy", cwd=project).code == 0
    assert stdbctl("call", "keep", "pin", "00", "null", cwd=project).code == 0
    edit(project, "    value: bytes\n    note: str | None", "    size: u64")
    edit(project, "Secret(name=name, value=value, note=note)", "Secret(name=name, size=len(value))")
    module = project / "module" / "__init__.py"
    source = module.read_text(encoding="utf-8").replace(
        "import logging\n", "import logging\nfrom dataclasses import dataclass\n", 1
    )
    source = source.replace("    index,\n", "    index,\n    migration,\n", 1)
    source += "\n\n@dataclass\nclass SecretV1:\n    name: str\n    value: bytes\n    note: str | None\n"
    source += "\n\n@migration(Secret)\ndef secret_from_v1(ctx: ReducerContext, old: SecretV1) -> Secret:\n"
    source += "    return Secret(name=old.name, size=len(old.value))\n"
    module.write_text(source, encoding="utf-8")
    shown = stdbctl("deploy", "--dry-run", cwd=project)
    assert "secret by secret_from_v1, 1 of 1 row:" in shown.out, shown
    assert '    (name = "pin", value = 0x00, note = none) → (name = "pin", size = 1)' in shown.out
    assert stdbctl("stop", cwd=project).code == 0
    assert stdbctl("deploy", "--dry-run", cwd=project) == shown
    done = stdbctl("deploy", "--break-clients", cwd=project)
    assert done.code == 0, done.err
    assert "rewrote 1 row of secret by secret_from_v1, dropped 0" in done.err
