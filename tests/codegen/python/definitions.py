"""Definitions to generate Python from: the cases beside this file and those of TypeScript, and random ones."""

import random
import runpy
from collections.abc import Sequence
from pathlib import Path

from stdbctl.codegen import GenerateOptions
from stdbctl.sats import (
    BYTES,
    CONNECTION_ID,
    IDENTITY,
    NEVER,
    SCHEDULE_AT,
    TIME_DURATION,
    TIMESTAMP,
    UNIT,
    UUID,
    AlgebraicType,
    ArrayType,
    Primitive,
    ProductElement,
    ProductType,
    Ref,
    SumType,
    SumVariant,
    Typespace,
    option,
    result,
)
from stdbctl.schema import (
    IndexAlgorithm,
    ModuleDef,
    RawIndexDef,
    RawModuleDef,
    RawProcedureDef,
    RawReducerDef,
    RawTableDef,
    RawTypeDef,
    RawUniqueDef,
    RawViewDef,
    validate,
)

HERE = Path(__file__).parent
CASES = sorted(path.parent for path in [*HERE.parent.glob("cases/*/*_raw.py"), *HERE.glob("cases/*/*_raw.py")])

NAMES = """
    a b id x y value name user_id userId UserId HTTPName x1 x_1 _x __x x_ __init__ _1 int int_ str float list type self
    cls class class_ None True def match case property condition client types tables remote Point point Identity Option
    Result Variant Enum Db DbConnection Context Call Range Row fi ﬁ 色 naïve mro
"""
"""What everything may be called; some of it alike once Python has read it."""
_LEAVES: Sequence[AlgebraicType] = (
    *Primitive,
    *(BYTES, CONNECTION_ID, IDENTITY, NEVER, SCHEDULE_AT, TIME_DURATION, TIMESTAMP, UNIT, UUID),
)


def load(case: Path) -> tuple[ModuleDef, GenerateOptions]:
    """Read a case's definition and what is asked of the generator."""
    (source,) = case.glob("*_raw.py")
    names = runpy.run_path(str(source))
    return validated(names["RAW"]), names.get("OPTIONS", GenerateOptions())


def validated(raw: RawModuleDef) -> ModuleDef:
    """The definition of a module that is sound."""
    module = validate(raw)
    assert isinstance(module, ModuleDef), module
    return module


def random_module(seed: int) -> ModuleDef:
    """A sound module with names that are hard to bring into Python; the same for the same seed."""
    return _Drawing(random.Random(seed)).module()


class _Drawing:
    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._count = rng.randint(1, 8)
        self._defined: list[AlgebraicType] = []

    def module(self) -> ModuleDef:
        rows = self._rng.randint(1, self._count)
        for index in range(self._count):
            self._defined.append(self._record() if index < rows else self._sum())
        types = zip(self._names(self._count), range(self._count), strict=True)
        tables = self._tables(range(rows))
        return validated(
            RawModuleDef(
                snake_case=False,
                typespace=Typespace(tuple(self._defined)),
                types=tuple(RawTypeDef(source_name=name, type=Ref(index)) for name, index in types),
                tables=tables,
                views=(self._view(tables),),
                reducers=tuple(
                    RawReducerDef(source_name=f"{name}_r", params=self._record())
                    for name in self._names(self._rng.randint(0, 4))
                ),
                procedures=tuple(
                    RawProcedureDef(source_name=f"{name}_p", params=self._record(), return_type=self._type(2))
                    for name in self._names(self._rng.randint(0, 2))
                ),
            )
        )

    def _names(self, count: int) -> list[str]:
        return self._rng.sample(NAMES.split(), count)

    def _record(self) -> ProductType:
        names = self._names(self._rng.randint(0, 5))
        return ProductType(tuple(ProductElement(name, self._type(2)) for name in names))

    def _sum(self) -> SumType:
        names = self._names(self._rng.randint(1, 5))
        is_enum = self._rng.random() < 0.3
        return SumType(tuple(SumVariant(name, UNIT if is_enum else self._type(2)) for name in names))

    def _type(self, depth: int) -> AlgebraicType:
        """A type; those that are named stand in lists and options only, so that every type has values."""
        kind = self._rng.random()
        if depth == 0 or kind < 0.5:
            return self._rng.choice(_LEAVES)
        if kind < 0.65:
            return ArrayType(self._type(depth - 1))
        if kind < 0.75:
            return option(self._type(depth - 1))
        if kind < 0.85:
            return result(self._type(depth - 1), self._type(depth - 1))
        ref = Ref(self._rng.randrange(self._count))
        return option(ref) if self._rng.random() < 0.5 else ArrayType(ref)

    def _tables(self, rows: range) -> tuple[RawTableDef, ...]:
        names = self._names(len(rows))
        return tuple(self._table(name, row) for name, row in zip(names, rows, strict=True))

    def _table(self, name: str, row: int) -> RawTableDef:
        type_ = self._defined[row]
        assert isinstance(type_, ProductType)
        plain = [i for i, e in enumerate(type_.elements) if e.type in (Primitive.U32, Primitive.STRING, IDENTITY)]
        keys = [(position,) for position in plain] + ([tuple(plain)] if len(plain) > 1 else [])
        chosen = self._rng.sample(keys, self._rng.randint(0, len(keys)))
        return RawTableDef(
            source_name=name,
            product_type_ref=row,
            primary_key=chosen[0] if chosen and len(chosen[0]) == 1 else (),
            indexes=tuple(
                RawIndexDef(
                    source_name=f"{name}_{i}", accessor_name=f"by_{i}", algorithm=IndexAlgorithm.BTREE, columns=key
                )
                for i, key in enumerate(chosen)
            ),
            constraints=tuple(RawUniqueDef(columns=key) for key in chosen),
            is_public=True,
            is_event=self._rng.random() < 0.2,
        )

    def _view(self, tables: Sequence[RawTableDef]) -> RawViewDef:
        row = Ref(self._rng.choice(tables).product_type_ref)
        return RawViewDef(
            source_name="a_view",
            index=0,
            is_public=True,
            is_anonymous=self._rng.random() < 0.5,
            params=UNIT,
            return_type=ArrayType(row),
        )
