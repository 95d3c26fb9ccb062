"""The named types of one module as Python classes: rows and records, enums, unions, aliases."""

from collections import Counter
from collections.abc import Iterator, Sequence

from stdbctl.codegen.literals import Safe
from stdbctl.codegen.python.layout import LINE_MAX, Items, lay_out
from stdbctl.codegen.python.literals import PyName
from stdbctl.codegen.python.names import ENUM_NEEDS, VALUE_NEEDS, Namer, class_style, value_style
from stdbctl.codegen.python.types import TypeViews
from stdbctl.codegen.python.views import (
    AliasView,
    EnumView,
    FieldView,
    NamedView,
    RecordView,
    UnionView,
    VariantView,
)
from stdbctl.codegen.select import Selection
from stdbctl.sats import NEVER, UNIT, ProductElement, ProductType, Ref, SumType, SumVariant
from stdbctl.schema import ModuleDef, TableDef, TypeDef, ViewDef, pascal

_ORDER = {EnumView: 0, RecordView: 1, UnionView: 2, AliasView: 3}
"""A union is made of records at once, so those come first; all else is named in annotations and quotes."""


class NamedTypes:
    """Makes the views of a module's named types. `classes` gives the names of all classes of the module."""

    def __init__(self, selection: Selection, classes: Namer) -> None:
        self._module = selection.module
        self._defs = {type_def.type.index: type_def for type_def in selection.types}
        declared = [_declared_name(type_def) for type_def in self._defs.values()]
        names = classes.names(declared, [class_style(name) for name in declared])
        self.names = dict(zip(self._defs, names, strict=True))
        self.views = TypeViews(self._module.typespace, self.names)
        self._relations = {item.row_type.index: item for item in _relations(self._module)}
        self._variants = self._name_variants(classes)
        self._needs = VALUE_NEEDS.union(names)

    def named(self) -> tuple[NamedView, ...]:
        """All named types, in the order in which they can be defined."""
        return tuple(sorted((self._named(index) for index in self._defs), key=lambda view: _ORDER[type(view)]))

    def fields_of(self, ref: Ref) -> tuple[FieldView, ...]:
        """The fields of a record, by its type; for a row they are the columns."""
        type_ = self._product(ref)
        item = self._relations.get(ref.index)
        declared = self._declared(ref.index) if item is None else [column.accessor for column in item.columns]
        names = Namer(self._needs).names(declared, [value_style(name) for name in declared])
        return tuple(
            FieldView(
                name=name,
                wire_name=part.name or "",
                type=self.views.view(part.type),
                doc=self._part_doc(ref.index, part.name),
            )
            for name, part in zip(names, type_.elements, strict=True)
        )

    def _product(self, ref: Ref) -> ProductType:
        type_ = self._module.typespace.types[ref.index]
        assert isinstance(type_, ProductType), f"type {ref.index} is no record"
        return type_

    # --- one type

    def _named(self, index: int) -> NamedView:
        name, doc, type_ = self.names[index], self._doc(index), self._module.typespace.types[index]
        if type_ == NEVER:
            return AliasView(name=name, index=index, type=self.views.view(type_), doc=doc)
        if isinstance(type_, ProductType):
            return RecordView(name=name, index=index, fields=self.fields_of(Ref(index)), doc=doc)
        assert isinstance(type_, SumType), f"type {index} is neither a product nor a sum"
        if _is_enum(type_):
            return EnumView(name=name, index=index, members=self._members(index, type_), doc=doc)
        variants = self._variant_views(index, type_)
        return UnionView(name=name, index=index, variants=variants, alias=_alias(name, variants), doc=doc)

    def _members(self, index: int, type_: SumType) -> tuple[FieldView, ...]:
        names = Namer(ENUM_NEEDS).names(self._declared(index))
        view = self.views.view(UNIT)
        return tuple(
            FieldView(name=name, wire_name=part.name or "", type=view, doc=self._part_doc(index, part.name))
            for name, part in zip(names, type_.variants, strict=True)
        )

    def _variant_views(self, index: int, type_: SumType) -> tuple[VariantView, ...]:
        return tuple(
            VariantView(
                name=self._variants[index, tag],
                type=self.views.view(part.type),
                is_own=self._own_record(index, tag, part) is not None,
                doc=self._part_doc(index, part.name) or f"`{part.name}` of `{self.names[index]}`.",
            )
            for tag, part in enumerate(type_.variants)
        )

    # --- variants

    def _name_variants(self, classes: Namer) -> dict[tuple[int, int], PyName]:
        """Name the variants of all unions: (position of the union, tag) -> class.

        Each has its own name; where that is not the only one of its kind, the union's name before its own.
        """
        found: dict[tuple[int, int], PyName] = {}
        wanted: dict[tuple[int, int], str] = {}
        for index in self._defs:
            type_ = self._module.typespace.types[index]
            if not isinstance(type_, SumType) or _is_enum(type_):
                continue
            for tag, (part, name) in enumerate(zip(type_.variants, self._declared(index), strict=True)):
                own = self._own_record(index, tag, part)
                if own is not None:
                    found[index, tag] = self.names[own]
                else:
                    wanted[index, tag] = class_style(name)
        counts = Counter(wanted.values())
        is_plain = {key: counts[name] == 1 and classes.is_free(name) for key, name in wanted.items()}
        texts = [name if is_plain[key] else f"{self.names[key[0]]}{name}" for key, name in wanted.items()]
        return found | dict(zip(wanted, classes.names(texts), strict=True))

    def _own_record(self, index: int, tag: int, part: SumVariant) -> int | None:
        """The record of the same name that a variant carries, if it does: it stands in the union without a box."""
        target = self._defs.get(part.type.index) if isinstance(part.type, Ref) else None
        if target is None or not isinstance(self._module.typespace.types[target.type.index], ProductType):
            return None
        is_same = class_style(target.accessor) == class_style(self._declared(index)[tag])
        return target.type.index if is_same else None

    # --- names and docstrings as the module has them

    def _declared(self, index: int) -> list[str]:
        """How the source calls the fields or variants of a type."""
        type_, names = self._module.typespace.types[index], self._module.element_names
        assert isinstance(type_, ProductType | SumType), f"type {index} has no parts"
        parts: Sequence[ProductElement | SumVariant] = (
            type_.elements if isinstance(type_, ProductType) else type_.variants
        )
        return [names.get((index, position), part.name or "") for position, part in enumerate(parts)]

    def _doc(self, index: int) -> str:
        return next((doc for path in self._doc_paths(index) if (doc := self._module.docs.get(path))), "")

    def _part_doc(self, index: int, name: str | None) -> str:
        paths = self._doc_paths(index)
        return next((doc for path in paths if (doc := self._module.docs.get(f"{path}.{name}"))), "")

    def _doc_paths(self, index: int) -> list[str]:
        """Where docstrings of a type may stand: at the type, else at the table or view whose rows it describes."""
        paths = []
        if (type_def := self._defs.get(index)) is not None:
            paths.append(f"type.{'.'.join((*type_def.scope, type_def.name))}")
        if (item := self._relations.get(index)) is not None:
            paths.append(f"{'table' if isinstance(item, TableDef) else 'view'}.{item.name}")
        return paths


def _alias(name: PyName, variants: Sequence[VariantView]) -> Safe:
    """The statement that joins the variants of a union."""
    line = f"{name}: TypeAlias = {' | '.join(variant.name for variant in variants)}"
    if len(line) <= LINE_MAX or len(variants) == 1:
        return Safe(line)
    return lay_out(Items(f"{name}: TypeAlias = Union[", tuple(variant.name for variant in variants), "]"))


def _is_enum(type_: SumType) -> bool:
    return all(variant.type == UNIT for variant in type_.variants)


def _declared_name(type_def: TypeDef) -> str:
    """A type's name as the module has it, after the scopes around it."""
    if not type_def.scope:
        return type_def.accessor
    return "".join(map(pascal, type_def.scope)) + class_style(type_def.accessor)


def _relations(module: ModuleDef) -> Iterator[TableDef | ViewDef]:
    """Views, then tables, backwards by name: of those that share a row type, the last one names its columns."""
    yield from sorted(module.views, key=lambda view: view.name, reverse=True)
    yield from sorted(module.tables, key=lambda table: table.name, reverse=True)
