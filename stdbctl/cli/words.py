"""Commands that read their words a little differently than typer does."""

import re
from typing import Any

from typer.core import TyperCommand

_NEGATIVE_NUMBER = re.compile(r"-(\d|\.\d)")
_MARK = "\0"
"""Stands before a word that is no option; no command line can hold it."""


class WordsCommand(TyperCommand):
    """Takes `-5` and `-.5` as arguments, wherever they stand."""

    def parse_args(
        self, ctx: Any, args: list[str]
    ) -> list[str]:  # Any: the class behind typer.Context differs by version
        marked = [f"{_MARK}{word}" if _NEGATIVE_NUMBER.match(word) else word for word in args]
        rest: list[str] = super().parse_args(ctx, marked)
        words = ctx.params.get("arguments")
        ctx.params["arguments"] = [word.removeprefix(_MARK) for word in words or ()]
        return rest


class DeployCommand(TyperCommand):
    """Takes `--delete-data` without a value, as `--delete-data always`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # Any: as above
        words: list[str] = []
        for word, after in zip(args, [*args, ""][1:], strict=True):
            words += ["-c", word.removeprefix("-c=")] if word.startswith("-c=") else [word]
            if word in ("--delete-data", "--clear-database", "-c") and after not in ("never", "on-conflict", "always"):
                words.append("always")
        rest: list[str] = super().parse_args(ctx, words)
        return rest


class DiagramCommand(TyperCommand):
    """Takes `--diagram` without a value, as `--diagram mermaid`: typer has no options whose value may be missing."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # Any: as above
        words = list(args)
        if "--diagram" in words:
            after = words.index("--diagram") + 1
            if after == len(words) or words[after].startswith("-"):
                words.insert(after, "mermaid")
        rest: list[str] = super().parse_args(ctx, words)
        return rest
