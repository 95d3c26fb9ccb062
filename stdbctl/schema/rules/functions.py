"""Rules on reducers and procedures: names, parameters, results."""

from stdbctl.sats import UNIT, Primitive, ProductType, type_text
from stdbctl.schema.definition import ParamDef, ProcedureDef, ReducerDef
from stdbctl.schema.problems import DefProblem, Subject
from stdbctl.schema.raw import RawProcedureDef, RawReducerDef
from stdbctl.schema.rules.draft import Draft
from stdbctl.schema.rules.names import DuplicateElement, Namespace, check_canonical_name, check_source_name
from stdbctl.schema.rules.types import UnnamedElement, check_use


class ReducerReturn(DefProblem):
    """A reducer returns something."""

    code = "schema.reducer_return"
    what_text = "{subject} returns `{ok}` or the error `{err}`"
    why_text = "a reducer returns nothing, or a text as its error"
    fix_text = "return nothing, or make it a procedure"


def check_reducer(draft: Draft, raw: RawReducerDef) -> ReducerDef:
    """Check and name one reducer; lifecycle and forced privacy come later."""
    subject: Subject = (*draft.prefix, "reducer", raw.source_name)
    if raw.ok_type != UNIT or raw.err_type is not Primitive.STRING:
        draft.report.add(ReducerReturn(subject, ok=type_text(raw.ok_type), err=type_text(raw.err_type)))
    return ReducerDef(
        name=function_name(draft, subject, raw.source_name),
        accessor=raw.source_name,
        params=check_params(draft, subject, raw.params),
        is_private=raw.is_private,
    )


def check_procedure(draft: Draft, raw: RawProcedureDef) -> ProcedureDef:
    """Check and name one procedure; forced privacy comes later."""
    subject: Subject = (*draft.prefix, "procedure", raw.source_name)
    check_use(draft, subject, raw.return_type)
    return ProcedureDef(
        name=function_name(draft, subject, raw.source_name),
        accessor=raw.source_name,
        params=check_params(draft, subject, raw.params),
        return_type=raw.return_type,
        is_private=raw.is_private,
    )


def function_name(draft: Draft, subject: Subject, source: str) -> str:
    """Check and claim the name of a reducer, procedure or view; gives the canonical one."""
    name = draft.namer.function(source)
    if check_source_name(draft.report, subject, source, name):
        draft.functions.claim(name, subject)
    return name


def check_params(draft: Draft, subject: Subject, params: ProductType) -> tuple[ParamDef, ...]:
    """Check and name the parameters of one function."""
    names = Namespace(draft.report, DuplicateElement)
    checked = []
    for position, element in enumerate(params.elements):
        if element.name is None:
            draft.report.add(UnnamedElement(subject, kind="parameter", position=position))
            check_use(draft, subject, element.type)
            continue
        inner = (*subject, "parameter", element.name)
        name = draft.namer.field(element.name)
        if check_canonical_name(draft.report, inner, name):
            names.claim(name, inner)
        check_use(draft, inner, element.type)
        checked.append(ParamDef(name=name, accessor=element.name, type=element.type))
    return tuple(checked)
