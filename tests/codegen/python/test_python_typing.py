"""Generated Python under both checkers at their strictest: the bindings as they are, and what users write on them."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from stdbctl.codegen import generate_python, templates_dir, write_files
from stdbctl.module import load_package
from stdbctl.project import ClientKind, NewProject, Template, plan_files
from tests.codegen.python.definitions import HERE, random_module

ROOT = HERE.parents[2]
PYRIGHT = ROOT / "tests" / "node" / "node_modules" / ".bin" / "pyright"
MISUSE = HERE / "broken" / "misuse.py"
PAGES = ("README.md", "docs/generate-python.md", "docs/python-client.md")
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)
EXAMPLES = [block for page in PAGES for block in BLOCK.findall((ROOT / page).read_text(encoding="utf-8"))]
SAMPLE = range(6)
"""Random modules that are checked beside the cases; each costs a tenth of a second."""


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the bindings of the cases and of random modules, and what is written on bindings.

    That is: usage.py and misuse.py, the documentation's examples, the clients of new projects.
    """
    folder = tmp_path_factory.mktemp("packages")
    shutil.copytree(HERE / "expected", folder / "expected", ignore=shutil.ignore_patterns("__pycache__"))
    loaded = load_package(ROOT / "sample_project" / "module", ROOT / "sample_project")
    assert not isinstance(loaded, tuple), loaded
    write_files(generate_python(loaded.module), folder / "module_bindings")
    for template in Template:
        files = plan_files(NewProject(database="x", template=template, client=ClientKind.PYTHON), templates_dir())
        for path in (path for path in files if path.startswith("client/")):
            (folder / Path(path).name).write_text(files[path], encoding="utf-8")
    for number, example in enumerate(EXAMPLES):
        (folder / f"example_{number}.py").write_text(example, encoding="utf-8")
    shutil.copy(HERE / "usage.py", folder)
    shutil.copy(MISUSE, folder)
    for seed in SAMPLE:
        write_files(generate_python(random_module(seed)), folder / f"random_{seed}")
    return folder


def run(*command: str) -> str:
    """What a checker says; its status does not count, for it is run on wrong code, too."""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=110)
    return done.stdout


def wrong_lines() -> set[int]:
    """The lines of misuse.py that must be refused."""
    lines = MISUSE.read_text(encoding="utf-8").splitlines()
    return {number for number, line in enumerate(lines, 1) if line.endswith("# wrong")}


def test_mypy_strict_accepts_bindings_and_use_and_refuses_misuse(packages: Path) -> None:
    config = packages / "mypy.ini"
    config.write_text(f"[mypy]\nstrict = True\nmypy_path = {packages}:{ROOT}\n", encoding="utf-8")
    checked = sorted(str(path) for path in [*packages.glob("*.py"), *packages.glob("random_*")])
    cache = f"--cache-dir={packages / 'cache'}"
    text = run(sys.executable, "-m", "mypy", "--config-file", str(config), "--explicit-package-bases", cache, *checked)
    found = re.findall(r"^(.*?):(\d+): error: ", text, re.MULTILINE)
    assert {Path(name).name for name, _ in found} == {"misuse.py"}, text
    assert {int(line) for _, line in found} == wrong_lines(), text


def test_pyright_strict_accepts_bindings_and_use_and_refuses_misuse(packages: Path) -> None:
    config = packages / "pyrightconfig.json"
    options = {"typeCheckingMode": "strict", "include": [str(packages)], "extraPaths": [str(ROOT)]}
    config.write_text(json.dumps(options), encoding="utf-8")
    text = run(str(PYRIGHT), "--project", str(config), "--pythonpath", sys.executable, "--outputjson")
    found = [
        (Path(item["file"]).name, item["range"]["start"]["line"] + 1)
        for item in json.loads(text)["generalDiagnostics"]
        if item["severity"] == "error"
    ]
    assert {name for name, _ in found} == {"misuse.py"}, text
    assert {line for _, line in found} == wrong_lines(), text
