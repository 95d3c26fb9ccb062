"""Names that casing changes, reserved words, unique columns, indexes over several columns, an event table."""

from stdbctl.sats import UNIT, Primitive, ProductElement, ProductType, Ref, SumType, SumVariant, Typespace, product
from stdbctl.schema import (
    ExplicitName,
    IndexAlgorithm,
    NameKind,
    RawIndexDef,
    RawModuleDef,
    RawReducerDef,
    RawTableDef,
    RawTypeDef,
    RawUniqueDef,
)

_WORDS = ("class", "delete", "default", "new", "function", "constructor", "then", "type", "name", "__proto", "naïve")
_WORDY = ProductType(tuple(ProductElement(word, Primitive.STRING) for word in _WORDS))
_PLAYER = product(
    player_id=Primitive.U32,
    HTTPName=Primitive.STRING,
    one_u8=Primitive.U8,
    a__b=Primitive.I32,
    vec2d=Primitive.F32,
    team=Primitive.U16,
    number=Primitive.U16,
    rank=Ref(2),
)
_RANK = SumType(tuple(SumVariant(name, UNIT) for name in ("first_class", "HTTP", "u8x_16", "default")))


def _index(name: str, accessor: str, *columns: int, algorithm: IndexAlgorithm = IndexAlgorithm.BTREE) -> RawIndexDef:
    return RawIndexDef(source_name=name, accessor_name=accessor, algorithm=algorithm, columns=columns)


RAW = RawModuleDef(
    typespace=Typespace((_PLAYER, _WORDY, _RANK)),
    types=(
        RawTypeDef(source_name="HTTPPlayer", type=Ref(0)),
        RawTypeDef(source_name="wordy", type=Ref(1)),
        RawTypeDef(source_name="rank_2", scope=("game",), type=Ref(2)),
    ),
    tables=(
        RawTableDef(
            source_name="HTTPPlayer",
            product_type_ref=0,
            primary_key=(0,),
            is_public=True,
            indexes=(
                _index("id", "player_id", 0),
                _index("name", "http", 1, algorithm=IndexAlgorithm.HASH),
                _index("place", "by_place", 5, 6, 2),
                _index("direct", "one_u8", 2, algorithm=IndexAlgorithm.DIRECT),
                _index("rank", "rank", 7),
                _index("team", "team_number", 5, 6),
                RawIndexDef(source_name="unseen", accessor_name=None, algorithm=IndexAlgorithm.BTREE, columns=(3,)),
            ),
            constraints=(RawUniqueDef(columns=(0,)), RawUniqueDef(columns=(1,)), RawUniqueDef(columns=(5, 6))),
        ),
        RawTableDef(source_name="function", product_type_ref=1, is_public=True),
        RawTableDef(source_name="then", product_type_ref=1, is_public=True, is_event=True),
        RawTableDef(source_name="__proto__", product_type_ref=1, is_public=True),
    ),
    reducers=(
        RawReducerDef(source_name="delete", params=_WORDY),
        RawReducerDef(source_name="HTTPReq", params=product(id=Primitive.U8)),
        RawReducerDef(source_name="wordy"),
    ),
    explicit_names=(ExplicitName(kind=NameKind.FUNCTION, source_name="HTTPReq", canonical_name="HTTPReq"),),
)
