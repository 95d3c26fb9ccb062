"""What the TypeScript templates place: frozen objects with every name, literal and order decided."""

from collections.abc import Iterable
from dataclasses import dataclass

from stdbctl.codegen.literals import Safe, TsName, ts_string
from stdbctl.codegen.typescript.types import TypeView


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldView:
    """A column, field, parameter or variant.

    `is_getter`: the type names another one, so it is read only when needed. `is_recursive`: it leads back to the type
    that it stands in, so its type is written out. `wire_name`: the column's name in SQL, where it is not the key.
    """

    key: TsName
    type: TypeView
    is_getter: bool = False
    is_recursive: bool = False
    is_primary_key: bool = False
    is_unique: bool = False
    wire_name: str | None = None
    doc: str = ""


def _has_result(fields: Iterable[FieldView]) -> bool:
    return any(field.type.has_result for field in fields)


def imported_names(types: Iterable[TypeView]) -> tuple[TsName, ...]:
    """The named types that a file takes from `types.ts`, sorted."""
    return tuple(sorted({name for type_ in types for name in type_.names()}))


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexView:
    """An index: `accessor` as the module wrote it, `columns` by their keys."""

    accessor: str
    name: str
    columns: tuple[TsName, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConstraintView:
    """A unique constraint."""

    name: str
    columns: tuple[TsName, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TableView:
    """A table or view. `key`: in the schema object; `path`: its file without suffix; `row`: the import of its row.

    `local_key`: the key within its namespace; the same as `key` outside submodules.
    """

    key: str
    local_key: TsName
    namespace: tuple[str, ...]
    name: str
    accessor: str
    path: str
    row: TsName
    columns: tuple[FieldView, ...]
    imports: tuple[TsName, ...]
    indexes: tuple[IndexView, ...] = ()
    constraints: tuple[ConstraintView, ...] = ()
    is_event: bool = False
    doc: str = ""

    @property
    def has_result(self) -> bool:
        """Whether its file describes a result."""
        return _has_result(self.columns)

    @property
    def schema_key(self) -> Safe:
        """The key as the schema object writes it: bare, or quoted when it holds a namespace."""
        return ts_string(self.key) if self.namespace else self.local_key


@dataclass(frozen=True, slots=True, kw_only=True)
class ReducerView:
    """A reducer. `sdk_key`: the key under which the SDK keeps it; `type_name`: the start of its `…Params` type."""

    wire_name: str
    sdk_key: str
    local_key: TsName
    namespace: tuple[str, ...]
    path: str
    schema: TsName
    params_type: TsName
    params: tuple[FieldView, ...]
    imports: tuple[TsName, ...]
    is_callable: bool
    doc: str = ""

    @property
    def has_result(self) -> bool:
        """Whether its file describes a result."""
        return _has_result(self.params)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcedureView:
    """A procedure; the names as in `ReducerView`."""

    wire_name: str
    sdk_key: str
    local_key: TsName
    namespace: tuple[str, ...]
    path: str
    schema: TsName
    args_type: TsName
    result_type: TsName
    params: tuple[FieldView, ...]
    returns: TypeView
    imports: tuple[TsName, ...]
    doc: str = ""

    @property
    def has_result(self) -> bool:
        """Whether its file describes a result."""
        return self.returns.has_result or _has_result(self.params)


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeDefView:
    """A named type: a product's fields or a sum's variants."""

    name: TsName
    is_sum: bool
    is_recursive: bool
    fields: tuple[FieldView, ...]
    doc: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AliasView:
    """A deprecated accessor of a table: the source name where it differs from the key."""

    accessor: str
    key: TsName


@dataclass(frozen=True, slots=True, kw_only=True)
class NamespaceNode:
    """One namespace inside `tables`, `reducers` or `procedures`: (key here, key in the flat map), then deeper ones."""

    name: TsName
    entries: tuple[tuple[TsName, str], ...]
    children: tuple["NamespaceNode", ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NamespaceView:
    """What one module (the root, or a submodule) adds: its folder's files."""

    folder: str
    namespace: tuple[str, ...]
    tables: tuple[TableView, ...]
    reducers: tuple[ReducerView, ...]
    procedures: tuple[ProcedureView, ...]
    types: tuple[TypeDefView, ...]

    @property
    def has_result(self) -> bool:
        """Whether its `types.ts` describes a result."""
        return any(_has_result(type_.fields) for type_ in self.types)

    @property
    def has_any_result(self) -> bool:
        """Whether any of its files describes a result."""
        items: tuple[NamespaceView | TableView | ReducerView | ProcedureView, ...]
        items = (self, *self.tables, *self.reducers, *self.procedures)
        return any(item.has_result for item in items)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleView:
    """All of a module. `nested_*` are empty where no submodule adds anything of the kind."""

    root: NamespaceView
    submodules: tuple[NamespaceView, ...]
    row_imports: tuple[TableView, ...]
    aliases: tuple[AliasView, ...]
    nested_tables: tuple[NamespaceNode, ...]
    nested_reducers: tuple[NamespaceNode, ...]
    nested_procedures: tuple[NamespaceNode, ...]
    doc: str = ""

    @property
    def everything(self) -> tuple[NamespaceView, ...]:
        """The root and all submodules, in order."""
        return (self.root, *self.submodules)
