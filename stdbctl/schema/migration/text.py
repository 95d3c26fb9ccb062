"""The text of a migration plan, as SpacetimeDB shows it (docs/migrations.md, "Plan text")."""

import enum
from collections.abc import Iterable, Sequence

from stdbctl.sats import AlgebraicType, type_text
from stdbctl.schema.definition import ColumnDef, ModuleDef, ParamDef, ScheduleDef, TableDef, ViewDef
from stdbctl.schema.migration.flat import Owned, all_modules, all_tables, all_views
from stdbctl.schema.migration.rust_debug import rust_debug
from stdbctl.schema.migration.steps import (
    AddColumns,
    AddConstraint,
    AddIndex,
    AddRowLevelSecurity,
    AddSchedule,
    AddSequence,
    AddTable,
    AddView,
    ChangeAccess,
    ChangeColumnAccessorName,
    ChangeColumns,
    ChangeIndexSourceName,
    ChangePrimaryKey,
    ChangeTableAccessorName,
    DisconnectAllUsers,
    RemoveConstraint,
    RemoveIndex,
    RemoveRowLevelSecurity,
    RemoveSchedule,
    RemoveSequence,
    RemoveTable,
    RemoveView,
    RenameColumn,
    RenameTable,
    ReschemaEventTable,
    RewriteRows,
    Step,
    UpdateView,
)


class PlanStyle(enum.Enum):
    """How a plan is shown; the value is SpacetimeDB's name for it."""

    NO_COLOR = "NoColor"
    ANSI_COLOR = "AnsiColor"


_RESET = "\x1b[0m"
_RULE = "━" * 60
_INDENT = "    "
_WARNING = "!!! Warning: All clients will be disconnected due to breaking schema changes"
_HEADER, _TABLE, _TYPE, _ACCESS = "\x1b[1m\x1b[34m", "\x1b[1m\x1b[36m", "\x1b[35m", "\x1b[32m"
_SQL, _COLUMN, _ALARM = "\x1b[34m", "\x1b[1m\x1b[35m", "\x1b[1m\x1b[41m"
_ACTIONS = {"Created": "\x1b[1m\x1b[32m", "Removed": "\x1b[1m\x1b[31m", "Changed": "\x1b[1m\x1b[33m"}
_ACTIONS["Renamed"] = _ACTIONS["Changed"]


def plan_text(old: ModuleDef, new: ModuleDef, steps: Iterable[Step], style: PlanStyle) -> str:
    """Write a plan out; every line ends with a newline."""
    text = _PlanText(old, new, style)
    lines = [_RULE, text.paint("Database Migration Plan", _HEADER), _RULE, ""]
    for step in steps:
        lines += text.lines(step)
    return "".join(f"{line}\n" for line in lines)


