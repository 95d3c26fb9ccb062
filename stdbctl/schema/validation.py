"""From what a program declares to the validated definition, or to every problem in it."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from stdbctl.sats import AlgebraicType, ProductType, SumType
from stdbctl.schema.definition import ColumnDef, MigrationDef, ModuleDef, Rename, SubmoduleDef, TypeDef
from stdbctl.schema.migration.types import inlined
from stdbctl.schema.naming import Namer
from stdbctl.schema.problems import DefProblem, Report, Subject
from stdbctl.schema.raw import RawMigrationDef, RawModuleDef, RawSubmodule, RawTypeDef
from stdbctl.schema.rules.draft import Draft
from stdbctl.schema.rules.events import check_lifecycles, check_schedules, make_scheduled_private
from stdbctl.schema.rules.functions import check_procedure, check_reducer
from stdbctl.schema.rules.http import check_handlers, check_routes
from stdbctl.schema.rules.names import DuplicateName, DuplicateType, Namespace, check_source_name
from stdbctl.schema.rules.tables import check_rows, check_table
from stdbctl.schema.rules.types import check_types
from stdbctl.schema.rules.views import check_view, check_view_keys

NAMESPACE_BYTES_MAX = 63
"""SpacetimeDB's limit for the namespace of a submodule."""


class NamespaceTooLong(DefProblem):
    """A submodule's namespace is too long."""

    code = "schema.namespace_too_long"
    what_text = "the namespace of {subject} has {count} bytes; 63 is the most"
    fix_text = "choose a shorter one"


class LifecycleInSubmodule(DefProblem):
    """A submodule has a lifecycle reducer."""

    code = "schema.lifecycle_in_submodule"
    what_text = "{subject} declares a reducer for the lifecycle event `{event}`"
    why_text = "lifecycle events belong to the root module"
    fix_text = "call it from the root module's own lifecycle reducer"


def validate(raw: RawModuleDef) -> ModuleDef | tuple[DefProblem, ...]:
    """Check a definition against every rule and give all its names.

    Gives the validated definition, or all problems, in the order of the definition, each once.
    Source: docs/naming.md, docs/formats.md ("Raw module definition").
    """
    report = Report()
    module = _module(raw, report, ())
    return report.all() or module


def _module(raw: RawModuleDef, report: Report, prefix: Subject) -> ModuleDef:
    draft = Draft.of(raw, report, prefix)
    tables = tuple(table for raw_table in raw.tables if (table := check_table(draft, raw_table)) is not None)
    check_types(draft, check_rows(draft))
    types = _types(draft)
    reducers = check_lifecycles(draft, [check_reducer(draft, reducer) for reducer in raw.reducers])
    procedures = tuple(check_procedure(draft, procedure) for procedure in raw.procedures)
    views = [view for raw_view in raw.views if (view := check_view(draft, raw_view)) is not None]
    tables = check_schedules(draft, tables, (*reducers, *procedures))
    handlers = check_handlers(draft)
    return ModuleDef(
        typespace=draft.typespace,
        types=types,
        tables=tables,
        reducers=make_scheduled_private(reducers, tables),
        procedures=make_scheduled_private(procedures, tables),
        views=check_view_keys(draft, views, tables),
        row_level_security=raw.row_level_security,
        http_handlers=handlers,
        http_routes=check_routes(draft, handlers),
        submodules=tuple(_submodules(raw.submodules, report, prefix)),
        docs=_docs(draft),
        element_names=dict(_element_names(draft)),
        renames=tuple(_rename(draft, rename) for rename in raw.renames),
        migrations=tuple(_migration(draft, migration) for migration in raw.migrations),
    )


def _types(draft: Draft) -> tuple[TypeDef, ...]:
    names = Namespace(draft.report, DuplicateType)
    return tuple(_type(draft, names, type_def) for type_def in draft.raw.types)


def _type(draft: Draft, names: Namespace, raw: RawTypeDef) -> TypeDef:
    subject: Subject = (*draft.prefix, "type", raw.source_name)
    name = draft.namer.type(raw.source_name)
    scope = tuple(map(draft.namer.type, raw.scope))
    checks = [check_source_name(draft.report, subject, raw.source_name, name)]
    checks += [check_source_name(draft.report, subject, *pair) for pair in zip(raw.scope, scope, strict=True)]
    if all(checks):
        names.claim("::".join((*scope, name)), subject)
    return TypeDef(name=name, accessor=raw.source_name, type=raw.type, scope=scope, custom_ordering=raw.custom_ordering)


