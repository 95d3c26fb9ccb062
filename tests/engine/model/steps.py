"""Steps of a transaction: what the module is asked to do, what the model answers, and chance."""

import json
import random
from typing import Any, NamedTuple

from .declared import Columns, Declared
from .reference import Broken, Chosen, Range, Reference, Row, TableModel

RANGES = ("at_least", "above", "at_most", "below", "between")


class Step(NamedTuple):
    """`kind` is a case of the module's `done`; `given` as the model takes it. `is_caught`: its exception is swallowed.

    `by`: the columns of the index through which rows are chosen.
    """

    kind: str
    table: str
    given: tuple[Any, ...] = ()
    is_caught: bool = True
    by: Columns = ()


# --- what the model answers


def answers_of(reference: Reference, steps: list[Step]) -> tuple[list[Any], Step | None]:
    """Carry out the steps; the answers as JSON, and the step that ended the call, if one did."""
    answers: list[Any] = []
    for step in steps:
        try:
            answers.append(_answer(reference, step))
        except Broken as error:
            answers.append(str(error))
            if not step.is_caught:
                return answers, step
    return answers, None


def _answer(reference: Reference, step: Step) -> Any:
    if step.kind == "raise":
        raise Broken("Refused" if step.table == "refusal" else "ZeroDivisionError")
    table, given = reference.tables[step.table], step.given
    json_of = table.declared.json
    match step.kind:
        case "insert":
            return json_of(table.insert(*given))
        case "update":
            return json_of(table.update(*given))
        case "delete":
            return table.delete(*given)
        case "invalid":
            raise Broken("InvalidValue")
        case "delete_by":
            return table.delete_all(table.filter(given[0], step.by))
        case "find":
            row = table.find(*given)
            return None if row is None else json_of(row)
        case "filter":
            return [json_of(row) for row in table.filter(given[0], step.by)]
        case "scan":
            return [json_of(row) for row in table.scan()]
        case "count":
            return len(table.rows)
        case "set_all":
            return _set_all(table, *given)
        case "flip":
            return _flip(table, *given)
        case "renew":
            return _renew(table)
        case "delete_each":
            return table.delete_all(table.scan())
        case "churn":
            return _churn(table, *given)
        case _:
            assert step.kind == "double"
            return sum(table.insert(row) is not None for row in table.filter(given[0], step.by))


def _set_all(table: TableModel, name: str, value: Any) -> int:
    """What was changed before a clash stays: only the author's exception handler ran, not a rollback."""
    place = table.declared.place(name)
    rows = table.scan()
    for row in rows:
        table.update((*row[:place], value, *row[place + 1 :]))
    return len(rows)


def _flip(table: TableModel, name: str, value: Any) -> None:
    """There and back: what cancels is no change, unless a clash comes in between."""
    place = table.declared.place(name)
    for row in table.scan():
        table.update((*row[:place], value, *row[place + 1 :]))
        table.update(row)


def _renew(table: TableModel) -> None:
    for row in table.scan():
        table.delete(row)
        table.insert(row)


def _churn(table: TableModel, row: Row, count: int) -> None:
    for _ in range(count):
        table.delete(table.insert(row))


# --- what the module reads


def text_of(steps: list[Step], reference: Reference) -> str:
    """The argument of the module's reducer."""
    return json.dumps([_json(step, reference) for step in steps])


def _json(step: Step, reference: Reference) -> list[Any]:
    head = [step.is_caught, step.kind, step.table]
    if step.kind == "raise":
        return head
    declared, given = reference.tables[step.table].declared, step.given
    match step.kind:
        case "insert" | "update" | "delete":
            return [*head, declared.json(given[0])]
        case "invalid":
            return [*head, declared.json(given[0]), *given[1:]]
        case "churn":
            return [*head, declared.json(given[0]), given[1]]
        case "set_all" | "flip":
            name, value = given
            return [*head, name, declared.columns[declared.place(name)].kind.json(value)]
        case "delete_by" | "find" | "filter" | "double":
            return [*head, [[name, _json_value(declared, name, value)] for name, value in given[0]]]
        case _:
            return head


def _json_value(declared: Declared, name: str, value: Any) -> Any:
    json_of = declared.columns[declared.place(name)].kind.json
    if not isinstance(value, Range):
        return json_of(value)
    ends = [json_of(end) for end in value.ends]
    return {value.name: ends if value.name == "between" else ends[0]}


# --- chance


def random_steps(rng: random.Random, reference: Reference) -> list[Step]:
    """A transaction of some steps; now and then one that ends in an exception, at any point."""
    steps = [random_step(rng, reference) for _ in range(rng.choice((1, 1, 2, 3, 5, 8, 13)))]
    if rng.random() < 0.25:
        error = Step("raise", rng.choice(("refusal", "bug")), is_caught=rng.random() < 0.4)
        steps.insert(rng.randrange(len(steps) + 1), error)
    return steps


