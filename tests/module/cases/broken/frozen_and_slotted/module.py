"""Dataclass decorators around a table."""

from dataclasses import dataclass

from stdbctl.module import PrimaryKey, table, u64


@dataclass
@table()
class A:
    id: PrimaryKey[u64]


@table()
@dataclass(frozen=True)
class B:
    id: PrimaryKey[u64]


@table()
class C(B):
    more: u64


@table()
class D(A):
    id: PrimaryKey[str]
    other: PrimaryKey[u64]
