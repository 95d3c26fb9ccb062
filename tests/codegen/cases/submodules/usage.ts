import assert from "node:assert/strict";
import { DbConnection, procedures, reducers, tables } from "./module_bindings";
import * as plain from "./module_bindings/modules/spacetime";
import type { Box } from "./module_bindings/my_lib/types";
import type { Item } from "./module_bindings/my_lib/deep/types";

const box: Box = { of: { itemId: 1, label: "x" } };
const item: Item = { itemId: 1, deep: { ok: true } };

export async function use(connection: DbConnection): Promise<void> {
  const found: Item | null = connection.db["my_lib.deep.stock_item"].item_id.find(1);
  await connection.reducers["myLib.addItem"]({ box });
  const count: bigint = await connection.procedures["myLib.deep.countItems"]({});
  connection.subscriptionBuilder().subscribe([tables.my_lib.deep.stockItem, tables.stockItem]);
  console.log(found?.deep, count, item);
  // @ts-expect-error: the submodule keeps it to itself
  console.log(connection.db["my_lib.hidden"]);
}

export function face(client: plain.SpacetimeDBClient): void {
  client.subscribe([plain.Item, plain.MyLibDeep_Item, "my_lib.stock_item"]);
  const deep: plain.MyLibDeep_Item[] = client.get_all("my_lib.deep.Item");
  plain.my_lib_add_item({ of: { item_id: 1, label: "x" } });
  plain.my_lib_deep_count_items().then((count: bigint) => console.log(count, deep[0]?.deep));
  plain.small_ping();
}

export function run(): void {
  assert.equal(tables.my_lib.deep.allItems.toSql(), 'SELECT * FROM "my_lib"."deep"."all_items"');
  assert.equal(tables.stockItem.toSql(), 'SELECT * FROM "stock_item"');
  assert.equal(reducers.my_lib.addItem.name, "my_lib.add_item");
  assert.equal(reducers.small.ping.name, "small.ping");
  assert.equal(reducers.addItem.name, "add_item");
  assert.equal(procedures.my_lib.deep.countItems.name, "my_lib.deep.count_items");
}
