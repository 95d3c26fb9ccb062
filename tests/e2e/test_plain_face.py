"""The generated `modules/spacetime.ts` against a real server: in Node with every type, in Chromium as the example."""

import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.support.ports import free_port

ROOT = Path(__file__).parent.parent.parent
NODE = ROOT / "tests" / "node"
EXAMPLE = ROOT / "docs" / "examples" / "whiteboard-plain"
TSCONFIG = {
    "compilerOptions": {
        "strict": True,
        "target": "ES2022",
        "module": "ESNext",
        "moduleResolution": "bundler",
        "verbatimModuleSyntax": True,
        "erasableSyntaxOnly": True,
        "noUncheckedIndexedAccess": True,
        "skipLibCheck": True,
        "noEmit": True,
        "types": ["node"],
        "lib": ["ES2022", "DOM", "DOM.Iterable"],
    },
    "include": ["client"],
}
SOURCE = Path(__file__).parent / "zoo"


def run(*command: str | Path, cwd: Path) -> str:
    done = subprocess.run([str(part) for part in command], cwd=cwd, capture_output=True, text=True, timeout=90)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def stdbctl(project: Path, *arguments: str) -> str:
    return run(sys.executable, "-m", "stdbctl", *arguments, cwd=project)


def address_of(project: Path) -> str:
    state = json.loads((project / ".stdbctl" / "server.json").read_text(encoding="utf-8"))
    url: str = state["url"]
    return url.replace("http://", "ws://")


def bundle(script: Path, bindings: Path, out: Path, *options: str) -> Path:
    """Bundle a script for Node or, with `--platform=browser`, for a page."""
    run(
        NODE / "node_modules" / ".bin" / "esbuild",
        script,
        "--bundle",
        "--format=esm",
        "--target=es2022",
        f"--alias:bindings={bindings}",
        f"--alias:spacetimedb={NODE / 'node_modules' / 'spacetimedb'}",
        f"--outfile={out}",
        *(options or ("--platform=node", "--external:undici")),
        cwd=NODE,
    )
    return out


