"""What can be wrong with templates of a user's own, each with its place in the template."""

from pathlib import Path

from stdbctl.errors import Fault, Place, Problem


class NoTemplates(Fault):
    """The folder of templates is not there, or holds none."""

    code = "generate.no_templates"

    def __init__(self, folder: Path, reason: str) -> None:
        self.folder = folder
        super().__init__(
            f"`{folder}` {reason}",
            fix="name a folder with at least one file that ends in `.jinja`; see docs/code-templates.md",
        )


class BadTemplate(Problem):
    """A template that Jinja cannot read, or that failed while it was rendered."""

    code = "generate.bad_template"

    def __init__(self, *, what: str, about: str, place: Place) -> None:
        super().__init__(
            what=what,
            why=f"while rendering {about}" if about else "",
            fix="what a template may use stands in docs/code-templates.md",
            place=place,
        )


class TemplateRefused(Problem):
    """A template called `refuse(…)`: it has no way to show something of this module."""

    code = "generate.template_refused"

    def __init__(self, *, text: str, about: str, place: Place) -> None:
        super().__init__(
            what=text,
            why=f"the template refuses {about}" if about else "the template refuses this module",
            fix="change the module, or teach the template",
            place=place,
        )


class TemplateHeader(Problem):
    """What a template makes does not begin with the header of generated code."""

    code = "generate.template_header"

    def __init__(self, *, place: Place) -> None:
        super().__init__(
            what="the first line of a generated file must place `header`",
            why="a file is overwritten and removed only when its first line carries the header",
            fix="begin the template with a comment such as `// {{ header }}`, before any `{% … %}` that leaves a line",
            place=place,
        )


class TemplatePath(Problem):
    """The name of a template does not say which files it makes, or two templates make the same one."""

    code = "generate.template_path"

    def __init__(self, *, what: str, fix: str, place: Place) -> None:
        super().__init__(what=what, fix=fix, place=place)
