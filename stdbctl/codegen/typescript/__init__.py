"""TypeScript for the official `spacetimedb` npm package.

The files of `spacetime generate --lang typescript`, and beside them the plain face in `modules/`.
"""

from stdbctl.codegen.header import digest
from stdbctl.codegen.options import GenerateOptions
from stdbctl.codegen.select import select
from stdbctl.codegen.typescript.build import build_module
from stdbctl.codegen.typescript.checks import check_module
from stdbctl.codegen.typescript.plain import build_face
from stdbctl.codegen.typescript.render import render_module
from stdbctl.errors import Problems
from stdbctl.schema import ModuleDef, encode_raw_v10, raw_v10_of

__all__ = ["generate_typescript"]


def generate_typescript(module: ModuleDef, options: GenerateOptions | None = None) -> dict[str, str]:
    """Generate the TypeScript bindings of a module: path relative to the output folder -> text, sorted by path.

    The same definition and options always give the same texts.

    Raises:
        Problems: names that collide in TypeScript, or types that the SDK cannot carry (`generate.*`), all of them.

    Source: docs/generate.md.
    """
    selections = select(module, options or GenerateOptions())
    if problems := check_module(selections):
        raise Problems(problems)
    views = build_module(selections)
    face = build_face(selections, views.everything, views.doc)
    return render_module(views, face, digest(encode_raw_v10(raw_v10_of(module))))
