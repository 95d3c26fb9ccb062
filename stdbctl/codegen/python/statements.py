"""The statements of generated Python that may grow over several lines, each as source to be laid out."""

from collections.abc import Iterable, Iterator, Sequence

from stdbctl.codegen.python.layout import Items, Source, prefixed, tuple_of
from stdbctl.codegen.python.literals import py_string
from stdbctl.codegen.python.types import TypeView
from stdbctl.codegen.python.views import (
    AliasView,
    FieldView,
    FunctionView,
    ModuleView,
    PartView,
    TableView,
    UnionView,
    VariantView,
    WireTypeView,
)

__all__ = [
    "call_signature",
    "call_statement",
    "filter_call",
    "filter_signature",
    "find_any_signature",
    "find_call",
    "find_signature",
    "handle_class",
    "handle_statement",
    "has_answer",
    "query_class",
    "query_statement",
    "remote_module",
    "remote_table",
    "run_signature",
    "run_statement",
    "variant_class",
    "where_call",
    "where_signature",
    "wire_constant",
]
"""What templates call."""


def variant_class(variant: VariantView) -> Source:
    """`class Circle(Variant[float]):`."""
    return Items(f"class {variant.name}(", (f"Variant[{variant.type.quoted}]",), "):")


def handle_class(table: TableView) -> Source:
    """`class PointHandle(KeyedTableHandle[Point, "Context"]):`."""
    return Items(f"class {table.handle}(", (f'{table.handle_base}[{table.row}, "Context"]',), "):")


def query_class(table: TableView) -> Source:
    """`class PointQuery(TableQuery[Point, PointColumns]):`."""
    return Items(f"class {table.query}(", (f"TableQuery[{table.row}, {table.columns_class}]",), "):")


def handle_statement(table: TableView) -> Source:
    """How `Db` makes a handle."""
    return Items(f"self.{table.name} = {table.handle}(", ("tables", f"remote.{table.const}"))


def query_statement(table: TableView) -> Source:
    """How `Queries` makes a query."""
    return Items(f"self.{table.name} = {table.query}(", (f"remote.{table.const}", table.columns_class))


def find_signature(table: TableView, key: Sequence[FieldView]) -> Source:
    """The head of `find` by one key."""
    return _method("find", _keywords(key), f"{table.row} | None")


def find_any_signature(table: TableView) -> Source:
    """The head of the `find` behind several overloads."""
    return _method("find", ["**key: object"], f"{table.row} | None")


def find_call(key: Sequence[FieldView]) -> Source:
    """What `find` by one key does."""
    return Items("return self._find(", tuple(f"{field.name}={field.name}" for field in key))


def filter_signature(table: TableView) -> Source:
    """The head of `filter`."""
    return _method("filter", _optional(table.filtered), f"list[{table.row}]")


def filter_call(table: TableView) -> Source:
    """What `filter` does."""
    return Items("return self._filter(", tuple(f"{field.name}={field.name}" for field in table.filtered))


def where_signature(table: TableView) -> Source:
    """The head of `where`; its condition is called what no column is."""
    condition = f"_condition: Where[{table.columns_class}] | None = None"
    compared = [f"{field.name}: {field.type.text} | Unset = UNSET" for field in table.compared]
    return _method("where", [condition, "/", *(["*"] if compared else []), *compared], "Self")


def where_call(table: TableView) -> Source:
    """What `where` does."""
    equal = (f"{field.name}={field.name}" for field in table.compared)
    return Items("return self._where(", ("_condition", *equal))


def call_signature(function: FunctionView) -> Source:
    """The head of a function that sends a call."""
    return _method(function.name, _keywords(function.params), f"Call[{_result(function.returns)}]")


def run_signature(function: FunctionView) -> Source:
    """The head of a function that waits for the answer."""
    return _method(function.name, _keywords(function.params), _answer(function.returns))


def has_answer(function: FunctionView) -> bool:
    """Whether there is something to return."""
    return _answer(function.returns) != "None"


def call_statement(function: FunctionView) -> Source:
    """What a function that sends a call does."""
    return _passed("return self._call(", function)


def run_statement(function: FunctionView) -> Source:
    """What a function that waits for the answer does; a result is declared, for the base gives anything."""
    result = _answer(function.returns)
    return _passed("self._run(" if result == "None" else f"_answer: {result} = self._run(", function)


