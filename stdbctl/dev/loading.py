"""Importing a saved module in this process, for its problems and its definition, under a limit of time."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet
from threading import Thread
from typing import TypeVar

from stdbctl.errors import Problem
from stdbctl.module import Loaded, ModuleProblem, PythonHost
from stdbctl.records import Program

T = TypeVar("T")
IMPORT_S = 10.0
"""How long the import of a module may take: as long as on the server."""
STOP_S = 2.0
"""How long an import that was told to end may go on in deaf code before it is left to itself."""

REPEAT_S = 0.25
"""The author's code may swallow one interruption: it comes again."""


class ImportHangs(ModuleProblem):
    """The import of a module sits in code that cannot be stopped."""

    code = "module.import_hangs"
    what_text = "the import of the module does not end"
    why_text = "it was told to stop after {seconds} s and sits in code that does not hear it"
    fix_text = "do the work in a reducer, or once outside the module"


def load(program: Program) -> Loaded | tuple[Problem, ...]:
    """Import a program; all of its problems when it is none."""
    host = PythonHost()
    work = in_background(lambda: host.prepare(program))
    began = time.monotonic()
    wait_s = IMPORT_S
    while True:
        try:
            prepared = work.result(wait_s)
            break
        except NotYet:
            if time.monotonic() - began > IMPORT_S + STOP_S:
                return (ImportHangs(seconds=IMPORT_S),)
            host.interrupt()
            wait_s = REPEAT_S
    return tuple(prepared) if isinstance(prepared, Sequence) else prepared.loaded


def in_background(work: Callable[[], T]) -> "Future[T]":
    """Do something on a thread of its own that never keeps the process from ending."""
    future: Future[T] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:  # whoever asks for the result gets it
            future.set_exception(error)

    Thread(target=run, daemon=True).start()
    return future
