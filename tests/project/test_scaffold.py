"""What a new project consists of, and how it gets onto the disk."""

import json
import tomllib
from pathlib import Path

import pytest

from stdbctl.codegen import templates_dir
from stdbctl.project import (
    CannotCreateProject,
    ClientKind,
    DevConfig,
    FolderNotEmpty,
    GenerateConfig,
    NewProject,
    ProjectConfig,
    Template,
    check_target,
    database_name_error,
    database_name_for,
    parse_config,
    plan_files,
    staged_in,
    write_project,
)

EVERY_KIND = [(template, client) for template in Template for client in ClientKind]


def planned(template: Template, client: ClientKind, database: str = "my-board") -> dict[str, str]:
    return plan_files(NewProject(database=database, template=template, client=client), templates_dir())


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("whiteboard", "whiteboard"),
        ("My Board_2", "my-board-2"),
        ("--Éclair  au.chocolat--", "eclair-au-chocolat"),
        ("42", "42"),
        ("…", "fallback"),
        ("", "fallback"),
        ("黒板", "fallback"),
        ("c2" * 32, "fallback"),
    ],
)
def test_database_names_come_from_folder_names(folder: str, name: str) -> None:
    assert database_name_for(folder, "fallback") == name
    assert database_name_error(name) is None


@pytest.mark.parametrize(("template", "client"), EVERY_KIND)
def test_every_project_has_module_tests_readme_and_gitignore(template: Template, client: ClientKind) -> None:
    files = planned(template, client)
    assert {".gitignore", "README.md", "module/__init__.py", "stdbctl.toml", "tests/test_module.py"} <= files.keys()
    assert files["README.md"].startswith("# my-board\n")
    assert ".stdbctl/" in files[".gitignore"].splitlines()
    assert list(files) == sorted(files)


@pytest.mark.parametrize(("template", "client"), EVERY_KIND)
def test_texts_are_whole(template: Template, client: ClientKind) -> None:
    for path, text in planned(template, client).items():
        assert text.endswith("\n"), path
        assert not text.endswith("\n\n"), path
        assert not any(mark in text for mark in ("{%", "{{", "\r", "\t")), path
        assert not path.endswith(".jinja")


@pytest.mark.parametrize("template", Template)
def test_without_a_client_nothing_of_one_is_left(template: Template) -> None:
    files = planned(template, ClientKind.NONE)
    assert not [path for path in files if path.startswith("client")]
    for path in (".gitignore", "README.md", "stdbctl.toml"):
        assert not any(word in files[path] for word in ("npm", "client/", "node_modules")), path


@pytest.mark.parametrize("template", Template)
def test_project_file_is_read_as_it_is_meant(template: Template) -> None:
    bindings = GenerateConfig(lang="typescript", out_dir="client/src/module_bindings")
    assert parse_config(planned(template, ClientKind.TS)["stdbctl.toml"], "stdbctl.toml") == ProjectConfig(
        database="my-board", module="module", generate=(bindings,), dev=DevConfig(run="npm run dev", cwd="client")
    )
    bindings = GenerateConfig(lang="python", out_dir="client/module_bindings")
    assert parse_config(planned(template, ClientKind.PYTHON)["stdbctl.toml"], "stdbctl.toml") == ProjectConfig(
        database="my-board", module="module", generate=(bindings,)
    )
    bare = planned(template, ClientKind.NONE)["stdbctl.toml"]
    assert tomllib.loads(bare) == {"database": "my-board", "module": "module"}


@pytest.mark.parametrize("template", Template)
def test_client_uses_the_database_and_the_variables_that_dev_sets(template: Template) -> None:
    files = planned(template, ClientKind.TS)
    settings = files["client/src/settings.ts"]
    assert 'import.meta.env.VITE_SPACETIMEDB_DB_NAME || "my-board"' in settings
    assert "import.meta.env.VITE_SPACETIMEDB_HOST ||" in settings
    scripts = json.loads(files["client/package.json"])["scripts"]
    assert scripts["dev"] == "vite"
    assert scripts["build"] == "tsc --noEmit && vite build"


@pytest.mark.parametrize("template", Template)
def test_a_python_client_stands_where_the_web_client_would(template: Template) -> None:
    files = planned(template, ClientKind.PYTHON)
    program = "client/board.py" if template is Template.WHITEBOARD else "client/main.py"
    assert [path for path in files if path.startswith("client")] == sorted(["client/settings.py", program])
    assert '"SPACETIMEDB_DB_NAME") or "my-board"' in files["client/settings.py"]
    assert program in files["README.md"]
    assert not any(word in text for text in files.values() for word in ("npm", "node_modules", "VITE_"))


def test_lock_file_pins_every_package_and_names_no_registry() -> None:
    files = planned(Template.WHITEBOARD, ClientKind.TS)
    wanted = json.loads(files["client/package.json"])
    lock = json.loads(files["client/package-lock.json"])["packages"]
    assert lock[""]["dependencies"] == wanted["dependencies"]
    assert lock[""]["devDependencies"] == wanted["devDependencies"]
    for path, package in lock.items():
        assert path == "" or package["integrity"], path
        assert "resolved" not in package, path


@pytest.mark.parametrize("template", Template)
def test_the_module_loads_without_problems(template: Template, tmp_path: Path) -> None:
    from stdbctl.module import Loaded, load_package

    write_project(planned(template, ClientKind.NONE), tmp_path)
    assert isinstance(load_package(tmp_path / "module", tmp_path), Loaded)


def test_what_is_in_the_way_is_named(tmp_path: Path) -> None:
    for name in "gfedcba":
        (tmp_path / name).touch()
    with pytest.raises(FolderNotEmpty) as caught:
        check_target(tmp_path)
    assert caught.value.names == tuple("abcdefg")
    assert "`a`, `b`, `c`, `d`, `e` and 2 more" in str(caught.value)


def test_a_file_is_no_place_for_a_project(tmp_path: Path) -> None:
    (tmp_path / "taken").touch()
    for place in (tmp_path / "taken", tmp_path / "taken" / "below"):
        with pytest.raises(CannotCreateProject, match="Not a directory"):
            check_target(place)


def test_project_appears_whole_in_a_new_or_an_empty_folder(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for root in (tmp_path / "empty", tmp_path / "new" / "deep"):
        with staged_in(root) as stage:
            write_project({"a/b.txt": "1\n", ".c": "2\n"}, stage)
            assert not (root / "a").exists()
        assert sorted(path.relative_to(root).as_posix() for path in root.rglob("*")) == [".c", "a", "a/b.txt"]


def test_after_an_error_nothing_is_left(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()

    def fail_in(root: Path) -> None:
        with staged_in(root) as stage:
            write_project({"a/b.txt": "1\n"}, stage)
            raise KeyboardInterrupt

    for root in (tmp_path / "empty", tmp_path / "new" / "deep"):
        with pytest.raises(KeyboardInterrupt):
            fail_in(root)
    assert [path.name for path in tmp_path.rglob("*")] == ["empty"]
