import assert from "node:assert/strict";
import type { Infer } from "spacetimedb";
import { DbConnection, procedures, tables, type DbView, type Tables } from "./module_bindings";
import { Baz, Foobar, NamespaceTestC, NamespaceTestF, type Player, type TestD } from "./module_bindings/types";
import type { ReturnValueArgs, ReturnValueResult } from "./module_bindings/types/procedures";
import type { AddParams, SayHelloParams, TestParams } from "./module_bindings/types/reducers";

export async function use(connection: DbConnection): Promise<void> {
  const view: DbView = connection.db;
  const queries: Tables = tables;
  const here: Player | null = view.player.identity.find(connection.identity!);
  const gone: Player | null = view.loggedOutPlayer.playerId.find(3n);
  const byName: Player | null = view.player.name.find("Ada");
  const byRawAccessor: Player | null = view.player.player_id.find(3n);
  const old: Player | null = view.logged_out_player.identity.find(connection.identity!);
  const aged: { id: number; name: string; age: number }[] = [...view.person.age.filter(30)];
  for (const row of view.myPlayer.iter()) console.log(row.playerId, here, gone, byName, byRawAccessor, old, aged, queries);
  await connection.reducers.test({
    arg: { x: 1, y: 2, z: "3" },
    arg2: { foo: "" },
    arg3: NamespaceTestC.Foo,
    arg4: NamespaceTestF.Baz("x"),
  });
  const value: Baz = await connection.procedures.returnValue({ foo: 1n });
  const nothing: {} = await connection.procedures.sleepOneSecond({});
  console.log(value.field, nothing);
  // @ts-expect-error: the table is private
  console.log(view.privateTable);
  // @ts-expect-error: `init` is never called by clients
  await connection.reducers.init({});
  // @ts-expect-error: only the schedule runs it
  await connection.reducers.repeatingTest({});
}

export const add: AddParams = { name: "Ada", age: 36 };
export const hello: SayHelloParams = {};
export const test: TestParams["arg3"] = { tag: "Bar" };
export const args: ReturnValueArgs = { foo: 2n };
export const result: ReturnValueResult = { field: "x" };
export const nested: TestD = { testC: undefined, testCNested: [{ tag: "Foo" }] };
export const same: Infer<typeof Foobar> = Foobar.Baz({ field: "x" });

export function run(): void {
  assert.deepEqual(Foobar.Har(3), { tag: "Har", value: 3 });
  assert.deepEqual(Foobar.Bar, { tag: "Bar" });
  assert.deepEqual(Object.keys(procedures), ["getMySchemaViaHttp", "returnValue", "sleepOneSecond", "withTx"]);
  assert.equal(tables.myPlayer.toSql(), 'SELECT * FROM "my_player"');
  assert.equal(tables.logged_out_player.toSql(), 'SELECT * FROM "logged_out_player"');
}
