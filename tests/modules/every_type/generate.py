"""Writes `module/`: for every type a table of rows, one with a unique column, one with it as key, and their reducers.

    python tests/modules/every_type/generate.py

`module/kinds.py` is written by hand; the other files come from here, and a test compares them.
"""

import re
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import stdbctl.module

MODULE = Path(__file__).parent / "module"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One type. `name` stands in the names of tables and reducers.

    `type`, `option`, `several`: the annotations of a value, of one or none, and of a list. `default`: an expression.
    """

    name: str
    type: str
    option: str
    several: str
    default: str
    is_key: bool = False
    is_indexed: bool = False

    @property
    def title(self) -> str:
        """As part of a class name: `U8`, `NestedOption`."""
        return "".join(part.capitalize() for part in self.name.split("_"))

    def field(self, name: str, *, with_default: bool) -> str:
        """A field of a class."""
        if not with_default:
            return f"    {name}: {self.type}"
        is_constant = self.is_key or self.is_indexed
        value = self.default if is_constant else f"field(default_factory=lambda: {self.default})"
        return f"    {name}: {self.type} = {value}"


def _key(name: str, type_: str, default: str, *, several: str = "") -> Kind:
    several = several or f"list[{type_}]"
    option = f"{type_} | None"
    return Kind(name=name, type=type_, option=option, several=several, default=default, is_key=True, is_indexed=True)


def _plain(name: str, type_: str, default: str, *, option: str = "", is_indexed: bool = False) -> Kind:
    option = option or f"{type_} | None"
    return Kind(name=name, type=type_, option=option, several=f"list[{type_}]", default=default, is_indexed=is_indexed)


KINDS = (
    _key("bool", "bool", "True"),
    _key("u8", "u8", "255", several="bytes"),
    *(_key(f"u{bits}", f"u{bits}", f"2**{bits} - 1") for bits in (16, 32, 64, 128, 256)),
    *(_key(f"i{bits}", f"i{bits}", f"-(2**{bits - 1})") for bits in (8, 16, 32, 64, 128, 256)),
    _plain("f32", "f32", "0.1", is_indexed=True),
    _plain("f64", "f64", "-0.0", is_indexed=True),
    _key("text", "str", r'"né\0 🎈"'),
    _plain("data", "bytes", r'b"\x00\xff"'),
    _key("identity", "Identity", "Identity.from_int(7)"),
    _key("connection", "ConnectionId", "ConnectionId.from_int(7)"),
    _key("timestamp", "Timestamp", "Timestamp.from_micros(-1)"),
    _plain("duration", "TimeDuration", "TimeDuration.seconds(1.5)"),
    _key("uuid", "Uuid", 'Uuid.parse("01888d6e-5c00-7000-8000-000000000000")'),
    _plain("schedule", "ScheduleAt", "ScheduleAt.every(TimeDuration.seconds(1))"),
    _plain("unit", "None", "None", option="Option[None]"),
    _key("mood", "Mood", "Mood.VERY_HUNGRY"),
    _plain("spot", "Spot", "Spot(x=1.5, y=-2.0)"),
    _plain("blank", "Blank", "Blank()"),
    _plain("shape", "Shape", "Group([Circle(1.5), Nothing()])"),
    _plain("tree", "Tree", "Pair(TWO_TREES)"),
    _plain("node", "Node", 'Node(name="root", children=[Node(name="", children=[], twin=None)], twin=None)'),
    _plain("outcome", "Result[str, str]", 'Err("no")'),
    _plain("uneven", "Result[u32, list[Mood]]", "Err([Mood.VERY_HUNGRY])"),
    _plain("nested_option", "Option[Option[u8]]", "Some(None)", option="Option[Option[Option[u8]]]"),
    _plain("nested_list", "list[list[str]]", '[[], ["a", ""]]'),
)
"""The types, each of which also is a field of the record `Everything` and a case of the union `Anything`."""

HOLDERS = (
    _plain("everything", "Everything", "Everything()"),
    _plain("anything", "Anything", "AnyNestedOption(Some(None))"),
)

NAMES = {
    "dataclasses": ("dataclass", "field"),
    "typing": ("Annotated",),
    "stdbctl.module": tuple(stdbctl.module.__all__),
    ".holders": ("Anything", "AnyNestedOption", "Everything"),
    ".kinds": ("Blank", "Circle", "Group", "Mood", "Node", "Nothing", "Pair", "Shape", "Spot", "Tree", "TWO_TREES"),
}
"""Where the names come from that the files may use."""


def plain(kind: Kind) -> str:
    """A table whose rows hold a value, perhaps one, and several."""
    value = f"Index[{kind.type}]" if kind.is_indexed else kind.type
    name, title = f"plain_{kind.name}", f"Plain{kind.title}"
    fields = {"n": "u32", "value": kind.type, "maybe": kind.option, "several": kind.several}
    row = f"{title}({', '.join(f'{field}={field}' for field in fields)})"
    parameters = ", ".join(f"{field}: {type_}" for field, type_ in fields.items())
    return f"""
