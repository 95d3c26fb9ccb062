// Runs generated bindings as a client's bundle would: every case is translated to CommonJS, its `run` is called, a
// connection is built (no socket is opened), and what the bindings amount to at run time is printed as JSON:
// {case: {tables: {key: {name, columns: {key: name}, indexes, constraints, isEvent}}, reducers, procedures, db, face}},
// where `face` is what the plain face exports: the kind of each, or the table that it stands for.
const fs = require("node:fs");
const path = require("node:path");

const root = process.argv[2];
const ts = require(path.join(root, "node_modules/typescript"));

function translate(folder) {
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    const place = path.join(folder, entry.name);
    if (entry.isDirectory()) translate(place);
    else if (place.endsWith(".ts")) {
      const { outputText } = ts.transpileModule(fs.readFileSync(place, "utf8"), {
        compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022, esModuleInterop: true },
      });
      fs.writeFileSync(place.slice(0, -3) + ".js", outputText);
    }
  }
}

function describe(table) {
  return {
    name: table.sourceName,
    columns: Object.fromEntries(
      Object.entries(table.columns).map(([key, column]) => [key, column.columnMetadata.name ?? key])
    ),
    primaryKey: Object.keys(table.columns).filter(key => table.columns[key].columnMetadata.isPrimaryKey),
    indexes: table.tableDef.resolvedIndexes.map(index => `${index.name}(${index.columns})`),
    constraints: table.constraints.map(constraint => `${constraint.name ?? "-"}(${constraint.columns})`),
    isEvent: table.tableDef.isEvent ?? false,
  };
}

function describeFace(face) {
  const client = new face.SpacetimeDBClient("ws://localhost:1");
  const kinds = Object.entries(face).map(([name, value]) => {
    if (value.table === undefined) return [name, typeof value];
    if (client.get_all(value.table).length !== 0) throw new Error(`${name}: rows out of nowhere`);
    return [name, `table ${value.table}`];
  });
  return Object.fromEntries(kinds);
}

const report = {};
for (const name of fs.readdirSync(path.join(root, "cases")).sort()) {
  const folder = path.join(root, "cases", name);
  translate(folder);
  const bindings = require(path.join(folder, "module_bindings", "index.js"));
  require(path.join(folder, "usage.js")).run();
  const builder = bindings.DbConnection.builder().withUri("ws://localhost:1").withDatabaseName(name);
  const connection = builder.withWSFn(() => new Promise(() => {})).build();
  if (!(connection instanceof bindings.DbConnection)) throw new Error(`${name}: not a DbConnection`);
  if (typeof connection.subscriptionBuilder().subscribe !== "function") throw new Error(`${name}: no subscriptions`);
  report[name] = {
    exports: Object.keys(bindings).sort(),
    tables: Object.fromEntries(
      Object.entries(Object.getOwnPropertyDescriptors(bindings.tables))
        .filter(([, descriptor]) => descriptor.value?.type === "table")
        .map(([key, descriptor]) => [key, describe(descriptor.value)])
    ),
    db: Object.keys(connection.db),
    lookups: Object.fromEntries(
      Object.keys(connection.db).map(key => [
        key,
        Object.entries(connection.db[key])
          .filter(([, member]) => typeof member?.find === "function" || typeof member?.filter === "function")
          .map(([member, index]) => `${member}.${index.find ? "find" : "filter"}`),
      ])
    ),
    reducers: Object.keys(connection.reducers),
    procedures: Object.keys(connection.procedures),
    face: describeFace(require(path.join(folder, "module_bindings", "modules", "spacetime.js"))),
  };
}
console.log(JSON.stringify(report));