class _PlanText:
    """Writes the steps of one plan; knows both modules, to look up what steps only name."""

    def __init__(self, old: ModuleDef, new: ModuleDef, style: PlanStyle) -> None:
        self._is_colored = style is PlanStyle.ANSI_COLOR
        self._old, self._new = all_tables(old), all_tables(new)
        self._old_views, self._new_views = all_views(old), all_views(new)
        self._rules = [
            {sql for owned in all_modules(module) for sql in owned.module.row_level_security} for module in (old, new)
        ]
        self._procedures = {
            owned.dotted(procedure.name)
            for module in (old, new)
            for owned in all_modules(module)
            for procedure in owned.module.procedures
        }

    def paint(self, text: str, color: str) -> str:
        return f"{_RESET}{color}{text}{_RESET}" if self._is_colored else text

    def lines(self, step: Step) -> list[str]:
        """The lines of one step, without newlines."""
        match step:
            case AddTable() | RemoveTable() | ChangeColumns() | AddColumns() | ReschemaEventTable():
                return self._table_lines(step)
            case AddView() | RemoveView() | UpdateView():
                return self._view_lines(step)
            case AddRowLevelSecurity(sql=sql) | RemoveRowLevelSecurity(sql=sql):
                return self._rule_lines(step, sql)
            case RewriteRows():
                return self._rewrite_lines(step)
            case RenameTable():
                return [f"{self._mark(step)} table {self.paint(step.old, _TABLE)} to {self._name(step.table)}"]
            case RenameColumn():
                column = f"{self.paint(step.old, _COLUMN)} of table {self._name(step.table)}"
                return [f"{self._mark(step)} column {column} to {self.paint(step.column, _COLUMN)}"]
            case DisconnectAllUsers():
                return [self.paint(_WARNING, _ALARM)]
            case AddIndex() | RemoveIndex() | ChangeIndexSourceName():
                columns = self._columns(step.table, step.index.columns, step)
                return [f"{self._mark(step)} index {step.index.name} on [{columns}] of table {self._name(step.table)}"]
            case AddConstraint() | RemoveConstraint():
                columns = self._columns(step.table, step.constraint.columns, step)
                what = f"unique constraint {step.constraint.name} on [{columns}]"
                return [f"{self._mark(step)} {what} of table {self._name(step.table)}"]
            case AddSequence() | RemoveSequence():
                column = self._columns(step.table, [step.sequence.column], step)
                what = f"auto-increment constraint {step.sequence.name} on column {column}"
                return [f"{self._mark(step)} {what} of table {self._name(step.table)}"]
            case AddSchedule() | RemoveSchedule():
                called = self._called(step.table, step.schedule)
                return [f"{self._mark(step)} schedule for table {self._name(step.table)} calling {called}"]
            case _:
                return [self._change(step)]

    def _change(
        self, step: ChangeAccess | ChangePrimaryKey | ChangeTableAccessorName | ChangeColumnAccessorName
    ) -> str:
        match step:
            case ChangeAccess():
                arrow = self.paint("private → public" if step.is_public else "public → private", _ACCESS)
                kind = "view" if step.is_view else "table"
                return f"{self._mark(step)} access for {kind} {self._name(step.name)} ({arrow})"
            case ChangePrimaryKey():
                verb = "added on" if step.old_column is None else "changed to"
                what = "removed" if step.new_column is None else f"{verb} column {step.new_column}"
                return f"{self._mark(step)} primary key on table {self._name(step.table)} ({what})"
            case ChangeTableAccessorName():
                return f"{self._mark(step)} table accessor name for {self._name(step.table)}"
            case ChangeColumnAccessorName():
                column = self.paint(step.column, _COLUMN)
                return f"{self._mark(step)} column accessor name for {self._name(step.table)}.{column}"

    def _mark(self, step: Step) -> str:
        kind = type(step).__name__
        actions = {"Add": "Created", "Remove": "Removed", "Rename": "Renamed"}
        action = next((action for start, action in actions.items() if kind.startswith(start)), "Changed")
        return f"▸ {self.paint(action, _ACTIONS[action])}"

    def _name(self, name: str) -> str:
        return self.paint(name, _TABLE)

    def _type(self, type_: AlgebraicType) -> str:
        return self.paint(type_text(type_), _TYPE)

    def _columns(self, table: str, columns: Sequence[int], step: Step) -> str:
        owner = (self._old if type(step).__name__.startswith("Remove") else self._new)[table].table
        return ", ".join(owner.columns[column].name for column in columns)

    def _called(self, table: str, schedule: ScheduleDef) -> str:
        return f"{self._function_kind(table, schedule)} {schedule.function}"

    def _function_kind(self, table: str, schedule: ScheduleDef) -> str:
        dotted = ".".join((*table.split(".")[:-1], schedule.function))
        return "procedure" if dotted in self._procedures else "reducer"

    def _section(self, title: str, items: Iterable[str]) -> list[str]:
        lines = [f"{_INDENT * 2}• {item}" for item in items]
        return [_INDENT + self.paint(title, _HEADER), *lines] if lines else []

    def _elements(self, owner: Owned, elements: Iterable[ColumnDef | ParamDef]) -> list[str]:
        return [f"{element.name}: {self._type(owner.inlined(element.type))}" for element in elements]

    def _table_lines(self, step: AddTable | RemoveTable | ChangeColumns | AddColumns | ReschemaEventTable) -> list[str]:
        name = self._name(step.table)
        match step:
            case AddTable():
                return self._added_table(step)
            case RemoveTable():
                return [f"{self._mark(step)} table: {name}", ""]
            case ReschemaEventTable():
                return [f"{self._mark(step)} schema of event table {name}"]
            case ChangeColumns():
                changes = [
                    f"{_INDENT}~ Modified: {change.column} "
                    f"({self._type(change.old_type)} → {self._type(change.new_type)})"
                    for change in step.changes
                ]
                return [f"{self._mark(step)} columns for table {name}", *changes]
            case AddColumns():
                plural = "s" if len(step.columns) > 1 else ""
                owner = self._new[step.table]
                added = [f"{_INDENT}+ {self._added_column(owner, column)}" for column in step.columns]
                return [f"{self._mark(step)} column{plural} in table {name}", *added]

    def _rewrite_lines(self, step: RewriteRows) -> list[str]:
        old, new = dict(step.old_columns), dict(step.new_columns)
        lines = [f"{self._mark(step)} rows of table {self._name(step.table)} by migration function {step.function}"]
        lines += [f"{_INDENT}- {name}: {self._type(type_)}" for name, type_ in step.old_columns if name not in new]
        lines += [f"{_INDENT}+ {name}: {self._type(type_)}" for name, type_ in step.new_columns if name not in old]
        lines += [
            f"{_INDENT}~ Modified: {name} ({self._type(old[name])} → {self._type(type_)})"
            for name, type_ in step.new_columns
            if name in old and old[name] != type_
        ]
        return lines

    def _added_column(self, owner: Owned, column: ColumnDef) -> str:
        assert column.default is not None, "a column is only added with a default"
        type_ = owner.inlined(column.type)
        default = rust_debug(column.type, owner.module.typespace, column.default)
        return f"{column.name}: {self._type(type_)} (default: {default})"

    def _added_table(self, step: AddTable) -> list[str]:
        table, owner = step.definition, self._new[step.table]
        kind = "system" if table.is_system else "user"
        access = self.paint("public" if table.is_public else "private", _ACCESS)
        lines = [f"{self._mark(step)} {kind} table: {self._name(step.table)} ({access})"]
        lines += self._section("Columns:", self._elements(owner, table.columns))
        lines += self._section("Unique constraints:", _keys(table, {c.name: c.columns for c in table.constraints}))
        lines += self._section("Indexes:", _keys(table, {i.name: i.columns for i in table.indexes}))
        sequences = sorted(f"{s.name} on {table.columns[s.column].name}" for s in table.sequences)
        lines += self._section("Auto-increment constraints:", sequences)
        if table.schedule is not None:
            calls = f"Calls {self._function_kind(step.table, table.schedule)}: {table.schedule.function}"
            lines += self._section("Schedule:", [calls])
        return [*lines, ""]

    def _view_lines(self, step: AddView | RemoveView | UpdateView) -> list[str]:
        if isinstance(step, UpdateView):
            return []
        view: ViewDef = step.definition
        owner = (self._new_views if isinstance(step, AddView) else self._old_views)[step.view]
        kind = "anonymous view" if view.is_anonymous else "view"
        return [
            f"▸ {self._mark(step)} {kind}: {self._name(step.view)}",
            *self._section("Parameters:", self._elements(owner, view.params)),
            *self._section("Columns:", self._elements(owner, view.columns)),
            "",
        ]

    def _rule_lines(self, step: Step, sql: str) -> list[str]:
        if all(sql in rules for rules in self._rules):
            return []
        return [f"{self._mark(step)} row level security policy:", f"{_INDENT}`{self.paint(sql, _SQL)}`"]


def _keys(table: TableDef, keys: dict[str, tuple[int, ...]]) -> list[str]:
    names = {name: ", ".join(table.columns[column].name for column in keys[name]) for name in sorted(keys)}
    return [f"{name} on [{columns}]" for name, columns in names.items()]
