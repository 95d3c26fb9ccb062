"""From declarations to a checked definition: tables, types and reducers of one import, and every problem of them."""

import functools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from stdbctl.errors import Place, Problem
from stdbctl.module.accesses import CATCHABLE, access_problems
from stdbctl.module.annotations import explain
from stdbctl.module.declare import Declaration
from stdbctl.module.defaults import read_defaults
from stdbctl.module.describe import column_names, docs_of, explicit_names, places_of
from stdbctl.module.functions import ReducerSpec, read_reducer
from stdbctl.module.migrations import BrokenMigration, MigrationSpec, read_migrations
from stdbctl.module.places import PlaceBook
from stdbctl.module.plain_bases import plain_bases
from stdbctl.module.problems import BadSchedule, DuplicateName, ModuleProblem, NotDeclarable
from stdbctl.module.renames import rename_problems, renames_of
from stdbctl.module.resolve import CaseProblem, TypeBook
from stdbctl.module.schedules import read_schedule, second_schedule
from stdbctl.module.scope import Scope
from stdbctl.module.table_rules import TableChecker
from stdbctl.module.tables import TableSpec, raw_table, read_table
from stdbctl.module.version import Version
from stdbctl.sats import Converters, RecordShape, Ref, Typespace
from stdbctl.schema import (
    DefProblem,
    ModuleDef,
    RawLifecycleDef,
    RawModuleDef,
    RawScheduleDef,
    RawTableDef,
    RawTypeDef,
    validate,
)

Spec = TypeVar("Spec", TableSpec, ReducerSpec)
Checked = TypeVar("Checked", TableSpec, ReducerSpec, MigrationSpec)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """Everything that one import declared. `module` is None when there are problems.

    `findings`: accesses to tables that fail in a way that the module may catch; they refuse nothing.
    """

    raw: RawModuleDef
    module: ModuleDef | None
    tables: tuple[TableSpec, ...]
    reducers: tuple[ReducerSpec, ...]
    seeds: tuple[ReducerSpec, ...]
    migrations: tuple[MigrationSpec, ...]
    converters: Converters
    places: PlaceBook
    problems: tuple[Problem, ...]
    findings: tuple[Problem, ...]


