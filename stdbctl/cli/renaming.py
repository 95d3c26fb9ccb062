"""`--rename`: what is called otherwise in the new module, by flag, or by question on a terminal."""

from collections.abc import Sequence

from stdbctl.cli.failures import UsageFault
from stdbctl.cli.questions import can_ask, confirm
from stdbctl.client.http import ControlClient, NoSuchDatabase
from stdbctl.schema import ModuleDef, Rename, possible_renames, read_rename


def checked_renames(given: Sequence[str]) -> tuple[Rename, ...]:
    """Read the values of `--rename`; UsageFault for one that is none."""
    return tuple(_checked(text) for text in given)


def _checked(text: str) -> Rename:
    rename = read_rename(text)
    if rename is None:
        raise UsageFault(
            f"`--rename {text}` names no rename",
            why="a table and a column are renamed by their names",
            fix="write `--rename old_table:new_table` or `--rename table.old_column:new_column`",
        )
    return rename


def ask_for_renames(
    client: ControlClient, database: str, module: ModuleDef, given: tuple[Rename, ...], *, asks: bool
) -> tuple[Rename, ...]:
    """What was given, and what the user agrees to: asked for whatever is gone and has something alike in its place.

    Without a terminal, or without `asks`, nothing is added: a refusal names the flag.
    """
    if not asks or not can_ask():
        return given
    try:
        running = client.schema(database)
    except NoSuchDatabase:
        return given
    answered = given
    for rename in possible_renames(running, module, given):
        if not _is_answered(rename, answered) and confirm(_question(rename)):
            answered = (*answered, rename)
    return answered


def _is_answered(rename: Rename, answered: Sequence[Rename]) -> bool:
    return any(one.table == rename.table and (one.old == rename.old or one.new == rename.new) for one in answered)


def _question(rename: Rename) -> str:
    if rename.table is None:
        return f"The table `{rename.old}` is gone, and `{rename.new}` can take its rows. Is it the same table, renamed?"
    where = f"column `{rename.old}` of `{rename.table}`"
    return f"The {where} is gone, and `{rename.new}` stands in its place. Is it the same column, renamed?"
