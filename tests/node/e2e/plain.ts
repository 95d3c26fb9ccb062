// The plain face in Node: every type there and back, events, refusals, loss of the server. Each step that needs
// something done outside prints a line and waits for one on stdin. The last line is one JSON object of what was seen.
import { createInterface } from "node:readline";
import { isDeepStrictEqual } from "node:util";
import { Identity as SdkIdentity } from "spacetimedb";
import * as zoo from "bindings/modules/spacetime";
import { ConnectionId, Uuid } from "bindings/modules/values";

const { Animal, Identity, SpacetimeDBClient, Tag, delete_, keep, rename, roar, stumble } = zoo;
const [uri, database] = process.argv.slice(2) as [string, string];
const seen: Record<string, unknown> = {};

const input = createInterface({ input: process.stdin });
const lines = input[Symbol.asyncIterator]();
const outside = async (what: string) => {
  console.log(`DO ${what}`);
  await lines.next();
};

async function until(condition: () => boolean, what: string): Promise<void> {
  const end = Date.now() + 20_000;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`timed out waiting until ${what}`);
    await new Promise(resolve => setTimeout(resolve, 5));
  }
}

const failure = (promise: Promise<unknown>) => promise.then(() => "no error", (error: Error) => `${error.name}: ${error.message}`);
const thrown = (action: () => unknown) => {
  try {
    action();
    return "nothing";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};

const consoleErrors: string[] = [];
console.error = (...parts: unknown[]) => void consoleErrors.push(parts.join(" "));

// Nobody has entered anything: the promise says so, and who ignores it is told on the console.
seen.early = await failure(rename(1, "x"));
void rename(1, "x");
await until(() => consoleErrors.length > 0, "the ignored call was reported");
seen.ignoredEarly = consoleErrors.splice(0);
seen.badAddress = thrown(() => new SpacetimeDBClient("localhost:3000"));

const client = new SpacetimeDBClient(uri);
const heard: string[] = [];
seen.before = [client.identity, client.token, client.connection, client.get_all("Animal")];
client.onConnect(() => heard.push(`connect, identity ${client.identity === null ? "unknown" : "known"}`));
client.onConnect(() => client.enter(database));
client.onInitialSync(identity => heard.push(`sync ${identity === client.identity}, ${client.get_all(Animal).length} animals`));
const removeOnDisconnect = client.onDisconnect(() => heard.push("removed"));
removeOnDisconnect();
client.onDisconnect(() => heard.push("disconnect"));
client.onInitialSync(() => {
  throw new Error("a handler's own mistake");
});
const uncaught: string[] = [];
process.on("uncaughtException", error => {
  if (error.message === "a handler's own mistake") return void uncaught.push(error.message);
  console.log(error.stack);
  process.exit(1);
});
client.connect();
client.connect();
await new Promise<void>(resolve => client.onInitialSync(() => resolve()));
seen.start = heard.splice(0);
seen.handlerError = uncaught.splice(0);
await new Promise<void>(resolve => client.onConnect(resolve));
await new Promise<void>(resolve => client.onInitialSync(() => resolve()));

const identity = client.identity!;
seen.identity = {
  hex: /^[0-9a-f]{64}$/.test(identity.to_string()),
  official: identity instanceof SdkIdentity && identity.isEqual(SdkIdentity.fromString(identity.to_string())),
};

// Names
seen.unknownTable = thrown(() => client.subscribe(["Anmal" as "Animal"]));
seen.farTable = thrown(() => client.get_all("Elephantidae" as "Animal"));
seen.unknownEvent = thrown(() => client.on("Animal:inserted" as "Animal:insert", () => {}));

// Subscriptions, by value and by name
const changes: string[] = [];
client.on("Animal:insert", row => changes.push(`insert ${row.name}, ${client.get_all("tag").length} tags`));
client.on("animal:update", (oldRow, newRow) => changes.push(`update ${oldRow.name} to ${newRow.name}`));
client.on("Animal:delete", row => changes.push(`delete ${row.name}`));
client.on("Noise:insert", row => changes.push(`noise ${row.volume}, ${client.get_all("Noise").length} kept`));
client.on("Tag:insert", row => changes.push(`tag ${row.text}`));
const unwanted = () => changes.push("removed handler");
client.on("Animal:insert", unwanted);
client.off("animal:insert", unwanted);
await client.subscribe([Animal, "Noise"]);
await client.subscribe(["tag", Tag, "Animal"]);

// Every type, there and back
const other = Identity.fromString("00".repeat(31) + "2a");
const spot = { x_pos: -0.5, seen_at: -1n, by: undefined };
const args = [
  7, "Ada", 2n ** 64n - 1n, -(2n ** 127n), 2n ** 256n - 1n, new Uint8Array([0, 1, 255]), ["a", "é"], undefined,
  { tag: "VeryHungry" },
  { tag: "Roams", value: [{ tag: "Fixed", value: { ...spot, by: new Identity(42n) } }, { tag: "Unknown" }] },
  [spot, { ...spot, by: identity }],
  new Identity(42n), new ConnectionId(43n), 1_700_000_000_000_001n, 5_000_000n, new Uuid(44n),
  { tag: "Interval", value: 60_000_000n },
] satisfies Parameters<typeof keep>;
await keep(...args);
const ada = client.get_all(Animal)[0]!;
seen.columns = Object.keys(ada);
seen.sameValues = isDeepStrictEqual(
  [ada.id, ada.name, ada.age, ada.debt, ada.genome, ada.picture, ada.nicknames, ada.mother, ada.mood, ada.place, ada.spots,
   ada.keeper, ada.seen_through, ada.born, ada.sleeps, ada.chip, ada.fed],
  args,
);
seen.rest = [ada.is_tame, ada.legs, ada.balance, ada.weight, ada.last_check];
seen.idTexts = [ada.keeper.to_string() === other.toHexString(), ada.seen_through.to_string(), ada.chip.to_string()];
seen.afterKeep = changes.splice(0);
seen.sameObjects = client.get_all("Animal")[0] === ada && client.get_all("Animal") !== client.get_all("Animal");

await rename(7, "Ida");
await roar(7, 0.5);
seen.afterRoar = changes.splice(0);

// Refusals reach who listens, and do no harm to who does not
seen.refused = await failure(rename(8, "x"));
seen.bug = await failure(stumble());
seen.wrongType = (await failure(rename("seven" as unknown as number, "x"))) !== "no error";
void rename(9, "x");
await until(() => consoleErrors.length > 0, "the ignored refusal was reported");
seen.ignored = consoleErrors.splice(0);
const removeOnError = client.onError(error => consoleErrors.push(`handler: ${error.message}`));
void rename(10, "x");
await until(() => consoleErrors.length > 0, "the handler heard");
seen.handled = consoleErrors.splice(0);
removeOnError();

// The server is killed and comes back; meanwhile somebody else changed things.
const pending = failure(rename(7, "in flight"));
await pending;
changes.length = 0;
heard.length = 0;
await outside("stop");
await until(() => heard.includes("disconnect"), "the loss was noticed");
seen.whileAway = client.get_all("Animal").map(row => row.name);
seen.callWhileAway = await failure(rename(7, "x"));
await outside("change");
await until(() => heard.some(line => line.startsWith("sync")), "the client came back");
await until(() => changes.length >= 2, "the differences were told");
await client.subscribe(["Tag"]);
await rename(11, "Bo");
seen.afterReturn = client.get_all("Animal").map(row => row.name).sort();
seen.heardAgain = heard.splice(0);
seen.differences = changes.splice(0).sort();
seen.sameIdentityAgain = client.identity!.isEqual(identity);

// Another client takes the reducers over; a token makes the same user.
const twin = new SpacetimeDBClient(uri, { token: client.token });
twin.enter(database);
await new Promise<void>(resolve => twin.onInitialSync(() => resolve()));
seen.twin = twin.identity!.isEqual(identity);
client.disconnect();
await twin.subscribe(["Animal"]);
await delete_(7);
seen.afterDelete = twin.get_all("Animal").map(row => row.name);
client.onConnect(() => heard.push("late"));
seen.lateHandler = heard.filter(line => line === "late");

// A database that is not there, and then another one
const problems: string[] = [];
twin.onError(error => problems.push(error.message.replace(uri, "ADDRESS")));
twin.enter("nowhere");
await until(() => problems.length > 0, "the missing database was reported");
seen.missing = problems.splice(0);
seen.forgotten = [twin.get_all("Animal").length, await failure(delete_(11))];
twin.enter(database);
await new Promise<void>(resolve => twin.onInitialSync(() => resolve()));
await twin.subscribe(["Animal"]);
seen.back = twin.get_all("Animal").map(row => row.name);
twin.disconnect();
seen.afterDisconnect = await failure(delete_(11));

const stranger = new SpacetimeDBClient(uri, { token: "not.a.token" });
stranger.onError(error => problems.push(error.message));
stranger.enter(database);
await until(() => problems.length > 0, "the bad token was reported");
seen.badToken = problems.splice(0);
seen.uncaught = [...new Set(uncaught)];
console.log(JSON.stringify(seen, (_key, value) => (typeof value === "bigint" ? `${value}n` : value)));
stranger.disconnect();
input.close();
process.stdin.destroy(); // nothing else may keep this process alive: all clients have ended