def _submodules(raw: tuple[RawSubmodule, ...], report: Report, prefix: Subject) -> Iterator[SubmoduleDef]:
    names = Namespace(report, DuplicateName)
    for submodule in raw:
        subject = (*prefix, "submodule", submodule.namespace)
        count = len(submodule.namespace.encode())
        if count > NAMESPACE_BYTES_MAX:
            report.add(NamespaceTooLong(subject, count=count))
        if check_source_name(report, subject, submodule.namespace, submodule.namespace):
            names.claim(submodule.namespace, subject)
        for lifecycle in submodule.module.lifecycle_reducers:
            report.add(LifecycleInSubmodule(subject, event=lifecycle.lifecycle.name.lower()))
        yield SubmoduleDef(namespace=submodule.namespace, module=_module(submodule.module, report, subject))


def _element_names(draft: Draft) -> Iterator[tuple[tuple[int, int], str]]:
    for index, (written, named) in enumerate(zip(draft.raw.typespace.types, draft.typespace.types, strict=True)):
        pairs = zip(_names_in(written), _names_in(named), strict=True)
        yield from (((index, i), old) for i, (old, new) in enumerate(pairs) if old is not None and old != new)


def _names_in(type_: AlgebraicType) -> list[str | None]:
    if isinstance(type_, ProductType):
        return [element.name for element in type_.elements]
    return [variant.name for variant in type_.variants] if isinstance(type_, SumType) else []


def _rename(draft: Draft, rename: Rename) -> Rename:
    if rename.table is None:
        return Rename(old=rename.old, new=draft.namer.table(rename.new))
    row_type = next(t.product_type_ref for t in draft.raw.tables if t.source_name == rename.table)
    new = draft.namer.column(row_type, rename.new)
    return Rename(table=draft.namer.table(rename.table), old=rename.old, new=new)


def _migration(draft: Draft, raw: RawMigrationDef) -> MigrationDef:
    names = {(raw.row, source): name for source, name in raw.column_names.items()}
    namer = Namer(RawModuleDef(snake_case=draft.namer.is_converting, column_names=names))
    typespace, written = namer.typespace(raw.typespace), raw.typespace.types[raw.row]
    row = typespace.types[raw.row]
    assert isinstance(row, ProductType), "rows are products"
    assert isinstance(written, ProductType), "and naming keeps them so"
    columns = tuple(
        ColumnDef(name=named.name or "", accessor=source.name or "", type=inlined(named.type, typespace))
        for source, named in zip(written.elements, row.elements, strict=True)
    )
    return MigrationDef(table=draft.namer.table(raw.table_name), function=raw.function_name, columns=columns)


def _docs(draft: Draft) -> Mapping[str, str]:
    row_types = {table.source_name: table.product_type_ref for table in draft.raw.tables}
    return {_doc_path(draft, row_types, path): text for path, text in draft.raw.docs.items()}


def _doc_path(draft: Draft, row_types: Mapping[str, int], path: str) -> str:
    """Put the canonical names into a dotted path of source names; `row_types` by the table's source name."""
    kind, _, rest = path.partition(".")
    name, _, element = rest.partition(".")
    if not name:
        return path
    rename_element: Callable[[str], str] = draft.namer.field
    if kind == "table":
        canonical = draft.namer.table(name)
        rename_element = partial(draft.namer.column, row_types.get(name, -1))
    elif kind == "type":
        canonical = draft.namer.type(name)
        if _is_sum(draft, name):
            rename_element = draft.namer.variant
    else:
        canonical = draft.namer.function(name)
    return f"{kind}.{canonical}" + (f".{rename_element(element)}" if element else "")


def _is_sum(draft: Draft, type_name: str) -> bool:
    refs = [type_def.type.index for type_def in draft.raw.types if type_def.source_name == type_name]
    return any(isinstance(draft.type_at(ref), SumType) for ref in refs)
