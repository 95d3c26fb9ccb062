"""The bindings of a version: rendered together, written together.

Every language is rendered before the first file is written, and none is written when one of them cannot be: so clients
in several languages always speak of the same module.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from stdbctl.codegen import compare_files, write_files
from stdbctl.dev.events import Trouble, Written
from stdbctl.dev.orders import Bindings
from stdbctl.errors import Fault, Problem, Problems
from stdbctl.module import Loaded
from stdbctl.schema import ModuleDef


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """The bindings of one definition: which, and their texts; `problems`: why some, and so all, cannot be written."""

    module: ModuleDef
    texts: tuple[tuple[Bindings, Mapping[str, str]], ...]
    problems: tuple[Problem, ...]
    total_s: float

    def shows(self, module: ModuleDef) -> bool:
        """Whether a module would give the very same."""
        return (self.module, self.module.docs) == (module, module.docs)


def render_bindings(all_bindings: Sequence[Bindings], loaded: Loaded) -> Rendered:
    """Render all bindings, or find every reason why not."""
    began = time.perf_counter()
    texts, problems = [], list[Problem]()
    for bindings in all_bindings:
        try:
            texts.append((bindings, bindings.render(loaded)))
        except Problems as error:
            problems += error.problems
    return Rendered(
        module=loaded.module,
        texts=tuple(texts),
        problems=tuple(problems),
        total_s=time.perf_counter() - began,
    )


def write_bindings(rendered: Rendered) -> tuple[tuple[Written, ...], tuple[Trouble, ...]]:
    """Write all that was rendered, once nothing is in the way of any of it; what was written, and what went wrong."""
    if rendered.problems:
        return (), ()
    written: list[Written] = []
    try:
        for bindings, texts in rendered.texts:
            compare_files(texts, bindings.out_dir)
        for bindings, texts in rendered.texts:
            report = write_files(texts, bindings.out_dir)
            written.append(Written(lang=bindings.lang, out_dir=bindings.out_dir, report=report))
    except Fault as error:
        return tuple(written), (Trouble(error=error),)
    return tuple(written), ()
