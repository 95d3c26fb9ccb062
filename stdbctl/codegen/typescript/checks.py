"""What of a module cannot become TypeScript: every problem at once."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from stdbctl.codegen.literals import is_ts_name
from stdbctl.codegen.problems import (
    GenerateProblem,
    NameCollision,
    PrimaryKeyType,
    UnstableName,
    UnusableName,
)
from stdbctl.codegen.select import Selection
from stdbctl.codegen.typescript.indexes import index_problems
from stdbctl.codegen.typescript.names import sdk_type_camel, type_name
from stdbctl.sats import (
    Primitive,
    ProductType,
    Ref,
    SumType,
    special_name,
    type_text,
)
from stdbctl.schema import (
    ColumnDef,
    ModuleDef,
    ParamDef,
    ProcedureDef,
    ReducerDef,
    Subject,
    TableDef,
    TypeDef,
    ViewDef,
    camel,
    pascal,
    sdk_camel,
    snake,
)

_Named = tuple[Subject, str]
_CASINGS: tuple[Callable[[str], str], ...] = (camel, pascal, snake)


def check_module(selections: Sequence[Selection]) -> list[GenerateProblem]:
    """Find what keeps the selected items from becoming TypeScript; nothing that is not selected is looked at."""
    problems = [problem for selection in selections for problem in _check_selection(selection)]
    return problems + list(_check_namespaces(selections))


def _check_selection(selection: Selection) -> Iterator[GenerateProblem]:
    here = selection.subject
    yield from _check_names([(_relation(here, item), item.accessor) for item in selection.relations], *_CASINGS)
    for item in selection.relations:
        yield from _check_table(selection.module, _relation(here, item), item)
    yield from _check_functions(selection, [((*here, "reducer", r.accessor), r) for r in selection.reducers])
    yield from _check_functions(selection, [((*here, "procedure", p.accessor), p) for p in selection.procedures])
    yield from _check_names([((*here, "type", t.accessor), type_name(t)) for t in selection.types], str)
    for type_def in selection.types:
        yield from _check_type(selection.module, (*here, "type", type_def.accessor), type_def)


def _check_names(things: Iterable[_Named], *conversions: Callable[[str], str]) -> Iterator[GenerateProblem]:
    """Each thing's name must convert to an identifier, and to one that no other thing of the list has."""
    seen: list[dict[str, Subject]] = [{} for _ in conversions]
    for subject, name in things:
        converted = [convert(name) for convert in conversions]
        if not all(map(is_ts_name, converted[:2])):
            yield UnusableName(subject=subject, name=converted[0])
            continue
        for taken, text in zip(seen, converted, strict=True):
            if text in taken:
                yield NameCollision(subject=subject, other=taken[text], name=text)
                break
        for taken, text in zip(seen, converted, strict=True):
            taken.setdefault(text, subject)


def _relation(here: Subject, item: TableDef | ViewDef) -> Subject:
    return (*here, "table" if isinstance(item, TableDef) else "view", item.accessor)


def _check_table(module: ModuleDef, subject: Subject, item: TableDef | ViewDef) -> Iterator[GenerateProblem]:
    yield from _check_names([((*subject, "column", c.accessor), c.name) for c in item.columns], camel)
    if item.primary_key is not None:
        yield from _check_primary_key(module, subject, item.columns[item.primary_key])
    yield from index_problems(subject, item)


def _check_primary_key(module: ModuleDef, subject: Subject, column: ColumnDef) -> Iterator[GenerateProblem]:
    type_ = column.type
    is_sum = isinstance(type_, Ref) and isinstance(module.typespace.resolve(type_), SumType)
    is_scalar = isinstance(type_, Primitive) and type_ not in (Primitive.F32, Primitive.F64)
    is_special = special_name(type_) not in (None, "ScheduleAt")
    if not (is_sum or is_scalar or is_special):
        yield PrimaryKeyType(subject=(*subject, "column", column.accessor), type_text=type_text(type_))


def _check_functions(
    selection: Selection, functions: Sequence[tuple[Subject, ReducerDef | ProcedureDef]]
) -> Iterator[GenerateProblem]:
    yield from _check_names([(subject, f.accessor) for subject, f in functions], *_CASINGS)
    keys: dict[str, Subject] = {}
    for subject, function in functions:
        yield from _check_params(subject, function.params)
        if isinstance(function, ReducerDef) and function.lifecycle is not None:
            continue
        wire_name = selection.wire_prefix + function.name
        actual, typed = sdk_camel(wire_name), sdk_type_camel(wire_name)
        if actual != typed:
            yield UnstableName(subject=subject, typed=typed, actual=actual)
        elif (other := keys.setdefault(actual, subject)) != subject:
            yield NameCollision(subject=subject, other=other, name=actual)


def _check_params(subject: Subject, params: Sequence[ParamDef]) -> Iterator[GenerateProblem]:
    yield from _check_names([((*subject, "parameter", p.accessor), p.name) for p in params], camel)


def _check_type(module: ModuleDef, subject: Subject, type_def: TypeDef) -> Iterator[GenerateProblem]:
    type_ = module.typespace.types[type_def.type.index]
    if isinstance(type_, ProductType):
        yield from _check_names([((*subject, "field", e.name or ""), e.name or "") for e in type_.elements], camel)
    elif isinstance(type_, SumType):
        yield from _check_names([((*subject, "variant", v.name or ""), v.name or "") for v in type_.variants], pascal)


def _check_namespaces(selections: Sequence[Selection]) -> Iterator[GenerateProblem]:
    """Namespaces are keys beside those of tables and functions, and the start of import names."""
    submodules = [selection for selection in selections if selection.namespace]
    yield from _check_names([(s.subject, "_".join(s.namespace)) for s in submodules], pascal)
    by_namespace = {selection.namespace: selection for selection in selections}
    for submodule in submodules:
        outer = by_namespace[submodule.namespace[:-1]]
        taken = {camel(item.accessor): _relation(outer.subject, item) for item in outer.relations}
        taken |= {camel(r.accessor): (*outer.subject, "reducer", r.accessor) for r in outer.reducers}
        taken |= {camel(p.accessor): (*outer.subject, "procedure", p.accessor) for p in outer.procedures}
        segment = submodule.namespace[-1]
        if segment in taken:
            yield NameCollision(subject=submodule.subject, other=taken[segment], name=segment)
