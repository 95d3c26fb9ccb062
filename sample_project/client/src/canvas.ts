// The picture. Everyone's board is 800 by 600 units, whatever the size of the window, and as sharp as the screen.
import type { Point } from "./module_bindings/types";

export const WIDTH = 800;
export const HEIGHT = 600;
const LINE_WIDTH = 5;

/** A place on the board, in its units. */
export interface Place {
  readonly x: number;
  readonly y: number;
}

/** A canvas that lines are painted on. It is empty after a change of its size; `onEmptied` is to paint it anew. */
export class Layer {
  readonly #context: CanvasRenderingContext2D;

  constructor(
    readonly canvas: HTMLCanvasElement,
    onEmptied: () => void,
  ) {
    const context = canvas.getContext("2d");
    if (context === null) throw new Error("this browser has no canvas to draw on");
    this.#context = context;
    this.#fit();
    new ResizeObserver(() => {
      if (this.#fit()) onEmptied();
    }).observe(canvas);
  }

  clear(): void {
    this.#context.clearRect(0, 0, WIDTH, HEIGHT);
  }

  /** Paint a line; one that comes from nowhere is a dot. */
  line(from: Place | undefined, to: Place, color: string): void {
    const context = this.#context;
    context.beginPath();
    if (from === undefined || (from.x === to.x && from.y === to.y)) {
      context.fillStyle = color;
      context.arc(to.x, to.y, LINE_WIDTH / 2, 0, 2 * Math.PI);
      context.fill();
    } else {
      context.strokeStyle = color;
      context.moveTo(from.x, from.y);
      context.lineTo(to.x, to.y);
      context.stroke();
    }
  }

  /** Give the canvas as many pixels as the screen has for it; says whether that changed (and emptied) it. */
  #fit(): boolean {
    const { canvas } = this;
    const width = Math.max(1, Math.round(canvas.clientWidth * devicePixelRatio));
    const height = Math.max(1, Math.round(canvas.clientHeight * devicePixelRatio));
    if (canvas.width === width && canvas.height === height) return false;
    canvas.width = width;
    canvas.height = height;
    this.#context.setTransform(width / WIDTH, 0, 0, height / HEIGHT, 0, 0);
    this.#context.lineWidth = LINE_WIDTH;
    this.#context.lineCap = "round";
    return true;
  }
}

/**
 * The points that the server has, painted in its order: by id. So the picture depends on the rows alone, and is the same
 * for everyone. A new point is painted over the others; only when points go, or the size changes, all is painted anew.
 */
export class Picture {
  readonly #layer: Layer;
  readonly #tips = new Map<string, Point>(); // the newest point of each stroke
  #newest = -1n;
  #isStale = false;

  /** `rows`: the points as they are now, in any order. */
  constructor(
    canvas: HTMLCanvasElement,
    readonly rows: () => Iterable<Point>,
  ) {
    this.#layer = new Layer(canvas, () => this.paintAll());
  }

  /** Paint a point that was inserted. */
  add(point: Point): void {
    if (this.#isStale) return;
    if (point.id < this.#newest) this.paintSoon();
    else this.#paint(point);
  }

  /** Paint all anew before the next frame is shown, once, however often this is called until then. */
  paintSoon(): void {
    if (this.#isStale) return;
    this.#isStale = true;
    requestAnimationFrame(() => {
      if (this.#isStale) this.paintAll();
    });
  }

  paintAll(): void {
    this.#isStale = false;
    this.#newest = -1n;
    this.#tips.clear();
    this.#layer.clear();
    for (const point of [...this.rows()].sort((a, b) => (a.id < b.id ? -1 : 1))) this.#paint(point);
  }

  #paint(point: Point): void {
    const key = `${point.stroke} ${point.userId.toHexString()}`;
    this.#layer.line(this.#tips.get(key), point, point.color);
    if (point.stroke !== 0) this.#tips.set(key, point);
    this.#newest = point.id;
  }
}
