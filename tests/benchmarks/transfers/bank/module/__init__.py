"""A bank: what the benchmarks of transfers call. The same transaction stands in `../node/*.mjs`."""

from stdbctl.module import PrimaryKey, ReducerContext, ReducerError, reducer, table, u32, u64


@table
class Account:
    id: PrimaryKey[u32]
    balance: u64


@reducer
def open_accounts(ctx: ReducerContext, first: u32, count: u32, balance: u64) -> None:
    for number in range(first, first + count):
        ctx.db[Account].insert(Account(id=number, balance=balance))


@reducer
def transfer(ctx: ReducerContext, source: u32, target: u32, amount: u32) -> None:
    accounts = ctx.db[Account]
    giver, taker = accounts.find(id=source), accounts.find(id=target)
    if giver is None or taker is None:
        raise ReducerError("no such account")
    if giver.balance < amount:
        raise ReducerError("not enough money")
    giver.balance -= amount
    taker.balance += amount
    accounts.update(giver)
    accounts.update(taker)
