// What Vite adds to TypeScript: imported styles, and the variables that it lets through to the page.
interface ImportMetaEnv {
  /** The server's URL, such as http://127.0.0.1:3000. */
  readonly VITE_SPACETIMEDB_HOST?: string;
  /** The database's name. */
  readonly VITE_SPACETIMEDB_DB_NAME?: string;
}

interface ImportMeta {
  readonly env: ImportMetaEnv;
}

declare module "*.css";
