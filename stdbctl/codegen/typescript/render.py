"""From views to files: which template makes which file."""

from collections.abc import Iterator
from functools import cache

import jinja2

from stdbctl.codegen.header import digest, header_line
from stdbctl.codegen.literals import ts_doc, ts_module, ts_string
from stdbctl.codegen.templates import make_environment
from stdbctl.codegen.typescript.plain import PlainFace
from stdbctl.codegen.typescript.views import ModuleView, NamespaceView

SPACETIMEDB_VERSION = "2.10.1"
"""The SpacetimeDB version that the output is made for; the SDK refuses to connect below 1.4.0."""

_FIXED = ("calls", "client", "link", "values")
"""The parts of the plain face that are the same for every module."""


def render_module(module: ModuleView, face: PlainFace, schema_digest: str) -> dict[str, str]:
    """Render all files: path relative to the output folder -> text; the header of `index.ts` shows `schema_digest`."""
    bodies = {path: body for part in module.everything for path, body in _part_files(part)}
    bodies["types/reducers.ts"] = _render("reducer_types", item=module.root)
    bodies["types/procedures.ts"] = _render("procedure_types", item=module.root)
    bodies["modules/spacetime.ts"] = _render("plain", face=face)
    if any(part.has_any_result for part in module.everything):
        bodies["result.ts"] = _render("result")
    bodies |= {f"modules/{name}.ts": _render(f"plain_{name}") for name in _FIXED}
    files = {path: header_line("//", digest(body.encode())) + body for path, body in bodies.items()}
    files["index.ts"] = header_line("//", schema_digest) + _render(
        "index", module=module, cli_version=SPACETIMEDB_VERSION
    )
    return dict(sorted(files.items()))


def _part_files(part: NamespaceView) -> Iterator[tuple[str, str]]:
    root = "../" * len(part.namespace) or "./"
    for template, items in (("table", part.tables), ("reducer", part.reducers), ("procedure", part.procedures)):
        for item in items:
            yield f"{item.path}.ts", _render(template, item=item, imports=item.imports, root=root)
    yield f"{part.folder}types.ts", _render("types", item=part, imports=(), root=root)


@cache
def _template(name: str) -> jinja2.Template:
    return _environment().get_template(f"{name}.ts.jinja")


@cache
def _environment() -> jinja2.Environment:
    return make_environment("typescript", {"quoted": ts_string, "doc": ts_doc, "module": ts_module})


def _render(template: str, **context: object) -> str:
    return _template(template).render(context)
