"""A supervisor's process for tests, with two arguments: the folder that holds everything, and options as JSON.

Says where it serves in one line, `{"url", "pid"}`. It imports next to nothing: hundreds of them are started.
"""

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from stdbctl.project import LOOPBACK, listen_on
from stdbctl.server import ServerOptions, run


def main(folder: Path, given: dict[str, Any]) -> int:
    """Serve until told to end; the exit status. `given`: fields of ServerOptions, and `in_memory`."""
    changes: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in given.items()}
    in_memory = changes.pop("in_memory", False)
    options = replace(
        ServerOptions(
            data_dir=None if in_memory else folder / "data",
            key_dir=folder / "keys",
            operator_file=folder / "operator.token",
            server_file=folder / "server.json",
        ),
        **changes,
    )
    sockets = listen_on(LOOPBACK, 0)
    return run(options, sockets, lambda url, pid: print(json.dumps({"url": url, "pid": pid}), flush=True))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), json.loads(sys.argv[2])))
