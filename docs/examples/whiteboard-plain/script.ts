// The whiteboard as one plain script on the generated `modules/spacetime.ts`. From the project's folder:
//
//   stdbctl generate --lang ts --out-dir client
//   npm install spacetimedb esbuild
//   npx esbuild client/script.ts --bundle --format=esm --outfile=client/script.js
//
// Then serve `client/` with any web server, and open it in two windows.
import { Point, SpacetimeDBClient, add_point, clear_my_points } from "./modules/spacetime";

const address = new URLSearchParams(location.search);
const client = new SpacetimeDBClient(address.get("server") ?? "ws://localhost:3000");
const database = address.get("database") ?? "whiteboard";

const board = document.querySelector<HTMLCanvasElement>("#board")!;
const ink = document.querySelector<HTMLInputElement>("#ink")!;
const clear = document.querySelector<HTMLButtonElement>("#clear")!;
const who = document.querySelector<HTMLElement>("#who")!;
const canvas = board.getContext("2d")!;

type Dot = Pick<Point, "x" | "y" | "color">;

/** What was drawn here and is not yet known to be on the server; it is shown at once, above the rest. */
const sent = new Set<Dot>();

client.onConnect(() => client.enter(database));

client.onInitialSync(identity => {
  who.textContent = `You are ${identity.to_string().slice(0, 8)}`;
  clear.disabled = false;
  void client.subscribe([Point]);
});

client.onDisconnect(() => {
  who.textContent = "The server is away; trying again…";
  clear.disabled = true;
});

client.onError(error => {
  who.textContent = error.message;
});

/** Everybody sees the dots in the order in which the server took them. */
function inServerOrder(a: Point, b: Point): number {
  return Number(a.timestamp - b.timestamp) || Number(a.id - b.id);
}

function paint(): void {
  canvas.clearRect(0, 0, board.width, board.height);
  for (const { x, y, color } of [...client.get_all("Point").sort(inServerOrder), ...sent]) {
    canvas.fillStyle = color;
    canvas.beginPath();
    canvas.arc(x, y, 4, 0, 2 * Math.PI);
    canvas.fill();
  }
}

let isPaintDue = false;

/** Paint once per frame, however many rows came. */
function paintSoon(): void {
  if (isPaintDue) return;
  isPaintDue = true;
  requestAnimationFrame(() => {
    isPaintDue = false;
    paint();
  });
}

client.on("Point:insert", paintSoon);
client.on("Point:update", paintSoon);
client.on("Point:delete", paintSoon);

async function draw(event: PointerEvent): Promise<void> {
  if (client.connection === null) return;
  const box = board.getBoundingClientRect();
  const dot: Dot = {
    x: ((event.clientX - box.left) / box.width) * board.width,
    y: ((event.clientY - box.top) / box.height) * board.height,
    color: ink.value,
  };
  sent.add(dot);
  paintSoon();
  try {
    await add_point(dot.x, dot.y, dot.color);
  } catch (error) {
    who.textContent = error instanceof Error ? error.message : String(error);
  } finally {
    sent.delete(dot); // by now the server's own row is here, or never will be
    paintSoon();
  }
}

board.addEventListener("pointerdown", event => {
  board.setPointerCapture(event.pointerId);
  void draw(event);
});
board.addEventListener("pointermove", event => {
  if (event.buttons === 0) return;
  const moves = event.getCoalescedEvents();
  for (const move of moves.length ? moves : [event]) void draw(move);
});
clear.addEventListener("click", () => void clear_my_points());

client.connect();
