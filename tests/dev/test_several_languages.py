"""Bindings in several languages go together: all of them follow a save, or none does."""

from pathlib import Path

from tests.dev.driving import SOURCE, TOML, Event, developing, make_project, save

BOTH = TOML + '\n[[generate]]\nlang = "python"\nout_dir = "py/bindings"\n'
NEW_REDUCER = SOURCE + "\n\n@reducer\ndef rest(ctx: ReducerContext) -> None: ...\n"
ONLY_PYTHON_CAN = NEW_REDUCER.replace("@reducer\ndef rest", '@reducer(name="rest_")\ndef rest')


def reducers(project: Path) -> tuple[bool, bool]:
    """Whether TypeScript and Python know the new reducer."""
    in_typescript = (project / "bindings" / "rest_reducer.ts").exists()
    return in_typescript, "def rest" in (project / "py" / "bindings" / "reducers.py").read_text(encoding="utf-8")


def languages(live: Event) -> list[str]:
    """The languages that a save wrote, in order."""
    return [written["lang"] for written in live["written"] if written["written"]]


def test_bindings_in_every_language_follow_a_save(tmp_path: Path) -> None:
    project = make_project(tmp_path / "notes", toml=BOTH)
    with developing(project) as dev:
        assert languages(dev.wait_for("live")) == ["typescript", "python"]
        assert reducers(project) == (False, False)
        save(project, NEW_REDUCER)
        assert languages(dev.wait_for("live")) == ["typescript", "python"]
        assert reducers(project) == (True, True)


def test_what_one_language_cannot_show_leaves_all_bindings_as_they_are(tmp_path: Path) -> None:
    project = make_project(tmp_path / "notes", toml=BOTH)
    with developing(project) as dev:
        dev.wait_for("live")
        save(project, ONLY_PYTHON_CAN)
        live = dev.wait_for("live")
        assert [problem["code"] for problem in live["problems"]] == ["generate.unstable_name"]
        assert (languages(live), reducers(project)) == ([], (False, False))


def test_a_file_in_the_way_of_one_language_leaves_all_bindings_as_they_are(tmp_path: Path) -> None:
    project = make_project(tmp_path / "notes", toml=BOTH)
    with developing(project) as dev:
        dev.wait_for("live")
        (project / "py" / "bindings" / "reducers.py").write_text("# mine\n", encoding="utf-8")
        save(project, NEW_REDUCER)
        assert languages(dev.wait_for("live")) == []
        assert dev.wait_for("trouble")["error"]["code"] == "generate.file_in_the_way"
        assert reducers(project) == (False, False)
