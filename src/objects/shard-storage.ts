import type { ShardReport } from "../features/simulation/coordinator/state.ts";
import type { ShardTask } from "../features/simulation/runs/contract.ts";
import { blobTable, hasTables, migrateTables, readBlob, writeBlob } from "./tables.ts";

/** Versions of the shard object's tables, oldest first. Add at the end; never edit one that has been deployed. */
const versions: readonly string[] = [
  `CREATE TABLE shard (
     only INTEGER PRIMARY KEY CHECK (only = 1),
     simulation_id TEXT NOT NULL,
     shard INTEGER NOT NULL,
     range_from INTEGER NOT NULL,
     range_to INTEGER NOT NULL,
     engine TEXT NOT NULL,
     step TEXT NOT NULL DEFAULT 'computing',
     done INTEGER NOT NULL DEFAULT 0,
     attempts INTEGER NOT NULL DEFAULT 0
   );
   ${blobTable}`,
  "ALTER TABLE shard ADD COLUMN waits INTEGER NOT NULL DEFAULT 0;",
];

export interface ShardRow extends Omit<ShardTask, "request"> {
  readonly step: ShardReport["step"];
  /** The iteration after the last one in the stored sums; 0 before there are any. */
  readonly done: number;
  /** Slices that were started, or ends that were told, since it last got on. */
  readonly attempts: number;
}

/** What a shard object keeps: its range, how far it is, and as blobs what to compute and its sums. */
export class ShardStorage {
  readonly #storage: DurableObjectStorage;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
    if (hasTables(storage)) migrateTables(storage, versions);
  }

  find(): ShardRow | undefined {
    if (!hasTables(this.#storage)) return undefined;
    const [row] = this.#storage.sql
      .exec<{
        simulation_id: string;
        shard: number;
        range_from: number;
        range_to: number;
        engine: string;
        step: ShardReport["step"];
        done: number;
        attempts: number;
      }>("SELECT * FROM shard")
      .toArray();
    if (row === undefined) return undefined;
    const { simulation_id: simulationId, range_from: from, range_to: to, shard, engine, step, done, attempts } = row;
    return { simulationId, from, to, shard, engine, step, done, attempts };
  }

  /** Takes a task, in place of what was there. */
  take({ simulationId, shard, from, to, engine, request }: ShardTask): void {
    migrateTables(this.#storage, versions);
    this.#storage.transactionSync(() => {
      this.#storage.sql.exec("DELETE FROM shard");
      this.#storage.sql.exec("DELETE FROM blob");
      this.#storage.sql.exec(
        "INSERT INTO shard (only, simulation_id, shard, range_from, range_to, engine) VALUES (1, ?, ?, ?, ?, ?)",
        ...[simulationId, shard, from, to, engine],
      );
      writeBlob(this.#storage, "request", request);
    });
  }

  /** Written before the work of a slice: found again on waking, it counts as an attempt that failed. */
  beginAttempt(): number {
    return this.#storage.sql
      .exec<{ attempts: number }>("UPDATE shard SET attempts = attempts + 1 RETURNING attempts")
      .one().attempts;
  }

  /** How often, with this time, it has waited for the engine of its task to be deployed. */
  beginWait(): number {
    return this.#storage.sql.exec<{ waits: number }>("UPDATE shard SET waits = waits + 1 RETURNING waits").one().waits;
  }

  checkpoint(done: number, step: ShardReport["step"], sums: Uint8Array): void {
    this.#storage.transactionSync(() => {
      writeBlob(this.#storage, "sums", sums);
      this.#storage.sql.exec("UPDATE shard SET done = ?, step = ?, attempts = 0", done, step);
    });
  }

  giveUp(): void {
    this.#storage.sql.exec("UPDATE shard SET step = 'failed', attempts = 0");
  }

  read(name: "request" | "sums"): Uint8Array | undefined {
    return hasTables(this.#storage) ? readBlob(this.#storage, name) : undefined;
  }
}
