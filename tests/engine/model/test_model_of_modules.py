"""Modules, engine and SQLite file against a plain model: transactions, failures, deploys, lost commits, crashes.

Each run is told by its seed, which a failure prints. More of them, and longer ones:

    STDBCTL_MODEL_RUNS=100 STDBCTL_MODEL_STEPS=400 pytest tests/engine/model     (make model-test)
"""

import os
from pathlib import Path

import pytest

from .simulation import Simulation

RUNS = int(os.environ.get("STDBCTL_MODEL_RUNS", "8"))
STEPS = int(os.environ.get("STDBCTL_MODEL_STEPS", "60"))
FIRST_SEED = int(os.environ.get("STDBCTL_MODEL_SEED", "0"))


@pytest.mark.parametrize("seed", range(FIRST_SEED, FIRST_SEED + RUNS))
@pytest.mark.timeout(120 + STEPS)
def test_states_queries_replicas_and_history_equal_the_model_after_every_step(tmp_path: Path, seed: int) -> None:
    simulation = Simulation(tmp_path, seed)
    done: list[str] = []
    try:
        for _ in range(STEPS):
            done.append(simulation.step())
        simulation.close()
    except BaseException as error:
        error.add_note(
            f"STDBCTL_MODEL_SEED={seed} STDBCTL_MODEL_RUNS=1, after {len(done)} steps: {' '.join(done[-12:])}"
        )
        raise
