"""`logs -f`: new lines as they come, over restarts, each once."""

import json
import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.cli.terminal import background, stdbctl

SECONDS = 60


class Follower:
    """The messages that a running `logs -f` printed, waited for."""

    def __init__(self, lines: "queue.Queue[str]") -> None:
        self._lines = lines

    def message(self) -> str:
        """The next line's message."""
        text: str = json.loads(self._lines.get(timeout=SECONDS))["message"]
        return text


@contextmanager
def following(project: Path, *arguments: str) -> Iterator[Follower]:
    process = background("logs", "-f", "--format", "json", *arguments, cwd=project)
    lines: queue.Queue[str] = queue.Queue()
    stream = process.stdout
    assert stream is not None

    def read() -> None:
        for line in stream:
            lines.put(line)

    reader = threading.Thread(target=read)
    reader.start()
    try:
        yield Follower(lines)
    finally:
        process.terminate()
        reader.join(SECONDS)
        _, errors = process.communicate(timeout=SECONDS)
        print(errors)


def speak(project: Path, text: str) -> None:
    assert stdbctl("call", "speak", text, cwd=project).code == 0


def test_follow_shows_the_past_then_what_comes(project: Path) -> None:
    stdbctl("deploy", cwd=project)
    speak(project, "before")
    with following(project, "-n", "2") as follower:
        assert [follower.message(), follower.message()] == ["before aloud", "before shouting"]
        speak(project, "after")
        assert [follower.message() for _ in range(3)] == ["after softly", "after aloud", "after shouting"]


def test_follow_filters_by_level(project: Path) -> None:
    stdbctl("deploy", cwd=project)
    speak(project, "one")
    with following(project, "-n", "1", "--level", "error") as follower:
        assert follower.message() == "one shouting"
        speak(project, "two")
        assert follower.message() == "two shouting"


def test_follow_goes_on_after_a_restart_without_repeating(project: Path) -> None:
    stdbctl("deploy", cwd=project)
    speak(project, "before")
    with following(project, "-n", "1") as follower:
        assert follower.message() == "before shouting"
        stdbctl("stop", cwd=project)
        stdbctl("start", "--detach", cwd=project)
        speak(project, "after")
        seen = [follower.message()]
        while seen[-1] != "after shouting":
            seen.append(follower.message())
        assert "before shouting" not in seen
        assert seen[-3:] == ["after softly", "after aloud", "after shouting"]
