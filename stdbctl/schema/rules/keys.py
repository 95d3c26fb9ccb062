"""Rules on keys: primary key, unique constraints, indexes, sequences."""

from stdbctl.sats import UNIT, AlgebraicType, Primitive, ProductType, Ref, SumType, type_text
from stdbctl.schema.definition import IndexAlgorithm, IndexDef, SequenceDef, UniqueDef
from stdbctl.schema.naming import column_names, constraint_name, index_name, sequence_name
from stdbctl.schema.problems import DefProblem, Subject
from stdbctl.schema.raw import RawIndexDef, RawSequenceDef, RawTableDef
from stdbctl.schema.rules.draft import Draft
from stdbctl.schema.rules.names import check_canonical_name, check_source_name


class NoSuchColumn(DefProblem):
    """A key names a column that the table does not have."""

    code = "schema.no_such_column"
    what_text = "{subject} uses column {column} of `{table}`, which has only {count} columns"
    fix_text = "name columns of this table"


class RepeatedColumn(DefProblem):
    """A key names a column twice."""

    code = "schema.repeated_column"
    what_text = "{subject} names column `{column}` twice"
    fix_text = "name each column once"


class KeyColumnCount(DefProblem):
    """A key has no columns, or a direct index more than one."""

    code = "schema.key_column_count"
    what_text = "{subject} is over {count} columns; it needs {expected}"
    fix_text = "name the columns that it is to cover"


class SeveralPrimaryKeys(DefProblem):
    """A table has more than one primary-key column."""

    code = "schema.several_primary_keys"
    what_text = "{subject} has {count} primary-key columns: {columns}"
    why_text = "a primary key is one column"
    fix_text = "keep one; make a multi-column index for the rest"


class PrimaryKeyNotUnique(DefProblem):
    """A primary key has no unique constraint."""

    code = "schema.primary_key_not_unique"
    what_text = "the primary key {subject} has no unique constraint"
    fix_text = "make the column unique as well"


class UniqueWithoutIndex(DefProblem):
    """A unique constraint has no index over its columns."""

    code = "schema.unique_without_index"
    what_text = "{subject} has no index over exactly its columns"
    why_text = "uniqueness is looked up in an index"
    fix_text = "add an index over the same columns"


class DirectIndexType(DefProblem):
    """A direct index is over a column whose values are no small numbers."""

    code = "schema.direct_index_type"
    what_text = "{subject} is a direct index over a column of type `{type}`"
    why_text = "a direct index counts on u8, u16, u32, u64 or an enum without payloads"
    fix_text = "use a btree index"


class SequenceType(DefProblem):
    """An auto-increment column is no integer."""

    code = "schema.sequence_type"
    what_text = "{subject} is auto-incremented but of type `{type}`"
    fix_text = "make it an integer, or drop the auto-increment"


class TwoSequences(DefProblem):
    """A column has two sequences."""

    code = "schema.two_sequences"
    what_text = "{subject} is auto-incremented twice"
    fix_text = "keep one sequence"


class SequenceRange(DefProblem):
    """A sequence's bounds contradict each other or the column's type."""

    code = "schema.sequence_range"
    what_text = "the sequence of {subject} has min {min_value}, start {start}, max {max_value}"
    why_text = "needed is min <= start <= max, all within {low} to {high}"
    fix_text = "correct the bounds"


def check_indexes(
    draft: Draft, subject: Subject, raw: RawTableDef, table: str, row: ProductType
) -> tuple[IndexDef, ...]:
    """Check and name the indexes of one table."""
    return tuple(_index(draft, (*subject, "index", index.source_name), index, table, row) for index in raw.indexes)


def _index(draft: Draft, subject: Subject, raw: RawIndexDef, table: str, row: ProductType) -> IndexDef:
    explicit = draft.namer.index(raw.source_name)
    name = explicit or index_name(table, column_names(row, raw.columns), raw.algorithm)
    if _check_columns(draft, subject, table, row, raw.columns):
        if raw.algorithm is IndexAlgorithm.DIRECT:
            _check_direct(draft, subject, raw.columns, row)
        if explicit is None or check_canonical_name(draft.report, subject, explicit):
            draft.stored.claim_both(raw.source_name, name, subject)
    if raw.accessor_name is not None:
        check_source_name(draft.report, subject, raw.accessor_name, raw.accessor_name)
    return IndexDef(
        name=name,
        source_name=raw.source_name,
        accessor=raw.accessor_name,
        algorithm=raw.algorithm,
        columns=raw.columns,
    )


def _check_columns(draft: Draft, subject: Subject, table: str, row: ProductType, columns: tuple[int, ...]) -> bool:
    missing = [column for column in columns if not 0 <= column < len(row.elements)]
    for column in missing:
        draft.report.add(NoSuchColumn(subject, column=column, table=table, count=len(row.elements)))
    repeated = [column for i, column in enumerate(columns) if column in columns[:i]]
    for name in column_names(row, repeated):
        draft.report.add(RepeatedColumn(subject, column=name))
    if not columns:
        draft.report.add(KeyColumnCount(subject, count=0, expected="at least one"))
    return bool(columns) and not missing and not repeated


