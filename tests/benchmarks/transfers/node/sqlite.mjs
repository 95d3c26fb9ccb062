// A bank in SQLite: `node sqlite.mjs FILE ACCOUNTS BALANCE each|grouped`.
// each: one transaction a call. grouped: one for all calls that arrived in a turn of the event loop.

import Database from "better-sqlite3";
import { serve } from "./serve.mjs";

const [file, accounts, balance, mode] = process.argv.slice(2);
const db = new Database(file);
db.pragma("journal_mode = WAL");
db.pragma("synchronous = FULL");
db.exec("CREATE TABLE account (id INTEGER PRIMARY KEY, balance INTEGER NOT NULL)");
const open = db.prepare("INSERT INTO account VALUES (?, ?)");
db.transaction(() => {
  for (let id = 0; id < Number(accounts); id++) open.run(id, Number(balance));
})();

const read = db.prepare("SELECT balance FROM account WHERE id = ?").pluck();
const write = db.prepare("UPDATE account SET balance = ? WHERE id = ?");

function move(source, target, amount) {
  const given = read.get(source);
  const taken = read.get(target);
  if (given === undefined || taken === undefined || given < amount) return false;
  write.run(given - amount, source);
  write.run(taken + amount, target);
  return true;
}

const moveDurably = db.transaction(move);

function each(source, target, amount, answer) {
  answer(moveDurably.immediate(source, target, amount));
}

let waiting = [];
const moveAll = db.transaction((calls) => calls.map(([source, target, amount]) => move(source, target, amount)));

function grouped(...call) {
  if (waiting.push(call) === 1) setImmediate(commit);
}

function commit() {
  const calls = waiting;
  waiting = [];
  const outcomes = moveAll.immediate(calls);
  const sockets = new Set(calls.map((call) => call[4]));
  for (const socket of sockets) socket.cork(); // one write to each socket rather than one for each answer
  calls.forEach((call, place) => call[3](outcomes[place]));
  for (const socket of sockets) socket.uncork();
}

const all = db.prepare("SELECT balance FROM account ORDER BY id").pluck();
serve({ transfer: mode === "grouped" ? grouped : each, balances: () => all.all() });
