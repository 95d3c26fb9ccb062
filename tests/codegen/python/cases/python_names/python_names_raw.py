"""Names that Python, its type checkers or the generated code need themselves, in every place that can have a name."""

from stdbctl.sats import UNIT, Primitive, ProductElement, ProductType, Ref, SumType, SumVariant, Typespace
from stdbctl.schema import (
    IndexAlgorithm,
    RawIndexDef,
    RawModuleDef,
    RawProcedureDef,
    RawReducerDef,
    RawSubmodule,
    RawTableDef,
    RawTypeDef,
    RawUniqueDef,
)

_COLUMNS = """
    int int_ str bool float bytes list self cls id type property None True class class_ match case _ __ _x __x x_
    __init__ __slots__ _1 condition caller table tables types remote Where UNSET Range hash find sql ﬁ fi 色 Position
"""
_TYPE_NAMES = """
    int list Identity Option Union Variant Db DbConnection Context EventContext Enum Any Reducers tables wordy Wordy
    _Hidden None dataclass PointHandle 色
"""
_FUNCTION_NAMES = """
    int list self class import types client tables _call __init__ run Call add
"""
_TABLE_NAMES = """
    tables types int class _rows Point unit MODULE remote reducers self client
"""
_TYPES, _FUNCTIONS, _TABLES = (text.split() for text in (_TYPE_NAMES, _FUNCTION_NAMES, _TABLE_NAMES))
_MEMBERS = ["name", "value", "mro", "None", "__init__", "_missing_", "_ignore_", "Red", "red"]
_WORDY = ProductType(tuple(ProductElement(name, Primitive.STRING) for name in _COLUMNS.split()))
_FUNCTIONS = [
    "int",
    "list",
    "self",
    "class",
    "import",
    "types",
    "client",
    "tables",
    "_call",
    "__init__",
    "run",
    "Call",
    "add",
]
_TABLES = [
    "tables",
    "types",
    "int",
    "class",
    "_rows",
    "Point",
    "unit",
    "MODULE",
    "remote",
    "reducers",
    "self",
    "client",
]


def _record(index: int) -> ProductType:
    """A record that mentions the type after it, by a field of that type's name."""
    after = (index + 1) % len(_TYPES)
    return ProductType((ProductElement("value", Primitive.U8), ProductElement(_TYPES[after], Primitive.BOOL)))


_KEYS = ((0,), (1, 7))
_FIRST_ENUM = len(_TYPES)
_CLASH, _OTHER = Ref(_FIRST_ENUM + 2), Ref(_FIRST_ENUM + 3)
RAW = RawModuleDef(
    snake_case=False,
    typespace=Typespace(
        (
            *map(_record, range(len(_TYPES))),
            SumType(tuple(SumVariant(name, UNIT) for name in _MEMBERS)),
            _WORDY,
            SumType(
                (
                    SumVariant("None", UNIT),
                    SumVariant("int", Primitive.I8),
                    SumVariant("Shared", Primitive.BOOL),
                    SumVariant("Wordy", Ref(_TYPES.index("Wordy"))),
                )
            ),
            SumType((SumVariant("Shared", UNIT), SumVariant("Only", _CLASH))),
            ProductType((ProductElement("Position", Ref(_TYPES.index("int"))), ProductElement("色", Ref(20)))),
        )
    ),
    types=(
        *(RawTypeDef(source_name=name, type=Ref(index)) for index, name in enumerate(_TYPES)),
        RawTypeDef(source_name="Members", type=Ref(_FIRST_ENUM)),
        RawTypeDef(source_name="Row", type=Ref(_FIRST_ENUM + 1)),
        RawTypeDef(source_name="Clash", type=_CLASH),
        RawTypeDef(source_name="Other", type=_OTHER),
        RawTypeDef(source_name="Position", type=Ref(_FIRST_ENUM + 4)),
    ),
    tables=tuple(
        RawTableDef(
            source_name=name,
            product_type_ref=_FIRST_ENUM + 1,
            is_public=True,
            constraints=tuple(RawUniqueDef(columns=key) for key in _KEYS) if name == "tables" else (),
            indexes=tuple(
                RawIndexDef(source_name=f"{name}_{i}", accessor_name=None, algorithm=IndexAlgorithm.BTREE, columns=key)
                for i, key in enumerate(_KEYS)
            ),
        )
        for name in _TABLES
    ),
    reducers=tuple(RawReducerDef(source_name=name, params=_WORDY) for name in _FUNCTIONS),
    procedures=tuple(RawProcedureDef(source_name=f"{name}_", params=_WORDY, return_type=_OTHER) for name in _FUNCTIONS),
    submodules=tuple(
        RawSubmodule(namespace=name, module=RawModuleDef(reducers=(RawReducerDef(source_name="go"),)))
        for name in ("tables", "class", "types", "int", "lib")
    ),
)
