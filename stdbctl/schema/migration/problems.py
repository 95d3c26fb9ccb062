"""What cannot be migrated: changes for which the stored rows have no answer."""

from collections.abc import Iterable

from stdbctl.nearest import did_you_mean
from stdbctl.schema.definition import Rename
from stdbctl.schema.problems import DefProblem

_KEEP = "keep it as it was, or lose the table's rows with `--drop-table`"


class PlanProblem(DefProblem):
    """A change that is refused; one subclass per rule. Subjects are source names of the new module."""

    code = "plan"


class ColumnNeedsDefault(PlanProblem):
    """A new column has no value for the rows that exist."""

    code = "plan.column_needs_default"
    what_text = "adding the {subject} requires a default value annotation"
    why_text = "the rows that exist would have no value for it"
    fix_text = "put it at the end of the table and give it a default, or write a migration function"


class ColumnRemoved(PlanProblem):
    """A column is gone."""

    code = "plan.column_removed"
    what_text = "removing the {subject} requires a manual migration"
    why_text = "its stored values would be lost"
    fix_text = "{rename}keep it as it was, write a migration function, or lose the table's rows with `--drop-table`"


class ColumnsReordered(PlanProblem):
    """Columns have changed places."""

    code = "plan.columns_reordered"
    what_text = "reordering the columns of {subject} requires a manual migration: {columns}"
    why_text = "stored rows hold their values in column order"
    fix_text = "restore the order, and put new columns at the end; or write a migration function"


class ColumnTypeChanged(PlanProblem):
    """A column has another type."""

    code = "plan.column_type_changed"
    what_text = "changing {part} the {subject} from `{old}` to `{new}` requires a manual migration{detail}"
    why_text = "stored values are of the old type"
    fix_text = "keep the old type, or write a migration function that makes the new values of the old ones"


class UniqueConstraintChanged(PlanProblem):
    """A unique constraint covers other columns under its old name."""

    code = "plan.unique_constraint_changed"
    what_text = "changing the columns of the {subject} requires a manual migration"
    fix_text = "remove it in one publish and add it in the next"


class TableTypeChanged(PlanProblem):
    """A user table became a system table, or the other way round."""

    code = "plan.table_type_changed"
    what_text = "changing the {subject} from a {old} table to a {new} table requires a manual migration"
    fix_text = _KEEP


class EventFlagChanged(PlanProblem):
    """A table became an event table, or the other way round."""

    code = "plan.event_flag_changed"
    what_text = "changing the {subject} from {old} to {new} requires a manual migration"
    why_text = "an event table keeps no rows"
    fix_text = "keep it as it was, or make a table of another name"


class IndexAccessorChanged(PlanProblem):
    """What client code calls an index has changed."""

    code = "plan.index_accessor_changed"
    what_text = "changing the accessor of the {subject} from {old} to {new} requires a manual migration"
    why_text = "generated bindings reach the index by it"
    fix_text = "keep the accessor; an index over the same columns is the same index"


class UnknownRename(PlanProblem):
    """A rename that was given names something that is not there."""

    code = "plan.unknown_rename"
    what_text = "`--rename {rename}`: {owner} has no {kind} named `{name}`"
    fix_text = "{fix}"

    def __init__(self, *, rename: Rename, kind: str, name: str, owner: str, known: Iterable[str]) -> None:
        fix = did_you_mean(name, known)
        super().__init__(("module",), rename=rename, kind=kind, name=name, owner=owner, fix=fix)


class RenameClash(PlanProblem):
    """After a rename that was given one name would stand for two things."""

    code = "plan.rename_clash"
    what_text = "`--rename {rename}` cannot be: {why}"
    fix_text = "leave it out, or rename what is in its way as well"

    def __init__(self, *, rename: Rename, why: str) -> None:
        super().__init__(("module",), rename=rename, why=why)


class MigrationDoesNotFit(PlanProblem):
    """A migration function of the table takes other rows than those that are stored."""

    code = "plan.migration_does_not_fit"
    what_text = "the migration function `{function}` cannot read the rows of {subject}: it {difference}"
    why_text = "stored are {stored}, and it runs for exactly the columns that it takes"
    fix_text = "write a migration function whose old row has the stored columns; both may stay"


class TwoMigrationsFit(PlanProblem):
    """Two migration functions of a table take the rows that are stored."""

    code = "plan.two_migrations_fit"
    what_text = "the migration functions `{first}` and `{second}` both fit the stored rows of {subject}"
    why_text = "each row is made anew by one"
    fix_text = "remove one of the two"