def drive(command: list[str], deeds: Mapping[str, Callable[[], object]]) -> dict[str, Any]:
    """Run a script; a line `DO …` asks for a deed, and the JSON object that it ends with is what it saw."""
    lines = [""]
    with subprocess.Popen(
        command, cwd=NODE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as node:
        assert node.stdin is not None
        assert node.stdout is not None
        watch = threading.Timer(90, node.kill)
        watch.start()
        for line in node.stdout:
            lines.append(line)
            if deed := deeds.get(line.strip()):
                deed()
                node.stdin.write("\n")
                node.stdin.flush()
        watch.cancel()
    assert node.returncode == 0, "".join(lines)
    seen: dict[str, Any] = json.loads(lines[-1])
    return seen


# --- Node


@pytest.fixture(scope="module")
def zoo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """The zoo, deployed on a port that stays its own while its server is away: (folder, address)."""
    project = tmp_path_factory.mktemp("plain") / "zoo"
    shutil.copytree(SOURCE, project)
    (project / "node_modules").symlink_to(NODE / "node_modules")
    stdbctl(project, "start", "--detach", "--listen", f"127.0.0.1:{free_port()}")
    stdbctl(project, "deploy", "--yes")
    stdbctl(project, "generate", "--lang", "ts", "--out-dir", "client")
    yield project, address_of(project)
    stdbctl(project, "stop")


def restart_changed(project: Path, address: str) -> None:
    """Change rows through a server elsewhere, then let it come back where the clients look for it."""
    stdbctl(project, "start", "--detach", "--listen", f"127.0.0.1:{free_port()}")
    stdbctl(project, "call", "rename", "7", "Eva")
    stdbctl(project, "call", "adopt", "11", "Bo")
    stdbctl(project, "stop")
    stdbctl(project, "start", "--detach", "--listen", address.removeprefix("ws://"))


@pytest.fixture(scope="module")
def seen(zoo: tuple[Path, str]) -> dict[str, Any]:
    """What the script in Node saw, with the server taken away and brought back when it asks for that."""
    project, address = zoo
    script = bundle(NODE / "e2e" / "plain.ts", project / "client", project / "plain.mjs")
    deeds = {"DO stop": lambda: stdbctl(project, "stop"), "DO change": lambda: restart_changed(project, address)}
    command = ["node", str(script), address, "zoo"]
    return drive(command, deeds)


def test_handlers_are_called_in_their_order_and_late_ones_too(seen: dict[str, Any]) -> None:
    assert seen["before"] == [None, None, None, []]
    assert seen["start"] == ["connect, identity unknown", "sync true, 0 animals"]
    assert seen["lateHandler"] == []  # the client was ended before


def test_handlers_mistake_reaches_the_page_and_stops_no_other(seen: dict[str, Any]) -> None:
    assert seen["handlerError"] == seen["uncaught"] == ["a handler's own mistake"]


def test_identity_is_text_and_official_at_once(seen: dict[str, Any]) -> None:
    assert seen["identity"] == {"hex": True, "official": True}
    assert seen["idTexts"] == [True, f"{43:032x}", "00000000-0000-0000-0000-00000000002c"]


def test_every_type_comes_back_as_it_was_sent(seen: dict[str, Any]) -> None:
    assert seen["sameValues"] is True
    assert seen["sameObjects"] is True
    assert seen["rest"] == [False, 4, -1, 1.5, {"ok": 7}]
    assert seen["columns"][:4] == ["id", "name", "is_tame", "legs"]
    assert seen["columns"][-2:] == ["fed", "last_check"]


def test_row_events_come_after_the_cache_is_complete(seen: dict[str, Any]) -> None:
    assert seen["afterKeep"] == ["insert Ada, 1 tags", "tag Ada"]
    assert seen["afterRoar"] == ["update Ada to Ida", "noise 0.5, 0 kept"]


def test_unknown_names_are_answered_with_known_ones(seen: dict[str, Any]) -> None:
    assert seen["unknownTable"] == "there is no table `Anmal`: did you mean `Animal`?"
    assert seen["farTable"] == "there is no table `Elephantidae`: there are `Animal`, `Noise`, `Tag`"
    assert seen["unknownEvent"].startswith('expected an event like "Table:insert"')
    assert seen["badAddress"].startswith('expected the address of a server, like "ws://localhost:3000"')


def test_refusal_is_the_servers_text_to_who_listens_and_harmless_to_who_does_not(seen: dict[str, Any]) -> None:
    assert seen["refused"] == "SenderError: no animal 8"
    assert seen["bug"].startswith("InternalError: ")
    assert seen["wrongType"] is True
    assert seen["ignored"] == ["SpacetimeDB: no animal 9"]
    assert seen["handled"] == ["handler: no animal 10"]


def test_call_without_a_database_says_what_to_do(seen: dict[str, Any]) -> None:
    text = "`rename` has nowhere to go: no client has entered a database; call `client.enter` first"
    assert seen["early"] == f"Error: {text}"
    assert seen["ignoredEarly"] == [f"SpacetimeDB: {text}"]
    assert seen["callWhileAway"].endswith("there is no connection at the moment; wait for `onInitialSync`")
    assert seen["afterDisconnect"].startswith("Error: `delete` has nowhere to go: no client")


def test_client_comes_back_with_its_server_and_tells_only_the_differences(seen: dict[str, Any]) -> None:
    assert seen["whileAway"] == ["in flight"]
    assert seen["heardAgain"] == ["disconnect", "connect, identity known", "sync true, 1 animals"]
    assert seen["differences"] == ["insert Bo, 1 tags", "update in flight to Eva"]
    assert seen["afterReturn"] == ["Bo", "Eva"]
    assert seen["sameIdentityAgain"] is True


def test_reducers_follow_the_client_that_entered_last(seen: dict[str, Any]) -> None:
    assert seen["twin"] is True
    assert seen["afterDelete"] == ["Bo"]


def test_other_database_is_entered_without_the_rows_of_the_first(seen: dict[str, Any]) -> None:
    assert seen["missing"] == ["the server at ADDRESS has no database `nowhere`: deploy it, or check the name"]
    assert seen["forgotten"][0] == 0
    assert seen["back"] == ["Bo"]
    assert seen["badToken"] == ["the server refuses the token: pass one that it gave, or none to be somebody new"]


# --- what a bundler keeps


def test_bundle_of_one_reducer_leaves_the_others_out(zoo: tuple[Path, str], tmp_path: Path) -> None:
    script = tmp_path / "one.ts"
    script.write_text('import { rename } from "bindings/modules/spacetime";\nvoid rename(1, "x");\n')
    text = bundle(script, zoo[0] / "client", tmp_path / "one.js", "--platform=browser").read_text()
    assert '"rename", "rename"' in text
    assert not [name for name in ("roar", "stumble", "adopt") if f'"{name}", "{name}"' in text]
    assert "class SpacetimeDBClient" not in text


# --- the example


@pytest.fixture(scope="module")
def whiteboard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """The sample's module with the example as its client, bindings included: (folder, address)."""
    project = tmp_path_factory.mktemp("plain") / "wb"
    project.mkdir()
    shutil.copytree(ROOT / "sample_project" / "module", project / "module")
    shutil.copytree(EXAMPLE, project / "client")
    (project / "stdbctl.toml").write_text('database = "whiteboard"\nmodule = "module"\n', encoding="utf-8")
    stdbctl(project, "start", "--detach", "--listen", f"127.0.0.1:{free_port()}")
    stdbctl(project, "deploy", "--yes")
    stdbctl(project, "generate", "--lang", "ts", "--out-dir", "client")
    (project / "node_modules").symlink_to(NODE / "node_modules")
    yield project, address_of(project)
    stdbctl(project, "stop")


def test_example_passes_the_strict_compiler(whiteboard: tuple[Path, str]) -> None:
    project, _ = whiteboard
    (project / "tsconfig.json").write_text(json.dumps(TSCONFIG), encoding="utf-8")
    run(NODE / "node_modules" / ".bin" / "tsc", "-p", project, cwd=project)


def test_two_pages_draw_clear_and_survive_the_loss_of_the_server(whiteboard: tuple[Path, str], tmp_path: Path) -> None:
    project, address = whiteboard
    client = project / "client"
    bundle(client / "script.ts", client, client / "script.js", "--platform=browser")
    command = ["node", str(NODE / "e2e" / "plain_browser.mjs"), address, str(client), str(tmp_path)]
    deeds = {
        "DO stop": lambda: stdbctl(project, "stop"),
        "DO start": lambda: stdbctl(project, "start", "--detach", "--listen", address.removeprefix("ws://")),
    }
    assert drive(command, deeds) == {
        "twoUsers": True,
        "sameAfterReload": True,
        "equalBoards": True,
        "shownAtOnce": True,
        "lateJoiner": True,
        "afterClear": {"mine": False, "theirs": True},
        "onlyWhatTheServerKeeps": True,
        "whileAway": "no server answers at ADDRESS: is it running? Trying again until it does",
        "drawnAfterReturn": True,
        "errors": [],
    }
