import assert from "node:assert/strict";
import { DbConnection, procedures, reducers, tables } from "./module_bindings";

export function use(connection: DbConnection): void {
  // @ts-expect-error: there are no tables
  console.log(connection.db.point);
}

export function run(): void {
  assert.deepEqual([tables, reducers, procedures].map(Object.keys), [[], [], []]);
}
