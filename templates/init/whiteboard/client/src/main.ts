// The page: what is drawn goes to the outbox, what the server says goes to the picture and the list of users.
import { Picture } from "./canvas";
import { type ConnectionState, stayConnected } from "./connection";
import { type DbConnection, tables } from "./module_bindings";
import { Outbox } from "./outbox";
import { onDrawing } from "./pen";
import { colorOf, showUsers } from "./presence";
import "./style.css";

const STATUS: Record<ConnectionState, string> = {
  connecting: "Connecting…",
  connected: "Connected",
  lost: "Reconnecting…",
};
const NOTICE_MS = 5_000;

const ink = element("ink", HTMLCanvasElement);
const pending = element("pending", HTMLCanvasElement);
const users = element("users", HTMLUListElement);
const status = element("status", HTMLElement);
const notice = element("notice", HTMLElement);
const color = element("color", HTMLInputElement);
const clear = element("clear", HTMLButtonElement);

let newest: DbConnection | undefined; // the newest connection that has all rows; the page shows these
let hasChosen = false;
let noticeEnd: ReturnType<typeof setTimeout> | undefined;

const picture = new Picture(ink, () => newest?.db.point.iter() ?? []);
const outbox = new Outbox(pending, say);

onDrawing(pending, (point) => outbox.draw({ ...point, color: color.value }));
color.addEventListener("input", () => (hasChosen = true));
clear.addEventListener("click", () => newest?.reducers.clearMyPoints({}).catch((error: Error) => say(error.message)));

stayConnected({
  onState(state) {
    document.body.dataset["state"] = state;
    status.textContent = STATUS[state];
    if (state === "connected") return;
    clear.disabled = true;
    outbox.disconnected();
  },

  onConnect(conn, me) {
    if (!hasChosen) color.value = colorOf(me);
    const showAll = (): void => showUsers(users, conn.db.user.iter(), me);

    conn
      .subscriptionBuilder()
      .onApplied(() => {
        newest = conn;
        picture.paintAll();
        outbox.connected(conn);
        showAll();
        clear.disabled = false;
      })
      .onError((ctx) => say(ctx.event?.message ?? "the subscription was refused"))
      .subscribe([tables.point, tables.user]);

    conn.db.point.onInsert((ctx, point) => {
      if (ctx.event.tag !== "SubscribeApplied") picture.add(point); // the others were painted when it was applied
    });
    conn.db.point.onUpdate(() => picture.paintSoon());
    conn.db.point.onDelete(() => picture.paintSoon());
    conn.db.user.onInsert(showAll);
    conn.db.user.onUpdate(showAll);
    conn.db.user.onDelete(showAll);
  },
});

/** Show a sentence for a few seconds. */
function say(text: string): void {
  notice.textContent = text;
  clearTimeout(noticeEnd);
  noticeEnd = setTimeout(() => (notice.textContent = ""), NOTICE_MS);
}

function element<T extends HTMLElement>(id: string, kind: new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`index.html has no ${kind.name} with the id ${id}`);
  return found;
}
