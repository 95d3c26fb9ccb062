import assert from "node:assert/strict";
import { ScheduleAt } from "spacetimedb";
import { DbConnection, procedures, reducers, tables } from "./module_bindings";
import type { HelloParams, RemindParams } from "./module_bindings/types/reducers";

export async function use(connection: DbConnection): Promise<void> {
  await connection.reducers.remind({ reminder: { id: 1n, at: ScheduleAt.interval(5n), text: "x" } });
  const secret: number = await connection.procedures.secret({});
  console.log(secret, connection.db.reminder.id.find(1n)?.at.tag);
  // @ts-expect-error: the server calls it when a client connects
  await connection.reducers.hello({});
}

export const hello: HelloParams = {};
export type Remind = RemindParams;

export function run(): void {
  assert.deepEqual(Object.keys(reducers), ["remind", "write"]);
  assert.deepEqual(Object.keys(procedures), ["secret"]);
  assert.deepEqual(Object.keys(tables), ["note", "reminder", "notes"]);
}
