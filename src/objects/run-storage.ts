import { newRun, type RunState } from "../features/simulation/coordinator/state.ts";
import type { RunProgress } from "../features/simulation/runs/contract.ts";
import { blobTable, hasTables, migrateTables, readBlob, writeBlob } from "./tables.ts";

/** Versions of the run object's tables, oldest first. Add at the end; never edit one that has been deployed. */
const versions: readonly string[] = [
  `CREATE TABLE run (
     only INTEGER PRIMARY KEY CHECK (only = 1),
     company_id TEXT NOT NULL,
     simulation_id TEXT NOT NULL,
     created_at INTEGER NOT NULL,
     engine_version TEXT,
     iterations_done INTEGER NOT NULL DEFAULT 0,
     attempts INTEGER NOT NULL DEFAULT 0,
     ended INTEGER NOT NULL DEFAULT 0
   );
   ${blobTable}`,
  // Shards came: a run that is under way starts over, and one that has ended finds that out when it begins.
  `ALTER TABLE run ADD COLUMN state TEXT;
   ALTER TABLE run DROP COLUMN engine_version;
   ALTER TABLE run DROP COLUMN iterations_done;
   ALTER TABLE run DROP COLUMN attempts;
   ALTER TABLE run DROP COLUMN ended;
   DELETE FROM blob;
   CREATE TABLE progress (number INTEGER PRIMARY KEY AUTOINCREMENT, done INTEGER NOT NULL, total INTEGER NOT NULL);`,
];

/** Told at each whole percent, this is several starts over. */
const maxProgressKept = 500;

export interface StoredRunState {
  readonly companyId: string;
  readonly simulationId: string;
  readonly state: RunState;
}

/** What a run object keeps: who it is, its state, its log, and as blobs what to compute and the merged sums. */
export class RunStorage {
  readonly #storage: DurableObjectStorage;

  /** Brings tables that are there up to date. Where there are none it makes none. */
  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
    if (hasTables(storage)) migrateTables(storage, versions);
  }

  find(): StoredRunState | undefined {
    if (!hasTables(this.#storage)) return undefined;
    const [row] = this.#storage.sql
      .exec<{ company_id: string; simulation_id: string; created_at: number; state: string | null }>(
        "SELECT * FROM run",
      )
      .toArray();
    return (
      row && {
        companyId: row.company_id,
        simulationId: row.simulation_id,
        state: row.state === null ? newRun(row.created_at) : (JSON.parse(row.state) as RunState),
      }
    );
  }

  /** Does nothing where there is a run. `createdAt` in milliseconds since 1970. */
  create(companyId: string, simulationId: string, createdAt: number): void {
    migrateTables(this.#storage, versions);
    this.#storage.sql.exec(
      "INSERT INTO run (only, company_id, simulation_id, created_at) VALUES (1, ?, ?, ?) ON CONFLICT DO NOTHING",
      companyId,
      simulationId,
      createdAt,
    );
  }

  /** Writes a state, with what is told of it. An ended run keeps neither request nor sums. */
  write(state: RunState, told: readonly { done: number; total: number }[]): void {
    const { sql } = this.#storage;
    sql.exec("UPDATE run SET state = ?", JSON.stringify(state));
    for (const { done, total } of told) sql.exec("INSERT INTO progress (done, total) VALUES (?, ?)", done, total);
    if (told.length > 0)
      sql.exec("DELETE FROM progress WHERE number <= (SELECT max(number) FROM progress) - ?", maxProgressKept);
    if (state.phase === "ended") sql.exec("DELETE FROM blob");
  }

  progressAfter(number: number): RunProgress[] {
    if (!hasTables(this.#storage)) return [];
    return this.#storage.sql
      .exec<{ number: number; done: number; total: number }>(
        "SELECT number, done, total FROM progress WHERE number > ? ORDER BY number",
        number,
      )
      .toArray();
  }

  /** What to compute, for a run that begins: sums of an earlier start are none of its. */
  keepRequest(request: Uint8Array): void {
    this.#storage.transactionSync(() => {
      this.#storage.sql.exec("DELETE FROM blob");
      writeBlob(this.#storage, "request", request);
    });
  }

  read(name: "request" | "sums"): Uint8Array | undefined {
    return readBlob(this.#storage, name);
  }

  /** Writes the sums and whatever `along` writes, or neither. */
  writeSums(sums: Uint8Array, along: () => void): void {
    this.#storage.transactionSync(() => {
      writeBlob(this.#storage, "sums", sums);
      along();
    });
  }
}
