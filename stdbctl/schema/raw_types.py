"""The raw module definition as SATS types: from these, the codecs of sats read and write its BSATN and its JSON.

RawModuleDef = V8BackCompat(...) | V9(RawModuleDefV9) | V10(RawModuleDefV10). V8 is known by its tag only: its
payload is never read. Fields and variants below stand in wire order. Source: docs/formats.md, "Raw module definition".
"""

from stdbctl.sats import (
    BYTES,
    META_TYPESPACE,
    UNIT,
    AlgebraicType,
    ArrayType,
    Primitive,
    Ref,
    SumType,
    Typespace,
    option,
    product,
    sum_type,
)

_TYPE, _PRODUCT, _TYPESPACE = Ref(0), Ref(2), Ref(4)
_NAME = Primitive.STRING
_NAME_OR_NONE = option(_NAME)
_COLUMN = Primitive.U16
_COLUMNS = ArrayType(_COLUMN)
_NUMBER_OR_NONE = option(Primitive.I128)

HTTP_METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH")
"""The HTTP methods with a variant of their own, in tag order; any other travels as `Extension`."""

_TABLE_TYPE = sum_type(System=UNIT, User=UNIT)
_TABLE_ACCESS = sum_type(Public=UNIT, Private=UNIT)
_LIFECYCLE = sum_type(Init=UNIT, OnConnect=UNIT, OnDisconnect=UNIT)
_VISIBILITY = sum_type(Private=UNIT, ClientCallable=UNIT)
_ALGORITHM = sum_type(BTree=_COLUMNS, Hash=_COLUMNS, Direct=_COLUMN)
_CONSTRAINT = sum_type(Unique=product(columns=_COLUMNS))
_ROW_LEVEL_SECURITY = ArrayType(product(sql=Primitive.STRING))
_METHOD = sum_type(**{method.capitalize(): UNIT for method in HTTP_METHODS}, Extension=Primitive.STRING)

_SEQUENCE_NUMBERS: dict[str, AlgebraicType] = {
    "column": _COLUMN,
    "start": _NUMBER_OR_NONE,
    "min_value": _NUMBER_OR_NONE,
    "max_value": _NUMBER_OR_NONE,
    "increment": Primitive.I128,
}

TABLE_V9 = product(
    name=_NAME,
    product_type_ref=Primitive.U32,
    primary_key=_COLUMNS,
    indexes=ArrayType(product(name=_NAME_OR_NONE, accessor_name=_NAME_OR_NONE, algorithm=_ALGORITHM)),
    constraints=ArrayType(product(name=_NAME_OR_NONE, data=_CONSTRAINT)),
    sequences=ArrayType(product(name=_NAME_OR_NONE, **_SEQUENCE_NUMBERS)),
    schedule=option(product(name=_NAME_OR_NONE, reducer_name=_NAME, scheduled_at_column=_COLUMN)),
    table_type=_TABLE_TYPE,
    table_access=_TABLE_ACCESS,
)
_VIEW_V9 = product(
    name=_NAME,
    index=Primitive.U32,
    is_public=Primitive.BOOL,
    is_anonymous=Primitive.BOOL,
    params=_PRODUCT,
    return_type=_TYPE,
)
MODULE_V9 = product(
    typespace=_TYPESPACE,
    tables=ArrayType(TABLE_V9),
    reducers=ArrayType(product(name=_NAME, params=_PRODUCT, lifecycle=option(_LIFECYCLE))),
    types=ArrayType(
        product(name=product(scope=ArrayType(_NAME), name=_NAME), ty=Primitive.U32, custom_ordering=Primitive.BOOL)
    ),
    misc_exports=ArrayType(
        sum_type(
            ColumnDefaultValue=product(table=_NAME, col_id=_COLUMN, value=BYTES),
            Procedure=product(name=_NAME, params=_PRODUCT, return_type=_TYPE),
            View=_VIEW_V9,
        )
    ),
    row_level_security=_ROW_LEVEL_SECURITY,
)

TABLE_V10 = product(
    source_name=_NAME,
    product_type_ref=Primitive.U32,
    primary_key=_COLUMNS,
    indexes=ArrayType(product(source_name=_NAME_OR_NONE, accessor_name=_NAME_OR_NONE, algorithm=_ALGORITHM)),
    constraints=ArrayType(product(source_name=_NAME_OR_NONE, data=_CONSTRAINT)),
    sequences=ArrayType(product(source_name=_NAME_OR_NONE, **_SEQUENCE_NUMBERS)),
    table_type=_TABLE_TYPE,
    table_access=_TABLE_ACCESS,
    default_values=ArrayType(product(col_id=_COLUMN, value=BYTES)),
    is_event=Primitive.BOOL,
)
_NAME_MAPPING = product(source_name=_NAME, canonical_name=_NAME)
_MODULE_V10 = Ref(len(META_TYPESPACE.types))
SECTION = sum_type(
    Typespace=_TYPESPACE,
    Types=ArrayType(
        product(
            source_name=product(scope=ArrayType(_NAME), source_name=_NAME),
            ty=Primitive.U32,
            custom_ordering=Primitive.BOOL,
        )
    ),
    Tables=ArrayType(TABLE_V10),
    Reducers=ArrayType(
        product(source_name=_NAME, params=_PRODUCT, visibility=_VISIBILITY, ok_return_type=_TYPE, err_return_type=_TYPE)
    ),
    Procedures=ArrayType(product(source_name=_NAME, params=_PRODUCT, return_type=_TYPE, visibility=_VISIBILITY)),
    Views=ArrayType(
        product(
            source_name=_NAME,
            index=Primitive.U32,
            is_public=Primitive.BOOL,
            is_anonymous=Primitive.BOOL,
            params=_PRODUCT,
            return_type=_TYPE,
        )
    ),
    Schedules=ArrayType(
        product(source_name=_NAME_OR_NONE, table_name=_NAME, schedule_at_col=_COLUMN, function_name=_NAME)
    ),
    LifeCycleReducers=ArrayType(product(lifecycle_spec=_LIFECYCLE, function_name=_NAME)),
    RowLevelSecurity=_ROW_LEVEL_SECURITY,
    CaseConversionPolicy=sum_type(**{"None": UNIT, "SnakeCase": UNIT}),
    ExplicitNames=product(
        entries=ArrayType(sum_type(Table=_NAME_MAPPING, Function=_NAME_MAPPING, Index=_NAME_MAPPING))
    ),
    HttpHandlers=ArrayType(product(source_name=_NAME)),
    HttpRoutes=ArrayType(product(handler_function=_NAME, method=sum_type(Any=UNIT, Method=_METHOD), path=_NAME)),
    ViewPrimaryKeys=ArrayType(product(view_source_name=_NAME, columns=ArrayType(_NAME))),
    Submodules=ArrayType(product(namespace=_NAME, module=_MODULE_V10)),
)
"""One section of a V10 definition; its tag is the section's number."""

MODULE_V10 = product(sections=ArrayType(SECTION))
MODULE: SumType = sum_type(V8BackCompat=UNIT, V9=MODULE_V9, V10=_MODULE_V10)
RAW_TYPESPACE = Typespace((*META_TYPESPACE.types, MODULE_V10))
"""The typespace of all types here: types as values first, then MODULE_V10."""
