"""A bar on stderr for work that may take long; nothing at all where no terminal is."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID


class Progress:
    """`advance` by units done; `say` what is going on. Made by `progress`."""

    def __init__(self, bar: "RichProgress | None", task: "TaskID | None") -> None:
        self._bar, self._task = bar, task

    def advance(self, units: int) -> None:
        """So much more is done."""
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, advance=units)

    def say(self, text: str) -> None:
        """Change what stands in front of the bar."""
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, description=text)


@contextmanager
def progress(text: str, total: int | None, *, is_bytes: bool = False) -> Iterator[Progress]:
    """Show a bar until the context ends. `total` None: nobody knows how much it is."""
    if not sys.stderr.isatty():
        yield Progress(None, None)
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as RichProgress

    amount = DownloadColumn() if is_bytes else MofNCompleteColumn()
    columns = (TextColumn("{task.description}"), BarColumn(), amount, TimeRemainingColumn(compact=True))
    with RichProgress(*columns, console=Console(file=sys.stderr), transient=True) as bar:
        yield Progress(bar, bar.add_task(text, total=total))
