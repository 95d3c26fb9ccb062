"""What each generated file imports: only what it uses, in the order of import sorters."""

from collections.abc import Iterable

from stdbctl.codegen.literals import Safe
from stdbctl.codegen.python.layout import import_lines
from stdbctl.codegen.python.types import TypeView
from stdbctl.codegen.python.views import (
    AliasView,
    EnumView,
    FieldView,
    FunctionView,
    ModuleView,
    PartView,
    RecordView,
    TableView,
    UnionView,
)

CLIENT = "stdbctl.client"


def types_imports(part: PartView) -> Safe:
    """For `types.py`."""
    named = part.named
    is_joined = any(isinstance(view, AliasView | UnionView) for view in named)
    is_long = any(isinstance(view, UnionView) and "Union[" in view.alias for view in named)
    has_variants = any(not v.is_own for view in named if isinstance(view, UnionView) for v in view.variants)
    mentioned = list(_types_in(part))
    return _sections(
        [
            ("dataclasses", ["dataclass"] if any(isinstance(view, RecordView) for view in named) else []),
            ("enum", ["Enum"] if any(isinstance(view, EnumView) for view in named) else []),
            (
                "typing",
                [*_typing(mentioned), *(["TypeAlias"] if is_joined else []), *(["Union"] if is_long else [])],
            ),
        ],
        [(CLIENT, [*_client(mentioned), *(["Variant"] if has_variants else [])])],
    )


def _types_in(part: PartView) -> Iterable[TypeView]:
    for view in part.named:
        if isinstance(view, RecordView):
            yield from (field.type for field in view.fields)
        elif isinstance(view, UnionView):
            yield from (variant.type for variant in view.variants if not variant.is_own)
        elif isinstance(view, AliasView):
            yield view.type


def tables_imports(part: PartView) -> Safe:
    """For `tables.py`."""
    tables, is_root = part.tables, not part.path
    fields = [field for table in tables for field in _fields_shown(table)]
    mentioned = [field.type for field in fields]
    is_optional = any(table.compared or (table.filtered and not table.is_event) for table in tables)
    client = {"Tables", *_client(mentioned), *(table.handle_base for table in tables)}
    client |= {"Columns", "TableQuery", "Where"} if tables else set()
    client |= {"Column"} if any(table.compared for table in tables) else set()
    client |= {"UNSET", "Unset"} if is_optional else set()
    client |= {"EventContext"} if is_root else set()
    typing = {*_typing(mentioned), *(["Self"] if tables else [])}
    typing |= {"overload"} if any(len(table.finders) > 1 and not table.is_event for table in tables) else set()
    typing |= {"TypeAlias"} if is_root else {"TYPE_CHECKING"} if tables else set()
    named = {name for view in mentioned for name in view.named} | {table.row for table in tables}
    dots = _dots(part)
    local = [
        (dots, ["remote"] if tables else []),
        *((f".{child.name}", [f"tables as {child.name}_tables"]) for child in part.children),
        (".reducers", ["Reducers"] if is_root else []),
        (".types", named),
    ]
    guarded = f"\n\nif TYPE_CHECKING:\n    from {dots}tables import Context" if tables and not is_root else ""
    return Safe(_sections([("typing", typing)], [(CLIENT, client)], local) + guarded)


def _fields_shown(table: TableView) -> Iterable[FieldView]:
    yield from table.compared
    if not table.is_event:
        yield from table.filtered
        yield from (field for key in table.finders for field in key)


def reducers_imports(part: PartView) -> Safe:
    """For `reducers.py`."""
    functions: tuple[FunctionView, ...] = (*part.reducers, *part.procedures)
    mentioned = [param.type for function in functions for param in function.params]
    mentioned += [function.returns for function in functions if function.returns is not None]
    client = {*_client(mentioned), *(["Call"] if functions else []), *(["Caller"] if part.children else [])}
    children = [(f".{child.name}", [f"reducers as {child.name}_reducers"]) for child in part.children]
    named = {name for view in mentioned for name in view.named}
    return _sections(
        [("typing", _typing(mentioned))], [("stdbctl", ["client"]), (CLIENT, client)], [*children, (".types", named)]
    )


def remote_imports(module: ModuleView) -> Safe:
    """For `remote.py`."""
    parts = module.parts
    client = {"RemoteModule", *module.wire_imports}
    client |= {"RemoteTable"} if any(part.tables for part in parts) else set()
    client |= {"RemoteReducer"} if any(part.reducers for part in parts) else set()
    client |= {"RemoteProcedure"} if any(part.procedures for part in parts) else set()
    client |= {"Typespace"} if any(part.wire_types for part in parts) else set()
    client |= {"Union"} if any(isinstance(view, UnionView) for part in parts for view in part.named) else set()
    used = [part for part in parts if any(not isinstance(view, AliasView) for view in part.named)]
    local = [(f".{'.'.join(part.path)}", [f"types as {part.types_module}" if part.path else "types"]) for part in used]
    return _sections([], [(CLIENT, client)], local)


def connection_imports() -> Safe:
    """For `connection.py`."""
    calls = ["Procedures", "Reducers", "SyncProcedures", "SyncReducers"]
    return _sections(
        [("typing", ["TypeAlias"])],
        [("stdbctl", ["client"]), (CLIENT, ["Bindings", "SyncBindings"])],
        [(".reducers", calls), (".remote", ["MODULE"]), (".tables", ["Db"])],
    )


def class_names(part: PartView) -> list[str]:
    """The classes of `types.py`."""
    variants = [v.name for view in part.named if isinstance(view, UnionView) for v in view.variants if not v.is_own]
    return [*(view.name for view in part.named), *variants]


def init_imports(part: PartView) -> Safe:
    """For `__init__.py`: a submodule's gives its types alone, for the rest imports it in its turn."""
    types = [(".types", class_names(part))]
    if part.path:
        return _sections([], [], types)
    calls = ["Procedures", "Reducers", "SyncProcedures", "SyncReducers"]
    return _sections(
        [],
        [],
        [
            (".connection", ["DbConnection", "EventContext", "SyncDbConnection"]),
            (".reducers", calls),
            (".tables", ["Db", "tables"]),
            *types,
        ],
    )


def exported_names(part: PartView) -> list[str]:
    """What `__init__.py` exports."""
    fixed = "Db DbConnection EventContext Procedures Reducers SyncDbConnection SyncProcedures SyncReducers tables"
    return [*class_names(part), *([] if part.path else fixed.split())]


def _dots(part: PartView) -> str:
    """How the root package is called from a part."""
    return "." * (len(part.path) + 1)


def _client(views: Iterable[TypeView]) -> set[str]:
    return {name for view in views for name in view.client}


def _typing(views: Iterable[TypeView]) -> set[str]:
    return {name for view in views for name in view.typing}


def _sections(*sections: Iterable[tuple[str, Iterable[str]]]) -> Safe:
    """Import statements, section by section."""
    texts = [
        "\n".join(filter(None, (import_lines(module, names) for module, names in section))) for section in sections
    ]
    return Safe("\n\n".join(filter(None, texts)))
