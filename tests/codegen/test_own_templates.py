"""Templates of a user's own: the worked example of the manual, and what happens when a template is wrong.

Rewrite what the example is expected to give with `python -m tests.codegen.test_own_templates`, then read the diff.
"""

import json
import runpy
from collections.abc import Mapping
from pathlib import Path

import pytest

from stdbctl.codegen import GenerateOptions, NoTemplates, generate_from_templates, write_files
from stdbctl.errors import Problem, Problems
from stdbctl.module import Loaded, load_package
from stdbctl.schema import ModuleDef, validate

HERE = Path(__file__).parent
EXAMPLES = HERE.parent.parent / "docs" / "examples" / "templates"
CASES = sorted(path.parent for path in HERE.glob("cases/*/*_raw.py"))
HEADER = "// {{ header }}\n"


def arena() -> ModuleDef:
    """The module of the example."""
    loaded = load_package(EXAMPLES / "module", EXAMPLES)
    assert isinstance(loaded, Loaded), loaded
    return loaded.module


def case(name: str) -> ModuleDef:
    """A definition that the golden cases use, too."""
    (source,) = (HERE / "cases" / name).glob("*_raw.py")
    module = validate(runpy.run_path(str(source))["RAW"])
    assert isinstance(module, ModuleDef), module
    return module


def read_tree(folder: Path) -> dict[str, str]:
    """Read all files below a folder: path relative to it -> text."""
    return {p.relative_to(folder).as_posix(): p.read_text() for p in sorted(folder.rglob("*")) if p.is_file()}


def templates(folder: Path, files: Mapping[str, str]) -> Path:
    """Write templates into a folder."""
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return folder


def render(folder: Path, files: Mapping[str, str], module: ModuleDef | None = None) -> dict[str, str]:
    """What templates make, without the header line."""
    made = generate_from_templates(templates(folder, files), module or arena())
    return {path: text.partition("\n")[2] for path, text in made.items()}


def problems(folder: Path, files: Mapping[str, str], module: ModuleDef | None = None) -> list[Problem]:
    with pytest.raises(Problems) as caught:
        render(folder, files, module)
    return list(caught.value.problems)


def place(problem: Problem, folder: Path) -> str:
    """`file:line` within the folder."""
    assert problem.place is not None
    return f"{Path(problem.place.file).relative_to(folder).as_posix()}:{problem.place.line}"


def test_the_example_gives_what_stands_beside_it() -> None:
    assert generate_from_templates(EXAMPLES / "lua", arena()) == read_tree(EXAMPLES / "expected")


def test_the_same_templates_and_module_give_the_same_bytes() -> None:
    assert generate_from_templates(EXAMPLES / "lua", arena()) == generate_from_templates(EXAMPLES / "lua", arena())


@pytest.mark.parametrize("folder", CASES, ids=lambda path: path.name)
def test_every_definition_has_a_model(folder: Path, tmp_path: Path) -> None:
    text = (
        HEADER
        + "{{ module | string | length > 0 }}"
        + "{% for t in module.types %}{{ module.definition(t.name).kind }} {% endfor %}"
    )
    assert render(tmp_path, {"all.txt.jinja": text}, case(folder.name))["all.txt"].startswith("True")


def test_names_come_in_every_form(tmp_path: Path) -> None:
    names = "{{ n }} {{ n.source }} {{ n.snake }} {{ n.camel }} {{ n.pascal }} {{ n.upper_snake }} {{ n.kebab }}"
    text = (
        HEADER
        + "{% for r in module.reducers if r.wire_name == 'add_player' %}{% set n = r.name %}"
        + names
        + "{% endfor %}"
    )
    made = render(tmp_path, {"a.txt.jinja": text}, case("module_test"))
    assert made == {"a.txt": "add_player add_player add_player addPlayer AddPlayer ADD_PLAYER add-player\n"}


def test_a_placeholder_makes_one_file_for_each(tmp_path: Path) -> None:
    files = {
        "[table]/[table].txt.jinja": HEADER + "{{ table.wire_name }}",
        "[type.pascal].kt.jinja": HEADER + "{{ type.kind }}",
        "_part.jinja": "never placed by itself",
        ".hidden/x.jinja": "never read",
        "notes.md": "no template",
    }
    made = render(tmp_path, files)
    assert {path: text for path, text in made.items() if path.endswith(".txt")} == {
        "item/item.txt": "item\n",
        "player/player.txt": "player\n",
    }
    assert made["Team.kt"] == "enum\n"
    assert made["Location.kt"] == "sum\n"
    assert len(made) == 2 + len(arena().types)


