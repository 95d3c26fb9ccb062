"""From declarations to a raw definition: all tables, types and reducers of one import, and every problem of them."""

import ast
import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from stdbctl.errors import Place, Problem
from stdbctl.module.convert import Converters
from stdbctl.module.declare import Declaration
from stdbctl.module.functions import ReducerSpec, read_reducer
from stdbctl.module.places import PlaceBook
from stdbctl.module.problems import BadSchedule, DuplicateName, ModuleProblem
from stdbctl.module.resolve import TypeBook
from stdbctl.module.scope import Scope
from stdbctl.module.shapes import EnumShape, RecordShape, UnionShape
from stdbctl.module.tables import TableChecker, TableSpec, read_table
from stdbctl.module.version import Version
from stdbctl.sats import SCHEDULE_AT, Ref
from stdbctl.schema import (
    ExplicitName,
    NameKind,
    RawLifecycleDef,
    RawModuleDef,
    RawReducerDef,
    RawScheduleDef,
    RawTableDef,
    RawTypeDef,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """Everything that one import declared. `raw` is whole only when there are no problems."""

    raw: RawModuleDef
    tables: tuple[TableSpec, ...]
    reducers: tuple[ReducerSpec, ...]
    converters: Converters
    places: PlaceBook
    problems: tuple[Problem, ...]


class Reader:
    """Reads the declarations of one version, in order."""

    def __init__(self, version: Version, declarations: Sequence[Declaration]) -> None:
        self.version, self.declarations = version, declarations
        self.places = PlaceBook(version)
        self.book = TypeBook(functools.cache(lambda module: Scope.of(version, module)))
        self.converters = Converters(self.book.definitions)
        self.problems: list[Problem] = []

    def read(self) -> Draft:
        """Read everything; never raises for what the author wrote."""
        tables = self._tables()
        reducers = self._reducers()
        self._refuse_twins("table", [(t.source_name, t.place) for t in tables])
        self._refuse_twins("reducer", [(r.source_name, r.place) for r in reducers])
        checkers = [TableChecker(table, self.book, self.places, self.problems.append) for table in tables]
        classes: set[type[Any]] = set()
        for checker in checkers:
            checker.check(with_columns=checker.spec.cls not in classes)
            classes.add(checker.spec.cls)
        schedules = self._schedules(tables, reducers)
        for found in self.book.problems:
            place = self.places.field(found.cls, found.field) if found.field else self.places.name(found.cls)
            self.problems.append(found.problem.at(place))
        raw_tables = self._raw_tables(checkers)
        raw_reducers = () if self.problems else tuple(r.raw() for r in reducers)
        self._note_places(tables, reducers)
        return Draft(
            raw=self._raw(raw_tables, raw_reducers, schedules, tables, reducers),
            tables=tuple(tables),
            reducers=tuple(reducers),
            converters=self.converters,
            places=self.places,
            problems=tuple(self.problems),
        )

    def _tables(self) -> list[TableSpec]:
        read = (
            read_table(d, self.book, self.places, self.problems.append) for d in self.declarations if d.kind == "table"
        )
        return [spec for spec in read if spec is not None]

    def _reducers(self) -> list[ReducerSpec]:
        read = (
            read_reducer(d, self.book, self.places, self.problems.append)
            for d in self.declarations
            if d.kind == "reducer"
        )
        return [spec for spec in read if spec is not None]

    def _refuse_twins(self, kind: str, named: list[tuple[str, Place | None]]) -> None:
        first: dict[str, Place | None] = {}
        for name, place in named:
            if name in first:
                self.problems.append(DuplicateName(kind=kind, name=name, first=first[name] or "?", place=place))
            first.setdefault(name, place)

    def _raw_tables(self, checkers: list[TableChecker]) -> tuple[RawTableDef, ...]:
        defaults = [checker.defaults(self.converters) if checker.spec.ref is not None else () for checker in checkers]
        if self.problems:
            return ()
        return tuple(checker.raw(found) for checker, found in zip(checkers, defaults, strict=True))

    def _schedules(self, tables: list[TableSpec], reducers: list[ReducerSpec]) -> tuple[RawScheduleDef, ...]:
        by_key = {table.key: table for table in tables}
        found = []
        for reducer in reducers:
            if reducer.options.schedule is not None:
                table = by_key.get(reducer.options.schedule)
                schedule = self._schedule(reducer, table)
                if isinstance(schedule, ModuleProblem):
                    declaration = reducer.declaration
                    self.problems.append(
                        schedule.at(self.places.option(declaration.file, declaration.line, "schedule"))
                    )
                else:
                    found.append(schedule)
        return tuple(found)

    def _schedule(self, reducer: ReducerSpec, table: TableSpec | None) -> RawScheduleDef | BadSchedule:
        name = reducer.source_name
        if table is None:
            return BadSchedule(
                what=f"`schedule=` of `{name}` names no table of this module",
                why="the rows of a table say when the reducer is to run",
                fix="name a class with `@table`",
            )
        due = [c for c in table.columns if c.shape is not None and c.shape.type == SCHEDULE_AT]
        if len(due) != 1:
            return BadSchedule(
                what=f"`{table.source_name}` has {len(due) or 'no'} columns of type `ScheduleAt`",
                why="one column says when a row is due",
                fix="give it one: `scheduled_at: ScheduleAt`",
            )
        shapes = [shape for _, shape in reducer.params]
        if len(shapes) != 1 or (
            shapes[0] is not None and shapes[0].type != Ref(table.ref if table.ref is not None else -1)
        ):
            return BadSchedule(
                what=f"`{name}` does not take a row of `{table.source_name}`",
                why="it is called with the row that is due, and nothing else",
                fix=f"write `def {name}(ctx: ReducerContext, row: {table.cls.__name__}) -> None`",
            )
        return RawScheduleDef(table_name=table.source_name, schedule_at_col=due[0].position, function_name=name)

    def _raw(
        self,
        tables: tuple[RawTableDef, ...],
        reducers: tuple[RawReducerDef, ...],
        schedules: tuple[RawScheduleDef, ...],
        table_specs: list[TableSpec],
        reducer_specs: list[ReducerSpec],
    ) -> RawModuleDef:
        return RawModuleDef(
            typespace=self.book.typespace(),
            types=tuple(RawTypeDef(source_name=name, type=Ref(i)) for i, name in enumerate(self.book.names)),
            tables=tables,
            reducers=reducers,
            schedules=schedules,
            lifecycle_reducers=tuple(
                RawLifecycleDef(lifecycle=r.options.lifecycle, function_name=r.source_name)
                for r in reducer_specs
                if r.options.lifecycle is not None
            ),
            explicit_names=tuple(_explicit_names(table_specs, reducer_specs)),
            docs=self._docs(table_specs, reducer_specs),
        )

    def _docs(self, tables: list[TableSpec], reducers: list[ReducerSpec]) -> dict[str, str]:
        docs: dict[str, str | None] = {}
        root = self.version.file(self.version.root)
        if root is not None and root.tree is not None:
            docs["module"] = ast.get_docstring(root.tree)
        for table in tables:
            docs[f"table.{table.source_name}"] = self.places.docstring(table.cls, table.declaration.line)
            fields = self.places.field_docs(table.cls)
            docs.update((f"table.{table.source_name}.{c.source_name}", fields.get(c.name)) for c in table.columns)
        for reducer in reducers:
            line = None if reducer.declaration.target is not reducer.function else reducer.declaration.line
            docs[f"reducer.{reducer.source_name}"] = self.places.docstring(reducer.function, line)
        for index, definition in self.book.definitions.items():
            if not isinstance(definition, UnionShape):
                docs[f"type.{self.book.names[index]}"] = self.places.docstring(definition.cls)
                fields = self.places.field_docs(definition.cls)
                docs.update((f"type.{self.book.names[index]}.{name}", text) for name, text in fields.items())
        return {path: text for path, text in docs.items() if text}

    def _note_places(self, tables: list[TableSpec], reducers: list[ReducerSpec]) -> None:
        noted: dict[tuple[str, ...], Place | None] = {}
        for index, definition in self.book.definitions.items():
            name = self.book.names[index]
            match definition:
                case RecordShape(cls, fields):
                    noted["type", name] = self.places.name(cls)
                    noted.update((("type", name, "field", f), self.places.field(cls, f, "target")) for f, _ in fields)
                case EnumShape(cls):
                    noted["type", name] = self.places.name(cls)
                    noted.update(
                        (("type", name, "variant", m.name), self.places.field(cls, m.name, "target")) for m in cls
                    )
                case UnionShape(_, variants):
                    noted["type", name] = self.places.name(variants[0][0]) if variants else None
                    noted.update((("type", name, "variant", c.__name__), self.places.name(c)) for c, _ in variants)
        for table in tables:
            noted["table", table.source_name] = table.place
            for column in table.columns:
                place = self.places.field(table.cls, column.name, "target")
                noted["table", table.source_name, "column", column.source_name] = place
        for reducer in reducers:
            noted["reducer", reducer.source_name] = reducer.place
            for name, _ in reducer.params:
                place = self.places.parameter(reducer.function, name, reducer.declaration.line, "name")
                noted["reducer", reducer.source_name, "parameter", name] = place
        self.places.places.update((subject, place) for subject, place in noted.items() if place is not None)


def _explicit_names(tables: list[TableSpec], reducers: list[ReducerSpec]) -> list[ExplicitName]:
    named_tables = [(t.source_name, t.explicit_name) for t in tables]
    named_reducers = [(r.source_name, r.options.name) for r in reducers]
    return [
        ExplicitName(kind=kind, source_name=source, canonical_name=name)
        for kind, named in ((NameKind.TABLE, named_tables), (NameKind.FUNCTION, named_reducers))
        for source, name in named
        if name is not None
    ]
