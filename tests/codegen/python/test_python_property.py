"""Whatever a sound module declares becomes Python that can be imported and says the same on the wire."""

import ast
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stdbctl.codegen import generate_python
from stdbctl.sats import ProductElement, ProductType
from stdbctl.schema import ModuleDef, ParamDef, TableDef, ViewDef
from tests.codegen.python.definitions import CASES, load, random_module
from tests.codegen.python.importing import imported

SEEDS = st.integers(0, 2**32 - 1)


def params_of(params: tuple[ParamDef, ...]) -> ProductType:
    """Parameters as they travel."""
    return ProductType(tuple(ProductElement(param.name, param.type) for param in params))


def assert_says_the_same(package: Any, module: ModuleDef) -> None:
    """The package's description of the module is the module's own; every name stands for exactly one thing."""
    remote = package.remote.MODULE
    assert remote.types == module.typespace
    tables = {table.name: table for table in remote.tables}
    relations: list[TableDef | ViewDef] = [*module.tables, *module.views]
    for item in relations:
        table = tables.pop(item.name)
        assert table.row == module.typespace.types[item.row_type.index]
        columns = [field.name for field in fields(table.row_class)]
        assert len(set(columns)) == len(item.columns)
        assert table.primary_key == (None if item.primary_key is None else columns[item.primary_key])
        assert hasattr(package.tables, table.accessor)
    assert not tables
    assert {(r.name, r.params) for r in remote.reducers} == {(r.name, params_of(r.params)) for r in module.reducers}
    assert {(p.name, p.params, p.returns) for p in remote.procedures} == {
        (p.name, params_of(p.params), p.return_type) for p in module.procedures
    }
    for functions, base in ((remote.reducers, package.Reducers), (remote.procedures, package.Procedures)):
        assert len({function.accessor for function in functions}) == len(functions)
        assert all(hasattr(base, function.accessor) for function in functions)
    assert len(set(package.__all__)) == len(package.__all__)
    assert all(hasattr(package, name) for name in package.__all__)


@settings(max_examples=60, deadline=None)
@given(SEEDS)
def test_random_modules_become_packages_that_say_the_same(seed: int) -> None:
    module = random_module(seed)
    with imported(generate_python(module)) as package:
        assert_says_the_same(package, module)


@settings(max_examples=30, deadline=None)
@given(SEEDS)
def test_random_modules_give_the_same_texts_again(seed: int) -> None:
    assert generate_python(random_module(seed)) == generate_python(random_module(seed))


@pytest.mark.parametrize("name", ["empty", "every_type", "names", "python_names", "whiteboard"])
def test_packages_of_the_cases_say_what_their_modules_say(name: str) -> None:
    (case,) = (case for case in CASES if case.name == name)
    module, options = load(case)
    with imported(generate_python(module, options)) as package:
        if module.submodules:
            assert package.remote.MODULE.types.types[: len(module.typespace.types)] == module.typespace.types
        else:
            assert_says_the_same(package, module)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_generated_files_import_nothing_but_the_client(case: Path) -> None:
    known = {"__future__", "collections", "dataclasses", "enum", "typing", "stdbctl"}
    for text in generate_python(*load(case)).values():
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Import):
                raise AssertionError(f"line {node.lineno} imports a whole module")
            if isinstance(node, ast.ImportFrom) and node.level == 0:
                assert (node.module or "").partition(".")[0] in known
                assert not (node.module or "").startswith("stdbctl.") or node.module == "stdbctl.client"
