"""The house order: a package imports only from lower levels, and only public names."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parent.parent / "stdbctl"
LEVELS = {
    "errors": 0,
    "nearest": 0,
    "sats": 1,
    "schema": 2,
    "protocol": 2,
    "records": 2,
    "module": 3,
    "query": 3,
    "codegen": 3,
    "client": 3,
    "store": 3,
    "project": 3,
    "transfer": 3,
    "engine": 4,
    "server": 5,
    "dev": 6,
    "cli": 7,
}


def room_of(module: str) -> str:
    """The package or file directly below stdbctl: `stdbctl.sats.types` -> `sats`."""
    return module.split(".")[1] if "." in module else ""


def imports(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: relative import"
            yield node.lineno, node.module or ""
            if node.module == "stdbctl":
                yield from ((node.lineno, f"stdbctl.{alias.name}") for alias in node.names)


@pytest.mark.parametrize("room", LEVELS)
def test_imports_go_down_only(room: str) -> None:
    files = [SOURCE / f"{room}.py"] if (SOURCE / f"{room}.py").exists() else sorted((SOURCE / room).rglob("*.py"))
    assert files, f"no source for {room}"
    wrong = []
    for path in files:
        for line, target in imports(path):
            if not target.startswith("stdbctl."):
                continue
            other = room_of(target)
            if other == room or other.startswith("__"):
                continue
            if LEVELS[other] >= LEVELS[room]:
                wrong.append(f"{path.relative_to(SOURCE)}:{line}: {room} (level {LEVELS[room]}) imports {target}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("room", LEVELS)
def test_only_public_names_are_imported_from_outside(room: str) -> None:
    files = [SOURCE / f"{room}.py"] if (SOURCE / f"{room}.py").exists() else sorted((SOURCE / room).rglob("*.py"))
    wrong = []
    for path in files:
        for line, target in imports(path):
            if target.startswith("stdbctl.") and room_of(target) != room and target.count(".") > 1:
                if (SOURCE / target.replace("stdbctl.", "").replace(".", "/")).with_suffix(".py").name == "http.py":
                    continue  # stdbctl.client.http is public by name: the control client without the SDK
                wrong.append(f"{path.relative_to(SOURCE)}:{line}: imports {target}; use the package")
    assert not wrong, "\n".join(wrong)


def test_every_room_has_a_level() -> None:
    rooms = {p.stem for p in SOURCE.iterdir() if p.suffix == ".py" or (p / "__init__.py").exists()}
    assert rooms - {"__init__", "__main__"} == set(LEVELS)