def test_private_items_are_there_when_asked_for(tmp_path: Path) -> None:
    folder = templates(tmp_path, {"[table].txt.jinja": HEADER})
    assert "respawn.txt" not in generate_from_templates(folder, arena())
    assert "respawn.txt" in generate_from_templates(folder, arena(), GenerateOptions(include_private=True))


def test_items_of_submodules_carry_their_namespace(tmp_path: Path) -> None:
    text = HEADER + "{% for t in module.tables %}{{ t.wire_name }} {{ t.name.pascal }}\n{% endfor %}"
    made = render(tmp_path, {"a.txt.jinja": text}, case("submodules"))
    assert "my_lib.deep.stock_item MyLibDeepStockItem\n" in made["a.txt"]


def test_a_template_that_places_nothing_makes_no_file(tmp_path: Path) -> None:
    text = "{% if table.wire_name == 'item' %}\n" + HEADER + "{% endif %}\n"
    assert list(render(tmp_path, {"[table].txt.jinja": text})) == ["item.txt"]


def test_columns_tell_all_that_is_known_of_them(tmp_path: Path) -> None:
    text = HEADER + (
        "{% for c in module.tables[0].columns %}"
        "{{ [c.name | string, c.type.kind, c.is_primary_key, c.is_unique, c.is_auto_inc, c.has_default, c.default]"
        " | json }}\n"
        "{% endfor %}"
    )
    made = render(tmp_path, {"a.txt.jinja": text})["a.txt"]
    assert [json.loads(line) for line in made.splitlines()] == [
        ["id", "u64", True, True, True, False, None],
        ["owner", "identity", False, False, False, False, None],
        ["label", "option", False, False, False, False, None],
        ["location", "named", False, False, False, False, None],
    ]


def test_filters_give_literals_comments_and_free_names(tmp_path: Path) -> None:
    text = HEADER + (
        '{{ "a\\"b\\n" | quoted }} {{ "end" | avoid(["end"]) }} {{ "fin" | avoid(["end"]) }} {{ "playerID" | kebab }}\n'
        '{{ "one\n\ntwo" | comment("-- ") }}\n'
    )
    assert render(tmp_path, {"a.txt.jinja": text})["a.txt"] == '"a\\"b\\n" end_ fin player-id\n-- one\n--\n-- two\n'


def test_a_change_of_one_table_leaves_the_files_of_others(tmp_path: Path) -> None:
    folder = templates(tmp_path / "templates", {"[table].txt.jinja": HEADER + "{{ table.wire_name }}"})
    out = tmp_path / "out"
    write_files(generate_from_templates(folder, arena()), out)
    templates(folder, {"[table].txt.jinja": HEADER + "{{ table.wire_name }}{{ '!' if table.wire_name == 'item' }}"})
    report = write_files(generate_from_templates(folder, arena()), out)
    assert (report.written, report.unchanged) == (("item.txt",), ("player.txt",))


# --- what is wrong is said with its line


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        (HEADER + "\n{{ module.tabels }}", 3, "a Module has no attribute 'tabels'"),
        (HEADER + "{{ tabel.name }}", 2, "'tabel' is undefined"),
        (HEADER + "{% for t in module.tables %}\n{{ t.name }}\n", 3, "'for'"),
        (HEADER + "{{ 'a' | upcase }}", 2, "upcase"),
        (HEADER + "{% include '_missing.jinja' %}", 2, "there is no template `_missing.jinja`"),
        (HEADER + "\n\n{{ 1 / 0 }}", 4, "ZeroDivisionError"),
        (HEADER + "{{ module.__class__.__mro__ }}", 2, "unsafe"),
        (HEADER + "{{ module.tables.append(1) }}", 2, "append"),
        (HEADER + "{% macro m(x) %}\n{{ m(x) }}{% endmacro %}\n{{ m(1) }}", 3, "calls itself"),
        (HEADER + "{{ [1, 2] | random }}", 2, "random"),
        (HEADER + "{{ lipsum() }}", 2, "lipsum"),
    ],
)
def test_a_mistake_in_a_template_is_shown_at_its_line(text: str, line: int, said: str, tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, {"a.txt.jinja": text})
    assert (problem.code, place(problem, tmp_path)) == ("generate.bad_template", f"a.txt.jinja:{line}")
    assert said in problem.what
    assert problem.place is not None
    assert problem.place.source_line == text.split("\n")[line - 1]


