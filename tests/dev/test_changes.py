"""What a closing line says of a save: names that came, changed and went, and reducers whose code is another."""

from pathlib import Path

from stdbctl.dev.changes import Outline, changes_between
from stdbctl.dev.events import Changes
from stdbctl.module import Loaded, load_package
from tests.dev.driving import SOURCE


def outline(folder: Path, source: str) -> Outline:
    (folder / "module").mkdir(exist_ok=True)
    (folder / "module" / "__init__.py").write_text(source, encoding="utf-8")
    loaded = load_package(folder / "module", folder)
    assert isinstance(loaded, Loaded), loaded
    return Outline.of(loaded)


def changes(folder: Path, old: str, new: str) -> Changes:
    return changes_between(outline(folder, old), outline(folder, new), ())


def test_comments_and_moved_lines_change_no_code(tmp_path: Path) -> None:
    assert changes(tmp_path, SOURCE, SOURCE.replace("\n\n\n@reducer", "\n\n\n\n# moved\n@reducer")) == Changes()


def test_another_constant_is_other_code(tmp_path: Path) -> None:
    assert changes(tmp_path, SOURCE, SOURCE.replace("version 1", "version 2")) == Changes(code=("add",))


def test_a_parameter_changes_the_reducer_itself(tmp_path: Path) -> None:
    new = SOURCE.replace("def add(ctx: ReducerContext)", "def add(ctx: ReducerContext, n: u64)")
    assert changes(tmp_path, SOURCE, new) == Changes(changed=("add",))


def test_a_column_changes_its_table(tmp_path: Path) -> None:
    new = SOURCE.replace("    text: str", '    text: str\n    more: str = ""')
    assert changes(tmp_path, SOURCE, new) == Changes(changed=("Note",))


def test_a_table_that_comes_first_leaves_the_others_as_they_were(tmp_path: Path) -> None:
    first = "@table(public=True)\nclass Early:\n    id: PrimaryKey[u64]\n\n\n"
    new = SOURCE.replace("@table(public=True)\nclass Note", first + "@table(public=True)\nclass Note")
    assert changes(tmp_path, SOURCE, new) == Changes(added=("Early",))
    assert changes(tmp_path, new, SOURCE) == Changes(removed=("Early",))


def test_a_first_version_has_no_changes(tmp_path: Path) -> None:
    assert changes_between(None, outline(tmp_path, SOURCE), ("a",)) == Changes(files=("a",))
