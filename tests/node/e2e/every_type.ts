// Drives the every-type module through the official npm client and the generated bindings, and prints what was seen.
//
// argument: a JSON file {uri, database, tables: [{accessor, key, rows, changed, wheres}]}; `rows` are what is inserted,
//   `changed` what the reducer `update…` gets, `key` the unique column, values as tests/support/described.py writes them;
//   `wheres`: positions of the rows whose value goes into a typed query.
// out: {accessor: {inserted, found, filtered, where, updates, updated, late, left}}
import { readFileSync } from "node:fs";
import { DbConnection, reducers, tables } from "bindings";
import { ConnectionId, Identity, TimeDuration, Timestamp, Uuid } from "spacetimedb";
import { describe } from "../bsatn/values.mjs";

type Said = any; // any: JSON of values whose types are known only at run time
type Type = any; // any: the package's own description of types
interface Job {
  accessor: string;
  key: string;
  rows: Said[];
  changed: Said[];
  wheres: number[];
}
const job: { uri: string; database: string; tables: Job[] } = JSON.parse(readFileSync(process.argv[2]!, "utf8"));

const SPECIAL: Record<string, (number: bigint) => unknown> = {
  __identity__: (number) => new Identity(number),
  __connection_id__: (number) => new ConnectionId(number),
  __uuid__: (number) => new Uuid(number),
  __timestamp_micros_since_unix_epoch__: (number) => new Timestamp(number),
  __time_duration_micros__: (number) => new TimeDuration(number),
};

/** The value that a described one stands for, as the package wants it. */
function revive(type: Type, said: Said): any {
  const whole = /^[UI](\d+)$/.exec(type.tag);
  if (whole) return Number(whole[1]) < 64 ? Number(said) : BigInt(said);
  switch (type.tag) {
    case "F32":
    case "F64":
      return Buffer.from(said, "hex").readDoubleBE();
    case "Bool":
    case "String":
      return said;
    case "Array":
      if (type.value.tag === "U8") return Uint8Array.from(Buffer.from(said, "hex"));
      return said.map((item: Said) => revive(type.value, item));
    case "Product":
      return reviveProduct(type.value.elements, said);
  }
  const variants = type.value.variants;
  if (variants[0].name === "some") return said === null ? undefined : revive(variants[0].algebraicType, said[0]);
  const { name, algebraicType } = variants[said[0]];
  const value = revive(algebraicType, said[1]);
  return variants[0].name === "ok" ? { [name]: value } : { tag: name, value };
}

function reviveProduct(elements: Type[], said: Said): any {
  const special = elements.length === 1 ? SPECIAL[elements[0].name] : undefined;
  if (special) return special(BigInt(said[0]));
  return Object.fromEntries(elements.map((e, i) => [e.name, revive(e.algebraicType, said[i])]));
}

function connect(): Promise<any> {
  return new Promise((resolve, reject) => {
    DbConnection.builder()
      .withUri(job.uri)
      .withDatabaseName(job.database)
      .onConnect((conn) => resolve(conn))
      .onConnectError((_ctx, error) => reject(error))
      .build();
  });
}

function subscribe(conn: any, query: unknown): Promise<any> {
  return new Promise((resolve, reject) => {
    const handle = conn
      .subscriptionBuilder()
      .onApplied(() => resolve(handle))
      .onError((_ctx: unknown, error?: Error) => reject(error ?? new Error("subscription failed")))
      .subscribe(query);
  });
}

const pascal = (name: string) => name[0]!.toUpperCase() + name.slice(1);
const sorted = (rows: Said[]) => rows.map((row) => JSON.stringify(row)).sort();

async function drive(writer: any, asker: any, { accessor, key, rows, changed, wheres }: Job) {
  const query = (tables as any)[accessor];
  const table = writer.db[accessor];
  const type = query.tableDef.rowType;
  const asProduct = { tag: "Product", value: type };
  const say = (row: unknown) => describe(asProduct, [], row);
  const all = (conn: any) => sorted([...conn.db[accessor].iter()].map(say));
  const keyAt = type.elements.findIndex((e: Type) => e.name === key);
  const valueAt = type.elements.findIndex((e: Type) => e.name === "value");
  const column = (at: number, row: Said) => revive(type.elements[at].algebraicType, row[at]);
  const call = async (verb: string, rowsToSend: Said[]) => {
    const params = (reducers as any)[verb + pascal(accessor)].paramsType.elements;
    for (const row of rowsToSend) {
      const values = params.map((p: Type, i: number) => [p.name, revive(p.algebraicType, row[i])]);
      await writer.reducers[verb + pascal(accessor)](Object.fromEntries(values));
    }
  };

  await subscribe(writer, [query]);
  const updates: Said[] = [];
  table.onUpdate?.((_ctx: unknown, old: unknown, now: unknown) => updates.push([say(old), say(now)]));
  await call("insert", rows);
  const inserted = all(writer);
  const find = (value: unknown) => (table[key].find ? table[key].find(value) : [...table[key].filter(value)][0]);
  const found = rows.map((row) => say(find(column(keyAt, row)) ?? {}));
  const filtered = table.value?.filter
    ? rows.map((row) => sorted([...table.value.filter(column(valueAt, row))].map(say)))
    : null;
  const where: Said[] = [];
  for (const at of wheres) {
    const narrow = query.where((row: any) => row.value.eq(column(valueAt, rows[at])));
    const handle = await subscribe(asker, [narrow]);
    where.push(all(asker));
    await new Promise<void>((resolve) => handle.unsubscribeThen(() => resolve()));
  }
  await call("update", changed);
  const updated = all(writer);
  await subscribe(asker, [query]);
  const late = all(asker);
  await call(
    "delete",
    changed.map((row) => [row[keyAt]]),
  );
  return { inserted, found, filtered, where, updates, updated, late, left: Number(table.count()) };
}

const [writer, asker] = await Promise.all([connect(), connect()]);
const seen: Record<string, unknown> = {};
for (const table of job.tables) {
  try {
    seen[table.accessor] = await drive(writer, asker, table);
  } catch (error) {
    seen[table.accessor] = { failed: error instanceof Error ? `${error.stack}` : String(error) };
  }
}
process.stdout.write(`\n${JSON.stringify(seen)}\n`, () => process.exit(0));
