"""The second net: an audit hook that sees files, sockets, processes, threads and `sleep`, whoever uses them.

It acts only while a reducer runs on the thread, so never on the server's own work. What Python itself reads during a
call stays allowed: imports, source lines for tracebacks, time zones. Under a debugger it stands aside.
"""

import sys
from _thread import get_ident
from types import FrameType
from typing import Any

from stdbctl.module.guard import NotDeterministic, Phase, Rule, _phases
from stdbctl.module.guard_rules import INPUT, NETWORK, PROCESS, READ, SERVER, SLEEP, THREAD, WRITE

_EVENTS: dict[str, Rule] = {
    "builtins.input": INPUT,
    "time.sleep": SLEEP,
    **dict.fromkeys(("_thread.start_new_thread", "_thread.start_joinable_thread"), THREAD),
    **dict.fromkeys(("open", "sqlite3.connect", "mmap.__new__", "glob.glob"), READ),
    **dict.fromkeys(("os.listdir", "os.scandir", "os.walk", "os.fwalk", "os.getxattr", "os.listxattr"), READ),
    **dict.fromkeys(("os.chmod", "os.chown", "os.chflags", "os.link", "os.lockf", "os.mkdir", "os.remove"), WRITE),
    **dict.fromkeys(("os.removexattr", "os.rename", "os.rmdir", "os.setxattr", "os.symlink", "os.truncate"), WRITE),
    **dict.fromkeys(("os.utime", "shutil.copyfile", "shutil.copymode", "shutil.copystat", "shutil.copytree"), WRITE),
    **dict.fromkeys(("shutil.make_archive", "shutil.move", "shutil.rmtree", "shutil.unpack_archive"), WRITE),
    **dict.fromkeys(("tempfile.mkdtemp", "tempfile.mkstemp"), WRITE),
    **dict.fromkeys(("urllib.Request", "http.client.connect", "socket.__new__", "socket.bind"), NETWORK),
    **dict.fromkeys(("socket.connect", "socket.getaddrinfo", "socket.gethostbyaddr", "socket.gethostbyname"), NETWORK),
    **dict.fromkeys(("socket.gethostname", "socket.getnameinfo", "socket.getservbyname"), NETWORK),
    **dict.fromkeys(("socket.getservbyport", "socket.sendto", "socket.sendmsg", "socket.sethostname"), NETWORK),
    **dict.fromkeys(("os.exec", "os.fork", "os.forkpty", "os.kill", "os.killpg", "os.posix_spawn"), PROCESS),
    **dict.fromkeys(("os.spawn", "os.startfile", "os.system", "subprocess.Popen", "pty.spawn"), PROCESS),
    **dict.fromkeys(("webbrowser.open", "signal.pthread_kill"), PROCESS),
    **dict.fromkeys(("os.chdir", "os.putenv", "os.unsetenv"), SERVER),
}
"""Audit event -> why it is refused (the events: https://docs.python.org/3/library/audit_events.html)."""
_NAMES = {
    "builtins.input": "input()",
    "socket.__new__": "socket.socket()",
    "mmap.__new__": "mmap.mmap()",
} | dict.fromkeys(("_thread.start_new_thread", "_thread.start_joinable_thread"), "threading.Thread.start()")
_READERS = frozenset({"importlib", "zipimport", "linecache", "tokenize"})
"""Imports and data of installed packages, and source lines for tracebacks."""
_DEBUGGERS = frozenset({"pdb", "bdb", "ipdb", "pudb", "IPython", "debugpy", "pydevd", "_pydevd_bundle"})
_HOST = "stdbctl.module.host"
"""The module whose frame ends the author's part of the stack."""
_is_installed = False


def install() -> None:
    """Put up the net, once for the process: Python lets nobody take an audit hook down again."""
    global _is_installed
    if not _is_installed:
        _is_installed = True
        sys.addaudithook(_hook)


def _hook(event: str, args: Any) -> None:  # Any: each event has its own
    if _phases and event in _EVENTS and _phases.get(get_ident()) is Phase.CALL:
        _refuse(event, args)


def _refuse(event: str, args: tuple[object, ...]) -> None:
    spared = _DEBUGGERS | _READERS if event in ("open", "os.listdir", "os.scandir") else _DEBUGGERS
    if sys.gettrace() is not None or _is_time_zone(event, args) or _is_behind(spared):
        return
    raise NotDeterministic(_NAMES.get(event, f"{event}()"), _EVENTS[event], Phase.CALL)


def _is_behind(packages: frozenset[str]) -> bool:
    """Whether code of one of these packages runs on behalf of the author's."""
    frame: FrameType | None = sys._getframe(3)
    while frame is not None and frame.f_globals.get("__name__") != _HOST:
        if str(frame.f_globals.get("__name__")).partition(".")[0] in packages:
            return True
        frame = frame.f_back
    return False


def _is_time_zone(event: str, args: tuple[object, ...]) -> bool:
    """Whether a file is one of the zones; they are opened by C code, without a frame of its own."""
    zoneinfo = sys.modules.get("zoneinfo")
    is_file = event == "open" and isinstance(args[0], str)
    return is_file and zoneinfo is not None and str(args[0]).startswith(tuple(zoneinfo.TZPATH))
