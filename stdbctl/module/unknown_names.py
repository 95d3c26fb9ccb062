"""What to write instead of a name that is not defined: its import, what it is called here, or the nearest name."""

from stdbctl.module.sources import SourceFile, Sources

COLUMN_TYPES = (
    *("u8", "u16", "u32", "u64", "u128", "u256", "i8", "i16", "i32", "i64", "i128", "i256", "f32", "f64"),
    *("PrimaryKey", "AutoInc", "Unique", "Index", "Option", "Result"),
    *("Identity", "ConnectionId", "Timestamp", "TimeDuration", "ScheduleAt", "Uuid", "ReducerContext"),
)
"""Types that authors import from `stdbctl.module`."""
_OTHERS = (
    *("Database", "Err", "InvalidValue", "NotIndexed", "Ok", "ReducerError", "RowNotFound", "Some", "Table"),
    *("UniqueViolation", "Variant", "above", "at_least", "at_most", "below", "between", "client_connected"),
    *("client_disconnected", "column", "index", "init", "reducer", "table", "table_of", "union"),
)
AUTHOR_NAMES = (*COLUMN_TYPES, *_OTHERS)
"""Everything that authors import from `stdbctl.module`."""
_CALLED_HERE = {
    **dict.fromkeys(("string", "text", "varchar", "char"), "`str`"),
    **dict.fromkeys(("integer", "bigint", "int64", "long"), "`i64`"),
    **dict.fromkeys(("uint64", "ulong"), "`u64`"),
    **dict.fromkeys(("int32", "uint32"), "`i32` or `u32`"),
    **dict.fromkeys(("int16", "uint16", "short", "ushort"), "`i16` or `u16`"),
    **dict.fromkeys(("int8", "uint8", "byte"), "`u8` or `i8`"),
    **dict.fromkeys(("uint", "usize", "unsigned"), "`u32` or `u64`"),
    **dict.fromkeys(("double", "float64", "real"), "`f64`"),
    **dict.fromkeys(("float32", "single"), "`f32`"),
    **dict.fromkeys(("number", "numeric"), "`f64`, or an integer type such as `u32`"),
    **dict.fromkeys(("boolean", "bit"), "`bool`"),
    **dict.fromkeys(("blob", "bytea", "bytearray", "buffer"), "`bytes`"),
    **dict.fromkeys(("vec", "array", "list", "sequence", "tuple", "set"), "`list[…]`"),
    **dict.fromkeys(("dict", "map", "hashmap", "mapping", "record"), "a list of a `@dataclass` with key and value"),
    **dict.fromkeys(("datetime", "date", "instant", "datetimeoffset"), "`Timestamp`, from `stdbctl.module`"),
    **dict.fromkeys(("timedelta", "duration", "timespan"), "`TimeDuration`, from `stdbctl.module`"),
    **dict.fromkeys(("uuid", "guid"), "`Uuid`, from `stdbctl.module`"),
    **dict.fromkeys(("address",), "`ConnectionId`, from `stdbctl.module`"),
    **dict.fromkeys(("any", "json", "object"), "a type of known shape, such as a `@dataclass`"),
    **dict.fromkeys(("decimal", "money"), "an integer of the smallest unit, or `str`"),
    "optional": "`T | None`, with the type in place of `T`",
    "union": '`Annotated[A | B, union("Name")]`, with a name that clients see',
    "literal": "an `enum.Enum` with these members",
}
"""What other languages and libraries call a type, in lower case -> what it is called here."""


def name_fix(name: str, near: str | None, file: SourceFile | None, sources: Sources) -> str:
    """What to do about a name that is not defined in `file`; `near` is the nearest one that is."""
    if name in AUTHOR_NAMES:
        return f"import it: `from stdbctl.module import {name}`"
    found = _declared_elsewhere(name, file, sources)
    if found is not None:
        return f"import it: `{found}`"
    called = _CALLED_HERE.get(name.casefold())
    if called is not None:
        return f"write {called}"
    return f"did you mean `{near}`?" if near else f"define or import `{name}`, or correct its name"


def later_fix(name: str, file: SourceFile | None, line: int) -> str | None:
    """What to do about a name that the file defines, but only below the line that uses it."""
    nodes = file.definitions.get(name, ()) if file else ()
    below = [node.lineno for node in nodes if node.lineno > line]
    return f"`{name}` is defined further down, in line {below[0]}; move it above this line" if below else None


def _declared_elsewhere(name: str, file: SourceFile | None, sources: Sources) -> str | None:
    """The import of a name that another file of the package defines."""
    for other in sources.files.values():
        if file is not None and other is not file and name in other.definitions:
            return _import(name, other, file)
    return None


def _import(name: str, other: SourceFile, file: SourceFile) -> str:
    package = file.module.split(".") if file.is_package else file.module.split(".")[:-1]
    target = other.module.split(".")
    common = 0
    while common < min(len(package), len(target)) and package[common] == target[common]:
        common += 1
    dots = "." * (len(package) - common + 1)
    return f"from {dots}{'.'.join(target[common:])} import {name}"
