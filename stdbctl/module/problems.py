"""What a module can have wrong before its definition is even looked at. One class per rule."""

from typing import ClassVar

from stdbctl.errors import Place, Problem


class ModuleProblem(Problem):
    """A mistake in a module's sources.

    The class attributes are templates over the keyword parts, which stay readable in `parts`.
    """

    code = "module"
    what_text: ClassVar[str]
    why_text: ClassVar[str] = ""
    fix_text: ClassVar[str]

    def __init__(self, *, place: Place | None = None, **parts: object) -> None:
        self.parts = parts
        super().__init__(
            what=self.what_text.format(**parts),
            why=self.why_text.format(**parts),
            fix=self.fix_text.format(**parts),
            place=place,
        )


class NotFound(ModuleProblem):
    """The module's path leads to no package and no Python file."""

    code = "module.not_found"
    what_text = "no module at `{path}`"
    why_text = "{reason}"
    fix_text = "make it a folder with an `__init__.py`, or one `.py` file, or set `module` in stdbctl.toml"


class TooLarge(ModuleProblem):
    """The package, or one of its files, is larger than a program may be."""

    code = "module.too_large"
    what_text = "`{path}` has {size} bytes; at most {limit} are allowed"
    why_text = "a program is published and kept whole, with every version"
    fix_text = "keep large data outside the module's folder"


class BadArchive(ModuleProblem):
    """A published program is no archive of a Python package."""

    code = "module.bad_archive"
    what_text = "the program is no archive of a Python package: {reason}"
    fix_text = "publish it with `stdbctl deploy`, which packs the sources"


class BadSyntax(ModuleProblem):
    """A file is not valid Python."""

    code = "module.syntax_error"
    what_text = "{reason}"
    why_text = "{why}"
    fix_text = "{fix}"


class ImportFailed(ModuleProblem):
    """A file raised an exception while it was imported."""

    code = "module.import_failed"
    what_text = "the import raised {error}"
    why_text = "{why}"
    fix_text = "{fix}"


class UnknownOption(ModuleProblem):
    """A decorator, `table_of`, `index` or `column` is given an option that it does not have, or lacks one."""

    code = "module.unknown_option"
    what_text = "{what}"
    why_text = "{why}"
    fix_text = "{fix}"


class ImportStopped(ModuleProblem):
    """The import of a module took longer than allowed."""

    code = "module.import_stopped"
    what_text = "the import was stopped: it ran longer than allowed"
    why_text = "nothing else is served while a module is imported"
    fix_text = "do the work in a reducer, or once outside the module"


class UnknownType(ModuleProblem):
    """An annotation uses a name that is not defined."""

    code = "module.unknown_type"
    what_text = "the type `{name}` is not defined"
    fix_text = "{fix}"


class UnsupportedType(ModuleProblem):
    """An annotation means something in Python, but nothing to a database."""

    code = "module.unsupported_type"
    what_text = "`{text}` cannot be stored or sent"
    why_text = "{why}"
    fix_text = "{fix}"


class ListOfU8(ModuleProblem):
    """`list[u8]` has a shorter and faster spelling."""

    code = "module.list_of_u8"
    what_text = "`list[u8]` is spelled `bytes`"
    why_text = "both are an array of u8 to clients, and `bytes` is many times smaller and faster here"
    fix_text = "write `bytes`"


class MissingAnnotation(ModuleProblem):
    """A column or parameter has no type."""

    code = "module.missing_annotation"
    what_text = "{thing} has no type"
    why_text = "clients and storage need to know it"
    fix_text = "{fix}"


class PlainBase(ModuleProblem):
    """A field stands in a base of a table that is no dataclass, so that the table does not have it."""

    code = "module.plain_base"
    what_text = "`{field}` of `{base}` is no column of `{table}`"
    why_text = "columns are inherited from dataclasses only, and `{base}` is a plain class"
    fix_text = "put `@dataclass` above `{base}`, or annotate a constant with `ClassVar[…]`"


class BadDefault(ModuleProblem):
    """A default is no value of its column's type."""

    code = "module.bad_default"
    what_text = "the default of `{column}` does not fit `{type}`: {reason}"
    why_text = "rows that exist when the column is added get this value"
    fix_text = "{fix}"


class MutableDefault(ModuleProblem):
    """A default is a list or another value that rows would share."""

    code = "module.mutable_default"
    what_text = "the default of `{column}` is a {type} that all rows would share"
    why_text = "a change to the value in one row would change it in every row made later"
    fix_text = "write `{column}: … = field(default_factory={factory})`, with `field` from `dataclasses`"


class DefaultOnKey(ModuleProblem):
    """A key or unique column has a default."""

    code = "module.default_on_key"
    what_text = "`{column}` is {constraint} and has a default"
    why_text = "two rows with the default would clash; a default is for columns whose values may repeat"
    fix_text = "{fix}"


class AutoIncType(ModuleProblem):
    """An auto-increment column is no integer."""

    code = "module.auto_inc_type"
    what_text = "`{column}` is `{type}`, and only integers count up"
    fix_text = "use an integer type such as `AutoInc[u64]`, or remove `AutoInc`"