def _check_direct(draft: Draft, subject: Subject, columns: tuple[int, ...], row: ProductType) -> None:
    if len(columns) != 1:
        draft.report.add(KeyColumnCount(subject, count=len(columns), expected="exactly one"))
        return
    type_ = row.elements[columns[0]].type
    if not _is_small(draft, type_):
        draft.report.add(DirectIndexType(subject, type=type_text(type_)))


def _is_small(draft: Draft, type_: AlgebraicType) -> bool:
    if isinstance(type_, Ref):
        type_ = draft.type_at(type_.index) or type_
    if isinstance(type_, SumType):
        return all(variant.type == UNIT for variant in type_.variants)
    return type_ in (Primitive.U8, Primitive.U16, Primitive.U32, Primitive.U64)


def check_constraints(
    draft: Draft, subject: Subject, raw: RawTableDef, table: str, row: ProductType
) -> tuple[UniqueDef, ...]:
    """Check and name the unique constraints of one table."""
    indexed = {frozenset(index.columns) for index in raw.indexes}
    constraints = []
    for constraint in raw.constraints:
        name = constraint_name(table, column_names(row, constraint.columns))
        inner = (*subject, "constraint", name)
        if _check_columns(draft, inner, table, row, constraint.columns):
            draft.stored.claim(name, inner)
            if frozenset(constraint.columns) not in indexed:
                draft.report.add(UniqueWithoutIndex(inner))
        constraints.append(UniqueDef(name=name, columns=tuple(sorted(constraint.columns))))
    return tuple(constraints)


def check_primary_key(draft: Draft, subject: Subject, raw: RawTableDef, row: ProductType) -> int | None:
    """Check the primary key of one table; its column, or None."""
    names = column_names(row, raw.primary_key)
    if len(raw.primary_key) > 1:
        columns = ", ".join(f"`{name}`" for name in names)
        draft.report.add(SeveralPrimaryKeys(subject, count=len(names), columns=columns))
    if len(raw.primary_key) != 1:
        return None
    column = raw.primary_key[0]
    inner = (*subject, "primary_key", names[0])
    if _check_columns(draft, inner, raw.source_name, row, raw.primary_key) and not any(
        constraint.columns == (column,) for constraint in raw.constraints
    ):
        draft.report.add(PrimaryKeyNotUnique((*subject, "column", _source(draft, raw, column))))
    return column


def _source(draft: Draft, raw: RawTableDef, column: int) -> str:
    """The source name of a column for messages."""
    row = draft.raw_row_at(raw.product_type_ref)
    return column_names(row or ProductType(), [column])[0]


def check_sequences(
    draft: Draft, subject: Subject, raw: RawTableDef, table: str, row: ProductType
) -> tuple[SequenceDef, ...]:
    """Check and name the sequences of one table."""
    seen: set[int] = set()
    sequences = []
    for sequence in raw.sequences:
        column = (*subject, "column", _source(draft, raw, sequence.column))
        name = sequence.source_name or sequence_name(table, column_names(row, [sequence.column])[0])
        if _check_columns(draft, (*subject, "sequence", name), table, row, (sequence.column,)):
            if sequence.column in seen:
                draft.report.add(TwoSequences(column))
            else:
                draft.stored.claim(name, (*subject, "sequence", name))
            _check_sequence(draft, column, sequence, row.elements[sequence.column].type)
        seen.add(sequence.column)
        sequences.append(_sequence_def(name, sequence))
    return tuple(sequences)


def _sequence_def(name: str, raw: RawSequenceDef) -> SequenceDef:
    return SequenceDef(
        name=name,
        column=raw.column,
        start=raw.start,
        min_value=raw.min_value,
        max_value=raw.max_value,
        increment=raw.increment,
    )


def _check_sequence(draft: Draft, subject: Subject, raw: RawSequenceDef, type_: AlgebraicType) -> None:
    bounds = integer_range(type_)
    if bounds is None:
        draft.report.add(SequenceType(subject, type=type_text(type_)))
        return
    given = [bound for bound in (raw.min_value, raw.start, raw.max_value) if bound is not None]
    if given != sorted(given) or any(not bounds[0] <= bound <= bounds[1] for bound in given):
        draft.report.add(
            SequenceRange(
                subject,
                min_value=_bound(raw.min_value),
                start=_bound(raw.start),
                max_value=_bound(raw.max_value),
                low=bounds[0],
                high=bounds[1],
            )
        )


def _bound(value: int | None) -> str:
    return "not given" if value is None else str(value)


def integer_range(type_: AlgebraicType) -> tuple[int, int] | None:
    """The least and greatest value of an integer type; None for every other type."""
    if not isinstance(type_, Primitive) or type_.name[0] not in "IU":
        return None
    bits = int(type_.name[1:])
    return (0, 2**bits - 1) if type_.name[0] == "U" else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
