"""What a definition can have wrong: the base class of all rules, and the list in which they are gathered.

A *subject* says where in the definition: a tuple of source names such as `("table", "Point", "column", "x")`,
`("reducer", "add", "parameter", "x")`, `("type", "Spot", "field", "x")`, `("type", "Fruit", "variant", "Pear")`,
`("table", "Point", "index", "by_x")`, `("view", "mine")`, `("procedure", "fetch")`, `("http_handler", "hook")`,
`("http_route", "/hook")`, `("lifecycle", "init")`, `("module",)`. What stands in a submodule has
`("submodule", "lib")` in front.
"""

from collections.abc import Iterable
from typing import ClassVar

from stdbctl.errors import Problem
from stdbctl.nearest import nearest

Subject = tuple[str, ...]


class DefProblem(Problem):
    """A rule that a module definition breaks; one subclass per rule.

    The class attributes are templates over the keyword parts; `{subject}` is the subject in words. The parts stay
    readable in `parts`.
    """

    code = "schema"
    what_text: ClassVar[str]
    why_text: ClassVar[str] = ""
    fix_text: ClassVar[str]

    def __init__(self, subject: Subject, **parts: object) -> None:
        self.subject = subject
        self.parts = parts
        words = parts | {"subject": subject_text(subject)}
        super().__init__(
            what=self.what_text.format(**words),
            why=self.why_text.format(**words),
            fix=self.fix_text.format(**words),
        )


class Report:
    """The problems of one module definition, each once, in the order found."""

    def __init__(self) -> None:
        self._problems: dict[tuple[str, Subject, str], DefProblem] = {}

    def add(self, problem: DefProblem) -> None:
        """Take up a problem unless the very same one is there already."""
        self._problems.setdefault((problem.code, problem.subject, problem.what), problem)

    def all(self) -> tuple[DefProblem, ...]:
        """Everything found so far."""
        return tuple(self._problems.values())


def subject_text(subject: Subject) -> str:
    """Say a subject in words: `column `x` of table `Point``."""
    if subject[0] == "submodule" and len(subject) > 2:
        return f"{subject_text(subject[2:])} in submodule `{subject[1]}`"
    pairs = [f"{kind.replace('_', ' ')} `{name}`" for kind, name in zip(subject[::2], subject[1::2], strict=False)]
    return " of ".join(reversed(pairs)) if pairs else "the module"


def did_you_mean(name: str, candidates: Iterable[str]) -> str:
    """Give `; did you mean `near`?` when a candidate is near, else nothing."""
    near = nearest(name, candidates)
    return f"; did you mean `{near}`?" if near else ""
