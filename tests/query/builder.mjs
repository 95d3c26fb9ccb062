// Prints what the official query builder makes of every kind of condition, as JSON: [{name, sql, matches}].
// `matches`: what the client itself says of each of the rows below (null where it has no predicate).
// Runs with tests/node as its working directory.
import { createRequire } from "node:module";

const { ConnectionId, Identity, Timestamp, Uuid, and, evaluateBooleanExpr, getQueryWhereClause, makeQueryBuilder } =
  createRequire(process.cwd() + "/")("spacetimedb");
const { not, or, schema, t, table, toSql } = createRequire(process.cwd() + "/")("spacetimedb");

const columns = {
  id: t.u32().primaryKey(),
  big: t.i128(),
  name: t.string().name("full_name"),
  score: t.f64(),
  small: t.f32(),
  ok: t.bool(),
  who: t.identity().index("btree"),
  link: t.connectionId(),
  at: t.timestamp(),
  tag: t.uuid(),
};
const db = makeQueryBuilder(
  schema({
    person: table({ name: "person" }, columns),
    member: table({ name: "member" }, { id: t.u32().primaryKey(), who: t.identity().index("btree") }),
  }).schemaType,
);
const person = db.person;

const me = new Identity(0xc200n);
const link = new ConnectionId(77n);
const at = new Timestamp(1_700_000_000_123_456n);
const tag = Uuid.parse("0190163d-8694-739b-aea5-966c26f8ad91");
const rows = [
  { id: 1, big: -5n, name: "it's", score: 1.5, small: 0.5, ok: true, who: me, link, at, tag },
  { id: 2, big: 0n, name: "", score: -0.25, small: 2, ok: false, who: new Identity(1n), link, at: new Timestamp(0n), tag },
  { id: 4294967295, big: 170141183460469231731687303715884105727n, name: 'say "é" 猫', score: 1e300, small: 16777216,
    ok: true, who: me, link: new ConnectionId(1n), at, tag: Uuid.parse("00000000-0000-0000-0000-000000000001") },
];

const chain = count => {
  let query = row => row.id.eq(0);
  for (let i = 1; i < count; i++) {
    const before = query;
    query = row => before(row).or(row.id.eq(i));
  }
  return query;
};

const cases = {
  "whole table": person,
  "equal number": person.where(r => r.id.eq(1)),
  "not equal number": person.where(r => r.id.ne(1)),
  "less": person.where(r => r.id.lt(2)),
  "less or equal": person.where(r => r.id.lte(2)),
  "greater": person.where(r => r.id.gt(2)),
  "greater or equal": person.where(r => r.id.gte(2)),
  "negative bigint": person.where(r => r.big.eq(-5n)),
  "largest i128": person.where(r => r.big.gte(170141183460469231731687303715884105727n)),
  "quote in text": person.where(r => r.name.eq("it's")),
  "empty text": person.where(r => r.name.eq("")),
  "unicode text": person.where(r => r.name.eq('say "é" 猫')),
  "fraction": person.where(r => r.score.gt(1.25)),
  "exponent up": person.where(r => r.score.gte(1e300)),
  "exponent down": person.where(r => r.score.gt(1e-7)),
  "f32": person.where(r => r.small.eq(0.5)),
  "true": person.where(r => r.ok.eq(true)),
  "false": person.where(r => r.ok.eq(false)),
  "bare bool column": person.where(r => r.ok),
  "always": person.where(() => true),
  "never": person.where(() => false),
  "identity": person.where(r => r.who.eq(me)),
  "connection id": person.where(r => r.link.eq(link)),
  "timestamp": person.where(r => r.at.eq(at)),
  "timestamp order": person.where(r => r.at.lt(at)),
  "uuid": person.where(r => r.tag.eq(tag)),
  "two columns": person.where(r => r.score.gt(r.score)),
  "and": person.where(r => r.id.eq(1).and(r.ok.eq(true))),
  "or": person.where(r => r.id.eq(1).or(r.id.eq(2))),
  "and of many": person.where(r => and(r.id.gte(1), r.id.lte(2), r.ok.eq(false))),
  "or of many": person.where(r => or(r.id.eq(1), r.id.eq(2), r.id.eq(3), r.id.eq(4), r.id.eq(5))),
  "mixed": person.where(r => and(or(r.id.eq(1), r.name.eq("")), or(r.ok.eq(true), r.score.lt(0)))),
  "where after where": person.where(r => r.id.gt(0)).where(r => r.ok).where(r => r.big.lt(0n)),
  "400 times or": person.where(chain(400)),
  "not": person.where(r => not(r.id.eq(1))),
  "right semijoin": person.rightSemijoin(db.member, (p, m) => p.who.eq(m.who)),
  "left semijoin": person.where(r => r.ok).leftSemijoin(db.member, (p, m) => p.who.eq(m.who)),
};

const output = Object.entries(cases).map(([name, query]) => {
  const where = getQueryWhereClause(query);
  return { name, sql: toSql(query), matches: where ? rows.map(row => evaluateBooleanExpr(where, row)) : null };
});
console.log(JSON.stringify(output));
