"""What happens while `dev` runs, for people: one line closes each save; log and client speak under their names."""

import shutil
import sys
import threading
import time
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from stdbctl.cli.catalog import counts_text
from stdbctl.cli.code_frames import error_lines, problem_lines, warning_lines
from stdbctl.cli.embedded import data_text
from stdbctl.cli.generation import shown_path
from stdbctl.cli.log_lines import LogLine
from stdbctl.cli.output import Painter, counted, milliseconds
from stdbctl.cli.publishing import ModuleRefused, SchemaRefused
from stdbctl.dev import (
    ClientEnded,
    ClientSaid,
    ClientStarted,
    Ending,
    Event,
    Installed,
    Installing,
    Live,
    Logged,
    ProjectFileRead,
    Refused,
    Rejected,
    Rewriting,
    ServerLost,
    ServerUp,
    Trouble,
    Watching,
)
from stdbctl.errors import Problem
from stdbctl.project import PROJECT_FILE, ServerRecord
from stdbctl.records import SYSTEM_TARGET, LogLevel

if TYPE_CHECKING:
    from rich.text import Text

NAMES_MAX = 4
"""So many changed names are listed in a closing line; of more, only how many."""
REWRITING_S = 1.0
"""How often it is said how far a migration function is."""
STILL = "what was deployed before still serves"


class TextShow:
    """Writes events as lines: to stdout, and to stderr what is wrong.

    `lock` is held while something is written; whoever holds it has the terminal alone.
    """

    def __init__(self, database: str) -> None:
        self._database = database
        self._was_live = False
        self._rewriting_shown_s = time.monotonic()
        self._warned: tuple[str, ...] = ()
        self._painters = {False: Painter(sys.stdout), True: Painter(sys.stderr)}
        self.lock = threading.RLock()

    def __call__(self, event: Event) -> None:
        """Show one event."""
        with self.lock:
            self._show(event)

    def _show(self, event: Event) -> None:
        match event:
            case Live():
                self._live(event)
            case Rewriting():
                self._rewriting(event)
            case Rejected():
                self._problems(event.problems)
                self._not_live(_rejected_text(event), event.total_s)
            case Refused():
                self._refused(event)
            case Logged(line=line):
                self._log(LogLine.parse(line))
            case ClientSaid(line=line) if not line.strip():
                pass  # npm and Vite write many empty lines, for a terminal that they have alone
            case ClientSaid(line=line, is_install=is_install):
                self._under("npm" if is_install else "client", _ansi(line), "cyan")
            case ClientStarted() | ClientEnded() | Installing() | Installed():
                self._client(event)
            case ServerUp() | ServerLost():
                self._server(event)
            case ProjectFileRead(problems=()):
                self._say(f"read {PROJECT_FILE} again")
            case ProjectFileRead(problems=problems):
                self._problems(problems)
                self._say(f"{PROJECT_FILE} is not used as it is now; what it said before still counts", "red")
            case Trouble():
                self._trouble(event)
            case Watching(module=module):
                self._say(f"watching {shown_path(module)} and {PROJECT_FILE} · Ctrl-C ends", "dim")
            case Ending():
                # A terminal shows ^C where the cursor was.
                self._say("\nending" if sys.stdout.isatty() else "ending", "dim")

    # --- saves

    def _live(self, event: Live) -> None:
        self._was_live = True
        self._problems(event.problems)
        self._warn(event.warnings)
        verb = "reloaded" if not event.is_first else "deployed" if event.op != "unchanged" else "unchanged: checked"
        parts = [f"{verb} {self._database} in {milliseconds(event.total_s)}" if event.is_first else _reloaded(event)]
        parts += _phases(event)
        parts += [counts_text(event.module)] if event.is_first else [_changes(event)]
        parts += _bindings(event)
        if event.dropped_clients:
            parts.append("clients with older bindings were disconnected")
        self._closing(" · ".join(part for part in parts if part), "green")
        if event.snapshot is not None:
            self._say(f"what was there before is in the snapshot {event.snapshot}; undo with `stdbctl undo`")

    def _rewriting(self, event: Rewriting) -> None:
        """Say how far it is now and then, and what came of it."""
        now = time.monotonic()
        if event.done == event.total:
            count = counted(event.total, "row")
            self._say(f"rewrote {count} of {event.table} by {event.function}, dropped {event.dropped}")
        elif now - self._rewriting_shown_s >= REWRITING_S:
            self._say(f"rewriting {event.table} by {event.function}: {event.done:,} of {event.total:,} rows", "dim")
        else:
            return
        self._rewriting_shown_s = now

    def _refused(self, event: Refused) -> None:
        kind = ClientsWouldDrop if event.would_drop_clients else SchemaRefused if event.is_schema else ModuleRefused
        self._problems(event.problems or [kind(event.reason)])
        self._not_live("not deployed", event.total_s)

    def _not_live(self, text: str, seconds: float) -> None:
        rest = STILL if self._was_live else "waiting for the next save"
        self._closing(f"{text} in {milliseconds(seconds)}; {rest}", "red")

    def _problems(self, problems: Sequence[Problem]) -> None:
        from rich.text import Text

        if problems:
            self._write_all([Text()])
        for problem in problems:
            self._write_all([*problem_lines(problem), Text()])

    def _warn(self, warnings: Sequence[Problem]) -> None:
        """Show warnings when they are others than those shown last; a line that only moved is no other."""
        shown = tuple(f"{warning.place.file if warning.place else ''} {warning.what}" for warning in warnings)
        if shown != self._warned:
            self._write_all(warning_lines(warnings))
        self._warned = shown

    def _log(self, line: LogLine) -> None:
        # What the server says of deploys stands in the closing lines already.
        if line.fields.get("target") != SYSTEM_TARGET or line.level.rank > LogLevel.INFO.rank:
            self._under("log", line.styled(with_time=False), "magenta")

    # --- server and client

    def _server(self, event: ServerUp | ServerLost) -> None:
        if isinstance(event, ServerLost):
            self._say(f"the server (pid {event.pid}) is gone; starting it again", "yellow")
            return
        if event.pid is None:
            self._say(f"using the server at {event.url}")
            return
        where = f"{event.url} ({data_text(ServerRecord(url=event.url, pid=event.pid, data_dir=event.data_dir))})"
        if not event.is_started:
            self._say(f"joined the running server: {where}")
        elif event.is_ours:
            self._say(f"{'serving again' if event.is_again else 'serving'} {where}")
        else:
            self._say(f"started the embedded server: {where}; end it with `stdbctl stop`")

    def _client(self, event: ClientStarted | ClientEnded | Installing | Installed) -> None:
        match event:
            case ClientStarted():
                verb = "running again" if event.is_again else "running"
                self._say(f"{verb} `{event.command}`{_in(event.folder)}")
            case Installing():
                self._say(f"installing the client's packages: `{event.command}`{_in(event.folder)}")
            case Installed():
                self._say(f"installed the client's packages in {milliseconds(event.total_s)}")
            case ClientEnded(retry_s=None):
                self._say(f"`{event.command}` ended; it runs again at the next good save", "yellow")
            case ClientEnded():
                when = f"it runs again in {event.retry_s:.0f} s, or at the next good save"
                self._say(f"`{event.command}` ended with {_status(event.status)}; {when}", "red")
                program = event.command.split()[0]
                # npm also ends so, when what it runs is missing.
                if event.status == _NOT_FOUND and "=" not in program and shutil.which(program) is None:
                    self._say(f"  = fix: install `{program}`{_comes_with(program)}, or go on with `--no-client`")

    def _trouble(self, event: Trouble) -> None:
        self._write_all(error_lines(event.error))
        if event.retry_s is not None:
            self._say(f"trying again in {event.retry_s:g} s", "yellow")

    # --- writing

    def _closing(self, text: str, style: str) -> None:
        from rich.text import Text

        head, separator, rest = text.partition(" · ")
        moment = f"{datetime.now():%H:%M:%S} "
        self._write(Text.assemble((moment, "dim"), (head, f"bold {style}"), separator, rest), is_wrong=style == "red")

    def _say(self, text: str, style: str = "") -> None:
        from rich.text import Text

        self._write(Text(text, style=style), is_wrong=style == "red")

    def _under(self, name: str, text: "Text", style: str) -> None:
        from rich.text import Text

        for line in text.split("\n"):
            self._write(Text.assemble((f"{name:>6} │ ", style), line))

    def _write(self, text: "Text", *, is_wrong: bool = False) -> None:
        stream = sys.stderr if is_wrong else sys.stdout
        for line in self._painters[is_wrong].lines(text):
            stream.write(f"{line}\n")
        stream.flush()

    def _write_all(self, lines: "Iterable[Text]") -> None:
        for line in lines:
            self._write(line, is_wrong=True)


