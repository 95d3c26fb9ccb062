"""The steps of a migration, in the order in which they run. Names are canonical, dotted inside submodules.

Removals come before additions, so that something changed can be removed and added again under its name.
"""

from dataclasses import dataclass

from stdbctl.sats import AlgebraicType
from stdbctl.schema.definition import ColumnDef, IndexDef, ScheduleDef, SequenceDef, TableDef, UniqueDef, ViewDef


@dataclass(frozen=True, slots=True, kw_only=True)
class RenameTable:
    """Call a table by another name, with all that belongs to it. Every other step knows it by `table`, its new name."""

    table: str
    old: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RenameColumn:
    """Call a column `column` that was called `old`; its indexes, constraints and sequence go with it."""

    table: str
    column: str
    old: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveIndex:
    table: str
    index: IndexDef


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveConstraint:
    table: str
    constraint: UniqueDef


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveSequence:
    table: str
    sequence: SequenceDef


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveSchedule:
    table: str
    schedule: ScheduleDef


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveView:
    view: str
    definition: ViewDef


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveRowLevelSecurity:
    sql: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveTable:
    """Remove a table with all that belongs to it. Runs only when it has no rows."""

    table: str
    definition: TableDef


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnChange:
    """One column whose type gains something; refs in the types are followed."""

    column: str
    old_type: AlgebraicType
    new_type: AlgebraicType


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeColumns:
    """Change column types in a way that leaves every stored row as it is: unions gain variants at the end."""

    table: str
    changes: tuple[ColumnChange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RewriteRows:
    """Make all rows of a table anew by the author's function.

    `migration`: its position in the new module's. `order`: for each column that it takes, the place where it is stored.
    The columns are names with types whose refs are followed.
    """

    table: str
    function: str
    migration: int
    order: tuple[int, ...]
    old_columns: tuple[tuple[str, AlgebraicType], ...]
    new_columns: tuple[tuple[str, AlgebraicType], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReschemaEventTable:
    """Change the columns of an event table, which has no stored rows."""

    table: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AddColumns:
    """Add columns at the end; each has a default. Other columns may gain variants at the same time."""

    table: str
    columns: tuple[ColumnDef, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeIndexSourceName:
    table: str
    index: IndexDef


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeTableAccessorName:
    table: str
    accessor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeColumnAccessorName:
    table: str
    column: str
    accessor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AddTable:
    """Add a table with all that belongs to it: keys, indexes, sequences and schedule have no steps of their own."""

    table: str
    definition: TableDef


@dataclass(frozen=True, slots=True, kw_only=True)
class AddIndex:
    table: str
    index: IndexDef


@dataclass(frozen=True, slots=True, kw_only=True)
class AddConstraint:
    """Add a unique constraint. Fails when stored rows clash."""

    table: str
    constraint: UniqueDef


@dataclass(frozen=True, slots=True, kw_only=True)
class AddSequence:
    """Add a sequence. Fails when stored rows hold values that it would give out."""

    table: str
    sequence: SequenceDef


@dataclass(frozen=True, slots=True, kw_only=True)
class AddSchedule:
    table: str
    schedule: ScheduleDef


@dataclass(frozen=True, slots=True, kw_only=True)
class AddView:
    view: str
    definition: ViewDef


@dataclass(frozen=True, slots=True, kw_only=True)
class AddRowLevelSecurity:
    sql: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeAccess:
    """Make a table or view public or private."""

    name: str
    is_public: bool
    is_view: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePrimaryKey:
    """Change the primary-key column; None = there is none."""

    table: str
    old_column: int | None
    new_column: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateView:
    """Evaluate a view anew: its function may have changed."""

    view: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DisconnectAllUsers:
    """Old bindings would misread the new module."""


Step = (
    RenameTable
    | RenameColumn
    | RemoveIndex
    | RemoveConstraint
    | RemoveSequence
    | RemoveSchedule
    | RemoveView
    | RemoveRowLevelSecurity
    | RemoveTable
    | RewriteRows
    | ChangeColumns
    | ReschemaEventTable
    | AddColumns
    | ChangeIndexSourceName
    | ChangeTableAccessorName
    | ChangeColumnAccessorName
    | AddTable
    | AddIndex
    | AddConstraint
    | AddSequence
    | AddSchedule
    | AddView
    | AddRowLevelSecurity
    | ChangeAccess
    | ChangePrimaryKey
    | UpdateView
    | DisconnectAllUsers
)
"""Any step; the union's order is the order of execution."""

_RANKS: dict[type, int] = {step: rank for rank, step in enumerate(Step.__args__)}


def step_order(step: Step) -> tuple[int, str, str]:
    """The sort key of a step: its kind, then what it is about."""
    match step:
        case RemoveIndex() | AddIndex() | ChangeIndexSourceName():
            return _RANKS[type(step)], step.table, step.index.name
        case RemoveConstraint() | AddConstraint():
            return _RANKS[type(step)], step.table, step.constraint.name
        case RemoveSequence() | AddSequence():
            return _RANKS[type(step)], step.table, step.sequence.name
        case RenameColumn() | ChangeColumnAccessorName():
            return _RANKS[type(step)], step.table, step.column
        case RemoveView() | AddView() | UpdateView():
            return _RANKS[type(step)], step.view, ""
        case RemoveRowLevelSecurity() | AddRowLevelSecurity():
            return _RANKS[type(step)], step.sql, ""
        case ChangeAccess():
            return _RANKS[type(step)], step.name, ""
        case DisconnectAllUsers():
            return _RANKS[type(step)], "", ""
        case _:
            return _RANKS[type(step)], step.table, ""
