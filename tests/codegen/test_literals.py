"""Text that may enter generated code."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stdbctl.codegen.literals import Safe, TsName, ts_doc, ts_string
from stdbctl.codegen.templates import make_environment

texts = st.text(st.characters(exclude_categories=["Cs"]))


@pytest.mark.parametrize("text", ["", "1", "a b", "a-b", "a;b", "a.b", '"', "a\n", "{{x}}"])
def test_a_name_is_made_only_from_an_identifier(text: str) -> None:
    with pytest.raises(ValueError, match="no TypeScript identifier"):
        TsName(text)


@given(texts)
def test_a_quoted_string_is_one_line_and_means_the_same(text: str) -> None:
    quoted = ts_string(text)
    assert json.loads(quoted) == text
    assert len(quoted.splitlines()) == 1 or not re.search("[\n\r\u2028\u2029]", quoted)


@given(texts)
def test_a_docstring_cannot_end_its_comment(text: str) -> None:
    comment = ts_doc(text, 2)
    assert comment == "" or (comment.startswith("  /**") and comment.endswith("*/\n") and comment.count("*/") == 1)


@given(texts.map(lambda text: "@ts-" + text))
def test_a_docstring_is_never_a_compiler_directive(text: str) -> None:
    last_line = ts_doc(text).splitlines()[-1]
    assert not re.match(r"^(?:/|\*)*\s*@ts-", last_line.strip())


def test_templates_refuse_text_that_nobody_checked() -> None:
    template = make_environment("typescript", {}).from_string("{{ text }}")
    assert template.render(text=Safe("x < y")) == "x < y"
    with pytest.raises(TypeError, match="neither a checked name nor a literal"):
        template.render(text="x")
