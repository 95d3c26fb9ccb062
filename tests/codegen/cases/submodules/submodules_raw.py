"""Modules inside modules: nested namespaces, equal names at several levels, hidden private items, a result."""

from stdbctl.sats import UNIT, ArrayType, Primitive, ProductType, Ref, Typespace, product, result
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
    RawViewDef,
)


def _module(row: ProductType, *submodules: RawSubmodule) -> RawModuleDef:
    return RawModuleDef(
        typespace=Typespace((row, product(of=Ref(0)))),
        types=(RawTypeDef(source_name="Item", type=Ref(0)), RawTypeDef(source_name="Box", type=Ref(1))),
        tables=(
            RawTableDef(
                source_name="StockItem",
                product_type_ref=0,
                primary_key=(0,),
                is_public=True,
                indexes=(
                    RawIndexDef(
                        source_name="by_id", accessor_name="item_id", algorithm=IndexAlgorithm.BTREE, columns=(0,)
                    ),
                ),
                constraints=(RawUniqueDef(columns=(0,)),),
            ),
            RawTableDef(source_name="hidden", product_type_ref=1),
        ),
        reducers=(
            RawReducerDef(source_name="add_item", params=product(box=Ref(1))),
            RawReducerDef(source_name="hide", is_private=True),
        ),
        procedures=(RawProcedureDef(source_name="count_items", params=UNIT, return_type=Primitive.U64),),
        views=(
            RawViewDef(
                source_name="all_items",
                index=0,
                is_public=True,
                is_anonymous=True,
                params=UNIT,
                return_type=ArrayType(Ref(0)),
            ),
        ),
        submodules=submodules,
    )


_DEEP = _module(product(item_id=Primitive.U8, deep=result(Primitive.BOOL, Primitive.STRING)))
_LIB = _module(product(item_id=Primitive.U16, label=Primitive.STRING), RawSubmodule(namespace="deep", module=_DEEP))
_SMALL = RawModuleDef(reducers=(RawReducerDef(source_name="ping"),))
RAW = _module(
    product(item_id=Primitive.U64),
    RawSubmodule(namespace="my_lib", module=_LIB),
    RawSubmodule(namespace="small", module=_SMALL),
)
