"""Every rule of a definition, one folder per case: `accepted/<case>/` passes, `refused/<case>/` has what is said of it.

A case is a raw definition as JSON. `STDBCTL_REWRITE=1 pytest tests/schema/test_definition_cases.py` writes the expected
texts anew; read the diff.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from stdbctl.schema import (
    DefProblem,
    ModuleDef,
    PlanProblem,
    RawModuleDef,
    decode_raw,
    encode_raw_v10,
    raw_from_json,
    subject_text,
    validate,
)

CASES = Path(__file__).parent / "cases"
NOT_IN_JSON = {"schema.key_column_count"}
"""Rules on what raw definitions of version 10 cannot even say; test_definition_rules.py has them."""


def folders(kind: str) -> list[Path]:
    return sorted((CASES / kind).iterdir())


def definition(folder: Path) -> RawModuleDef:
    return raw_from_json(json.loads((folder / "definition.json").read_text(encoding="utf-8")))


def problem_text(problem: DefProblem) -> str:
    lines = [f"{problem.code} {subject_text(problem.subject)}", problem.what]
    lines += [f"why: {problem.why}"] if problem.why else []
    return "\n".join([*lines, f"fix: {problem.fix}"])


@pytest.mark.parametrize("folder", folders("accepted"), ids=lambda folder: folder.name)
def test_accepted_definition_passes(folder: Path) -> None:
    found = validate(definition(folder))
    assert isinstance(found, ModuleDef), found


@pytest.mark.parametrize("folder", folders("refused"), ids=lambda folder: folder.name)
def test_refused_definition_is_explained(folder: Path) -> None:
    found = validate(definition(folder))
    assert isinstance(found, tuple), "nothing was found"
    text = "\n\n".join(map(problem_text, found)) + "\n"
    expected = folder / "expected.txt"
    if os.environ.get("STDBCTL_REWRITE"):
        expected.write_text(text, encoding="utf-8")
    assert text == expected.read_text(encoding="utf-8")


@pytest.mark.parametrize("folder", [*folders("accepted"), *folders("refused")], ids=lambda folder: folder.name)
def test_definition_survives_bsatn(folder: Path) -> None:
    raw = definition(folder)
    assert decode_raw(encode_raw_v10(raw)) == raw


def test_every_rule_has_a_folder() -> None:
    texts = [(folder / "expected.txt").read_text(encoding="utf-8") for folder in folders("refused")]
    assert {rule.code for rule in rules(DefProblem)} == {text.split()[0] for text in texts} | NOT_IN_JSON


def rules(base: type[DefProblem]) -> Iterator[type[DefProblem]]:
    for rule in base.__subclasses__():
        if rule is not PlanProblem:
            yield rule
            yield from rules(rule)
