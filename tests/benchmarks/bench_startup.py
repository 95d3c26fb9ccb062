"""How long the command line takes to start, as a ratio to Python with typer imported, in one run.

    python -m tests.benchmarks.bench_startup [runs]

All programs in turns, so that noise hits them alike; medians of the wall time, files warm.
"""

import subprocess
import sys
import sysconfig
import time
from pathlib import Path

from tests.benchmarks.figures import Figure, compared, show

RUNS = 20
STDBCTL = Path(sysconfig.get_path("scripts")) / "stdbctl"
PROGRAMS: dict[str, tuple[str, ...]] = {
    "python -c 'import typer'": (sys.executable, "-c", "import typer"),
    "python -c ''": (sys.executable, "-c", ""),
    "stdbctl --version": (str(STDBCTL), "--version"),
    "stdbctl --help": (str(STDBCTL), "--help"),
}


def milliseconds(command: tuple[str, ...]) -> float:
    """One run, from start to end."""
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return (time.perf_counter() - start) * 1e3


def measure(runs: int = RUNS) -> list[Figure]:
    """All programs, the one to compare with first."""
    for command in PROGRAMS.values():
        milliseconds(command)
    samples: dict[str, list[float]] = {name: [] for name in PROGRAMS}
    for _ in range(runs):
        for name, command in PROGRAMS.items():
            samples[name].append(milliseconds(command))
    return compared("ms", "import typer", samples)


if __name__ == "__main__":
    show("Start of the command line", measure(int(sys.argv[1]) if len(sys.argv) > 1 else RUNS))