def random_step(rng: random.Random, reference: Reference) -> Step:
    """Any step on any table; its exception ends the call now and then."""
    table = rng.choice(list(reference.tables.values()))
    kinds = ["insert"] * 12 + ["delete"] * 3 + ["delete_by"] * 2 + ["scan", "count", "delete_each", "invalid", "renew"]
    kinds += ["churn"] * 2 if table.numbers else []
    kinds += ["update"] * 6 + ["set_all", "set_all", "flip"] if table.declared.key else []
    kinds += ["find"] * 2 if table.declared.constraints else []
    kinds += ["filter"] * 3 + ["double"] if choices(table.declared) else ["scan"]
    kind = rng.choice(kinds)
    return _made(rng, table, kind)._replace(is_caught=rng.random() < 0.9)


def look(rng: random.Random, reference: Reference) -> list[Step]:
    """Read every table whole, and by each of its indexes and constraints."""
    steps: list[Step] = []
    for table in reference.tables.values():
        name = table.declared.name
        steps += [Step("scan", name), Step("count", name)]
        steps += [Step("find", name, (_exact(rng, table, columns),)) for columns in table.declared.constraints]
        steps += [
            Step("filter", name, (chosen(rng, table, *choice),), by=choice[1]) for choice in choices(table.declared)
        ]
    return steps


def _made(rng: random.Random, table: TableModel, kind: str) -> Step:
    name = table.declared.name
    match kind:
        case "insert" | "update" | "delete":
            return Step(kind, name, (some_row(rng, table),))
        case "invalid":
            column = rng.choice(table.declared.columns).name
            write = rng.choice(("insert", "update")) if table.declared.key else "insert"
            return Step(kind, name, (some_row(rng, table), column, write))
        case "find":
            return Step(kind, name, (_exact(rng, table, rng.choice(table.declared.constraints)),))
        case "churn":
            return Step(kind, name, (_unnumbered(table, some_row(rng, table)), rng.choice((2, 60, 300))))
        case "set_all" | "flip":
            chosen_column = rng.choice(table.declared.columns)
            return Step(kind, name, (chosen_column.name, chosen_column.kind.pick(rng)))
        case "scan" | "count" | "delete_each" | "renew":
            return Step(kind, name)
    options = choices(table.declared)
    if not options:
        return Step("delete_each", name)
    choice = rng.choice(options)
    return Step(kind, name, (chosen(rng, table, *choice),), by=choice[1])


def some_row(rng: random.Random, table: TableModel) -> Row:
    """A new row, or one that is there, in whole or in part."""
    row = tuple([column.kind.pick(rng) for column in table.declared.columns])
    if not table.rows or rng.random() < 0.4:
        return row
    known = rng.choice(table.rows)
    keep = rng.choice((0.5, 0.8, 1.0))
    return tuple([old if rng.random() < keep else new for old, new in zip(known, row, strict=True)])


def _unnumbered(table: TableModel, row: Row) -> Row:
    """The row as one that asks for its numbers, so that many of it lead round the range."""
    return tuple([0 if c.is_auto else value for c, value in zip(table.declared.columns, row, strict=True)])


def choices(declared: Declared) -> list[tuple[Columns, Columns, bool]]:
    """(columns, index, whether a range may end them) for each beginning of an index that only it serves best."""
    ways = [(index[:size], index, True) for index in declared.ordered for size in range(1, len(index) + 1)]
    ways += [(index, index, False) for index in declared.hashes]
    return [way for way in ways if not any(_rivals(way, other) for other in ways)]


def _rivals(way: tuple[Columns, Columns, bool], other: tuple[Columns, Columns, bool]) -> bool:
    """Whether the other index might be taken instead, so that the order of rows is not told."""
    return way[1] != other[1] and set(way[0]) == set(other[0]) and len(other[1]) <= len(way[1])


def chosen(rng: random.Random, table: TableModel, columns: Columns, index: Columns, may_range: bool) -> Chosen:
    """Values for some columns, the last maybe a range."""
    picked = list(_exact(rng, table, columns))
    if may_range and rng.random() < 0.6:
        name = columns[-1]
        kind = table.declared.columns[table.declared.place(name)].kind
        range_name = rng.choice(RANGES)
        ends = [kind.pick(rng) for _ in range(2 if range_name == "between" else 1)]
        picked[-1] = name, Range(range_name, tuple(ends))
    return tuple(picked)


def _exact(rng: random.Random, table: TableModel, columns: Columns) -> Chosen:
    row = some_row(rng, table)
    return tuple((name, row[table.declared.place(name)]) for name in columns)
