"""Golden cases: each folder under cases/ is a definition, what is generated from it, and a client that uses it.

Rewrite what is expected with `python tests/codegen/test_typescript_golden.py`, then read the diff.
"""

import json
import os
import runpy
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from stdbctl.codegen import GenerateOptions, generate_typescript, write_files
from stdbctl.schema import ModuleDef, validate

HERE = Path(__file__).parent
CASES = sorted(path.parent for path in HERE.glob("cases/*/*_raw.py"))
NODE = HERE.parent / "node"
FIXED = {"modules/calls.ts", "modules/client.ts", "modules/link.ts", "modules/values.ts"}
"""What is the same for every module: the templates are their own expectation."""
TSCONFIG = {
    "compilerOptions": {
        "strict": True,
        "target": "ES2022",
        "module": "ESNext",
        "lib": ["ES2022", "DOM"],
        "types": ["node"],
        "moduleResolution": "bundler",
        "verbatimModuleSyntax": True,
        "erasableSyntaxOnly": True,
        "noImplicitOverride": True,
        "noUncheckedIndexedAccess": True,
        "noUnusedLocals": False,
        "skipLibCheck": True,
        "noEmit": True,
    },
    "include": ["cases/*/**/*.ts"],
}


def load(case: Path) -> tuple[ModuleDef, GenerateOptions]:
    """Read a case's definition and what is asked of the generator."""
    (source,) = case.glob("*_raw.py")
    names = runpy.run_path(str(source))
    module = validate(names["RAW"])
    assert isinstance(module, ModuleDef), module
    return module, names.get("OPTIONS", GenerateOptions())


def generate(case: Path) -> dict[str, str]:
    """Generate what differs from case to case."""
    files = generate_typescript(*load(case))
    return {path: text for path, text in files.items() if path not in FIXED}


def read_tree(folder: Path) -> dict[str, str]:
    """Read all files below a folder: path relative to it -> text."""
    return {
        path.relative_to(folder).as_posix(): path.read_text() for path in sorted(folder.rglob("*")) if path.is_file()
    }


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_output_is_what_the_case_expects(case: Path) -> None:
    assert generate(case) == read_tree(case / "expected")


def test_plain_client_is_the_same_for_every_module() -> None:
    outputs = [generate_typescript(*load(case)) for case in CASES]
    assert [{path: files[path] for path in FIXED} for files in outputs] == [
        {path: outputs[0][path] for path in FIXED} for _ in CASES
    ]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_generating_twice_gives_the_same_bytes(case: Path) -> None:
    module, options = load(case)
    assert generate_typescript(module, options) == generate_typescript(module, options)


@pytest.fixture(scope="module")
def clients(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which every case's client stands beside its bindings, with the npm packages within reach."""
    root = tmp_path_factory.mktemp("clients")
    (root / "node_modules").symlink_to(NODE / "node_modules")
    (root / "tsconfig.json").write_text(json.dumps(TSCONFIG))
    for case in CASES:
        write_files(generate_typescript(*load(case)), root / "cases" / case.name / "module_bindings")
        shutil.copy(case / "usage.ts", root / "cases" / case.name)
    return root


def test_bindings_and_their_users_pass_the_strict_compiler(clients: Path) -> None:
    done = subprocess.run(
        [clients / "node_modules/.bin/tsc", "-p", clients], capture_output=True, text=True, check=False, timeout=110
    )
    assert done.returncode == 0, done.stdout


def test_bindings_work_at_run_time(clients: Path) -> None:
    report = _run(clients)
    assert list(report) == [case.name for case in CASES]
    for case in CASES:
        assert report[case.name] == json.loads((case / "run_time.json").read_text()), case.name


def _run(clients: Path) -> dict[str, Any]:
    """Run every client; the values are JSON, whose shape run_bindings.cjs states."""
    done = subprocess.run(
        ["node", "--preserve-symlinks-main", HERE / "run_bindings.cjs", clients],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**os.environ, "NODE_PATH": str(NODE / "node_modules")},
    )
    assert done.returncode == 0, done.stderr
    report: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return report


def _rewrite(scratch: Path) -> None:
    """Make the generator's present output the expected one."""
    (scratch / "node_modules").symlink_to(NODE / "node_modules")
    for case in CASES:
        shutil.rmtree(case / "expected", ignore_errors=True)
        write_files(generate(case), case / "expected")
        write_files(generate_typescript(*load(case)), scratch / "cases" / case.name / "module_bindings")
        shutil.copy(case / "usage.ts", scratch / "cases" / case.name)
    for name, facts in _run(scratch).items():
        (HERE / "cases" / name / "run_time.json").write_text(json.dumps(facts, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        _rewrite(Path(folder))
