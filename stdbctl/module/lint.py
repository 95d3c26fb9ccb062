"""Warnings before anything runs: what reducers reach that is refused in a call, or comes out in another order.

Judged are the functions that reducers reach (`lint_reach.py`), by the values that their names have after the import.
What cannot be seen, such as a method of an object of unknown class, is left to the guard at run time.
"""

import ast
from collections.abc import Iterator

from stdbctl.errors import Problem, Problems
from stdbctl.module.guard_classes import RULE, Guarded
from stdbctl.module.guard_faces import GuardedValue
from stdbctl.module.guard_problems import AddressOrHash, RefusedInCall, UnorderedLoop
from stdbctl.module.lint_reach import UNKNOWN, Reached, reached_functions
from stdbctl.module.lint_sets import SetReader
from stdbctl.module.load import Loaded
from stdbctl.module.unimported import unimported

_ORDER = "in a plain Python process, as in your own tests, it comes out differently from run to run"
_NUMBERS = {
    "id": ("each time: it is an address in memory", "compare the objects, or give them numbers of your own"),
    "hash": ("in every process", "use a key of your own, or a checksum such as `zlib.crc32(text.encode())`"),
}
_COLLECTING = frozenset({"add", "discard", "remove", "get", "setdefault", "pop", "append"})


def lint(loaded: Loaded) -> tuple[Problem, ...]:
    """Every warning of a module, sorted by place, each once."""
    found: dict[object, Problem] = {problem.place: problem for problem in unimported(loaded)}
    for function in reached_functions(loaded):
        for problem in (*_refused(function), *_loops(function), *_numbers(function)):
            found.setdefault((problem.place, problem.code), problem)
    return Problems(found.values()).problems if found else ()


def _refused(function: Reached) -> Iterator[Problem]:
    called = {node.func for node in function.nodes if isinstance(node, ast.Call)}
    for node in function.nodes:
        if isinstance(node, ast.Call):
            guarded = _guarded(function, node.func)
            if guarded is not None and not _may_be_spared(guarded, node):
                yield RefusedInCall.of_rule(*guarded, function.file.place(node))
        elif isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load) and node not in called:
            guarded = _guarded(function, node)
            # Handed on, as in `key=random.random`; a class is named for many reasons.
            if guarded is not None and guarded[1].spared_by is None and not isinstance(function.value(node), type):
                yield RefusedInCall.of_rule(*guarded, function.file.place(node))


def _guarded(function: Reached, node: ast.expr) -> Guarded | None:
    value = function.value(node)
    if value is UNKNOWN:
        return None
    if isinstance(value, GuardedValue):
        guarded: Guarded = vars(value)[RULE]
        return guarded
    return getattr(value, RULE, None) if callable(value) else None


def _may_be_spared(guarded: Guarded, call: ast.Call) -> bool:
    """Whether the arguments, as written, can make the call harmless."""
    if guarded[1].spared_by is None:
        return False
    position, name = guarded[1].spared_by
    if any(isinstance(argument, ast.Starred) for argument in call.args) or any(k.arg is None for k in call.keywords):
        return True
    given = [k.value for k in call.keywords if k.arg == name] + call.args[position : position + 1]
    return any(not (isinstance(value, ast.Constant) and value.value is None) for value in given)


def _loops(function: Reached) -> Iterator[Problem]:
    if not any(isinstance(node, ast.For | ast.comprehension | ast.Call | ast.Starred) for node in function.nodes):
        return
    for site in SetReader(function).sites():
        yield UnorderedLoop(what=site.what, why=_ORDER, place=function.file.place(site.node))


def _numbers(function: Reached) -> Iterator[Problem]:
    if getattr(function.node, "name", "") == "__hash__":
        return
    harmless = {id(child) for node in function.nodes for child in _compared(node)}
    calls = {id(node.func): node for node in function.nodes if isinstance(node, ast.Call)}
    for node in function.nodes:
        if isinstance(node, ast.Name) and node.id in _NUMBERS and isinstance(node.ctx, ast.Load):
            whole = calls.get(id(node), node)  # called, or handed on, as in `key=id`
            is_builtin = function.value(node) is function.version.builtins[node.id]
            if is_builtin and id(whole) not in harmless:
                where, fix = _NUMBERS[node.id]
                yield AddressOrHash(name=node.id, where=where, fix=fix, place=function.file.place(whole))


def _compared(node: ast.AST) -> Iterator[ast.AST]:
    """Expressions of which only the sameness counts: compared, looked up, or kept to be looked up."""
    match node:
        case ast.Compare(ops=[ast.Eq() | ast.NotEq() | ast.In() | ast.NotIn() | ast.Is() | ast.IsNot()]):
            yield from (node.left, *node.comparators)
        case ast.Subscript(slice=key):
            yield key
        case ast.Call(func=ast.Attribute(attr=name), args=[first, *_]) if name in _COLLECTING:
            yield first
