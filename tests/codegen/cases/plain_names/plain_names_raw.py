"""What the plain face cannot call as the module does: its own names, those of types, one class with several tables."""

from stdbctl.sats import UNIT, AlgebraicType, Primitive, ProductElement, ProductType, Ref, Typespace, product, sum_type
from stdbctl.schema import RawModuleDef, RawProcedureDef, RawReducerDef, RawTableDef, RawTypeDef

_TYPES: dict[str, AlgebraicType] = {
    "Player": product(is_home=Primitive.BOOL),
    "SpacetimeDBClient": product(seat_no2=Primitive.U8),
    "Identity": product(text=Primitive.STRING),
    "string": product(HTTPCode=Primitive.STRING),
    "Archive": sum_type(Open=UNIT, Shut=Ref(2)),
}
_FUNCTIONS = ("Player", "number", "Identity", "then", "exports", "undefined", "__tables", "Promise")
_ARGUMENTS = ("__call", "arguments", "await", "globalThis", "undefined", "this", "x")
_PARAMS = ProductType((*(ProductElement(name, Primitive.U8) for name in _ARGUMENTS), ProductElement("y", Ref(1))))


def _table(name: str, row: int) -> RawTableDef:
    return RawTableDef(source_name=name, product_type_ref=row, is_public=True)


RAW = RawModuleDef(
    typespace=Typespace(tuple(_TYPES.values())),
    types=tuple(RawTypeDef(source_name=name, type=Ref(index)) for index, name in enumerate(_TYPES)),
    tables=(_table("player", 0), _table("archive", 0), _table("SpacetimeDBClient", 1), _table("who", 2)),
    reducers=(
        *(RawReducerDef(source_name=name) for name in _FUNCTIONS),
        RawReducerDef(source_name="take", params=_PARAMS),
    ),
    procedures=(RawProcedureDef(source_name="default", params=UNIT, return_type=Ref(4)),),
)