class TwoPrimaryKeys(ModuleProblem):
    """A table has more than one primary key."""

    code = "module.two_primary_keys"
    what_text = "`{column}` is a second primary key of `{table}`; the first is `{first}`"
    why_text = "rows are found, updated and deleted by one key"
    fix_text = "make one of them `Unique[…]`, or put `unique=[({first!r}, {column!r})]` into `@table(…)`"


class NotFilterable(ModuleProblem):
    """A key, unique or indexed column has a type that rows cannot be looked up by."""

    code = "module.not_filterable"
    what_text = "`{column}` is `{type}`, which cannot be {constraint}"
    why_text = (
        "keys and indexes need integers, `bool`, `str`, `Identity`, `ConnectionId`, `Timestamp`, `Uuid` or an enum; "
        "ordered indexes take floats too"
    )
    fix_text = "remove the constraint, or keep a value of such a type in a column of its own"


class DirectIndexType(ModuleProblem):
    """A direct index lies on a column that is no small unsigned integer."""

    code = "module.direct_index_type"
    what_text = "`{column}` is `{type}`, and a direct index needs `u8`, `u16`, `u32`, `u64` or an enum"
    why_text = "it uses the value as a position in an array"
    fix_text = 'use `algorithm="btree"`'


class BadIndex(ModuleProblem):
    """The `indexes` or `unique` of a table cannot be used as they are."""

    code = "module.bad_index"
    what_text = "{what}"
    why_text = "{why}"
    fix_text = "{fix}"


class UnknownColumn(ModuleProblem):
    """An index or unique constraint names a column that the table does not have."""

    code = "module.unknown_column"
    what_text = "`{table}` has no column `{column}`"
    fix_text = "{fix}"


class DuplicateName(ModuleProblem):
    """Two declarations have one name."""

    code = "module.duplicate_name"
    what_text = "a second {kind} is called `{name}`; the first is at {first}"
    why_text = "clients know it by this name alone"
    fix_text = "rename one of the two"


class BadName(ModuleProblem):
    """An explicit name is no identifier."""

    code = "module.bad_name"
    what_text = "{name} cannot be the name of {thing}"
    why_text = "SQL and generated clients use it as it is written"
    fix_text = "use letters, digits and `_`, beginning with a letter, or leave the name out"


class BadRename(ModuleProblem):
    """What a table or column was called before cannot be so."""

    code = "module.bad_rename"
    what_text = "`was` of `{name}`: {reason}"
    why_text = "it says under which name older data holds the same thing"
    fix_text = "{fix}"


class BadMigration(ModuleProblem):
    """A migration function cannot be called with old rows, or makes no rows of a table."""

    code = "module.bad_migration"
    what_text = "{what}"
    why_text = "{why}"
    fix_text = "{fix}"


class NotDeclarable(ModuleProblem):
    """A decorator stands on something that it is not for."""

    code = "module.not_declarable"
    what_text = "{what}"
    why_text = "{why}"
    fix_text = "{fix}"


class ReducerWithoutContext(ModuleProblem):
    """A reducer's first parameter is not its context."""

    code = "module.reducer_without_context"
    what_text = "the first parameter of `{function}` is not its context"
    why_text = "caller, time and tables reach a reducer only through it"
    fix_text = "begin with `ctx: ReducerContext`: `def {function}(ctx: ReducerContext{rest}) -> None`"


class ReducerDefault(ModuleProblem):
    """A reducer's parameter has a default."""

    code = "module.reducer_default"
    what_text = "the parameter `{parameter}` of `{function}` has a default"
    why_text = "the wire carries every argument, so clients cannot leave one out"
    fix_text = "{fix}"


class ReducerReturn(ModuleProblem):
    """A reducer returns something."""

    code = "module.reducer_return"
    what_text = "`{function}` is declared to return `{type}`, and reducers return nothing"
    why_text = "clients learn results from the tables they subscribe to"
    fix_text = "declare `-> None`, and write the result into a table"


class ReducerParameter(ModuleProblem):
    """A reducer's parameter is of a kind that the wire cannot fill."""

    code = "module.reducer_parameter"
    what_text = "`{parameter}` of `{function}` is {kind}"
    why_text = "{why}"
    fix_text = "{fix}"


class ReducerAsync(ModuleProblem):
    """A reducer is a coroutine or a generator."""

    code = "module.reducer_async"
    what_text = "`{function}` is {kind}"
    why_text = "a reducer runs from beginning to end in one transaction, with nothing in between"
    fix_text = "{fix}"


class StateChange(ModuleProblem):
    """A function changes what is kept at module level. Found by `stdbctl check`; the module runs all the same."""

    code = "module.state_change"
    what_text = "`{function}` changes `{name}`, which is kept at module level"
    why_text = "it is not rolled back when the call fails, and does not survive a reload or a restart"
    fix_text = "keep it in a table, or in a variable of the function"


class BadSchedule(ModuleProblem):
    """`schedule=` and the table or the function do not fit together."""

    code = "module.bad_schedule"
    what_text = "{what}"
    why_text = "{why}"
    fix_text = "{fix}"
