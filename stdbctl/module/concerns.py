"""What a module is served in spite of, and should not be kept so: `check` ends with 4 for it, others only say it."""

from stdbctl.errors import Problem, Problems
from stdbctl.module.lint import lint
from stdbctl.module.load import Loaded
from stdbctl.module.state_change import state_changes


def concerns(loaded: Loaded) -> tuple[Problem, ...]:
    """What will fail or get lost when it runs, then the warnings; both sorted by place."""
    errors = (*state_changes(loaded.version, (*loaded.reducers, *loaded.seeds)), *loaded.findings)
    return (*(Problems(errors).problems if errors else ()), *lint(loaded))
