"""Functions that change what is kept at module level are found, and nothing else is."""

from pathlib import Path

from stdbctl.module import load_package, state_changes

STATE = Path(__file__).parent / "cases" / "state"
GOOD = Path(__file__).parent / "cases" / "good"


def test_every_change_of_module_level_state_is_found_at_its_place() -> None:
    loaded = load_package(STATE / "module", STATE)
    assert not isinstance(loaded, tuple), loaded
    found = [
        (p.place.line, p.place.file, p.what.split("`")[3])
        for p in state_changes(loaded.version, loaded.reducers)
        if p.place is not None
    ]
    text = (STATE / "module" / "__init__.py").read_text(encoding="utf-8").splitlines()
    first = text.index("    total += 1") + 1
    names = ["total", "COLOURS", "counts", "handlers", "recent", "SEEN", "helpers.SEEN", "helpers", "config"]
    names += ["config.names", "Point", "COLOURS", "waiting"]
    here = "module/__init__.py"
    expected = [(first + i, here, name) for i, name in enumerate(names)]
    expected += [(first + len(names) - 1, here, "numbers")]
    expected += [(text.index("    (lambda: COLOURS.sort())()") + 1, here, "COLOURS")]
    expected += [(7, "module/helpers.py", "SEEN"), (11, "module/helpers.py", "NAMES")]
    assert sorted(found) == sorted(expected)


def test_good_modules_change_no_state() -> None:
    for path in (GOOD / "everything" / "game", GOOD / "whiteboard" / "whiteboard.py"):
        loaded = load_package(path, path.parent)
        assert not isinstance(loaded, tuple), loaded
        assert state_changes(loaded.version, loaded.reducers) == ()


def test_changes_are_shown_beside_what_refuses_the_module(tmp_path: Path) -> None:
    lines = (
        "from stdbctl.module import PrimaryKey, ReducerContext, reducer, table, u32",
        "seen = [0]",
        "@table()",
        "class Point:",
        "    id: PrimaryKey[u32]",
        "@reducer",
        "def look(ctx: ReducerContext) -> None:",
        "    seen.append(1)",
        "    ctx.db[Point].find(idd=3)",
    )
    (tmp_path / "points.py").write_text("\n".join(lines) + "\n", encoding="utf-8")
    problems = load_package(tmp_path / "points.py", tmp_path)
    assert isinstance(problems, tuple)
    found = [(p.code, p.place.line) for p in problems if p.place is not None]
    assert found == [("module.state_change", 8), ("module.unknown_column", 9)]
