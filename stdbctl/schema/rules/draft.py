"""The definition under check: what every rule needs to see."""

from dataclasses import dataclass, field, replace

from stdbctl.sats import AlgebraicType, ProductType, Typespace
from stdbctl.schema.naming import Namer
from stdbctl.schema.problems import Report, Subject
from stdbctl.schema.raw import RawModuleDef
from stdbctl.schema.rules.names import DuplicateFunction, DuplicateName, Namespace


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One module (or submodule) on its way from raw to validated.

    `typespace`: with canonical element names; positions are those of `raw.typespace`. `declared`: the positions that
    have a type name. `prefix`: stands in front of every subject (the submodule). `stored`, `functions`: names taken.
    """

    raw: RawModuleDef
    prefix: Subject
    report: Report
    namer: Namer
    typespace: Typespace
    declared: frozenset[int]
    stored: Namespace = field(compare=False)
    functions: Namespace = field(compare=False)

    @classmethod
    def of(cls, raw: RawModuleDef, report: Report, prefix: Subject) -> "Draft":
        """Start checking `raw`."""
        namer = Namer(raw)
        return cls(
            raw=raw,
            prefix=prefix,
            report=report,
            namer=namer,
            typespace=namer.typespace(raw.typespace),
            declared=frozenset(type_def.type.index for type_def in raw.types),
            stored=Namespace(report, DuplicateName),
            functions=Namespace(report, DuplicateFunction),
        )

    def without_claims(self) -> "Draft":
        """The same draft, but stored names are free: for the parts of a table whose own name is a problem already."""
        return replace(self, stored=Namespace(Report(), DuplicateName))

    def type_at(self, index: int) -> AlgebraicType | None:
        """The type at a position, with canonical names; None when out of range."""
        return self.typespace.types[index] if 0 <= index < len(self.typespace.types) else None

    def row_at(self, index: int) -> ProductType | None:
        """The record at a position, with canonical names; None when there is none."""
        type_ = self.type_at(index)
        return type_ if isinstance(type_, ProductType) else None

    def raw_row_at(self, index: int) -> ProductType | None:
        """The record at a position, with source names; None when there is none."""
        type_ = self.raw.typespace.types[index] if self.type_at(index) is not None else None
        return type_ if isinstance(type_, ProductType) else None