def remote_table(table: TableView, part: PartView) -> Source:
    """The constant that describes a table."""
    row_const = part.wire_types[table.row_index].const
    parts: list[Source] = [
        f"name={py_string(table.wire_name)}",
        f"accessor={py_string(table.accessor)}",
        f"row={row_const}",
        f"row_class={part.types_module}.{table.row}",
    ]
    if table.primary_key is not None:
        parts.append(f"primary_key={py_string(table.primary_key.name)}")
    parts += [prefixed("unique=", _names(table.finders))] if table.finders else []
    parts += [prefixed("indexes=", _names(table.indexes))] if table.indexes else []
    auto_inc = tuple_of(str(py_string(column.name)) for column in table.auto_inc)
    parts += [prefixed("auto_inc=", auto_inc)] if table.auto_inc else []
    parts += ["is_event=True"] if table.is_event else []
    parts += ["is_view=True"] if table.is_view else []
    return Items(f"{table.const} = RemoteTable(", tuple(parts))


def _remote_function(kind: str, function: FunctionView) -> Source:
    """The description of a reducer or procedure; `kind`: its class."""
    parts: list[Source] = [f"name={py_string(function.wire_name)}", f"accessor={py_string(function.accessor)}"]
    if function.params:
        parts.append(prefixed("params=", function.wire_params))
        names = tuple_of(str(py_string(param.name)) for param in function.params)
        parts.append(prefixed("param_names=", names))
    if function.returns is not None:
        parts.append(prefixed("returns=", function.wire_returns))
    return Items(f"{kind}(", tuple(parts))


def wire_constant(type_: WireTypeView) -> Source:
    """The constant that describes a named type."""
    return prefixed(f"{type_.const} = ", type_.source)


def remote_module(module: ModuleView) -> Source:
    """The constant that describes the whole module."""
    types = [type_.source if type_.const is None else str(type_.const) for p in module.parts for type_ in p.wire_types]
    classes = [source for part in module.parts for source in _classes(part)]
    tables = [str(table.const) for part in module.parts for table in part.tables]
    reducers = [_remote_function("RemoteReducer", f) for part in module.parts for f in part.reducers]
    procedures = [_remote_function("RemoteProcedure", f) for part in module.parts for f in part.procedures]
    parts: list[Source] = [Items("types=Typespace(", (tuple_of(types),))] if types else []
    groups: dict[str, Sequence[Source]] = {
        "classes": classes,
        "tables": tables,
        "reducers": reducers,
        "procedures": procedures,
    }
    parts += [prefixed(f"{name}=", tuple_of(group)) for name, group in groups.items() if group]
    return Items("MODULE = RemoteModule(", tuple(parts))


def _classes(part: PartView) -> Iterator[Source]:
    """Who stands for each entry of a part's typespace."""
    named = {view.name: view for view in part.named}
    for type_ in part.wire_types:
        view = None if type_.name is None else named[type_.name]
        if view is None or isinstance(view, AliasView):
            yield "None"
        elif isinstance(view, UnionView):
            variants = tuple_of(f"{part.types_module}.{variant.name}" for variant in view.variants)
            yield Items("Union(", (str(py_string(view.name)), variants))
        else:
            yield f"{part.types_module}.{view.name}"


def _method(name: str, params: Iterable[str], returns: str) -> Items:
    return Items(f"def {name}(", ("self", *params), f") -> {returns}:")


def _keywords(fields: Sequence[FieldView]) -> list[str]:
    return ["*", *(f"{field.name}: {field.type.text}" for field in fields)] if fields else []


def _optional(fields: Sequence[FieldView]) -> list[str]:
    return ["*", *(f"{field.name}: {field.type.text} = UNSET" for field in fields)] if fields else []


def _result(view: TypeView | None) -> str:
    return "None" if view is None else view.text


def _answer(view: TypeView | None) -> str:
    """What waiting gives: nothing where the type has no value, for Python has no `return` that never returns."""
    result = _result(view)
    return "None" if result == "Never" else result


def _passed(start: str, function: FunctionView) -> Items:
    return Items(start, (str(py_string(function.accessor)), *(str(param.name) for param in function.params)))


def _names(groups: Iterable[Sequence[FieldView]]) -> Items:
    return tuple_of(tuple_of(str(py_string(field.name)) for field in group) for group in groups)
