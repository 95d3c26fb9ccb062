"""Python for `stdbctl.client`: typed rows, queries, table handles and functions."""

from stdbctl.codegen.header import digest
from stdbctl.codegen.options import GenerateOptions
from stdbctl.codegen.python.build import build_module
from stdbctl.codegen.python.render import render_module
from stdbctl.codegen.select import select
from stdbctl.schema import ModuleDef, encode_raw_v10, raw_v10_of

__all__ = ["generate_python"]


def generate_python(module: ModuleDef, options: GenerateOptions | None = None) -> dict[str, str]:
    """Generate the Python bindings of a module: path relative to the output folder -> text, sorted by path.

    Every valid definition can be shown: names that Python cannot take are changed by one rule (`names.py`). The same
    definition and options always give the same texts.

    Source: docs/generate.md.
    """
    selections = select(module, options or GenerateOptions())
    return render_module(build_module(selections), digest(encode_raw_v10(raw_v10_of(module))))
