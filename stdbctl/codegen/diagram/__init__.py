"""A module as a picture (`diagram_svg`) or as text that others draw (`diagram_mermaid`).

ModuleDef ──build──► boxes and links ──layout──► places ──svg──► text
                            └─────────mermaid──────────────────► text
"""

from stdbctl.codegen.diagram.build import build_diagram
from stdbctl.codegen.diagram.mermaid import write_mermaid
from stdbctl.codegen.diagram.svg import draw_svg
from stdbctl.schema import ModuleDef

__all__ = ["diagram_mermaid", "diagram_svg"]


def diagram_svg(module: ModuleDef, title: str = "the module") -> str:
    """Draw all that a module declares as an SVG; the same module always gives the same text.

    Source: docs/diagrams.md.
    """
    return draw_svg(build_diagram(module), title)


def diagram_mermaid(module: ModuleDef) -> str:
    """Write all that a module declares as Mermaid's `erDiagram`."""
    return write_mermaid(build_diagram(module))
