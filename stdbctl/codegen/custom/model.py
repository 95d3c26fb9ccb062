"""What templates of a user's own may place: the module as frozen data. Names and shapes here are a promise.

They are described, field by field, in docs/code-templates.md; a change here is a change for every template out there.
What is added keeps the templates of before as they are.
"""

from dataclasses import dataclass, field

from stdbctl.schema import camel, pascal, snake


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """A name in all its forms. Placed as it is, it is the canonical one.

    `source`: as the author wrote it. `canonical`: in SQL and on the wire, within its module. The cased forms start
    from the source name, with the namespace of a submodule before it.
    """

    source: str
    canonical: str
    namespace: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.canonical

    @property
    def snake(self) -> str:
        """`player_id`."""
        return snake(self._joined)

    @property
    def camel(self) -> str:
        """`playerId`."""
        return camel(self._joined)

    @property
    def pascal(self) -> str:
        """`PlayerId`."""
        return pascal(self._joined)

    @property
    def upper_snake(self) -> str:
        """`PLAYER_ID`."""
        return self.snake.upper()

    @property
    def kebab(self) -> str:
        """`player-id`."""
        return self.snake.replace("_", "-")

    @property
    def _joined(self) -> str:
        return "_".join((*self.namespace, self.source))


@dataclass(frozen=True, slots=True, kw_only=True)
class Type:
    """A type where it is used.

    `kind`: `bool`, `string`, `bytes`, `i8` … `u256`, `f32`, `f64`, `identity`, `connection_id`, `timestamp`,
    `time_duration`, `uuid`, `schedule_at`, `unit`, `never`, `array`, `option`, `result`, `named`.
    `element`: of an array, or what an option may hold. `ok`, `err`: of a result. `name`: of a named type.
    """

    kind: str
    element: "Type | None" = None
    ok: "Type | None" = None
    err: "Type | None" = None
    name: Name | None = None

    @property
    def bits(self) -> int | None:
        """The width of a number; None for everything else."""
        digits = self.kind[1:]
        return int(digits) if self.kind[:1] in ("i", "u", "f") and digits.isdecimal() else None

    @property
    def is_integer(self) -> bool:
        """Whether it is a whole number."""
        return self.bits is not None and self.kind[0] != "f"

    @property
    def is_signed(self) -> bool:
        """Whether it is a number that can be negative."""
        return self.bits is not None and self.kind[0] != "u"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field, a parameter, or a variant (whose type is `unit` where it carries nothing)."""

    name: Name
    type: Type
    doc: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column. `default`: JSON data, None as well where there is no default; `has_default` tells."""

    name: Name
    type: Type
    is_primary_key: bool = False
    is_unique: bool = False
    is_auto_inc: bool = False
    has_default: bool = False
    default: object = field(default=None, hash=False)
    doc: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """An index. `name`: canonical; `accessor`: what the module calls it, or None; `algorithm`: btree, hash, direct."""

    name: str
    accessor: str | None
    algorithm: str
    columns: tuple[Column, ...]
    is_unique: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """When a table's rows are due a function runs. `function`: its wire name; `column`: when."""

    function: str
    column: Column


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table or a view. `wire_name`: in SQL and subscriptions; `row`: the name of the type of its rows."""

    name: Name
    wire_name: str
    row: Name
    columns: tuple[Column, ...]
    primary_key: Column | None = None
    indexes: tuple[Index, ...] = ()
    schedule: Schedule | None = None
    is_public: bool = False
    is_event: bool = False
    is_view: bool = False
    doc: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reducer:
    """A reducer. `lifecycle`: `on_connect`, `on_disconnect`, or None; only those with None can be called."""

    name: Name
    wire_name: str
    params: tuple[Field, ...] = ()
    lifecycle: str | None = None
    is_private: bool = False
    doc: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Procedure:
    """A procedure."""

    name: Name
    wire_name: str
    returns: Type
    params: tuple[Field, ...] = ()
    is_private: bool = False
    doc: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedType:
    """A type with a name of its own. `kind`: `product` (fields), `enum` (variants that carry nothing) or `sum`.

    `fields` are the fields or variants. `is_row`: a table or view has such rows. `is_recursive`: it can contain itself.
    """

    name: Name
    kind: str
    fields: tuple[Field, ...]
    is_row: bool = False
    is_recursive: bool = False
    doc: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """All that is to be shown of a module, its submodules included, each list in a fixed order."""

    tables: tuple[Table, ...] = ()
    views: tuple[Table, ...] = ()
    reducers: tuple[Reducer, ...] = ()
    procedures: tuple[Procedure, ...] = ()
    types: tuple[NamedType, ...] = ()
    schema_hash: str = ""
    doc: str = ""

    @property
    def relations(self) -> tuple[Table, ...]:
        """Tables, then views: all that has rows."""
        return (*self.tables, *self.views)

    def definition(self, name: Name) -> NamedType | None:
        """The named type that a `Type` of kind `named`, or `Table.row`, means."""
        return next((type_ for type_ in self.types if type_.name == name), None)
