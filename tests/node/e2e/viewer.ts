// Subscribes to everything through the official npm client and the generated bindings, and does what it is told.
//
// arguments: uri, database. It says `@"ready"` when all rows are here, then answers each line on stdin by one `@…`:
//   {"dump": true}              {table: [row, …]}: all rows as tests/support/described.py writes them, sorted
//   {"call": key, "args": {…}}  null, or the text of the error
import { createInterface } from "node:readline";
import { DbConnection, tables } from "bindings";
import { describe } from "../bsatn/values.mjs";

const [uri, database] = process.argv.slice(2) as [string, string];
const answer = (value: unknown) => process.stdout.write(`\n@${JSON.stringify(value)}\n`);

const connection: any = await new Promise((resolve, reject) => {
  DbConnection.builder()
    .withUri(uri)
    .withDatabaseName(database)
    .onConnect((conn) => resolve(conn))
    .onConnectError((_ctx, error) => reject(error))
    .build();
});

function dump(): Record<string, string[]> {
  const rowsOf = ([key, query]: [string, any]) => {
    const type = { tag: "Product", value: query.tableDef.rowType };
    const rows = [...connection.db[key].iter()].map((row) => JSON.stringify(describe(type, [], row)));
    return [key, rows.sort()];
  };
  return Object.fromEntries(Object.entries(tables).map(rowsOf));
}

async function call(key: string, args: object): Promise<string | null> {
  try {
    await connection.reducers[key](args);
    return null;
  } catch (error) {
    return String(error);
  }
}

await new Promise<void>((resolve, reject) => {
  connection
    .subscriptionBuilder()
    .onApplied(() => resolve())
    .onError((_ctx: unknown, error?: Error) => reject(error ?? new Error("subscription failed")))
    .subscribeToAllTables();
});
answer("ready");
for await (const line of createInterface({ input: process.stdin })) {
  const order = JSON.parse(line);
  answer("dump" in order ? dump() : await call(order.call, order.args));
}
connection.disconnect();
process.exit(0);