@table(public=True)
class {title}:
    n: PrimaryKey[u32]
    value: {value}
    maybe: {kind.option}
    several: {kind.several}

{_reducer("insert", name, parameters, f"ctx.db[{title}].insert({row})")}
{_reducer("update", name, parameters, f"ctx.db[{title}].update({row})")}
{_reducer("delete", name, "n: u32", f"ctx.db[{title}].delete(n=n)")}
"""


def unique(kind: Kind) -> str:
    """A table with a unique column and without a primary key."""
    name, title = f"unique_{kind.name}", f"Unique{kind.title}"
    row, parameters = f"{title}(value=value, number=number)", f"value: {kind.type}, number: u32"
    replace = f"ctx.db[{title}].delete(value=value)\n    ctx.db[{title}].insert({row})"
    return f"""
@table(public=True)
class {title}:
    value: Unique[{kind.type}]
    number: u32

{_reducer("insert", name, parameters, f"ctx.db[{title}].insert({row})")}
{_reducer("update", name, parameters, replace)}
{_reducer("delete", name, f"value: {kind.type}", f"ctx.db[{title}].delete(value=value)")}
"""


def keyed(kind: Kind) -> str:
    """A table with the value as its primary key."""
    name, title = f"keyed_{kind.name}", f"Keyed{kind.title}"
    row, parameters = f"{title}(value=value, number=number)", f"value: {kind.type}, number: u32"
    return f"""
@table(public=True)
class {title}:
    value: PrimaryKey[{kind.type}]
    number: u32

{_reducer("insert", name, parameters, f"ctx.db[{title}].insert({row})")}
{_reducer("update", name, parameters, f"ctx.db[{title}].update({row})")}
{_reducer("delete", name, f"value: {kind.type}", f"ctx.db[{title}].delete(value=value)")}
"""


def _reducer(verb: str, name: str, parameters: str, body: str) -> str:
    return f"@reducer\ndef {verb}_{name}(ctx: ReducerContext, {parameters}) -> None:\n    {body}\n\n"


def holders() -> str:
    """A record with a field of every type, and a union with a case of every type and of lists of itself."""
    fields = "\n".join(kind.field(f"a_{kind.name}", with_default=True) for kind in KINDS)
    cases = {f"Any{kind.title}": kind.type for kind in KINDS}
    cases |= {"AnyRecord": "Everything", "AnyOption": '"Option[Anything]"', "AnyList": '"list[Anything]"'}
    classes = "\n\n".join(f"class {name}(Variant[{type_}]): ...\n" for name, type_ in cases.items())
    union = f'Anything = Annotated[{" | ".join(cases)}, union("Anything")]'
    return f"@dataclass\nclass Everything:\n{fields}\n\n\n{classes}\n{union}\n"


def defaults() -> str:
    """A table with a default of every type."""
    fields = "\n".join(kind.field(f"a_{kind.name}", with_default=True) for kind in (*KINDS, *HOLDERS))
    insert = _reducer("insert", "defaults", "n: u32", "ctx.db[Defaults].insert(Defaults(n=n))")
    return f"@table(public=True)\nclass Defaults:\n    n: PrimaryKey[u32]\n{fields}\n\n{insert}"


def files() -> dict[str, str]:
    """File name -> text."""
    keys = [kind for kind in KINDS if kind.is_key]
    parts = {
        "holders.py": ("What holds every type.", [holders()]),
        "plain.py": ("Every type as a column, in an option and in a list.", map(plain, (*KINDS, *HOLDERS))),
        "unique.py": ("Every type that can be unique.", map(unique, keys)),
        "keyed.py": ("Every type that can be a key.", map(keyed, keys)),
        "defaults.py": ("Every type as a column with a default.", [defaults()]),
    }
    made = {name: _file(title, "".join(bodies)) for name, (title, bodies) in parts.items()}
    names = sorted(name.removesuffix(".py") for name in made)
    imports = "".join(f"from . import {name} as {name}\n" for name in names)
    made["__init__.py"] = _formatted(f'"""Every type in every place. Written by `generate.py`."""\n\n{imports}')
    return made


def _file(title: str, body: str) -> str:
    return _formatted(f'"""{title} Written by `generate.py`."""\n\n{_imports(body)}\n\n{body}')


def _imports(body: str) -> str:
    words = set(re.findall(r"\w+", body))
    own = set(re.findall(r"^(?:class )?(\w+)(?:\(.*?\))?(?:: \.\.\.|:| =)", body, re.MULTILINE))
    lines = []
    for module, names in NAMES.items():
        used: Iterable[str] = (name for name in names if name in words - own)
        if listed := ", ".join(used):
            lines.append(f"from {module} import {listed}")
    return "\n".join(lines)


def _formatted(text: str) -> str:
    ruff = [sys.executable, "-m", "ruff"]
    name = ["--stdin-filename", str(MODULE / "made.py"), "-"]
    for command in ([*ruff, "check", "--quiet", "--select", "I,F401", "--fix", *name], [*ruff, "format", *name]):
        text = subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout
    return text


if __name__ == "__main__":
    for file_name, content in files().items():
        (MODULE / file_name).write_text(content, encoding="utf-8")
