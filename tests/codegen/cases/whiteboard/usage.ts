import assert from "node:assert/strict";
import { Identity, Timestamp } from "spacetimedb";
import { DbConnection, reducers, tables, type EventContext, type SubscriptionHandle } from "./module_bindings";
import type { Point } from "./module_bindings/types";
import * as plain from "./module_bindings/modules/spacetime";
import type { AddPointParams } from "./module_bindings/types/reducers";

export async function whiteboard(uri: string, token: string | undefined): Promise<SubscriptionHandle> {
  const connected = new Promise<DbConnection>((resolve, reject) => {
    DbConnection.builder()
      .withUri(uri)
      .withDatabaseName("whiteboard")
      .withToken(token)
      .onConnect((connection, _identity: Identity, _token: string) => resolve(connection))
      .onConnectError((_ctx, error) => reject(error))
      .onDisconnect((_ctx, error) => console.log(error?.message))
      .build();
  });
  const connection = await connected;
  connection.db.point.onInsert((ctx: EventContext, row: Point) => console.log(ctx.event.tag, row.color));
  connection.db.point.onUpdate((_ctx, before, after) => console.log(before.x, after.x));
  const mine: Point | null = connection.db.point.id.find(1n);
  for (const row of connection.db.point.user_id.filter(Identity.zero())) console.log(row.x, mine?.y);
  await connection.reducers.addPoint({ x: 1, y: 2.5, color: "#ff0000" });
  await connection.reducers.clearMyPoints({});
  // @ts-expect-error: the parameter is called `color`
  await connection.reducers.addPoint({ x: 1, y: 2, colour: "#ff0000" });
  // @ts-expect-error: x is a number
  await connection.reducers.addPoint({ x: "1", y: 2, color: "#ff0000" });
  // @ts-expect-error: there is no such reducer
  await connection.reducers.removePoint({});
  // @ts-expect-error: ids are bigints
  connection.db.point.id.find(1);
  return connection
    .subscriptionBuilder()
    .onApplied(ctx => console.log(ctx.db.point.count() === 0n))
    .subscribe([tables.point.where(row => row.color.eq("#ff0000")), "SELECT * FROM point"]);
}

// As users of the tutorial write it: no connection is made by this.
let me: plain.Identity | null = null;
export function script(): void {
  const client = new plain.SpacetimeDBClient("ws://localhost:3000", { token: null });
  client.onConnect(() => client.enter("whiteboard"));
  client.onDisconnect(() => console.log("gone"));
  client.onInitialSync(() => {
    me = client.identity;
    const official: Identity | null = client.identity;
    console.log(me?.to_string().substring(0, 8), official?.toHexString());
    client.subscribe(["Point"]);
    client.subscribe([plain.Point, "point"]);
  });
  const redraw = () => {
    const points = client.get_all("Point") as plain.Point[];
    points.sort((a, b) => Number(a.timestamp - b.timestamp));
    for (const { id, x, user_id } of client.get_all(plain.Point)) console.log(id + 1n, x + 1, user_id.to_string());
  };
  client.on("Point:insert", redraw);
  client.on("Point:delete", point => console.log(point.color));
  client.on("point:update", (before, after) => console.log(before.x - after.x));
  client.off("Point:insert", redraw);
  plain.add_point(1, 2.5, "#ff0000");
  // @ts-expect-error: there is no such table
  client.get_all("Pont");
  // @ts-expect-error: nor such an event
  client.on("Point:inserted", redraw);
  // @ts-expect-error: columns are called as the module calls them
  client.on("Point:insert", point => point.userId);
  // @ts-expect-error: the third is a colour
  plain.add_point(1, 2, 3);
  const literal: plain.Point = { id: 1n, x: 0, y: 0, color: "", user_id: plain.Identity.zero() as plain.Identity, timestamp: 0n };
  client.subscribe([plain.Point]).then(() => console.log(literal.timestamp));
}

export const params: AddPointParams = { x: 0, y: 0, color: "" };

export function run(): void {
  const point: Point = {
    id: 1n,
    x: 0.5,
    y: 0.25,
    color: "#00ff00",
    userId: Identity.zero(),
    timestamp: new Timestamp(7n),
  };
  assert.equal(point.timestamp.microsSinceUnixEpoch, 7n);
  assert.equal(tables.point.where(row => row.userId.eq(Identity.zero())).toSql().includes('"user_id"'), true);
  assert.deepEqual(Object.keys(reducers), ["addPoint", "clearMyPoints"]);
}
