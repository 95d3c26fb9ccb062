// Mouse, pen and fingers, as points on the board.
import { HEIGHT, WIDTH, type Place } from "./canvas";

/** One point of a stroke; `from` is the one before it. */
export interface StrokePoint extends Place {
  readonly stroke: number;
  readonly from: Place | undefined;
}

const STEP = 3; // points closer than this to the one before are left out: nobody would see them
const FINENESS = 4; // coordinates are quarters of a unit: the server's 32-bit floats hold them exactly

/** Report every point that is drawn on `surface`; several fingers draw several strokes. */
export function onDrawing(surface: HTMLElement, onPoint: (point: StrokePoint) => void): void {
  const strokes = new Map<number, StrokePoint>(); // the newest point under each pointer

  const extend = (event: PointerEvent, step: number): void => {
    const tip = strokes.get(event.pointerId);
    if (tip === undefined) return;
    const place = placeOf(event, surface);
    if (Math.hypot(place.x - tip.x, place.y - tip.y) < step) return;
    const point = { ...place, stroke: tip.stroke, from: { x: tip.x, y: tip.y } };
    strokes.set(event.pointerId, point);
    onPoint(point);
  };

  surface.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    event.preventDefault();
    surface.setPointerCapture(event.pointerId);
    const point = { ...placeOf(event, surface), stroke: newStroke(), from: undefined };
    strokes.set(event.pointerId, point);
    onPoint(point);
  });
  surface.addEventListener("pointermove", (event) => {
    // One event per frame stands for all movements since the last one; the curve needs each.
    const parts = event.getCoalescedEvents?.() ?? [];
    for (const part of parts.length > 0 ? parts : [event]) extend(part, STEP);
  });
  surface.addEventListener("pointerup", (event) => extend(event, 1 / FINENESS));
  surface.addEventListener("lostpointercapture", (event) => strokes.delete(event.pointerId));
}

function placeOf(event: PointerEvent, surface: HTMLElement): Place {
  const box = surface.getBoundingClientRect();
  return {
    x: onBoard(((event.clientX - box.left) / box.width) * WIDTH, WIDTH),
    y: onBoard(((event.clientY - box.top) / box.height) * HEIGHT, HEIGHT),
  };
}

function onBoard(value: number, limit: number): number {
  return Math.min(limit, Math.max(0, Math.round(value * FINENESS) / FINENESS));
}

/** A number that this user has not used before; 0 would mean no stroke. */
function newStroke(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0] || 1;
}
