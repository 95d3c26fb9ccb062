"""A language of the user's own: a folder of Jinja templates, rendered over a documented model of the module.

folder ──find_templates──► names ──plan_outputs(model)──► outputs ──render──► {path: text}
"""

from pathlib import Path

from stdbctl.codegen.custom.build import build_model
from stdbctl.codegen.custom.paths import find_templates, plan_outputs
from stdbctl.codegen.custom.problems import (
    BadTemplate,
    NoTemplates,
    TemplateHeader,
    TemplatePath,
    TemplateRefused,
)
from stdbctl.codegen.custom.render import render_outputs
from stdbctl.codegen.header import digest
from stdbctl.codegen.options import GenerateOptions
from stdbctl.codegen.select import select
from stdbctl.errors import Problems
from stdbctl.schema import ModuleDef, encode_raw_v10, raw_v10_of

__all__ = [
    "BadTemplate",
    "NoTemplates",
    "TemplateHeader",
    "TemplatePath",
    "TemplateRefused",
    "generate_from_templates",
]


def generate_from_templates(folder: Path, module: ModuleDef, options: GenerateOptions | None = None) -> dict[str, str]:
    """Render the templates in `folder` for a module: path relative to the output folder -> text, sorted by path.

    The same templates, definition and options always give the same texts.

    Raises:
        NoTemplates: there is no such folder, or no template in it.
        Problems: what is wrong with templates (`generate.bad_template`, …), all of them, each at its line.

    Source: docs/code-templates.md.
    """
    templates = find_templates(folder)
    selections = select(module, options or GenerateOptions())
    model = build_model(selections, digest(encode_raw_v10(raw_v10_of(module))))
    outputs, name_problems = plan_outputs(templates, model, folder)
    texts, problems = render_outputs(outputs, model, folder)
    if name_problems or problems:
        raise Problems((*name_problems, *problems))
    return texts
