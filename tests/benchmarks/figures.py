"""What benchmarks print: figures, each beside what it is compared with in the same run."""

import os
import statistics
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple


class Figure(NamedTuple):
    """One line. `ratio` is to what `to` names, measured in the same run; None for that itself."""

    what: str
    value: float
    unit: str
    ratio: float | None = None
    to: str = ""

    def __str__(self) -> str:
        digits = 0 if self.value >= 1_000 else 1 if self.value >= 10 else 2
        ratio = "" if self.ratio is None else f"{self.ratio:7.2f} x {self.to}"
        return f"{self.what:<48} {self.value:>11,.{digits}f} {self.unit:<13} {ratio}".rstrip()


def show(title: str, figures: Iterable[Figure]) -> None:
    """Print them under a title."""
    print(title)
    for figure in figures:
        print(f"  {figure}", flush=True)


def compared(unit: str, to: str, samples: dict[str, list[float]]) -> list[Figure]:
    """The medians of samples that were taken in turns, each with its ratio to the first."""
    medians = {what: statistics.median(values) for what, values in samples.items()}
    base = next(iter(medians.values()))
    return [
        Figure(what, value, unit) if place == 0 else Figure(what, value, unit, value / base, to)
        for place, (what, value) in enumerate(medians.items())
    ]


def processor_seconds(pid: int) -> float:
    """What a process has used of the processors so far; NaN where the system does not say (not Linux)."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
    except FileNotFoundError:
        return float("nan")
    fields: Sequence[str] = text.rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
