import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import path from "node:path";
import pg from "pg";
import { PROJECT_FOLDER } from "../../../local/dev/places.ts";
import { startDevServer, type DevServer } from "../../../local/dev/server.ts";
import { readVariables, writeVariables } from "../../../local/dev/worker-variables.ts";

export interface ScratchServer {
  readonly server: DevServer;
  readonly root: string;
  /** To look behind the scenes; survives that Postgres is stopped. */
  readonly superuser: pg.Pool;
  /** Stops everything and deletes the data. */
  remove(): Promise<void>;
}

/** What `npm run dev` starts, on data of its own and a free port. In the clone, since PostgreSQL's own user must reach it. */
export async function startScratchServer(): Promise<ScratchServer> {
  const folder = path.join(PROJECT_FOLDER, ".data/e2e");
  mkdirSync(folder, { recursive: true });
  const root = mkdtempSync(path.join(folder, "faults-"));
  const erase = (): void => rmSync(root, { recursive: true, force: true });
  try {
    const server = await startDevServer({ root, quiet: true });
    const superuser = superuserPool(server);
    const remove = async (): Promise<void> => {
      await superuser.end();
      await server.stop();
      erase();
    };
    return { server, root, superuser, remove };
  } catch (error) {
    erase();
    throw error;
  }
}

function superuserPool({ stack: { postgres } }: DevServer): pg.Pool {
  const { pathname } = new URL(postgres.ownerUrl());
  const pool = new pg.Pool({ connectionString: Object.assign(new URL(postgres.superuserUrl), { pathname }).href });
  // Told of idle connections that the server has dropped.
  pool.on("error", () => undefined);
  return pool;
}

/** Restarts the Worker with other values of some variables. */
export async function changeVariables({ server, root }: ScratchServer, changes: Record<string, string>): Promise<void> {
  const file = path.join(root, "worker.env");
  writeVariables(file, { ...readVariables(file), ...changes });
  await server.restart();
}
