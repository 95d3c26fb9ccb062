import assert from "node:assert/strict";
import {
  BinaryReader,
  BinaryWriter,
  ConnectionId,
  Identity,
  ScheduleAt,
  TimeDuration,
  Timestamp,
  Uuid,
  type Infer,
} from "spacetimedb";
import { DbConnection } from "./module_bindings";
import EverythingRow from "./module_bindings/everything_table";
import TakeEverything from "./module_bindings/take_everything_reducer";
import * as plain from "./module_bindings/modules/spacetime";
import { Color, Everything, Leaf, Shape, Tree, type Branch, type Point } from "./module_bindings/types";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(_: Equal<A, B>): void => undefined;

type Row = Infer<typeof EverythingRow>;
same<Row["aBool"], boolean>(true);
same<Row["aU32"], number>(true);
same<Row["aI64"], bigint>(true);
same<Row["aU256"], bigint>(true);
same<Row["bytes"], Uint8Array>(true);
same<Row["uuid"], Uuid>(true);
same<Row["listOfOptions"], (number | undefined)[]>(true);
same<Row["maybe"], string | undefined>(true);
same<Row["outcome"], { ok: number } | { err: string }>(true);
same<Row["namedOutcome"], { ok: Point } | { err: Color }>(true);
same<Row["listOfOutcomes"], ({ ok: boolean } | { err: {} })[]>(true);
same<Infer<typeof TakeEverything>["outcome"], Row["outcome"]>(true);
same<Row["impossible"], never>(true);
same<Row["theColor"], Color>(true);
same<plain.Everything["a_u256"], bigint>(true);
same<plain.Everything["timestamp"], bigint>(true);
same<plain.Everything["identity"], plain.Identity>(true);
same<plain.Everything["bytes"], Uint8Array>(true);
same<plain.Everything["list_of_options"], (number | undefined)[]>(true);
same<plain.Everything["named_outcome"], { ok: plain.Point } | { err: plain.Color }>(true);
same<plain.Everything["schedule_at"]["value"], bigint>(true);
same<plain.Tree["children"], plain.Tree[]>(true);
same<plain.Array["data"], Uint8Array>(true);
same<Color["tag"], "Red" | "Green" | "LightBlue">(true);

const tree: Tree = {
  value: 1,
  children: [{ value: 2, children: [], parentColor: Color.LightBlue, outcome: { err: undefined } }],
  parentColor: undefined,
  outcome: { ok: undefined },
};
const shape: Shape = Shape.Group([Shape.Circle(1), Shape.Label("x"), Shape.At({ x: 1, y: 2 }), Shape.Nothing]);
const leaf: Leaf = { branch: { name: "b", leaf: undefined }, at: new Timestamp(1n), data: new Uint8Array([1]), key: 2n, nothing: {} };
const branch: Branch | undefined = leaf.branch;

export async function use(connection: DbConnection): Promise<void> {
  for (const row of connection.db.everything.iter()) console.log(row.tree.children[0]?.value, "ok" in row.outcome);
  const given: Everything = await connection.procedures.giveRow({ shape });
  const maybe: Tree | undefined = await connection.procedures.giveMaybe({});
  const outcome: { ok: number } | { err: string } = await connection.procedures.giveOutcome({});
  await connection.reducers.takeEven({ same: { err: 1 } });
  console.log(given.aBool, maybe, outcome, branch?.leaf);
  // @ts-expect-error: a result is one of two objects
  await connection.reducers.takeEven({ same: 1 });
  // @ts-expect-error: no such variant
  console.log(Shape.Square);
  // @ts-expect-error: a circle has a radius
  const wrong: Shape = { tag: "Circle", value: "1" };
  console.log(wrong);
}

type Description<T> = {
  serialize(writer: BinaryWriter, value: T): void;
  deserialize(reader: BinaryReader): T;
};

function written<T>(builder: Description<T>, value: T): number[] {
  const writer = new BinaryWriter(64);
  builder.serialize(writer, value);
  return [...writer.getBuffer()];
}

function roundTrip<T>(builder: Description<T>, value: T): T {
  return builder.deserialize(new BinaryReader(Uint8Array.from(written(builder, value))));
}

export function run(): void {
  assert.deepEqual(roundTrip<Tree>(Tree, { ...tree, outcome: { ok: tree } }).children[0]?.value, 2);
  const back = roundTrip<Shape>(Shape, shape);
  assert.ok(back.tag === "Group" && back.value[0]?.tag === "Circle" && back.value.length === 4);
  assert.equal(roundTrip<Leaf>(Leaf, leaf).branch?.name, "b");
  assert.equal(Object.keys(EverythingRow.row).length, Object.keys(Everything.elements).length);
  assert.throws(() => roundTrip(EverythingRow.row.impossible, undefined as never));
  assert.deepEqual(written(TakeEverything.outcome, { ok: 258 }), [0, 2, 1, 0, 0]);
  assert.deepEqual(written(TakeEverything.outcome, { err: "no" }), [1, 2, 0, 0, 0, 110, 111]);
  assert.deepEqual(written(TakeEverything.namedOutcome, { err: Color.LightBlue }), [1, 2]);
  assert.deepEqual(written(TakeEverything.listOfOutcomes, [{ err: {} }, { ok: true }]), [2, 0, 0, 0, 1, 0, 1]);
  assert.throws(() => written(TakeEverything.outcome, {} as never), TypeError);
  assert.ok([ConnectionId, Identity, ScheduleAt, TimeDuration].every(Boolean));
}
