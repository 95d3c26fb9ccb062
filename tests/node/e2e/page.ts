// A page of another origin that draws on the whiteboard: what a browser allows is part of the promise.
import { DbConnection, tables } from "bindings";

const query = new URLSearchParams(location.search);
const state = document.createElement("pre");
document.body.append(state);
const saved = sessionStorage.getItem("token") ?? undefined;

const conn = DbConnection.builder()
  .withUri(query.get("uri")!)
  .withDatabaseName("second-board")
  .withToken(saved)
  .onConnect((conn, identity, token) => {
    sessionStorage.setItem("token", token);
    document.body.dataset.identity = identity.toHexString();
    conn
      .subscriptionBuilder()
      .onApplied(() => (document.body.dataset.ready = "yes"))
      .subscribe(tables.point);
  })
  .onConnectError((_ctx, error) => (state.textContent = `cannot connect: ${error.message}`))
  .build();

const show = () => (state.textContent = [...conn.db.point.iter()].map((p) => p.color).sort().join(" "));
conn.db.point.onInsert(show);
conn.db.point.onDelete(show);
document.addEventListener("click", (event) => {
  void conn.reducers.addPoint({ x: event.clientX, y: event.clientY, color: query.get("color")! });
});
