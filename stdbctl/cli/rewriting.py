"""Migration functions as `deploy` shows them: a few rows before and after in a dry run, and how far the rows are."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from stdbctl.cli.output import counted, note
from stdbctl.cli.progress import progress
from stdbctl.client.http import Json


def sample_lines(samples: Sequence[Json]) -> Iterator[str]:
    """What functions make of the first rows of their tables (docs/server.md, `samples`)."""
    for sample in samples:
        shown = f"{len(sample['rows'])} of {counted(sample['row_count'], 'row')}"
        yield f"{sample['table']} by {sample['function']}, {shown}:"
        for row in sample["rows"]:
            yield f"    {row['before']} → {'dropped' if row['after'] is None else row['after']}"


@contextmanager
def rewriting(samples: Sequence[Json]) -> Iterator[Callable[[Json], None] | None]:
    """Show a bar while functions run, and say what each has done. None where no function does."""
    if not samples:
        yield None
        return
    done: dict[str, int] = {}
    with progress("rewriting rows", sum(sample["row_count"] for sample in samples)) as bar:

        def tell(news: Json) -> None:
            table, count = news["table"], news["done"]
            bar.say(f"{table} by {news['function']}")
            bar.advance(count - done.get(table, 0))
            is_through = count == news["total"] and done.get(table) != count
            done[table] = count
            if is_through:
                note(f"rewrote {counted(count, 'row')} of {table} by {news['function']}, dropped {news['dropped']}")

        yield tell
