// A bank in PostgreSQL, serializable: `node postgres.mjs SOCKET_FOLDER ACCOUNTS BALANCE statements|function POOL`.
// statements: BEGIN, reads, updates and COMMIT from here. function: the same in one PL/pgSQL function, one round trip.

import pg from "pg";
import { serve } from "./serve.mjs";

const [host, accounts, balance, mode, connections] = process.argv.slice(2);
const pool = new pg.Pool({
  host,
  user: "postgres",
  database: "postgres",
  max: Number(connections),
  options: "-c default_transaction_isolation=serializable",
});
await pool.query("DROP TABLE IF EXISTS account");
await pool.query("CREATE TABLE account (id integer PRIMARY KEY, balance bigint NOT NULL)");
await pool.query("INSERT INTO account SELECT id, $2 FROM generate_series(0, $1::integer - 1) id", [accounts, balance]);
await pool.query("VACUUM ANALYZE account");
await pool.query(`
  CREATE OR REPLACE FUNCTION move(source integer, target integer, amount bigint) RETURNS boolean LANGUAGE plpgsql AS $$
  DECLARE
    given bigint := (SELECT balance FROM account WHERE id = source);
    taken bigint := (SELECT balance FROM account WHERE id = target);
  BEGIN
    IF given IS NULL OR taken IS NULL OR given < amount THEN
      RETURN false;
    END IF;
    UPDATE account SET balance = given - amount WHERE id = source;
    UPDATE account SET balance = taken + amount WHERE id = target;
    RETURN true;
  END $$`);

const READ = "SELECT id, balance FROM account WHERE id IN ($1, $2)";
const WRITE = "UPDATE account SET balance = balance + $2 WHERE id = $1";

async function statements(client, source, target, amount) {
  await client.query("BEGIN");
  const { rows } = await client.query({ name: "read", text: READ, values: [source, target] });
  const giver = rows.find((row) => row.id === source);
  if (rows.length < 2 || Number(giver.balance) < amount) {
    await client.query("ROLLBACK");
    return false;
  }
  await client.query({ name: "write", text: WRITE, values: [source, -amount] });
  await client.query({ name: "write", text: WRITE, values: [target, amount] });
  await client.query("COMMIT");
  return true;
}

async function asFunction(client, source, target, amount) {
  const { rows } = await client.query({ name: "move", text: "SELECT move($1, $2, $3)", values: [source, target, amount] });
  return rows[0].move;
}

const move = mode === "function" ? asFunction : statements;
const AGAIN = new Set(["40001", "40P01"]);

async function transfer(source, target, amount, answer) {
  const client = await pool.connect();
  try {
    for (;;) {
      try {
        answer(await move(client, source, target, amount));
        return;
      } catch (error) {
        if (!AGAIN.has(error.code)) throw error;
        if (mode !== "function") await client.query("ROLLBACK");
      }
    }
  } finally {
    client.release();
  }
}

async function balances() {
  const { rows } = await pool.query("SELECT balance FROM account ORDER BY id");
  return rows.map((row) => Number(row.balance));
}

serve({ transfer, balances });
