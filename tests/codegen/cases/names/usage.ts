import assert from "node:assert/strict";
import { DbConnection, reducers, tables, type DbView } from "./module_bindings";
import HttpPlayerRow from "./module_bindings/http_player_table";
import { GameRank2, Wordy, type HttpPlayer } from "./module_bindings/types";
import * as plain from "./module_bindings/modules/spacetime";
import type { WordyParams } from "./module_bindings/types/reducers";

export async function use(connection: DbConnection): Promise<void> {
  const view: DbView = connection.db;
  const player: HttpPlayer | null = view.httpPlayer.playerId.find(1) ?? view.httpPlayer.httpName.find("x");
  const team = [...view.httpPlayer.by_place.filter([1, 2])];
  const ranked = [...view.httpPlayer.rank.filter(GameRank2.FirstClass)];
  console.log(player?.aB, player?.oneU8, player?.vec2D, team, ranked, view.HTTPPlayer.count());
  view.then.onInsert((_ctx, row: Wordy) => console.log(row.class, row.default));
  await connection.reducers.hTTPReq({ id: 1 });
  await connection.reducers.wordy({});
  // @ts-expect-error: an index without an accessor is not for clients
  console.log(view.httpPlayer.unseen);
}

export function face(client: plain.SpacetimeDBClient): void {
  const player: plain.HTTPPlayer | undefined = client.get_all("HTTPPlayer")[0] ?? client.get_all("http_player")[0];
  console.log(player?.HTTPName, player?.one_u8, player?.a__b, player?.rank.tag === "U8X16");
  client.on("then:insert", row => console.log(row.class, row.__proto));
  plain.delete_("class", "delete", "default", "new", "function", "constructor", "then", "type", "name", "proto", "naïve");
  plain.HTTPReq(1);
}

export const none: WordyParams = {};

export function run(): void {
  assert.deepEqual(Object.keys(reducers), ["delete", "hTTPReq", "wordy"]);
  assert.deepEqual(Object.keys(tables).sort(), ["HTTPPlayer", "function", "httpPlayer", "proto", "then"]);
  assert.deepEqual(Object.keys(GameRank2.variants), ["FirstClass", "Http", "U8X16", "Default"]);
  assert.equal(HttpPlayerRow.row.oneU8.columnMetadata.name, "one_u_8");
  assert.equal(tables.httpPlayer.where(row => row.httpName.eq("x")).toSql().includes('"http_name"'), true);
}
