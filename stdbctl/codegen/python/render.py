"""From views to files: which template makes which file."""

from collections.abc import Callable, Iterator
from functools import cache

import jinja2

from stdbctl.codegen.header import digest, header_line
from stdbctl.codegen.literals import Safe
from stdbctl.codegen.python import imports, statements
from stdbctl.codegen.python.layout import all_lines, lay_out
from stdbctl.codegen.python.literals import PyName, py_doc
from stdbctl.codegen.python.views import ModuleView, PartView
from stdbctl.codegen.templates import make_environment

_CONNECTION = "A connection for asyncio to a database that runs this module."
_INIT = "Client code for one module: its rows, queries and functions, typed."


def render_module(module: ModuleView, schema_digest: str) -> dict[str, str]:
    """Render all files: path relative to the output folder -> text; `__init__.py` shows `schema_digest`."""
    bodies = {path: body for part in module.parts for path, body in _part_files(part)}
    bodies["remote.py"] = _render(
        "remote", about="The module as it is on the wire.", imports=imports.remote_imports(module), module=module
    )
    bodies["connection.py"] = _render(
        "connection",
        about="Connections to databases that run this module.",
        imports=imports.connection_imports(),
        module_doc=module.parts[0].doc or _CONNECTION,
    )
    files = {path: _file(digest(body.encode()), body) for path, body in bodies.items()}
    files["__init__.py"] = _file(schema_digest, bodies["__init__.py"])
    return dict(sorted(files.items()))


def _file(shown: str, body: str) -> str:
    return f"{header_line('#', shown)}# ruff: noqa\n{body.rstrip()}\n"


def _part_files(part: PartView) -> Iterator[tuple[str, str]]:
    folder = "".join(f"{name}/" for name in part.path)
    about = {
        "types": "The types of the module: rows, records, enums, unions.",
        "tables": "The tables: what is here (`conn.db`), and what can be asked for (`tables`).",
        "reducers": "The reducers and procedures of the module, one function each.",
    }
    for name, make in (
        ("types", imports.types_imports),
        ("tables", imports.tables_imports),
        ("reducers", imports.reducers_imports),
    ):
        yield f"{folder}{name}.py", _render(name, about=about[name], imports=make(part), part=part)
    exports = all_lines(imports.exported_names(part))
    yield f"{folder}__init__.py", _render("init", about=_INIT, imports=imports.init_imports(part), exports=exports)


@cache
def _template(name: str) -> jinja2.Template:
    return _environment().get_template(f"{name}.py.jinja")


@cache
def _environment() -> jinja2.Environment:
    filters: dict[str, Callable[..., Safe]] = {"doc": py_doc, "laid_out": lay_out, "number": _number, "name": PyName}
    environment = make_environment("python", filters)
    environment.globals.update({name: getattr(statements, name) for name in statements.__all__})
    return environment


def _number(value: int) -> Safe:
    return Safe(str(value))


def _render(template: str, **context: object) -> str:
    return _template(template).render(context)
