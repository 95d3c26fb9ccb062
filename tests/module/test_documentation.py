"""Every code has a page, and every page a code."""

from pathlib import Path

from stdbctl.module import ModuleProblem

PAGES = Path(__file__).parent.parent.parent / "docs" / "errors"


def test_every_problem_has_a_page_and_every_page_a_problem() -> None:
    codes = {problem.code for problem in ModuleProblem.__subclasses__()}
    assert codes == {page.stem for page in PAGES.glob("module.*.md")}
