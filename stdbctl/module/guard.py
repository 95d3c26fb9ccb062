"""The determinism guard: what a call or an import may not ask, because the answer would differ the next time.

A thread is in a phase while it runs a module: IMPORT while a file's top level runs, CALL while a reducer does. In a
phase, what `rule` names raises NotDeterministic; outside of one, as in a plain `import` by a test, nothing is refused.

Three nets, each for what the one before cannot see:

1. The module's own files get faces of `time`, `random`, `os`, … instead of the modules (`guard_rules.py` says what is
   refused there, `guard_faces.py` makes them, `guard_classes.py` those of `datetime` and other classes).
2. An audit hook refuses files, sockets, processes, threads and `sleep` in a call, whoever asks (`guard_audit.py`).
3. `lint.py` finds the first kind in the syntax trees, before anything runs.
"""

import enum
from _thread import get_ident
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from stdbctl.errors import StdbctlError


class Phase(enum.Enum):
    """What part of a module runs."""

    IMPORT = "import"
    CALL = "call"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Why something is refused. `what` follows its name: "reads the clock"; `instead` is what to do.

    `reads_files`: the import of a module may do it. `spared_by`: position and name of a parameter that makes the
    answer depend on nothing else, if it is given and not None.
    """

    what: str
    instead: str
    reads_files: bool = False
    spared_by: tuple[int, str] | None = None

    def is_spared(self, args: tuple[object, ...], kwargs: dict[str, object]) -> bool:
        """Whether these arguments make a call of it harmless."""
        if self.spared_by is None:
            return False
        position, name = self.spared_by
        return (args[position] if position < len(args) else kwargs.get(name)) is not None

    def applies_in(self, phase: Phase) -> bool:
        """Whether it is refused in a phase."""
        return phase is Phase.CALL or not self.reads_files

    def why(self, phase: Phase) -> str:
        """The reason, as a sentence without its end."""
        if phase is Phase.CALL:
            return "a call has to do the same whenever it runs again, on any machine"
        return "a module is imported anew at each start of the server, and has to come out the same"

    def fix(self, phase: Phase) -> str:
        """What to do."""
        return (
            self.instead
            if phase is Phase.CALL
            else f"leave it out of the module's top level; in a reducer, {self.instead}"
        )


class NotDeterministic(StdbctlError):
    """A module asked for something that would be different the next time: the clock, chance, files, the network.

    In a reducer it rolls the call back, as any exception does; the log shows the author's line.
    """

    code = "module.not_deterministic"

    def __init__(self, what: str, rule: Rule, phase: Phase) -> None:
        self.rule, self.phase = rule, phase
        super().__init__(f"`{what}` {rule.what}", why=rule.why(phase), fix=rule.fix(phase))

    def __str__(self) -> str:
        return f"{super().__str__()} [{self.code}]"


NotDeterministic.__module__ = "stdbctl.module"  # as authors import it: the log shows this name

_CALL = Phase.CALL  # a name of its own: to ask the class costs five times as much
_phases: dict[int, Phase] = {}
"""Thread -> what it runs. The audit hook sees it at every event of the process: empty means nothing to do."""


def begin_call() -> None:
    """A reducer begins on this thread."""
    _phases[get_ident()] = _CALL


def end_call() -> None:
    """It is over. May be called twice."""
    _phases.pop(get_ident(), None)


@contextmanager
def importing() -> Iterator[None]:
    """The top level of a module's file runs on this thread, perhaps by a late import during a call."""
    thread = get_ident()
    before = _phases.get(thread)
    _phases[thread] = Phase.IMPORT
    try:
        yield
    finally:
        if before is None:
            _phases.pop(thread, None)
        else:
            _phases[thread] = before


def phase() -> Phase | None:
    """What of a module this thread runs."""
    return _phases.get(get_ident())


def check(what: str, rule: Rule) -> None:
    """Refuse `what` if a module runs on this thread; NotDeterministic."""
    now = _phases.get(get_ident())
    if now is not None and rule.applies_in(now):
        raise NotDeterministic(what, rule, now)
