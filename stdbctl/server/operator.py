"""The operator: the one identity that may create, publish and delete databases on this server.

Its token is one line of text in a file of mode 0600, made at the first start; whoever can read it is the operator.
"""

import os
from pathlib import Path

from stdbctl.server.auth import Authority, Caller, InvalidToken
from stdbctl.server.files import PRIVATE, write_whole


def open_operator(file: Path, authority: Authority) -> Caller:
    """Read the operator's token, or mint and write one where there is none that this server's key has signed."""
    try:
        token = file.read_text(encoding="ascii", errors="replace").strip()
    except FileNotFoundError:
        token = ""
    try:
        operator = authority.check(token)
    except InvalidToken:
        operator = authority.mint()
        write_whole(file, f"{operator.token}\n", mode=PRIVATE)
    else:
        os.chmod(file, PRIVATE)
    return operator
