"""Which items of a module appear in generated code, and in which order: the rules of `spacetime generate`.

| item | shown | with private ones | order |
|---|---|---|---|
| tables, views | public | all | canonical name |
| reducers | public, never `init` | all but `init` | as defined |
| procedures | public | all | canonical name |
| types | all | all | scope, then source name |

Of a submodule only public items are shown, whatever is asked for.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from stdbctl.codegen.options import GenerateOptions
from stdbctl.schema import Lifecycle, ModuleDef, ProcedureDef, ReducerDef, Subject, TableDef, TypeDef, ViewDef


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The items of one module that are generated, each list in output order.

    `namespace`: the segments under which the module stands inside the root module; empty for the root itself.
    """

    module: ModuleDef
    namespace: tuple[str, ...]
    tables: tuple[TableDef, ...]
    views: tuple[ViewDef, ...]
    reducers: tuple[ReducerDef, ...]
    procedures: tuple[ProcedureDef, ...]
    types: tuple[TypeDef, ...]

    @property
    def relations(self) -> tuple[TableDef | ViewDef, ...]:
        """The tables, then the views: all that has rows."""
        return (*self.tables, *self.views)

    @property
    def wire_prefix(self) -> str:
        """What stands before the names of this module on the wire."""
        return "".join(f"{segment}." for segment in self.namespace)

    @property
    def subject(self) -> Subject:
        """What stands before the subject of every problem in this module."""
        return tuple(word for segment in self.namespace for word in ("submodule", segment))


def select(module: ModuleDef, options: GenerateOptions) -> tuple[Selection, ...]:
    """Pick what `options` show of `module` and its submodules: the root first, then depth first."""
    return tuple(_select(module, (), options.include_private))


def _select(module: ModuleDef, namespace: tuple[str, ...], private: bool) -> Iterator[Selection]:
    yield Selection(
        module=module,
        namespace=namespace,
        tables=tuple(sorted((t for t in module.tables if private or t.is_public), key=lambda t: t.name)),
        views=tuple(sorted((v for v in module.views if private or v.is_public), key=lambda v: v.name)),
        reducers=tuple(
            r for r in module.reducers if r.lifecycle is not Lifecycle.INIT and (private or not r.is_private)
        ),
        procedures=tuple(sorted((p for p in module.procedures if private or not p.is_private), key=lambda p: p.name)),
        types=tuple(sorted(module.types, key=lambda t: (t.scope, t.accessor))),
    )
    for submodule in sorted(module.submodules, key=lambda s: s.namespace):
        yield from _select(submodule.module, (*namespace, submodule.namespace), False)
