import assert from "node:assert/strict";
import * as plain from "./module_bindings/modules/spacetime";

export async function face(client: plain.SpacetimeDBClient): Promise<void> {
  client.subscribe([plain.Player, plain.Archive_, plain.SpacetimeDBClient_, plain.Identity_, "archive", "who"]);
  const mine: plain.Player | undefined = client.get_all("archive")[0];
  const seat: plain.SpacetimeDBClient_ = { seat_no2: 1 };
  const who: plain.Identity_ | undefined = client.get_all("Identity")[0];
  await plain.number_();
  const text: plain.string_ = { http_code: "" };
  await plain.take(1, 2, 3, 4, 5, 6, 7, seat);
  const archive: plain.Archive = await plain.default_();
  console.log(text, mine?.is_home, who?.text, archive.tag === "Shut" && archive.value.text, client.identity?.to_string());
}

export function run(): void {
  assert.equal((plain as unknown as { then?: unknown }).then, undefined);
  assert.equal(typeof plain.Player_, "function");
}
