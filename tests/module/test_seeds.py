"""`@seed`: declared like a hook, called by nobody, checked like everything else."""

from pathlib import Path

from stdbctl.module import Loaded, load_package, seed_files

SOURCE = """
from stdbctl.module import PrimaryKey, ReducerContext, seed, table, u8


@table
class Level:
    number: PrimaryKey[u8]


@seed
def seed_levels(ctx: ReducerContext) -> None:
    ctx.db[Level].insert(Level(number=1))


@seed
def more(ctx: ReducerContext) -> None:
    ctx.db[Level].insert(Level(number=2))
"""


def load(tmp_path: Path, source: str) -> Loaded | list[str]:
    """The module, or its problems: `line code`."""
    folder = tmp_path / "module"
    folder.mkdir()
    (folder / "__init__.py").write_text(source)
    loaded = load_package(folder, tmp_path)
    if isinstance(loaded, Loaded):
        return loaded
    return [f"{problem.place.line if problem.place else 0} {problem.code}" for problem in loaded]


def test_seeds_are_no_part_of_the_definition(tmp_path: Path) -> None:
    loaded = load(tmp_path, SOURCE)
    assert isinstance(loaded, Loaded)
    assert loaded.module.reducers == ()
    assert [spec.source_name for spec in loaded.seeds] == ["seed_levels", "more"]


def test_mistakes_in_seeds_are_found(tmp_path: Path) -> None:
    source = SOURCE.replace("def more(ctx: ReducerContext)", "def more(ctx: ReducerContext, count: u8)")
    assert load(tmp_path, source) == ["16 module.reducer_parameter"]
    (tmp_path / "other").mkdir()
    loaded = load(tmp_path / "other", SOURCE.replace("number=1", "number=300"))
    assert isinstance(loaded, Loaded)
    assert [finding.code for finding in loaded.findings] == ["module.wrong_value"]


def test_two_seeds_of_one_name_are_a_mistake(tmp_path: Path) -> None:
    assert load(tmp_path, SOURCE.replace("def more", "def seed_levels")) == ["16 module.duplicate_name"]


def test_seed_files_are_those_in_the_packages_own_folder() -> None:
    files = {
        path: path.encode()
        for path in (
            "module/seed/b.jsonl",
            "module/seed/a.CSV",
            "module/seed/readme.md",
            "module/seed/deep/c.jsonl",
            "module/parts/__init__.py",
            "module/parts/seed/d.jsonl",
            "module/__init__.py",
        )
    }
    assert [path for path, _ in seed_files(files)] == ["module/seed/a.CSV", "module/seed/b.jsonl"]
    assert seed_files({"module.py": b""}) == ()