class ClientsWouldDrop(Problem):
    """The change disconnects clients whose bindings no longer fit, and nobody agreed to that."""

    code = "cli.clients_would_drop"

    def __init__(self, plan: str) -> None:
        super().__init__(
            what="the changed schema disconnects clients with older bindings",
            why=plan,
            fix="agree with `stdbctl deploy --watch --break-clients`, or take the change back",
        )


def _rejected_text(event: Rejected) -> str:
    count = counted(len(event.problems), "problem")
    return f"{count}, but the server took it" if event.is_deployed else f"not deployed: {count}"


def _reloaded(event: Live) -> str:
    text = f"reloaded in {milliseconds(event.total_s)}"
    return f"{text}, good again" if event.is_recovered else text


def _phases(event: Live) -> list[str]:
    parts = [("load", event.load_s), ("deploy", event.deploy_s)]
    parts += [("generate", event.generate_s)] if event.written else []
    return [f"{name} {seconds * 1000:.0f}" for name, seconds in parts]


def _changes(event: Live) -> str:
    changes = event.changes
    parts = [
        f"{word} {_names(names)}"
        for word, names in (
            ("new", changes.added),
            ("changed", changes.changed),
            ("removed", changes.removed),
            ("changed" if not changes.changed else "code of", changes.code),
        )
        if names
    ]
    return ", ".join(parts) or (f"changed {_names(changes.files)}" if changes.files else "as it was deployed before")


def _names(names: Sequence[str]) -> str:
    more = len(names) - NAMES_MAX
    return ", ".join(names[:NAMES_MAX]) + (f" and {more} more" if more > 0 else "")


def _bindings(event: Live) -> list[str]:
    if event.problems:
        return ["no bindings"]
    parts = []
    for written in event.written:
        report = written.report
        if not report.is_current:
            removed = f", {len(report.removed)} removed" if report.removed else ""
            parts.append(f"{counted(len(report.written), 'file')} written{removed} in {shown_path(written.out_dir)}")
    return parts or (["bindings unchanged"] if event.written else [])


def _in(folder: Path) -> str:
    shown = shown_path(folder)
    return "" if shown == "." else f" in {shown}"


_NOT_FOUND = 127
"""What a shell ends with when it finds no such program."""


def _comes_with(program: str) -> str:
    return " (it comes with Node.js 20.19 or newer)" if program in ("npm", "npx") else ""


def _status(status: int) -> str:
    return f"signal {status - 128}" if status > 128 else f"exit code {status}"


def _ansi(line: str) -> "Text":
    from rich.text import Text

    return Text.from_ansi(line)
