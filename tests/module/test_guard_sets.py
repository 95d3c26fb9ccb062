"""Sets of a module behave as Python's in everything but their order, which is that of addition."""

import copy
import json
import textwrap
from collections.abc import MutableSet
from collections.abc import Set as AbstractSet
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stdbctl.module import load_package
from stdbctl.module.ordered_sets import OrderedFrozenSet, OrderedSet
from stdbctl.records import DONE

from .running import Running, program_of, write_module

members = st.lists(st.one_of(st.integers(-3, 9), st.text("ab", max_size=2), st.none()), max_size=8)
OPERATIONS = ("__or__", "__and__", "__sub__", "__xor__", "__ior__", "__iand__", "__isub__", "__ixor__")
METHODS = (
    *("union", "intersection", "difference", "symmetric_difference", "update", "intersection_update"),
    *("difference_update", "symmetric_difference_update", "issubset", "issuperset", "isdisjoint"),
)


@pytest.mark.parametrize("name", OPERATIONS)
@settings(deadline=None)
@given(left=members, right=members, kind=st.sampled_from([set, frozenset, OrderedSet, OrderedFrozenSet]))
def test_operators_give_the_members_that_python_gives(
    name: str, left: list[object], right: list[object], kind: type
) -> None:
    for own, plain in ((OrderedSet, set), (OrderedFrozenSet, frozenset)):
        if not hasattr(plain, name):
            continue
        mine, python = own(left), plain(left)
        given_result, expected = getattr(mine, name)(kind(right)), getattr(python, name)(set(right))
        assert given_result == expected
        assert mine == python
        assert type(given_result) is own
        assert len(given_result) == len(list(given_result)) == len(set(given_result))


@pytest.mark.parametrize("name", METHODS)
@settings(deadline=None)
@given(left=members, right=members)
def test_methods_do_what_those_of_python_do(name: str, left: list[object], right: list[object]) -> None:
    for own, plain in ((OrderedSet, set), (OrderedFrozenSet, frozenset)):
        if not hasattr(plain, name):
            continue
        mine, python = own(left), plain(left)
        assert getattr(mine, name)(right) == getattr(python, name)(right)
        assert mine == python
        assert sorted(map(str, mine)) == sorted(map(str, python))


@settings(deadline=None)
@given(steps=st.lists(st.tuples(st.sampled_from(["add", "discard", "remove", "pop", "clear"]), st.integers(0, 5))))
def test_changes_keep_the_order_of_addition(steps: list[tuple[str, int]]) -> None:
    mine, order = OrderedSet(), list[int]()
    for step, member in steps:
        if step == "add":
            mine.add(member)
            order += [] if member in order else [member]
        elif step == "clear":
            mine.clear()
            order.clear()
        elif step == "pop" and order:
            assert mine.pop() == order.pop()
        elif step != "pop" and (member in order or step == "discard"):
            getattr(mine, step)(member)
            order = [one for one in order if one != member]
        assert list(mine) == order
        assert mine == set(order)


def test_nothing_that_is_missing_can_be_removed() -> None:
    for act in (lambda: OrderedSet([1]).remove(2), lambda: OrderedSet().pop()):
        with pytest.raises(KeyError):
            act()


def test_they_pass_for_sets_of_python() -> None:
    mine, frozen = OrderedSet([3, 1, 2]), OrderedFrozenSet([3, 1, 2])
    assert isinstance(mine, set | MutableSet)
    assert isinstance(frozen, frozenset | AbstractSet)
    assert (repr(mine), repr(frozen), repr(OrderedSet()), repr(OrderedFrozenSet())) == (
        *("{3, 1, 2}", "frozenset({3, 1, 2})", "set()", "frozenset()"),
    )
    assert hash(frozen) == hash(frozenset([1, 2, 3]))
    assert {frozen: 1}[frozenset([1, 2, 3])] == 1  # type: ignore[index]  # equal, so it is found
    assert mine in [{1, 2, 3}]
    assert {1, 2} < mine
    for again in (copy.copy(mine), copy.deepcopy(mine), mine.copy()):
        assert list(again) == [3, 1, 2]
        again.add(4)
        assert 4 not in mine
    assert (type({1} | mine), type({1} & mine)) == (OrderedSet, OrderedSet)


def test_a_module_cannot_tell_them_from_its_own(tmp_path: Path) -> None:
    source = """
    from dataclasses import dataclass, field
    from stdbctl.module import ReducerContext, reducer

    @dataclass
    class Bag:
        names: set[str] = field(default_factory=set)

    class Special(set[str]):
        def shout(self) -> str:
            return "".join(self).upper()

    @reducer
    def look(ctx: ReducerContext, foreign: list[str]) -> None:
        mine = {"z", *foreign, "a"}
        assert type(mine) is set and isinstance(mine, set) and not isinstance([], set)
        assert type(frozenset()) is frozenset and issubclass(Special, set) and not issubclass(set, Special)
        assert [f"{x}{y}" for x in {y for y in "ba"} for y in {"d", "c"}] == ["bd", "bc", "ad", "ac"]
        bag = Bag()
        bag.names.add("y")
        bag.names |= mine
        assert list(bag.names) == ["y", "z", *foreign, "a"]
        assert Special(["b", "a"]).shout() == "BA" and isinstance(Special(), Special) and isinstance(Special(), set)
        assert [*mine][:1] == ["z"] and sorted(mine)[0] == "a" and max(mine) == "z" and "a" in {"a", "b"}
        match mine:
            case set():
                print(mine)
    """
    running = Running(program_of(tmp_path, source))
    assert running.call("look", ["n"]) == DONE, running.lines
    assert running.lines[-1] == "{'z', 'n', 'a'}"


def test_an_error_inside_of_a_rewritten_set_stands_at_its_line(tmp_path: Path) -> None:
    source = textwrap.dedent(
        """
        A = 1
        B = {
            1,
            2 / 0,
        }
        """
    )
    loaded = load_package(write_module(tmp_path, source), tmp_path)
    assert isinstance(loaded, tuple)
    assert loaded[0].place is not None
    assert loaded[0].place.line == 5
    assert json.dumps(loaded[0].what).endswith('division by zero"')
