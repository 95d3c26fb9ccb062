"""Types and values nested deep: what is taken, what is refused, and that nothing breaks."""

from pathlib import Path

import pytest

from stdbctl.engine import BadArguments
from stdbctl.module import load_package
from stdbctl.records import DONE, OutcomeKind

from .running import Running, program_of, write_module

MODULE = '''
from dataclasses import dataclass
from typing import Annotated

from stdbctl.module import Option, PrimaryKey, ReducerContext, Result, Some, Ok, Variant, reducer, table, u8, u32, union


@dataclass
class Chain:
    """Contains itself behind everything that can stand between."""

    links: "Option[Option[Result[list[list[list[Link]]], u8]]]"


class End(Variant[None]): ...


class More(Variant["list[Option[Chain]]"]): ...


Link = Annotated[End | More, union("Link")]


@dataclass
class Tree:
    children: "list[Tree]"


@table()
class Held:
    n: PrimaryKey[u32]
    chain: Chain
    tree: Tree


def chain(levels: int) -> Chain:
    made = Chain(None)
    for _ in range(levels):
        made = Chain(Some(Some(Ok([[[More([Some(made)])]]]))))
    return made


def tree(levels: int) -> Tree:
    made = Tree([])
    for _ in range(levels):
        made = Tree([made])
    return made


@reducer
def make(ctx: ReducerContext, n: u32, levels: u32, branches: u32) -> None:
    row = ctx.db[Held].insert(Held(n=n, chain=chain(levels), tree=tree(branches)))
    again = ctx.db[Held].find(n=n)
    # Python compares nested values by recursion of its own, so not the whole at once.
    print(again is not None and depth(again.tree), depth(row.tree))


def depth(tree: Tree) -> int:
    levels = 0
    while tree.children:
        tree = tree.children[0]
        levels += 1
    return levels


@reducer
def take(ctx: ReducerContext, n: u32, chain: Chain, tree: Tree) -> None:
    ctx.db[Held].insert(Held(n=n, chain=chain, tree=tree))
    print(depth(tree))
'''


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Running:
    return Running(program_of(tmp_path_factory.mktemp("deep"), MODULE))


def tree_json(levels: int) -> object:
    made: object = {"children": []}
    for _ in range(levels):
        made = {"children": [made]}
    return made


def test_128_levels_go_in_and_out_by_whatever_types(running: Running) -> None:
    # A chain is two names a level, Chain and Link; the outermost Chain is the first.
    assert running.call("make", 1, 63, 127) == DONE, running.lines
    assert running.lines[-1] == "127 127"


@pytest.mark.parametrize(("levels", "branches"), [(64, 0), (0, 128), (0, 5_000)])
def test_deeper_values_are_refused_by_insert(running: Running, levels: int, branches: int) -> None:
    outcome = running.call("make", 2, levels, branches)
    assert outcome.kind is OutcomeKind.REFUSED, running.lines
    assert "at most 128 nested levels" in outcome.text
    assert running.rows("held")[1:] == []


def test_deeper_arguments_are_refused_before_the_call(running: Running) -> None:
    assert running.call("take", 3, {"links": {"none": []}}, tree_json(60)) == DONE, running.lines
    with pytest.raises(BadArguments, match="recursion limit exceeded"):
        running.call("take", 4, {"links": {"none": []}}, tree_json(200))


@pytest.mark.parametrize("levels", [1, 12, 100])
def test_annotation_may_nest_lists_and_options(tmp_path: Path, levels: int) -> None:
    type_, value = "u8 | None", "7"
    for level in range(levels):
        type_, value = (f"list[{type_}]", f"[{value}]") if level % 3 else (f"Option[{type_}]", f"Some({value})")
    source = f"""
from stdbctl.module import *
from stdbctl.module import Option, PrimaryKey, ReducerContext, Some, reducer, table, u8, u32

@table()
class Nest:
    n: PrimaryKey[u32]
    value: {type_}

@reducer
def make(ctx: ReducerContext) -> None:
    ctx.db[Nest].insert(Nest(n=1, value={value}))
    found = ctx.db[Nest].find(n=1)
    print(found is not None and found.value == {value})
"""
    running = Running(program_of(tmp_path, source))
    assert running.call("make") == DONE, running.lines
    assert running.lines[-1] == "True"


@pytest.mark.parametrize("levels", [140, 900])
def test_annotation_without_end_is_a_problem(tmp_path: Path, levels: int) -> None:
    source = f"""
from stdbctl.module import table, u8

Deep = u8 | None
for _ in range({levels}):
    Deep = list[Deep]

@table()
class Nest:
    value: Deep
"""
    module = write_module(tmp_path, source)
    problems = load_package(module, tmp_path)
    assert isinstance(problems, tuple)
    assert [problem.code for problem in problems] == ["module.unsupported_type"]
    assert "more than 128 levels deep" in str(problems[0].why)


@pytest.mark.parametrize(
    ("count", "maybe", "is_taken"), [(60, " | None", True), (70, " | None", False), (125, "", True)]
)
def test_classes_may_stand_in_each_other(tmp_path: Path, count: int, maybe: str, is_taken: bool) -> None:
    classes = "".join(f"@dataclass\nclass C{i}:\n    inner: 'C{i + 1}{maybe}'\n" for i in range(count))
    source = f"""
from dataclasses import dataclass
from stdbctl.module import ReducerContext, reducer, u8

{classes}
C{count} = u8

@reducer
def take(ctx: ReducerContext, value: C0) -> None:
    print(value)
"""
    found = load_package(write_module(tmp_path, source), tmp_path)
    if is_taken:
        value: object = {"some": {"inner": {"none": []}}} if maybe else 7
        for _ in range(count - 1 if not maybe else 0):
            value = {"inner": value}
        running = Running(program_of(tmp_path, source))
        assert running.call("take", {"inner": value}) == DONE, running.lines
        assert running.lines[-1].startswith("C0(inner=C1(inner=")
    else:
        assert isinstance(found, tuple)
        assert {problem.code for problem in found} == {"module.unsupported_type"}
