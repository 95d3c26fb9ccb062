"""Starting fast: what is not needed is not imported."""

import subprocess
import sys

import pytest

HEAVY = ("httpx", "sqlglot", "starlette", "uvicorn", "websockets", "cryptography", "Crypto", "jinja2", "watchfiles")
OURS = ("server", "engine", "module", "query", "store", "codegen", "client", "sats", "schema", "records", "protocol")


def imported_by(*arguments: str) -> set[str]:
    """The modules in memory after a command line was run in a fresh interpreter."""
    code = "import sys; from stdbctl.cli import run; run(sys.argv[1:]); print(*sys.modules, file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, timeout=60, check=True
    )
    return set(done.stderr.split())


@pytest.mark.parametrize("arguments", [[], ["--version"], ["--help"], ["deploy", "--help"], ["start", "--help"]])
def test_help_and_version_import_nothing_heavy(arguments: list[str]) -> None:
    modules = imported_by(*arguments)
    assert "stdbctl.cli" in modules
    assert not modules & {*HEAVY, *(f"stdbctl.{name}" for name in OURS)}


def test_version_does_not_even_import_typer() -> None:
    assert not imported_by("--version") & {"typer", "rich"}