def test_a_mistake_in_a_shared_part_is_shown_in_that_part(tmp_path: Path) -> None:
    part = "{% macro kind(type) %}\n{{ type.knid }}\n{% endmacro %}\n"
    user = "{% from '_part.jinja' import kind %}\n" + HEADER + "{{ kind(table.columns[0].type) }}"
    (problem,) = problems(tmp_path, {"[table].txt.jinja": user, "_part.jinja": part})
    assert place(problem, tmp_path) == "_part.jinja:2"
    assert problem.why == "while rendering table `item`"


def test_all_mistakes_of_all_templates_are_shown_at_once(tmp_path: Path) -> None:
    found = problems(tmp_path, {"a.txt.jinja": HEADER + "{{ a }}", "b.txt.jinja": HEADER + "{{ b }}", "[x].jinja": ""})
    assert [p.code for p in found] == ["generate.template_path", "generate.bad_template", "generate.bad_template"]


def test_a_template_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.txt.jinja").write_bytes(b"\xff\xfe")
    (problem,) = problems(tmp_path, {})
    assert place(problem, tmp_path) == "a.txt.jinja:1"
    assert "utf-8" in problem.what


@pytest.mark.parametrize("text", ["no header", "\n" + HEADER, "{% set x = 1 %}\n\n" + HEADER])
def test_a_file_must_begin_with_the_header(text: str, tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, {"a.txt.jinja": text})
    assert (problem.code, place(problem, tmp_path)) == ("generate.template_header", "a.txt.jinja:1")


@pytest.mark.parametrize("comment", ["-- {}", "<!-- {} -->", "(* {} *)", "<?php // {}"])
def test_files_are_known_as_ours_by_any_comment(comment: str, tmp_path: Path) -> None:
    text, out = comment.format("{{ header }}") + "\nbody", tmp_path / "out"
    old = generate_from_templates(templates(tmp_path / "old", {"a.txt.jinja": text}), arena())
    assert write_files(old, out).written == ("a.txt",)
    assert write_files(old, out).unchanged == ("a.txt",)
    new = generate_from_templates(templates(tmp_path / "new", {"b.txt.jinja": text}), arena())
    assert write_files(new, out).removed == ("a.txt",)


def test_a_template_may_refuse(tmp_path: Path) -> None:
    text = HEADER + "{% for c in table.columns if c.type.kind == 'u64' %}\n{{ refuse('no u64 here') }}\n{% endfor %}"
    (problem,) = problems(tmp_path, {"[table].txt.jinja": text})
    assert (problem.code, problem.what, place(problem, tmp_path)) == (
        "generate.template_refused",
        "no u64 here",
        "[table].txt.jinja:3",
    )
    assert "table `item`" in problem.why


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("[tabel].txt.jinja", "did you mean `table`?"),
        ("[table.pascall].txt.jinja", "did you mean `pascal`?"),
        ("[table]_[type].txt.jinja", "one thing at a time"),
        ("[].txt.jinja", "known"),
    ],
)
def test_a_wrong_placeholder_is_refused(name: str, said: str, tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, {name: HEADER})
    assert problem.code == "generate.template_path"
    assert said in problem.fix


def test_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, {"item.txt.jinja": HEADER, "[table].txt.jinja": HEADER})
    assert problem.code == "generate.template_path"
    assert "`item.txt`" in problem.what


def test_a_folder_without_templates_is_a_fault(tmp_path: Path) -> None:
    for folder in (tmp_path / "nowhere", templates(tmp_path, {"a.txt": "", "_b.jinja": ""})):
        with pytest.raises(NoTemplates) as caught:
            generate_from_templates(folder, arena())
        assert str(folder) in caught.value.what


if __name__ == "__main__":
    write_files(generate_from_templates(EXAMPLES / "lua", arena()), EXAMPLES / "expected")
