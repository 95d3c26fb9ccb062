"""The wheel, built and installed in a fresh environment, does what the checkout does."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


def run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    env = {name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "PYTHONPATH")}
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, env=env, capture_output=True, text=True, timeout=240
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `bin` folder of a fresh environment that holds the wheel and mypy, and nothing of this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "build", "--wheel", "--outdir", folder, ROOT, cwd=folder)
    (wheel,) = folder.glob("stdbctl-*.whl")
    run(sys.executable, "-m", "venv", folder / "venv", cwd=folder)
    bin_folder = folder / "venv" / "bin"
    run(
        bin_folder / "python",
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        wheel,
        "mypy",
        cwd=folder,
    )
    return bin_folder


@pytest.mark.timeout(400)
def test_installed_wheel_creates_deploys_generates_and_type_checks(installed: Path, tmp_path: Path) -> None:
    stdbctl = installed / "stdbctl"
    project = tmp_path / "whiteboard"
    run(stdbctl, "init", project, "--template", "whiteboard", "--yes", cwd=tmp_path)
    assert {".gitignore", "client", "module", "tests"} <= {path.name for path in project.iterdir()}
    try:
        deployed = run(stdbctl, "deploy", "--yes", cwd=project)
        assert deployed.stdout.startswith("deployed whiteboard in ")
        run(stdbctl, "generate", "--lang", "ts", "--out-dir", "bindings", cwd=project)
        assert "add_point" in (project / "bindings" / "index.ts").read_text(encoding="utf-8")
        run(stdbctl, "call", "add_point", "1.5", "2", "#ff0000", cwd=project)
        rows = json.loads(run(stdbctl, "sql", "--format", "json", "SELECT x, color FROM point", cwd=project).stdout)
        assert rows[0]["rows"] == [[1.5, "#ff0000"]]
        run(installed / "mypy", "--strict", "--cache-dir", tmp_path / "mypy", "module", cwd=project)
    finally:
        run(stdbctl, "stop", cwd=project)
