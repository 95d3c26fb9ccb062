"""Rules on views: what they return, and their keys."""

from collections.abc import Sequence
from dataclasses import replace

from stdbctl.sats import AlgebraicType, ArrayType, ProductElement, ProductType, Ref, option_inner, type_text
from stdbctl.schema.definition import ColumnDef, TableDef, ViewDef
from stdbctl.schema.problems import DefProblem, Subject, did_you_mean
from stdbctl.schema.raw import RawViewDef, RawViewPrimaryKey
from stdbctl.schema.rules.draft import Draft
from stdbctl.schema.rules.functions import check_params, function_name
from stdbctl.schema.rules.tables import RowTypeNotProduct
from stdbctl.schema.rules.types import check_use

_QUERY_FIELD = "__query__"


class ViewReturn(DefProblem):
    """A view returns something else than rows."""

    code = "schema.view_return"
    what_text = "{subject} returns `{type}`"
    why_text = "a view returns a list of rows, an optional row or a query; a row is a declared record"
    fix_text = "return one of these"


class NoSuchView(DefProblem):
    """A view's key is declared for a view that is not there."""

    code = "schema.no_such_view"
    what_text = "a primary key is declared for the view `{name}`, which does not exist{hint}"
    fix_text = "name a view of this module"


class SeveralViewKeys(DefProblem):
    """A view has more than one primary key."""

    code = "schema.several_view_keys"
    what_text = "{subject} has more than one primary key"
    fix_text = "declare one"


class ViewKeyColumns(DefProblem):
    """A view's primary key has several columns."""

    code = "schema.view_key_columns"
    what_text = "the primary key of {subject} has the columns {columns}"
    why_text = "a view's primary key is one column"
    fix_text = "keep one column"


class NoSuchViewColumn(DefProblem):
    """A view's primary key names a column that is not there."""

    code = "schema.no_such_view_column"
    what_text = "the primary key of {subject} names the column `{column}`, which it does not have{hint}"
    fix_text = "name a column of the rows that the view returns"


def check_view(draft: Draft, raw: RawViewDef) -> ViewDef | None:
    """Check and name one view; None when it returns no rows."""
    subject: Subject = (*draft.prefix, "view", raw.source_name)
    name = function_name(draft, subject, raw.source_name)
    draft.stored.claim(name, subject)
    params = check_params(draft, subject, raw.params)
    row_type = view_row(raw.return_type)
    if row_type is None:
        draft.report.add(ViewReturn(subject, type=type_text(raw.return_type)))
        return None
    row, raw_row = draft.row_at(row_type.index), draft.raw_row_at(row_type.index)
    if row is None or raw_row is None:
        draft.report.add(RowTypeNotProduct(subject, index=row_type.index))
        return None
    check_use(draft, subject, row_type)
    return ViewDef(
        name=name,
        accessor=raw.source_name,
        index=raw.index,
        is_public=raw.is_public,
        is_anonymous=raw.is_anonymous,
        params=params,
        return_type=raw.return_type,
        row_type=row_type,
        columns=tuple(map(_column, row.elements, raw_row.elements)),
    )


def _column(element: ProductElement, raw: ProductElement) -> ColumnDef:
    return ColumnDef(name=element.name or "", accessor=raw.name or "", type=element.type)


def view_row(return_type: AlgebraicType) -> Ref | None:
    """The row type of a view that returns `return_type`, or None when that is no result of a view."""
    row = query_row(return_type) or option_inner(return_type)
    if row is None and isinstance(return_type, ArrayType):
        row = return_type.element
    return row if isinstance(row, Ref) else None


def query_row(return_type: AlgebraicType) -> Ref | None:
    """The row type of a view that returns a query, else None."""
    if isinstance(return_type, ProductType) and len(return_type.elements) == 1:
        element = return_type.elements[0]
        if element.name == _QUERY_FIELD and isinstance(element.type, Ref):
            return element.type
    return None


def check_view_keys(draft: Draft, views: Sequence[ViewDef], tables: Sequence[TableDef]) -> tuple[ViewDef, ...]:
    """Check the view keys section; gives the views with their keys, query views with that of their table."""
    keys: dict[str, int | None] = {}
    declared = [view.source_name for view in draft.raw.views]
    for raw in draft.raw.view_primary_keys:
        subject: Subject = (*draft.prefix, "view", raw.view_source_name)
        view = next((view for view in views if view.accessor == raw.view_source_name), None)
        if raw.view_source_name in keys:
            draft.report.add(SeveralViewKeys(subject))
        elif view is not None:
            keys[raw.view_source_name] = _key_column(draft, subject, raw, view)
        elif raw.view_source_name not in declared:
            hint = did_you_mean(raw.view_source_name, declared)
            draft.report.add(NoSuchView(subject, name=raw.view_source_name, hint=hint))
    return tuple(_with_key(view, keys.get(view.accessor), tables) for view in views)


def _key_column(draft: Draft, subject: Subject, raw: RawViewPrimaryKey, view: ViewDef) -> int | None:
    if len(raw.columns) > 1:
        columns = ", ".join(f"`{column}`" for column in raw.columns)
        draft.report.add(ViewKeyColumns(subject, columns=columns))
        return None
    accessors = [column.accessor for column in view.columns]
    for column in raw.columns:
        if column in accessors:
            return accessors.index(column)
        draft.report.add(NoSuchViewColumn(subject, column=column, hint=did_you_mean(column, accessors)))
    return None


def _with_key(view: ViewDef, key: int | None, tables: Sequence[TableDef]) -> ViewDef:
    if key is None and query_row(view.return_type) is not None:
        keys = {table.primary_key for table in tables if table.row_type == view.row_type} - {None}
        key = keys.pop() if len(keys) == 1 else None
    return replace(view, primary_key=key)
