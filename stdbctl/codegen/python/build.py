"""From a module definition to the views of its Python."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from stdbctl.codegen.python.literals import PyName
from stdbctl.codegen.python.named import NamedTypes
from stdbctl.codegen.python.names import CLASS_NEEDS, CONST_NEEDS, FILES, VALUE_NEEDS, Namer, value_style
from stdbctl.codegen.python.tables import TableViews
from stdbctl.codegen.python.views import ChildView, FieldView, FunctionView, ModuleView, PartView, WireTypeView
from stdbctl.codegen.python.wire import WireTypes
from stdbctl.codegen.select import Selection
from stdbctl.sats import NEVER, ProductElement, ProductType, SumType
from stdbctl.schema import ProcedureDef, ReducerDef, pascal

Path = tuple[PyName, ...]
"""The folders from the output folder down to a submodule's; also how it is reached from `conn.db`."""


def build_module(selections: Sequence[Selection]) -> ModuleView:
    """Make the views of a module and its submodules; `selections` starts with the root."""
    used: set[str] = set()
    consts, type_consts, modules = Namer(CONST_NEEDS), Namer(), Namer()
    paths: dict[tuple[str, ...], Path] = {(): ()}
    parts: list[PartView] = []
    shift = 0
    for selection in selections:
        below = [s.namespace for s in selections if s.namespace and s.namespace[:-1] == selection.namespace]
        builder = _PartBuilder(selection, paths[selection.namespace], WireTypes(shift, used), consts, type_consts)
        types_module = modules.name("_".join((*paths[selection.namespace], "types")))
        part = builder.build([namespace[-1] for namespace in below], types_module)
        paths |= {namespace: (*part.path, child.name) for namespace, child in zip(below, part.children, strict=True)}
        parts.append(part)
        shift += len(selection.module.typespace.types)
    return ModuleView(parts=tuple(parts), wire_imports=frozenset(used))


class _PartBuilder:
    """Makes the views of one module of the tree."""

    def __init__(self, selection: Selection, path: Path, wire: WireTypes, consts: Namer, type_consts: Namer) -> None:
        self._selection, self._path, self._wire, self._type_consts = selection, path, wire, type_consts
        self._module = selection.module
        classes = Namer(CLASS_NEEDS)
        self._named = NamedTypes(selection, classes)
        self._tables = TableViews(selection, self._named, classes, consts)
        self._needs = VALUE_NEEDS | set(self._named.names.values())

    def build(self, namespaces: Sequence[str], types_module: PyName) -> PartView:
        """Make the part; `namespaces`: the submodules right below, by their last segment."""
        selection = self._selection
        reducers = [reducer for reducer in selection.reducers if reducer.lifecycle is None]
        table_names, reducer_names, procedure_names = (Namer(self._needs) for _ in range(3))
        tables = self._tables.views(_take(table_names, [item.accessor for item in selection.relations]), self._path)
        called = _take(reducer_names, [reducer.accessor for reducer in reducers])
        asked = _take(procedure_names, [procedure.accessor for procedure in selection.procedures])
        below = Namer(self._needs | FILES).after(table_names, reducer_names, procedure_names)
        return PartView(
            path=self._path,
            types_module=types_module,
            named=self._named.named(),
            tables=tables,
            reducers=tuple(map(self._reducer, reducers, called)),
            procedures=tuple(map(self._procedure, selection.procedures, asked)),
            children=tuple(
                ChildView(name=name, label=f"{selection.wire_prefix}{namespace}")
                for name, namespace in zip(_take(below, namespaces), namespaces, strict=True)
            ),
            wire_types=tuple(self._wire_types()),
            doc=self._module.docs.get("module", ""),
        )

    # --- functions

    def _reducer(self, reducer: ReducerDef, name: PyName) -> FunctionView:
        return self._function(reducer, name, f"reducer.{reducer.name}")

    def _procedure(self, procedure: ProcedureDef, name: PyName) -> FunctionView:
        view = self._function(procedure, name, f"procedure.{procedure.name}")
        type_ = procedure.return_type
        return replace(view, returns=self._named.views.view(type_), wire_returns=self._wire.source(type_))

    def _function(self, item: ReducerDef | ProcedureDef, name: PyName, doc_path: str) -> FunctionView:
        names = _take(Namer(self._needs), [param.accessor for param in item.params])
        docs = self._module.docs
        params = tuple(
            FieldView(
                name=param_name,
                wire_name=param.name,
                type=self._named.views.view(param.type),
                doc=docs.get(f"{doc_path}.{param.name}", ""),
            )
            for param_name, param in zip(names, item.params, strict=True)
        )
        elements = tuple(ProductElement(param.name, param.type) for param in item.params)
        return FunctionView(
            name=name,
            wire_name=f"{self._selection.wire_prefix}{item.name}",
            accessor=".".join((*self._path, name)),
            params=params,
            wire_params=self._wire.definition(ProductType(elements)),
            doc=_with_params(docs.get(doc_path, ""), params),
        )

    # --- types as they travel

    def _wire_types(self) -> Iterator[WireTypeView]:
        """One per entry of the typespace, in its order."""
        prefix = "".join(f"{pascal(name)}_" for name in self._path)
        for index, type_ in enumerate(self._module.typespace.types):
            name = self._named.names.get(index)
            if name is None or type_ == NEVER:
                yield WireTypeView(const=None, name=name, source=self._wire.source(type_))
            else:
                assert isinstance(type_, ProductType | SumType), f"type {index} is neither a product nor a sum"
                const = self._type_consts.name(f"{prefix}{name}")
                yield WireTypeView(const=PyName(f"_{const}"), name=name, source=self._wire.definition(type_))


def _take(namer: Namer, declared: Sequence[str]) -> list[PyName]:
    return namer.names(declared, [value_style(name) for name in declared])


def _with_params(doc: str, params: Sequence[FieldView]) -> str:
    """A function's docstring with those of its parameters below."""
    lines = [f"`{param.name}`: {param.doc}" for param in params if param.doc]
    return "\n\n".join(part for part in (doc.strip(), "\n".join(lines)) if part)
