"""Client code from a module definition: `generate_…` functions make texts, `write_files` puts texts on disk."""

from stdbctl.codegen.custom import (
    BadTemplate,
    NoTemplates,
    TemplateHeader,
    TemplatePath,
    TemplateRefused,
    generate_from_templates,
)
from stdbctl.codegen.diagram import diagram_mermaid, diagram_svg
from stdbctl.codegen.diffs import FilesDiff, diff_files
from stdbctl.codegen.files import CannotWriteFiles, FileInTheWay, WriteReport, compare_files, write_files
from stdbctl.codegen.options import GenerateOptions
from stdbctl.codegen.problems import (
    GenerateProblem,
    IndexAccessorTaken,
    NameCollision,
    PrimaryKeyType,
    UnstableName,
    UnusableName,
)
from stdbctl.codegen.python import generate_python
from stdbctl.codegen.templates import templates_dir
from stdbctl.codegen.typescript import generate_typescript

__all__ = [
    "BadTemplate",
    "CannotWriteFiles",
    "FileInTheWay",
    "FilesDiff",
    "GenerateOptions",
    "GenerateProblem",
    "IndexAccessorTaken",
    "NameCollision",
    "NoTemplates",
    "PrimaryKeyType",
    "TemplateHeader",
    "TemplatePath",
    "TemplateRefused",
    "UnstableName",
    "UnusableName",
    "WriteReport",
    "compare_files",
    "diagram_mermaid",
    "diagram_svg",
    "diff_files",
    "generate_from_templates",
    "generate_python",
    "generate_typescript",
    "templates_dir",
    "write_files",
]
