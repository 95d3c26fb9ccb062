"""Rules on types: refs, declared types, their elements, their order."""

from collections.abc import Callable, Iterator, Mapping

from stdbctl.sats import (
    NEVER,
    AlgebraicType,
    ArrayType,
    Primitive,
    ProductElement,
    ProductType,
    Ref,
    SumType,
    SumVariant,
    is_special,
    option_inner,
    result_inner,
    type_text,
)
from stdbctl.schema.problems import DefProblem, Subject
from stdbctl.schema.rules.draft import Draft
from stdbctl.schema.rules.names import DuplicateElement, Namespace, check_source_name


class BadTypeRef(DefProblem):
    """A ref points nowhere."""

    code = "schema.bad_type_ref"
    what_text = "{subject} refers to type {index}, but the module has {count} types"
    fix_text = "add the type to the module's types, or correct the reference"


class InlineType(DefProblem):
    """A record or union stands where only a reference to one may stand."""

    code = "schema.inline_type"
    what_text = "{subject} holds the type `{type}`, which has no name"
    why_text = "generated clients need a name for every record and union"
    fix_text = "declare it as a type of its own and use that"


class NotADefinition(DefProblem):
    """A name is given to something that is neither record nor union."""

    code = "schema.not_a_definition"
    what_text = "{subject} is `{type}`, which is neither a record nor a union"
    fix_text = "declare only records and unions as types, and use `{type}` in place"


class UnnamedElement(DefProblem):
    """A column, field, variant or parameter has no name."""

    code = "schema.unnamed_element"
    what_text = "{kind} {position} of {subject} has no name"
    why_text = "generated clients reach it by name"
    fix_text = "give it a name"


class TypeOrder(DefProblem):
    """A type says that it has the default order of elements, but has another."""

    code = "schema.type_order"
    what_text = "{subject} is declared without an order of its own, but its elements are not sorted by name"
    fix_text = "sort the elements by name, or declare the type with `custom_ordering`"


class EndlessType(DefProblem):
    """A type contains itself with nothing between: no value of it could ever be written down."""

    code = "schema.endless_type"
    what_text = "{subject} always contains itself{way}"
    why_text = "no value of it would ever end"
    fix_text = "make the inner one optional, or a list"


class TooManyVariants(DefProblem):
    """A union has more variants than its tag byte can tell apart."""

    code = "schema.too_many_variants"
    what_text = "{subject} has {count} variants; 256 is the most"
    fix_text = "split the type in two"


def check_types(draft: Draft, row_subjects: Mapping[int, Subject]) -> None:
    """Check every declared type. Types in `row_subjects` are rows of a table, which `check_row` looks at."""
    finite = _finite_refs(draft)
    for type_def in draft.raw.types:
        subject: Subject = (*draft.prefix, "type", type_def.source_name)
        if draft.type_at(type_def.type.index) is None:
            draft.report.add(BadTypeRef(subject, index=type_def.type.index, count=len(draft.typespace.types)))
            continue
        _check_definition(draft, subject, type_def.type.index, type_def.type.index in row_subjects)
        if not type_def.custom_ordering and not _has_default_order(draft.typespace.types[type_def.type.index]):
            draft.report.add(TypeOrder(subject))
        way = _way_to_itself(draft, type_def.type.index, finite)
        if way is not None:
            draft.report.add(EndlessType(subject, way=_way_text(draft, way)))


def _check_definition(draft: Draft, subject: Subject, index: int, is_row: bool) -> None:
    type_ = draft.raw.typespace.types[index]
    if isinstance(type_, ProductType):
        if not is_row:
            check_fields(draft, subject, "field", type_, draft.namer.field)
    elif isinstance(type_, SumType):
        if len(type_.variants) > 256:
            draft.report.add(TooManyVariants(subject, count=len(type_.variants)))
        check_fields(draft, subject, "variant", type_, draft.namer.variant)
    else:
        draft.report.add(NotADefinition(subject, type=type_text(type_)))


