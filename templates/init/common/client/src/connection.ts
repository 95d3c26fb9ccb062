// One connection to the database for as long as the page is open: when it is lost, a new one is made.
//
// A connection of the SpacetimeDB client ends for good when its socket closes. So every attempt is a new `DbConnection`,
// with a cache of its own, and whoever uses it registers and subscribes again in `onConnect`.
import type { Identity } from "spacetimedb";
import { DbConnection } from "./module_bindings";
import { database, host } from "./settings";

/** `lost` also stands for a server that never answered. */
export type ConnectionState = "connecting" | "connected" | "lost";

export interface ConnectionHandlers {
  onState(state: ConnectionState): void;
  onConnect(conn: DbConnection, identity: Identity): void;
}

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 5_000;

// The token says who one is. It lives as long as the tab: a reload stays the same user, a new tab is a new one.
const TOKEN_KEY = `token for ${database} at ${host}`;

/** Connect, and connect again whenever the connection is lost; waits longer from try to try. */
export function stayConnected({ onState, onConnect }: ConnectionHandlers): void {
  let waitMs = FIRST_WAIT_MS;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let current: { conn: DbConnection; end: (error?: Error) => void } | undefined;

  const open = (): void => {
    clearTimeout(retry);
    retry = undefined;
    let isOver = false;
    const end = (error?: Error): void => {
      if (isOver) return; // a failed attempt reports an error and the end of its socket
      isOver = true;
      if (error?.message.endsWith("Unauthorized")) sessionStorage.removeItem(TOKEN_KEY); // the server has new keys
      onState("lost");
      retry = setTimeout(open, waitMs * (0.75 + Math.random() / 2));
      waitMs = Math.min(2 * waitMs, LONGEST_WAIT_MS);
    };
    const conn = DbConnection.builder()
      .withUri(host)
      .withDatabaseName(database)
      .withToken(sessionStorage.getItem(TOKEN_KEY) ?? undefined)
      .onConnect((conn, identity, token) => {
        sessionStorage.setItem(TOKEN_KEY, token);
        waitMs = FIRST_WAIT_MS;
        onState("connected");
        onConnect(conn, identity);
      })
      .onConnectError((_ctx, error) => end(error))
      .onDisconnect((_ctx, error) => end(error))
      .build();
    current = { conn, end };
  };

  // A page that was asleep, or offline, need not wait for the next try; its socket may have died unheard.
  const wake = (): void => {
    if (document.visibilityState === "hidden") return;
    if (current?.conn.isSocketClosed) current.end();
    if (retry !== undefined) open();
  };
  window.addEventListener("online", wake);
  document.addEventListener("visibilitychange", wake);

  onState("connecting");
  open();
}
