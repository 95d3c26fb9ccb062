"""What is refused, module by module, and what to do instead.

`FUNCTIONS`: module -> name -> rule. `ALL_BUT`: module -> (rule of every function, names that are free). `CLASSES`:
`module.Class` -> what is refused of a class: "" is its construction, other keys its methods.
"""

from collections.abc import Mapping

from stdbctl.module.guard import Rule

CLOCK = Rule(what="reads the clock", instead="use `ctx.timestamp`")
SLEEP = Rule(what="waits, and every other call waits with it", instead="schedule a reducer for later with `schedule=`")
ZONE = Rule(
    what="depends on the machine's time zone", instead="use UTC, or name the zone: `datetime.fromtimestamp(t, UTC)`"
)
CHANCE = Rule(what="is random", instead="use `ctx.random`, which draws the same numbers when the call runs again")
UUID4 = Rule(what="is random", instead="use `ctx.new_uuid_v4()` or `ctx.new_uuid_v7()`")
UUID1 = Rule(what="depends on the clock and the machine", instead="use `ctx.new_uuid_v7()`")
MACHINE = Rule(what="depends on the machine", instead="keep such values in a table")
ENVIRONMENT = Rule(what="depends on the environment", instead="keep settings in a table, or in a file of the module")
READ = Rule(
    what="depends on the files of the machine",
    instead="read it at the module's top level, or keep it in a table",
    reads_files=True,
)
WRITE = Rule(what="changes the files of the machine", instead="keep it in a table")
NETWORK = Rule(what="uses the network", instead="let a client fetch it and pass it to a reducer")
PROCESS = Rule(what="uses other processes", instead="let a client do it and pass the result to a reducer")
THREAD = Rule(what="uses threads or tasks", instead="call the function directly; calls run one after the other")
INPUT = Rule(what="waits for the keyboard", instead="make it an argument of the reducer")
SERVER = Rule(what="changes the process that serves all databases", instead="leave it out")
MEMORY = Rule(what="depends on what else is in memory", instead="leave it out")


def _with(rule: Rule, position: int, name: str) -> Rule:
    """The rule, but not when a parameter is given."""
    return Rule(what=rule.what, instead=rule.instead, reads_files=rule.reads_files, spared_by=(position, name))


def _named(rule: Rule, names: str) -> dict[str, Rule]:
    return dict.fromkeys(names.split(), rule)


def _own_random(names: str) -> dict[str, Rule]:
    return {name: Rule(what=CHANCE.what, instead=f"use `ctx.random.{name}()`") for name in names.split()}


_PATH_READS = (
    "absolute cwd exists expanduser glob group home is_block_device is_char_device is_dir is_fifo is_file is_junction "
    "is_mount is_socket is_symlink iterdir lstat owner read_bytes read_text readlink resolve rglob samefile stat walk"
)
_PATH_WRITES = (
    "chmod copy copy_into hardlink_to lchmod mkdir move move_into rename replace rmdir symlink_to touch unlink "
    "write_bytes write_text"
)

FUNCTIONS: Mapping[str, Mapping[str, Rule]] = {
    "time": {
        **_named(
            CLOCK, "clock_getres clock_gettime clock_gettime_ns get_clock_info monotonic monotonic_ns perf_counter"
        ),
        **_named(
            CLOCK, "perf_counter_ns process_time process_time_ns pthread_getcpuclockid thread_time thread_time_ns"
        ),
        **_named(CLOCK, "time time_ns"),
        **_named(_with(CLOCK, 0, "seconds"), "gmtime"),
        **_named(_with(CLOCK, 0, "t"), "asctime"),
        **_named(_with(CLOCK, 1, "t"), "strftime"),
        **_named(ZONE, "ctime localtime mktime tzset"),
        **_named(SERVER, "clock_settime clock_settime_ns"),
        "sleep": SLEEP,
    },
    "random": {
        **_own_random("betavariate binomialvariate choice choices expovariate gammavariate gauss getrandbits"),
        **_own_random("lognormvariate normalvariate paretovariate randbytes randint random randrange sample shuffle"),
        **_own_random("triangular uniform vonmisesvariate weibullvariate"),
        **_named(CHANCE, "getstate seed setstate"),
    },
    "uuid": {**_named(UUID4, "uuid4 uuid7 uuid8"), **_named(UUID1, "uuid1 uuid6"), **_named(MACHINE, "getnode")},
    "secrets": _named(CHANCE, "choice randbelow randbits token_bytes token_hex token_urlsafe"),
    "posixpath": {
        **_named(
            READ, "abspath exists getatime getctime getmtime getsize isdir isfile islink ismount isjunction lexists"
        ),
        **_named(READ, "realpath samefile sameopenfile samestat"),
        **_named(ENVIRONMENT, "expanduser expandvars"),
    },
    "io": {"open_code": READ},
    "gzip": {"compress": _with(CLOCK, 2, "mtime")},
    "timeit": _named(CLOCK, "default_timer repeat timeit"),
    "email.utils": {
        **_named(_with(CLOCK, 0, "timeval"), "formatdate"),
        **_named(_with(CLOCK, 0, "dt"), "localtime"),
        "make_msgid": CHANCE,
    },
    "asyncio": _named(
        THREAD,
        "create_task ensure_future gather get_event_loop get_running_loop new_event_loop open_connection run "
        "run_coroutine_threadsafe sleep start_server to_thread wait wait_for",
    ),
    "threading": _named(THREAD, "active_count current_thread enumerate get_ident get_native_id"),
    "_thread": _named(THREAD, "get_ident get_native_id start_new start_new_thread start_joinable_thread"),
    "urllib.request": _named(NETWORK, "urlopen urlretrieve"),
    "sys": {
        **_named(SERVER, "addaudithook set_asyncgen_hooks set_coroutine_origin_tracking_depth set_int_max_str_digits"),
        **_named(SERVER, "setdlopenflags setprofile setrecursionlimit setswitchinterval settrace"),
        **_named(MEMORY, "getallocatedblocks getrefcount getsizeof"),
    },
    "faulthandler": _named(SERVER, "disable dump_traceback_later enable register"),
    "resource": {**_named(SERVER, "setrlimit"), **_named(MACHINE, "getrlimit getrusage")},
    "atexit": _named(SERVER, "register"),
    "locale": {**_named(SERVER, "setlocale"), **_named(ENVIRONMENT, "getlocale getdefaultlocale getpreferredencoding")},
    "getpass": {"getuser": ENVIRONMENT, "getpass": INPUT},
    "weakref": _named(MEMORY, "getweakrefcount getweakrefs"),
}

