"""What the Python templates place: frozen objects with every name, literal and order decided."""

from dataclasses import dataclass

from stdbctl.codegen.literals import Safe
from stdbctl.codegen.python.layout import Source
from stdbctl.codegen.python.literals import PyName
from stdbctl.codegen.python.types import TypeView


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldView:
    """A column, field or parameter. `wire_name`: its canonical name."""

    name: PyName
    wire_name: str
    type: TypeView
    doc: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordView:
    """A product: a row or a record. `index`: its position in the typespace, as in the other named types."""

    name: PyName
    index: int
    fields: tuple[FieldView, ...]
    doc: str = ""
    kind: str = "record"


@dataclass(frozen=True, slots=True, kw_only=True)
class EnumView:
    """A sum without payloads."""

    name: PyName
    index: int
    members: tuple[FieldView, ...]
    doc: str = ""
    kind: str = "enum"


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantView:
    """A case of a union. `is_own`: it is a record of the same name, which stands in the union itself."""

    name: PyName
    type: TypeView
    is_own: bool
    doc: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnionView:
    """A sum with payloads; `alias` is the statement that joins its variants."""

    name: PyName
    index: int
    variants: tuple[VariantView, ...]
    alias: Safe
    doc: str = ""
    kind: str = "union"


@dataclass(frozen=True, slots=True, kw_only=True)
class AliasView:
    """A named sum without variants: nothing can be of it."""

    name: PyName
    index: int
    type: TypeView
    doc: str = ""
    kind: str = "alias"


NamedView = AliasView | EnumView | RecordView | UnionView


@dataclass(frozen=True, slots=True, kw_only=True)
class TableView:
    """A table or view.

    `name`: the attribute of `conn.db` and `tables`; `const`: what `remote.py` calls it; `handle`, `columns_class`,
    `query`: its classes. `finders`: the columns of its primary key and unique constraints. `auto_inc`: those that the
    server numbers. `filtered`, `compared`: the columns with the types that `filter` and `where` take; `compared` are
    those that SQL can compare.
    """

    name: PyName
    const: PyName
    wire_name: str
    accessor: str
    row: PyName
    row_index: int
    handle: PyName
    columns_class: PyName
    query: PyName
    primary_key: FieldView | None
    finders: tuple[tuple[FieldView, ...], ...]
    indexes: tuple[tuple[FieldView, ...], ...]
    auto_inc: tuple[FieldView, ...]
    filtered: tuple[FieldView, ...]
    compared: tuple[FieldView, ...]
    is_event: bool
    is_view: bool
    doc: str
    query_doc: str

    @property
    def handle_base(self) -> str:
        """The class of the client package that its handle is made from."""
        return "EventTableHandle" if self.is_event else "KeyedTableHandle" if self.primary_key else "TableHandle"


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionView:
    """A reducer, or a procedure (then with what it `returns`). `accessor`: how it is asked for when called."""

    name: PyName
    wire_name: str
    accessor: str
    params: tuple[FieldView, ...]
    returns: TypeView | None = None
    wire_params: Source = ""
    wire_returns: Source = ""
    doc: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildView:
    """A submodule, seen from the module around it: `name` is its attribute and its folder."""

    name: PyName
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WireTypeView:
    """An entry of the typespace: what it is on the wire, and who stands for it.

    `const`: what `remote.py` calls it, None where it stands in the list itself. `name`: its named type, if it has one.
    """

    const: PyName | None
    name: PyName | None
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class PartView:
    """What one module (the root, or a submodule) adds.

    `path`: the names of the folders down to its own; `types_module`: what `remote.py` calls its `types.py`.
    """

    path: tuple[PyName, ...]
    types_module: PyName
    named: tuple[NamedView, ...]
    tables: tuple[TableView, ...]
    reducers: tuple[FunctionView, ...]
    procedures: tuple[FunctionView, ...]
    children: tuple[ChildView, ...]
    wire_types: tuple[WireTypeView, ...]
    doc: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleView:
    """A module with its submodules, the root first. `wire_imports`: what it takes to write its types down."""

    parts: tuple[PartView, ...]
    wire_imports: frozenset[str]
