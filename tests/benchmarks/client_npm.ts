// The official npm client, measured: `node client_npm.mjs url database updates`.
//
// Subscribes to every point, says `ready`, hears so many updates, and prints what both took; with `calls` for the
// number of updates it keeps 128 calls in flight instead. `client_python.py` does the same.
import { readFileSync } from "node:fs";
import { DbConnection, tables } from "bindings";

const [uri, database, what] = process.argv.slice(2) as [string, string, string];
const IN_FLIGHT = 128;

const cpuSeconds = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};
const residentBytes = () => Number(readFileSync("/proc/self/statm", "ascii").split(" ")[1]) * 4096;
const collect = () => (globalThis as { gc?: () => void }).gc!();

function measureRows(conn: DbConnection, updates: number) {
  collect();
  const memory = residentBytes();
  const cpu = cpuSeconds();
  const wall = performance.now();
  conn
    .subscriptionBuilder()
    .onApplied(() => {
      const found: Record<string, number> = {
        rows: Number(conn.db.point.count()),
        rows_cpu: cpuSeconds() - cpu,
        rows_wall: (performance.now() - wall) / 1000,
      };
      // After the frame that brought the rows is let go.
      setTimeout(() => {
        collect();
        found.bytes_per_row = (residentBytes() - memory) / found.rows!;
        hearUpdates(conn, updates, found);
      });
    })
    .subscribe(tables.point);
}

function hearUpdates(conn: DbConnection, updates: number, found: Record<string, number>) {
  let seen = 0;
  let cpu = 0;
  conn.db.point.onUpdate(() => {
    if (++seen === updates) {
      console.log(JSON.stringify({ ...found, updates_cpu: cpuSeconds() - cpu }));
      process.exit(0);
    }
  });
  console.log("ready");
  cpu = cpuSeconds();
}

async function measureCalls(conn: DbConnection, seconds: number) {
  const cpu = cpuSeconds();
  const began = performance.now();
  let calls = 0;
  const caller = async () => {
    while (performance.now() - began < seconds * 1000) {
      await conn.reducers.add({ x: 1.5, y: 2.5 });
      calls++;
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, caller));
  console.log(JSON.stringify({ calls, wall: (performance.now() - began) / 1000, cpu: cpuSeconds() - cpu }));
  process.exit(0);
}

DbConnection.builder()
  .withUri(uri)
  .withDatabaseName(database)
  .withCompression("none")
  .onConnect((conn) =>
    what.startsWith("calls=") ? measureCalls(conn, Number(what.slice(6))) : measureRows(conn, Number(what)),
  )
  .onConnectError((_ctx, error) => {
    throw error;
  })
  .build();
