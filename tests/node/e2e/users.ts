// Two users and a bystander on the whiteboard, through the official npm client and the generated bindings.
// Prints one JSON object of everything they saw; the Python test that runs this compares it.
import { DbConnection, tables, type ErrorContext } from "bindings";
import type { Point } from "bindings/types";

const [uri, database] = process.argv.slice(2) as [string, string];

interface User {
  conn: DbConnection;
  hex: string;
  token: string;
  gone: Promise<void>;
}

function connect(token?: string): Promise<User> {
  return new Promise((resolve, reject) => {
    let left = () => {};
    const gone = new Promise<void>((done) => (left = done));
    DbConnection.builder()
      .withUri(uri)
      .withDatabaseName(database)
      .withToken(token)
      .onConnect((conn, identity, given) => resolve({ conn, hex: identity.toHexString(), token: given, gone }))
      .onConnectError((_ctx: ErrorContext, error: Error) => reject(error))
      .onDisconnect(() => left())
      .build();
  });
}

type Query = Parameters<ReturnType<DbConnection["subscriptionBuilder"]>["subscribe"]>[0];

function subscribe(user: User, query: Query) {
  return new Promise<ReturnType<ReturnType<DbConnection["subscriptionBuilder"]>["subscribe"]>>((resolve, reject) => {
    const handle = user.conn
      .subscriptionBuilder()
      .onApplied(() => resolve(handle))
      .onError((_ctx, error?: Error) => reject(error ?? new Error("subscription failed")))
      .subscribe(query);
  });
}

const until = async (condition: () => boolean, what: string) => {
  const end = Date.now() + 10_000;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`timed out waiting until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};

const colors = (user: User) => [...user.conn.db.point.iter()].map((p: Point) => p.color).sort();
const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => "no error",
    (error: unknown) => (error instanceof Error ? `${error.constructor.name}: ${error.message}` : String(error)),
  );

const seen: Record<string, unknown> = {};
const ann = await connect();
const bob = await connect();
const bystander = await connect();
seen.identities = new Set([ann.hex, bob.hex, bystander.hex]).size;

const events: string[] = [];
ann.conn.db.point.onInsert((ctx, row) => events.push(`ann insert ${row.color} ${ctx.event.tag}`));
ann.conn.db.point.onDelete((ctx, row) => events.push(`ann delete ${row.color} ${ctx.event.tag}`));
let bystanderHeard = 0;
bystander.conn.db.point.onInsert(() => bystanderHeard++);

const annAll = await subscribe(ann, tables.point);
await subscribe(bob, "SELECT * FROM point");
await ann.conn.reducers.addPoint({ x: 1.5, y: 2, color: "#ff0000" });
await until(() => bob.conn.db.point.count() === 1n, "bob sees ann's point");
await bob.conn.reducers.addPoint({ x: 3, y: 4.25, color: "#00ff00" });
await until(() => ann.conn.db.point.count() === 2n, "ann sees bob's point");
seen.bothSee = [colors(ann), colors(bob)];
const first = [...bob.conn.db.point.iter()].find((p) => p.color === "#ff0000")!;
seen.row = { id: String(first.id), x: first.x, y: first.y, byAnn: first.userId.toHexString() === ann.hex };
seen.found = bob.conn.db.point.id.find(first.id)?.color;
seen.recent = Math.abs(Date.now() - Number(first.timestamp.microsSinceUnixEpoch / 1000n)) < 60_000;

seen.refused = await failure(ann.conn.reducers.addPoint({ x: 0, y: 0, color: "red" }));
seen.afterRefusal = colors(ann);

const carl = await connect();
const red = await subscribe(carl, tables.point.where((p) => p.color.eq("#ff0000").or(p.x.gt(100))));
seen.filteredFirst = colors(carl);
await ann.conn.reducers.addPoint({ x: 200, y: 0, color: "#0000ff" });
await bob.conn.reducers.addPoint({ x: 5, y: 5, color: "#00ff00" });
await until(() => carl.conn.db.point.count() === 2n, "carl's filter lets the far point in");
await until(() => ann.conn.db.point.count() === 4n, "ann sees all four");
seen.filteredLater = colors(carl);
seen.badQuery = await failure(subscribe(carl, "SELECT * FROM nowhere"));
await new Promise<void>((resolve) => red.unsubscribeThen(() => resolve()));
seen.filteredGone = colors(carl);

await bob.conn.reducers.clearMyPoints({});
await until(() => ann.conn.db.point.count() === 2n, "ann sees bob's points go");
seen.afterClear = colors(ann);
seen.events = events;
seen.bystander = { heard: bystanderHeard, rows: Number(bystander.conn.db.point.count()) };

await new Promise<void>((resolve) => annAll.unsubscribeThen(() => resolve()));
seen.annUnsubscribed = Number(ann.conn.db.point.count());
ann.conn.disconnect();
await ann.gone;
const again = await connect(ann.token);
seen.sameIdentity = again.hex === ann.hex;
await subscribe(again, tables.point);
seen.cameBackTo = colors(again);
for (const user of [again, bob, carl, bystander]) user.conn.disconnect();
await Promise.all([again, bob, carl, bystander].map((user) => user.gone));
console.log(JSON.stringify(seen));
