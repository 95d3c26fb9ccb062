"""What a caller may choose about generated code."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerateOptions:
    """`include_private`: also the private tables, views, reducers and procedures (never `init`)."""

    include_private: bool = False
