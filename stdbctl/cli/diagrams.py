"""Where `describe --diagram` puts its picture: to stdout, or into a file whose ending says what it is."""

import enum
from pathlib import Path
from typing import TYPE_CHECKING

from stdbctl.cli.failures import UsageFault
from stdbctl.errors import Fault

if TYPE_CHECKING:
    from stdbctl.schema import ModuleDef


class Kind(enum.Enum):
    """How a diagram is written."""

    SVG = "svg"
    MERMAID = "mermaid"


_ENDINGS = {".svg": Kind.SVG, ".mmd": Kind.MERMAID, ".mermaid": Kind.MERMAID, ".md": Kind.MERMAID}


class CannotWriteDiagram(Fault):
    """The file of a diagram cannot be written."""

    code = "cli.cannot_write_diagram"

    def __init__(self, path: Path, error: OSError) -> None:
        super().__init__(
            f"cannot write `{path}`: {error.strerror or error}",
            fix="check the folder and its permissions, or name another file",
        )


def kind_of(wish: str) -> tuple[Kind, Path | None]:
    """What `--diagram` asks for: a kind (to stdout), or a kind by the ending of a file; faults: UsageFault."""
    if wish in (kind.value for kind in Kind):
        return Kind(wish), None
    path = Path(wish)
    kind = _ENDINGS.get(path.suffix.lower())
    if kind is None:
        raise UsageFault(
            f"`--diagram {wish}` says neither what to draw nor where",
            fix="write `svg` or `mermaid`, or a file that ends in " + ", ".join(f"`{ending}`" for ending in _ENDINGS),
        )
    return kind, path


def draw(module: "ModuleDef", kind: Kind, path: Path | None, title: str) -> str:
    """The text of a diagram, written to `path` too if there is one; a Markdown file gets it as a fenced block."""
    from stdbctl.codegen import diagram_mermaid, diagram_svg

    text = diagram_svg(module, title) if kind is Kind.SVG else diagram_mermaid(module)
    if path is None:
        return text
    if path.suffix.lower() == ".md":
        text = f"```mermaid\n{text}```\n"
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise CannotWriteDiagram(path, error) from error
    return text
