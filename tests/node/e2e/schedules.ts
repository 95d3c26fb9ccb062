// A user who watches scheduled tables through the official npm client; told what to do by one JSON array per line:
// ["remind", seconds, text] · ["reminded", text] · ["ticks", n] · ["rows"]. Answers each with one line of JSON.
import { createInterface } from "node:readline";
import { DbConnection, tables } from "bindings";

const [uri, database] = process.argv.slice(2) as [string, string];
const answer = (value: unknown) => process.stdout.write(`ANSWER ${JSON.stringify(value)}\n`);

let isLeaving = false;
const conn = await new Promise<DbConnection>((resolve, reject) => {
  DbConnection.builder()
    .withUri(uri)
    .withDatabaseName(database)
    .onConnect((connected) => resolve(connected))
    .onConnectError((_ctx, error: Error) => reject(error))
    .onDisconnect(() => process.exit(isLeaving ? 0 : 3))
    .build();
});
const heard: string[] = [];
let ticks = 0;
conn.db.beat.onUpdate((_ctx, before, after) => (ticks += after.count - before.count));
conn.db.reminder.onInsert((_ctx, row) => heard.push(`reminder ${row.text} comes`));
conn.db.reminder.onDelete((_ctx, row) => heard.push(`reminder ${row.text} goes`));
conn.db.reminded.onInsert((_ctx, row) => heard.push(`reminded of ${row.text}`));
await new Promise<void>((resolve, reject) => {
  conn
    .subscriptionBuilder()
    .onApplied(() => resolve())
    .onError((_ctx, error?: Error) => reject(error ?? new Error("subscription failed")))
    .subscribe([tables.beat, tables.reminder, tables.reminded]);
});

const until = async (condition: () => boolean, what: string) => {
  const end = Date.now() + 60_000;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`timed out waiting until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};

answer("ready");
for await (const line of createInterface({ input: process.stdin })) {
  const [order, ...given] = JSON.parse(line);
  if (order === "remind") {
    await conn.reducers.remind({ seconds: given[0], text: given[1] });
    answer("done");
  } else if (order === "reminded") {
    const row = () => conn.db.reminded.text.find(given[0]);
    const isOver = () => Boolean(row()) && !conn.db.reminder.text.find(given[0]);
    await until(isOver, `the reminder of ${given[0]} came and went`);
    const { version, due, at } = row()!;
    const lateMs = Number(at.microsSinceUnixEpoch - due.microsSinceUnixEpoch) / 1000;
    answer({ version, isEarly: lateMs < 0, heard: heard.filter((text) => text.includes(given[0])) });
  } else if (order === "ticks") {
    const before = ticks;
    await until(() => ticks >= before + given[0], `${given[0]} more ticks`);
    answer([...conn.db.beat.iter()].map((beat) => [String(beat.id), beat.scheduledAt.tag]));
  } else {
    answer([...conn.db.reminder.iter()].map((row) => row.text));
  }
}
isLeaving = true;
conn.disconnect();
