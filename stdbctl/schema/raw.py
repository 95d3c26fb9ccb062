"""RawModuleDef V10 as data: what a program says of itself, in source names, before validation.

The section and field order is that of the wire (`stdbctl.schema.raw_codec` reads and writes BSATN and JSON).
References between sections are by source name. Source: docs/formats.md, "Raw module definition".
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field

from stdbctl.sats import AlgebraicType, Primitive, ProductType, Ref, Typespace
from stdbctl.schema.definition import IndexAlgorithm, Lifecycle, Rename


class NameKind(enum.Enum):
    """What an explicit name names; the value is the tag on the wire."""

    TABLE = 0
    FUNCTION = 1
    INDEX = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class RawIndexDef:
    source_name: str
    accessor_name: str | None
    algorithm: IndexAlgorithm
    columns: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RawUniqueDef:
    columns: tuple[int, ...]
    source_name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RawSequenceDef:
    column: int
    source_name: str | None = None
    start: int | None = None
    min_value: int | None = None
    max_value: int | None = None
    increment: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class RawTableDef:
    source_name: str
    product_type_ref: int
    primary_key: tuple[int, ...] = ()
    indexes: tuple[RawIndexDef, ...] = ()
    constraints: tuple[RawUniqueDef, ...] = ()
    sequences: tuple[RawSequenceDef, ...] = ()
    is_system: bool = False
    is_public: bool = False
    default_values: tuple[tuple[int, bytes], ...] = ()
    """(column position, BSATN of the default)."""
    is_event: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RawTypeDef:
    source_name: str
    type: Ref
    scope: tuple[str, ...] = ()
    custom_ordering: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class RawReducerDef:
    source_name: str
    params: ProductType = ProductType()
    is_private: bool = False
    ok_type: AlgebraicType = ProductType()
    err_type: AlgebraicType = Primitive.STRING


@dataclass(frozen=True, slots=True, kw_only=True)
class RawProcedureDef:
    source_name: str
    params: ProductType
    return_type: AlgebraicType
    is_private: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RawViewDef:
    source_name: str
    index: int
    is_public: bool
    is_anonymous: bool
    params: ProductType
    return_type: AlgebraicType


@dataclass(frozen=True, slots=True, kw_only=True)
class RawScheduleDef:
    table_name: str
    schedule_at_col: int
    function_name: str
    source_name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RawLifecycleDef:
    lifecycle: Lifecycle
    function_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RawHttpRouteDef:
    handler_function: str
    method: str | None
    """Upper-case HTTP method; None = any."""
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RawViewPrimaryKey:
    view_source_name: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplicitName:
    kind: NameKind
    source_name: str
    canonical_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RawSubmodule:
    namespace: str
    module: "RawModuleDef"


@dataclass(frozen=True, slots=True, kw_only=True)
class RawMigrationDef:
    """A function that makes rows of a table of older ones, which are products at `row` in a typespace of their own.

    `column_names`: explicit canonical names of their columns, by source name.
    """

    table_name: str
    function_name: str
    typespace: Typespace
    row: int
    column_names: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class RawModuleDef:
    """Everything a program declares. What does not travel: `docs`, `column_names`, `renames` and `migrations`.

    `docs`: dotted path of source names -> docstring.
    """

    typespace: Typespace = Typespace()
    types: tuple[RawTypeDef, ...] = ()
    tables: tuple[RawTableDef, ...] = ()
    reducers: tuple[RawReducerDef, ...] = ()
    procedures: tuple[RawProcedureDef, ...] = ()
    views: tuple[RawViewDef, ...] = ()
    schedules: tuple[RawScheduleDef, ...] = ()
    lifecycle_reducers: tuple[RawLifecycleDef, ...] = ()
    row_level_security: tuple[str, ...] = ()
    snake_case: bool = True
    """The case conversion policy: SnakeCase (the default) or None."""
    explicit_names: tuple[ExplicitName, ...] = ()
    http_handlers: tuple[str, ...] = ()
    http_routes: tuple[RawHttpRouteDef, ...] = ()
    view_primary_keys: tuple[RawViewPrimaryKey, ...] = ()
    submodules: tuple[RawSubmodule, ...] = ()
    docs: Mapping[str, str] = field(default_factory=dict, compare=False, hash=False)
    column_names: Mapping[tuple[int, str], str] = field(default_factory=dict, compare=False, hash=False)
    """(row type's position in the typespace, source name of the column) -> its explicit canonical name.

    The wire format has no place for it; `raw_v10_of` says the same by converting nothing.
    """
    renames: tuple[Rename, ...] = field(default=(), compare=False)
    """What was called otherwise once; `new` and `table` are source names, `old` is the name as the author gave it."""
    migrations: tuple[RawMigrationDef, ...] = field(default=(), compare=False)