def check_fields(
    draft: Draft, subject: Subject, kind: str, type_: ProductType | SumType, canonical: Callable[[str], str]
) -> None:
    """Check names and types of the elements of a record or union. `kind`: column, field or variant."""
    names = Namespace(draft.report, DuplicateElement)
    for position, element in enumerate(_elements(type_)):
        if element.name is None:
            draft.report.add(UnnamedElement(subject, kind=kind, position=position))
            check_use(draft, subject, element.type)
            continue
        inner = (*subject, kind, element.name)
        if check_source_name(draft.report, inner, element.name, canonical(element.name)):
            names.claim(canonical(element.name), inner)
        check_use(draft, inner, element.type)


def _elements(type_: ProductType | SumType) -> tuple[ProductElement | SumVariant, ...]:
    return type_.elements if isinstance(type_, ProductType) else type_.variants


def check_use(draft: Draft, subject: Subject, type_: AlgebraicType) -> None:
    """Check a type where a column, field, parameter or result has it: records and unions only by reference."""
    for problem in _use_problems(draft, subject, type_, frozenset()):
        draft.report.add(problem)


def _use_problems(draft: Draft, subject: Subject, type_: AlgebraicType, inside: frozenset[int]) -> Iterator[DefProblem]:
    if isinstance(type_, Ref):
        yield from _ref_problems(draft, subject, type_, inside)
    elif isinstance(type_, ArrayType):
        yield from _use_problems(draft, subject, type_.element, inside)
    elif (inner := option_inner(type_)) is not None:
        yield from _use_problems(draft, subject, inner, inside)
    elif (both := result_inner(type_)) is not None:
        for side in both:
            yield from _use_problems(draft, subject, side, inside)
    elif not isinstance(type_, Primitive) and not is_special(type_):
        yield InlineType(subject, type=type_text(type_))


def _ref_problems(draft: Draft, subject: Subject, ref: Ref, inside: frozenset[int]) -> Iterator[DefProblem]:
    target = draft.type_at(ref.index)
    if target is None:
        yield BadTypeRef(subject, index=ref.index, count=len(draft.typespace.types))
    elif ref.index in inside:
        yield EndlessType(subject, way="")
    elif ref.index not in draft.declared:
        yield from _use_problems(draft, subject, target, inside | {ref.index})


def _has_default_order(type_: AlgebraicType) -> bool:
    if not isinstance(type_, ProductType | SumType):
        return True
    keys = [(element.name is not None, (element.name or "").encode()) for element in _elements(type_)]
    return keys == sorted(keys)


def _way_to_itself(draft: Draft, index: int, finite: set[int]) -> tuple[int, ...] | None:
    """The types by way of which an endless type contains itself; None for one that is only made endless by others."""
    waiting: list[tuple[int, tuple[int, ...]]] = [(index, ())] if index not in finite else []
    seen: set[int] = set()
    while waiting:
        at, way = waiting.pop(0)
        for inner in _needed(draft.typespace.types[at], finite, len(draft.typespace.types)):
            if inner == index:
                return way
            if inner not in seen:
                seen.add(inner)
                waiting.append((inner, (*way, inner)))
    return None


def _needed(type_: AlgebraicType, finite: set[int], count: int) -> Iterator[int]:
    """The endless types that every value of a type has to contain."""
    if _is_finite(type_, finite, count):
        return
    if isinstance(type_, Ref):
        yield type_.index
    elif isinstance(type_, ProductType | SumType):
        for element in _elements(type_):
            yield from _needed(element.type, finite, count)


def _way_text(draft: Draft, way: tuple[int, ...]) -> str:
    names = {type_def.type.index: type_def.source_name for type_def in draft.raw.types}
    steps = ", ".join(f"`{names.get(index, index)}`" for index in way)
    return f", by way of {steps}" if steps else ""


def _finite_refs(draft: Draft) -> set[int]:
    """The positions of types that have at least one value that ends (or no variants at all). Least fixed point."""
    types = draft.typespace.types
    finite: set[int] = set()
    while True:
        found = {i for i, type_ in enumerate(types) if _is_finite(type_, finite, len(types))}
        if found == finite:
            return finite
        finite = found


def _is_finite(type_: AlgebraicType, finite: set[int], count: int) -> bool:
    if isinstance(type_, Ref):
        return type_.index in finite or type_.index >= count  # a ref that points nowhere is a problem of its own
    if isinstance(type_, ProductType):
        return all(_is_finite(element.type, finite, count) for element in type_.elements)
    if isinstance(type_, SumType):
        return type_ == NEVER or any(_is_finite(variant.type, finite, count) for variant in type_.variants)
    return True