ALL_BUT: Mapping[str, tuple[Rule, frozenset[str]]] = {
    "os": (MACHINE, frozenset({"fsdecode", "fsencode", "fspath", "strerror"})),
    "posix": (MACHINE, frozenset({"fspath", "strerror"})),
    "socket": (
        NETWORK,
        frozenset({"htonl", "htons", "inet_aton", "inet_ntoa", "inet_ntop", "inet_pton", "ntohl", "ntohs"}),
    ),
    "subprocess": (PROCESS, frozenset({"list2cmdline"})),
    "multiprocessing": (PROCESS, frozenset()),
    "signal": (SERVER, frozenset()),
    "_signal": (SERVER, frozenset()),
    "gc": (MEMORY, frozenset()),
    "platform": (MACHINE, frozenset()),
    "tempfile": (WRITE, frozenset()),
    "shutil": (WRITE, frozenset()),
    "glob": (READ, frozenset({"escape", "translate"})),
}

OS_KINDS: Mapping[str, Rule] = {
    **_named(CHANCE, "getrandom urandom"),
    **_named(ENVIRONMENT, "get_exec_path getenv getenvb putenv unsetenv"),
    **_named(
        READ, "access fstat fstatvfs fwalk getcwd getcwdb listdir lstat open read readlink scandir stat statvfs walk"
    ),
    **_named(WRITE, "chmod chown ftruncate lchown link makedirs mkdir mkfifo mknod remove removedirs rename renames"),
    **_named(WRITE, "replace rmdir symlink sync truncate unlink utime write"),
    **_named(PROCESS, "abort execl execle execlp execlpe execv execve execvp execvpe fork forkpty kill killpg popen"),
    **_named(
        PROCESS, "posix_spawn posix_spawnp spawnl spawnle spawnlp spawnlpe spawnv spawnve spawnvp spawnvpe system"
    ),
    **_named(PROCESS, "_exit wait wait3 wait4 waitid waitpid"),
}
"""What is more exactly said of functions of `os` than that it depends on the machine."""

CLASSES: Mapping[str, Mapping[str, Rule]] = {
    "datetime.datetime": {
        **_named(CLOCK, "now today utcnow"),
        **_named(_with(ZONE, 1, "tz"), "fromtimestamp"),
    },
    "datetime.date": {**_named(CLOCK, "today"), **_named(ZONE, "fromtimestamp")},
    "random.Random": {
        "": Rule(what="without a seed is random", instead="use `ctx.random`", spared_by=(0, "x")),
        "seed": Rule(what="without a seed is random", instead="use `ctx.random`", spared_by=(0, "a")),
    },
    "random.SystemRandom": {"": CHANCE},
    "secrets.SystemRandom": {"": CHANCE},
    "pathlib.Path": {**_named(READ, f"{_PATH_READS} open"), **_named(WRITE, _PATH_WRITES)},
    "pathlib.PosixPath": {**_named(READ, f"{_PATH_READS} open"), **_named(WRITE, _PATH_WRITES)},
    "threading.Thread": {"": THREAD},
    "threading.Timer": {"": THREAD},
    "concurrent.futures.ThreadPoolExecutor": {"": THREAD},
    "concurrent.futures.ProcessPoolExecutor": {"": PROCESS},
    "concurrent.futures.thread.ThreadPoolExecutor": {"": THREAD},
    "concurrent.futures.process.ProcessPoolExecutor": {"": PROCESS},
    "multiprocessing.Process": {"": PROCESS},
    "multiprocessing.pool.Pool": {"": PROCESS},
    "multiprocessing.pool.ThreadPool": {"": THREAD},
    "subprocess.Popen": {"": PROCESS},
    "socket.socket": {"": NETWORK},
    "asyncio.Runner": {"": THREAD},
    "http.client.HTTPConnection": {"": NETWORK},
    "http.client.HTTPSConnection": {"": NETWORK},
    "tempfile.TemporaryDirectory": {"": WRITE},
    "tempfile.SpooledTemporaryFile": {"": WRITE},
}

VALUES: Mapping[str, Mapping[str, Rule]] = {
    "os": {"environ": ENVIRONMENT, "environb": ENVIRONMENT},
    "sys": {"argv": ENVIRONMENT, "stdin": INPUT, "__stdin__": INPUT},
}
"""Objects that may be named, but not used."""
