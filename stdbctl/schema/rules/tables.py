"""Rules on tables: row type, names, columns, defaults; the parts are put together here."""

from functools import partial

from stdbctl.sats import DecodeError, InvalidType, ProductType, Ref, compile_codec
from stdbctl.schema.definition import ColumnDef, TableDef
from stdbctl.schema.problems import DefProblem, Subject
from stdbctl.schema.raw import RawTableDef
from stdbctl.schema.rules.draft import Draft
from stdbctl.schema.rules.keys import check_constraints, check_indexes, check_primary_key, check_sequences
from stdbctl.schema.rules.names import ReservedTableName, check_source_name
from stdbctl.schema.rules.types import check_fields


class RowTypeNotProduct(DefProblem):
    """The row type of a table or view is no record."""

    code = "schema.row_type_not_product"
    what_text = "the row type of {subject} is type {index}, which is no record of the module"
    fix_text = "let it refer to a record"


class RowTypeUndeclared(DefProblem):
    """The row type of a table has no name."""

    code = "schema.row_type_undeclared"
    what_text = "the row type of {subject} is not declared as a type"
    why_text = "generated clients need a name for the rows"
    fix_text = "declare the row type under a name"


class NoSuchDefaultColumn(DefProblem):
    """A default is given to a column that is not there."""

    code = "schema.default_without_column"
    what_text = "{subject} has a default for column {column}, but only {count} columns"
    fix_text = "remove the default, or correct the column's position"


class BadDefault(DefProblem):
    """A default is no value of its column."""

    code = "schema.bad_default"
    what_text = "the default of {subject} is no value of the column's type: {reason}"
    fix_text = "give a default of the column's type"


class SeveralDefaults(DefProblem):
    """A column has more than one default."""

    code = "schema.several_defaults"
    what_text = "{subject} has more than one default"
    fix_text = "keep one of them"


def check_table(draft: Draft, raw: RawTableDef) -> TableDef | None:
    """Check one table and give it its canonical names; None when its row type is missing."""
    subject: Subject = (*draft.prefix, "table", raw.source_name)
    name = draft.namer.table(raw.source_name)
    if not _is_name_free(draft, subject, raw, name):
        draft = draft.without_claims()
    row, raw_row = draft.row_at(raw.product_type_ref), draft.raw_row_at(raw.product_type_ref)
    if row is None or raw_row is None:
        draft.report.add(RowTypeNotProduct(subject, index=raw.product_type_ref))
        return None
    if raw.product_type_ref not in draft.declared:
        draft.report.add(RowTypeUndeclared(subject))
    indexes = check_indexes(draft, subject, raw, name, row)
    constraints = check_constraints(draft, subject, raw, name, row)
    return TableDef(
        name=name,
        accessor=raw.source_name,
        row_type=Ref(raw.product_type_ref),
        columns=_columns(row, raw_row, _defaults(draft, subject, raw, row, raw_row)),
        primary_key=check_primary_key(draft, subject, raw, row),
        indexes=indexes,
        constraints=constraints,
        sequences=check_sequences(draft, subject, raw, name, row),
        is_public=raw.is_public,
        is_event=raw.is_event,
        is_system=raw.is_system,
    )


def check_rows(draft: Draft) -> dict[int, Subject]:
    """Check the columns of every row type once; gives the tables' subjects by row type."""
    subjects: dict[int, Subject] = {}
    for raw in draft.raw.tables:
        row = draft.raw_row_at(raw.product_type_ref)
        if row is not None and raw.product_type_ref not in subjects:
            subjects[raw.product_type_ref] = (*draft.prefix, "table", raw.source_name)
            check_fields(
                draft, subjects[raw.product_type_ref], "column", row, partial(draft.namer.column, raw.product_type_ref)
            )
    return subjects


def _is_name_free(draft: Draft, subject: Subject, raw: RawTableDef, name: str) -> bool:
    if name.startswith("st_") and not raw.is_system:
        draft.report.add(ReservedTableName(subject, name=name))
    return check_source_name(draft.report, subject, raw.source_name, name) and draft.stored.claim_both(
        raw.source_name, name, subject
    )


def _columns(row: ProductType, raw_row: ProductType, defaults: dict[int, bytes]) -> tuple[ColumnDef, ...]:
    return tuple(
        ColumnDef(
            name=element.name or "",
            accessor=raw_element.name or "",
            type=element.type,
            default=defaults.get(position),
        )
        for position, (element, raw_element) in enumerate(zip(row.elements, raw_row.elements, strict=True))
    )


def _defaults(
    draft: Draft, subject: Subject, raw: RawTableDef, row: ProductType, raw_row: ProductType
) -> dict[int, bytes]:
    defaults: dict[int, bytes] = {}
    for column, data in raw.default_values:
        if not 0 <= column < len(row.elements):
            draft.report.add(NoSuchDefaultColumn(subject, column=column, count=len(row.elements)))
            continue
        inner = (*subject, "column", raw_row.elements[column].name or str(column))
        if column in defaults:
            draft.report.add(SeveralDefaults(inner))
        try:
            codec = compile_codec(row.elements[column].type, draft.typespace)
            defaults[column] = data[: codec.decode(data)[1]]
        except DecodeError as error:
            draft.report.add(BadDefault(inner, reason=error))
        except InvalidType:
            pass  # the column's type has a problem of its own
    return defaults
