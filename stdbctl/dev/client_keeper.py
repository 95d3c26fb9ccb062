"""Keeping the client's command running: its packages first, then the command, again after a crash, to the end."""

import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from stdbctl.dev.client import ClientProcess
from stdbctl.dev.events import ClientEnded, ClientSaid, ClientStarted, Event, Installed, Installing, Trouble
from stdbctl.dev.orders import ClientCommand
from stdbctl.dev.packages import install_command
from stdbctl.errors import Fault

FIRST_RETRY_S, RETRY_MAX_S = 1.0, 30.0
STABLE_S = 10.0
"""A command that ran so long before it crashed starts over with the shortest wait."""

Post = Callable[[Callable[[], None]], None]
"""Has something done by the session's own loop, from any thread."""


class NoClientFolder(Fault):
    """The folder in which the client's command is to run does not exist."""

    code = "dev.no_client_folder"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        super().__init__(
            f"`{folder}` is no folder: the client's command cannot run there",
            fix="correct `cwd` in the `[dev]` section of `stdbctl.toml`, or make the folder",
        )


class ClientKeeper:
    """One client. Everything runs on the session's loop but the reading of output.

    `tell(event)`; `alarm(seconds, action)` has an action done later by the loop.
    """

    def __init__(
        self,
        command: ClientCommand,
        post: Post,
        tell: Callable[[Event], None],
        said: Callable[[ClientSaid], None],
        alarm: Callable[[float, Callable[[], None]], None],
    ) -> None:
        self._command, self._post, self._tell, self._said, self._alarm = command, post, tell, said, alarm
        self._environment: Mapping[str, str] | None = None
        self._process: ClientProcess | None = None
        self._retry_s = FIRST_RETRY_S
        self._began = 0.0
        self._round = 0
        self._is_installing = self._has_run = self._is_ending = self._is_restarting = False

    def prepare(self) -> None:
        """Install the packages if need be, while the first deploy goes on."""
        command = install_command(self._command.folder)
        if command is not None:
            self._tell(Installing(command=command, folder=self._command.folder))
            self._is_installing = True
            self._run(command, dict(os.environ), is_install=True)

    def module_is_live(self, environment: Mapping[str, str]) -> None:
        """A deploy succeeded: the client may run, in this environment. One that crashed runs again now."""
        is_moved = self._environment is not None and self._environment != environment
        self._environment = environment
        if is_moved:
            self._restart()
        else:
            self._start()

    def replace(self, command: ClientCommand) -> None:
        """Run another command from now on."""
        self._command = command
        self._restart()

    def _restart(self) -> None:
        if self._process is None:
            self._start()
        elif not self._is_restarting:
            self._is_restarting = True
            self._process.end()

    def end(self) -> None:
        """Tell the client to end; a second time, end it by force. Returns at once."""
        self._is_ending = True
        if self._process is not None:
            self._process.end()

    def wait_ended(self, seconds: float) -> bool:
        """Wait until the client is gone; whether it is."""
        return self._process is None or self._process.wait(seconds)

    def _start(self) -> None:
        """Run what comes next: the installation, if it is due, else the command."""
        if self._is_ending or self._process is not None:
            return
        self.prepare()
        if self._is_installing or self._environment is None:
            return
        command = self._command
        if not command.folder.is_dir():
            self._tell(Trouble(error=NoClientFolder(command.folder)))
            return
        process = self._run(command.run, self._environment, is_install=False)
        is_again, self._has_run = self._has_run, True
        self._tell(ClientStarted(command=command.run, folder=command.folder, pid=process.pid, is_again=is_again))

    def _run(self, command: str, environment: Mapping[str, str], *, is_install: bool) -> ClientProcess:
        self._round += 1
        self._began = time.monotonic()
        self._process = ClientProcess(
            command,
            self._command.folder,
            environment,
            said=lambda line: self._said(ClientSaid(line=line, is_install=is_install)),
            ended=lambda status: self._post(lambda: self._over(command, status)),
        )
        return self._process

    def _over(self, command: str, status: int) -> None:
        """The process ended by itself, or because it was told to."""
        self._process, was_install, self._is_installing = None, self._is_installing, False
        if self._is_ending:
            return
        ran_s, was_restarted = time.monotonic() - self._began, self._is_restarting
        self._is_restarting = False
        if was_restarted:
            self._start()
        elif was_install and status == 0:
            self._tell(Installed(total_s=ran_s))
            self._start()
        else:
            self._wait_to_retry(command, status, ran_s, was_install)

    def _wait_to_retry(self, command: str, status: int, ran_s: float, was_install: bool) -> None:
        retry_s = FIRST_RETRY_S if ran_s >= STABLE_S else self._retry_s
        self._retry_s = min(retry_s * 2, RETRY_MAX_S)
        shown = retry_s if status != 0 else None
        self._tell(ClientEnded(command=command, status=status, retry_s=shown, is_install=was_install))
        current = self._round
        if shown is not None:
            self._alarm(shown, lambda: self._start() if self._round == current else None)
