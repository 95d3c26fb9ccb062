// What was drawn here and is not in the picture yet. It shows at once, on a layer above the picture, until the server's
// row arrives (then the picture has it) or the server refuses it.
import { Layer } from "./canvas";
import type { DbConnection } from "./module_bindings";
import type { StrokePoint } from "./pen";

interface PendingPoint extends StrokePoint {
  readonly color: string;
}

const WAITING_MAX = 5_000; // so many points may be drawn without a connection

export class Outbox {
  readonly #layer: Layer;
  readonly #points = new Set<PendingPoint>();
  #conn: DbConnection | undefined;
  #isStale = false;

  constructor(
    canvas: HTMLCanvasElement,
    readonly onRefused: (reason: string) => void,
  ) {
    this.#layer = new Layer(canvas, () => this.#paintAll());
  }

  /** Show a point and send it, now or when there is a connection. */
  draw(point: PendingPoint): void {
    if (this.#conn === undefined && this.#points.size >= WAITING_MAX) return;
    this.#points.add(point);
    this.#layer.line(point.from, point, point.color);
    this.#send(point);
  }

  /** A connection has all rows: forget the points that did arrive, send the rest. */
  connected(conn: DbConnection): void {
    this.#conn = conn;
    const arrived = new Set<string>();
    if (this.#points.size > 0) for (const row of conn.db.point.iter()) arrived.add(keyOf(row));
    for (const point of this.#points) {
      if (arrived.has(keyOf(point))) this.#forget(point);
      else this.#send(point);
    }
  }

  /** The connection is gone. Calls without an answer may have reached the server or not: `connected` finds out. */
  disconnected(): void {
    this.#conn = undefined;
  }

  #send(point: PendingPoint): void {
    const { x, y, color, stroke } = point;
    this.#conn?.reducers.extendStroke({ x, y, color, stroke }).then(
      () => this.#forget(point), // its row came first, with the same message
      (error: unknown) => {
        this.#forget(point);
        this.onRefused(error instanceof Error ? error.message : String(error));
      },
    );
  }

  #forget(point: PendingPoint): void {
    this.#points.delete(point);
    if (this.#isStale) return;
    this.#isStale = true;
    requestAnimationFrame(() => {
      if (this.#isStale) this.#paintAll();
    });
  }

  #paintAll(): void {
    this.#isStale = false;
    this.#layer.clear();
    for (const point of this.#points) this.#layer.line(point.from, point, point.color);
  }
}

function keyOf({ x, y, color, stroke }: { x: number; y: number; color: string; stroke: number }): string {
  return `${stroke} ${x} ${y} ${color}`;
}
