// Who is here: a dot in each one's colour, and the end of their identity.
import type { Identity } from "spacetimedb";
import type { User } from "./module_bindings/types";

const COLORS = ["#2563eb", "#dc2626", "#16a34a", "#9333ea", "#ea580c", "#0891b2", "#db2777", "#65a30d", "#7c2d12", "#475569"];

/** The colour that everyone sees an identity in. */
export function colorOf(identity: Identity): string {
  const number = Number.parseInt(identity.toHexString().slice(-6), 16);
  return COLORS[number % COLORS.length] ?? "#000000";
}

/** Fill `list` with the users, those who came first in front. */
export function showUsers(list: HTMLElement, users: Iterable<User>, me: Identity): void {
  const sorted = [...users].sort((a, b) => {
    const difference = a.since.microsSinceUnixEpoch - b.since.microsSinceUnixEpoch;
    return difference < 0n ? -1 : difference > 0n ? 1 : 0;
  });
  list.replaceChildren(...sorted.map((user) => entry(user.identity, user.identity.isEqual(me))));
}

function entry(identity: Identity, isMe: boolean): HTMLLIElement {
  const item = document.createElement("li");
  const dot = document.createElement("i");
  dot.style.backgroundColor = colorOf(identity);
  const hex = identity.toHexString();
  item.title = hex;
  item.append(dot, isMe ? `${hex.slice(-6)} (you)` : hex.slice(-6));
  if (isMe) item.setAttribute("aria-current", "true");
  return item;
}