class Reader:
    """Reads the declarations of one version, in order."""

    def __init__(self, version: Version, declarations: Sequence[Declaration]) -> None:
        self.declarations = declarations
        self.places = PlaceBook(version)
        self.book = TypeBook(functools.cache(lambda module: Scope.of(version, module)))
        self.converters = Converters(self.book.definitions)
        self.problems: list[Problem] = []
        self._broken: set[Declaration] = set()

    def read(self) -> Draft:
        """Read everything; never raises for what the author wrote."""
        tables = self._specs("table", read_table)
        reducers = self._specs("reducer", read_reducer)
        seeds = self._specs("seed", read_reducer)
        self._check_tables(tables)
        typespace = self.book.typespace()
        defaults = [self._defaults(table, typespace) for table in tables]
        migrations = self._migrations(tables)
        for book in (self.book, *(migration.book for migration in migrations)):
            self._place_type_problems(book)
        self._check_records({table.cls for table in tables})
        schedules = self._schedules(tables, reducers)
        self.places.places.update(places_of(tables, reducers, self.book, self.places))
        sound = self._sound(tables)
        raw_tables = [raw_table(t, found) for t, found in zip(tables, defaults, strict=True) if t in sound]
        raw = self._raw(sound, raw_tables, self._sound(reducers), schedules, self._sound(migrations))
        module = self._validate(raw)
        accesses = self._accesses(tables, (*reducers, *seeds), module)
        self.problems += [problem for problem in accesses if not isinstance(problem, CATCHABLE)]
        findings = [problem for problem in accesses if isinstance(problem, CATCHABLE)]
        if self.problems:
            self.problems += findings
        return Draft(
            raw=raw,
            module=None if self.problems else module,
            tables=tuple(tables),
            reducers=tuple(reducers),
            seeds=tuple(seeds),
            migrations=tuple(migrations),
            converters=self.converters,
            places=self.places,
            problems=tuple(self.problems),
            findings=tuple(findings),
        )

    def _accesses(
        self, tables: Sequence[TableSpec], reducers: Sequence[ReducerSpec], sound: ModuleDef | None
    ) -> list[Problem]:
        return access_problems(
            tables=tables,
            reducers=reducers,
            definition=sound,
            converters=self.converters,
            typespace=self.book.typespace(),
            places=self.places,
            scope_of=self.book.scope_of,
            is_whole=not self.problems,
        )

    def _add(self, declaration: Declaration) -> Callable[[Problem], None]:
        """The function that takes up problems of one declaration, which then stays out of the definition."""

        def add(problem: Problem) -> None:
            self.problems.append(problem)
            self._broken.add(declaration)

        return add

    def _specs(
        self,
        kind: str,
        read: Callable[[Declaration, TypeBook, PlaceBook, Callable[[Problem], None]], Spec | None],
    ) -> list[Spec]:
        specs: list[Spec] = []
        first: dict[str, Place | None] = {}
        for declaration in self.declarations:
            if declaration.kind != kind:
                continue
            add = self._add(declaration)
            spec = read(declaration, self.book, self.places, add)
            if spec is not None:
                specs.append(spec)
                name = spec.source_name
                if name in first:
                    add(_second(kind, name, first[name], spec.place))
                first.setdefault(name, spec.place)
        return specs

    def _check_tables(self, tables: Sequence[TableSpec]) -> None:
        checked = set()
        for table in tables:
            checker = TableChecker(table, self.book, self.places, self._add(table.declaration))
            checker.check(with_columns=table.cls not in checked)
            checked.add(table.cls)
        for table, problem in rename_problems(tables, self.places):
            self._add(table.declaration)(problem)
        self.problems += plain_bases(tables, self.places)

    def _defaults(self, table: TableSpec, typespace: Typespace) -> tuple[tuple[int, bytes], ...]:
        add = self._add(table.declaration)
        return read_defaults(table, self.converters, typespace, self.places, add)

    def _migrations(self, tables: Sequence[TableSpec]) -> list[MigrationSpec]:
        by_key = {table.key: table for table in tables}
        specs = []
        for found in read_migrations(self.declarations, by_key, self.book.scope_of, self.places):
            if isinstance(found, BrokenMigration):
                self._add(found.declaration)(found.problem)
            else:
                specs.append(found)
        return specs

    def _place_type_problems(self, book: TypeBook) -> None:
        for found in book.problems:
            if isinstance(found, CaseProblem):
                self.problems.append(found.problem.at(self.places.union(found.union, found.case)))
                continue
            place = self.places.field(found.cls, found.field) if found.field else self.places.name(found.cls)
            written = self.places.field_annotation(found.cls, found.field) if found.field else None
            scope = book.field_scope(found.cls, found.field) if written and found.field else None
            if scope is None:
                self.problems.append(found.problem.at(place))
            else:
                self.problems += explain(found.problem, written, place, book, scope)

    def _check_records(self, rows: set[type[Any]]) -> None:
        for record in self.book.definitions.values():
            if not isinstance(record, RecordShape) or record.cls in rows:
                continue
            for field, constraint in self.book.constrained_fields(record):
                problem = NotDeclarable(
                    what=f"`{constraint}` on `{field}` of `{record.cls.__name__}`, which is no table",
                    why="keys, indexes and names of columns belong to the columns of tables",
                    fix=f"write the plain type, or put `@table` above `{record.cls.__name__}`",
                    place=self.places.field(record.cls, field),
                )
                self.problems.append(problem)

    def _schedules(self, tables: Sequence[TableSpec], reducers: Sequence[ReducerSpec]) -> list[RawScheduleDef]:
        by_key = {table.key: table for table in tables}
        found: list[RawScheduleDef] = []
        for reducer in reducers:
            schedule = read_schedule(reducer, by_key)
            if isinstance(schedule, RawScheduleDef):
                schedule = second_schedule(schedule, found) or schedule
            if isinstance(schedule, BadSchedule):
                where = self.places.option(reducer.declaration.file, reducer.declaration.line, "schedule")
                schedule.at(where)
                self._add(reducer.declaration)(schedule)
            elif schedule is not None:
                found.append(schedule)
        return found

    def _sound(self, specs: Iterable[Checked]) -> list[Checked]:
        """Those that have no problems and contain no type that has."""
        return [spec for spec in specs if spec.is_whole and spec.declaration not in self._broken]

    def _raw(
        self,
        tables: Sequence[TableSpec],
        raw_tables: Sequence[RawTableDef],
        reducers: Sequence[ReducerSpec],
        schedules: Iterable[RawScheduleDef],
        migrations: Iterable[MigrationSpec],
    ) -> RawModuleDef:
        names = {spec.source_name for spec in tables}, {spec.source_name for spec in reducers}
        return RawModuleDef(
            typespace=self.book.typespace(),
            types=tuple(RawTypeDef(source_name=self.book.names[i], type=Ref(i)) for i in self.book.definitions),
            tables=tuple(raw_tables),
            reducers=tuple(reducer.raw() for reducer in reducers),
            schedules=tuple(s for s in schedules if s.table_name in names[0] and s.function_name in names[1]),
            lifecycle_reducers=tuple(
                RawLifecycleDef(lifecycle=r.options.lifecycle, function_name=r.source_name)
                for r in reducers
                if r.options.lifecycle is not None
            ),
            explicit_names=explicit_names(tables, reducers),
            column_names=column_names(tables),
            renames=renames_of(tables),
            migrations=tuple(m.raw() for m in migrations if m.table.source_name in names[0]),
            docs=docs_of(tables, reducers, self.book, self.places),
        )

    def _validate(self, raw: RawModuleDef) -> ModuleDef | None:
        """The definition; the rules that the sound part of a module breaks are reported beside all other problems."""
        checked = validate(raw)
        if isinstance(checked, ModuleDef):
            return checked
        twins = {problem.place for problem in self.problems if isinstance(problem, DuplicateName)}
        placed = [problem.at(self.places.find(problem.subject)) for problem in _essential(checked)]
        self.problems.extend(problem for problem in placed if problem.place not in twins)
        return None


def _second(kind: str, name: str, first: Place | None, place: Place | None) -> ModuleProblem:
    """The problem of a second declaration under one name."""
    if place is not None and place == first:
        return NotDeclarable(
            what=f"`{name}` is made a {kind} twice",
            why=f"each decorator makes a {kind} of its own, and so does each run of it; all would have one name",
            fix="keep one decorator, and let it run once",
            place=place,
        )
    return DuplicateName(kind=kind, name=name, first=first or "?", place=place)


def _essential(problems: Sequence[DefProblem]) -> list[DefProblem]:
    """Without those that only follow: two tables of one name also have indexes and constraints of one name."""
    heads = {(problem.code, problem.subject) for problem in problems}
    return [p for p in problems if len(p.subject) == 2 or (p.code, p.subject[:2]) not in heads]
