"""Every problem code of this package has its page, and no page is left over."""

from collections.abc import Iterator
from pathlib import Path

from stdbctl.errors import StdbctlError
from stdbctl.schema import DefProblem, UnreadableDefinition

PAGES = Path(__file__).parent.parent.parent / "docs" / "errors"


def codes(base: type[StdbctlError]) -> Iterator[str]:
    """The codes of the rules at the ends of the tree."""
    for rule in base.__subclasses__():
        if rule.__module__.startswith("stdbctl.schema."):
            yield from [str(getattr(rule, "code", ""))] if not rule.__subclasses__() else codes(rule)


def test_every_code_has_a_page_and_every_page_a_code() -> None:
    known = {*codes(DefProblem), UnreadableDefinition.code}
    pages = {page.stem for page in PAGES.glob("*.md") if page.stem.split(".")[0] == "schema" or page.stem in known}
    assert pages == known


def test_every_page_says_what_it_means_an_example_and_what_to_do() -> None:
    for code in {*codes(DefProblem), UnreadableDefinition.code}:
        text = (PAGES / f"{code}.md").read_text(encoding="utf-8")
        assert text.startswith(f"# {code}\n\n")
        assert "\n**Example:** " in text
        assert "\n**What to do:** " in text
