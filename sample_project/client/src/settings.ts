// Which database this page uses. `stdbctl dev` sets both variables; without them it is the embedded server's first port,
// on the machine that the page came from.
export const host = import.meta.env.VITE_SPACETIMEDB_HOST || `http://${location.hostname || "127.0.0.1"}:3000`;
export const database = import.meta.env.VITE_SPACETIMEDB_DB_NAME || "whiteboard";
