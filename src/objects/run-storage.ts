/** Versions of the run object's tables, oldest first. Add at the end; never edit one that has been deployed. */
const migrations: readonly string[] = [
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
   CREATE TABLE blob (name TEXT NOT NULL, part INTEGER NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (name, part));`,
];

/** A row holds 2 MB at most; blobs are cut well below. */
const blobPartBytes = 1024 * 1024;

export interface RunRow {
  readonly companyId: string;
  readonly simulationId: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** The engine whose sums are stored; null before the first slice. */
  readonly engineVersion: string | null;
  readonly iterationsDone: number;
  /** Attempts at the present step that were started and not finished. */
  readonly attempts: number;
  readonly ended: boolean;
}

/** What a run object keeps: one row, and blobs cut into parts. */
export class RunStorage {
  readonly #storage: DurableObjectStorage;

  /** Brings tables that are there up to date. Where there are none it makes none: most objects are only asked. */
  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
    if (this.#exists()) this.#migrate();
  }

  #exists(): boolean {
    const tables = this.#storage.sql.exec(
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'schema_version'",
    );
    return tables.toArray().length > 0;
  }

  #migrate(): void {
    const { sql } = this.#storage;
    this.#storage.transactionSync(() => {
      sql.exec("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)");
      const { applied } = sql
        .exec<{ applied: number }>("SELECT coalesce(max(version), 0) AS applied FROM schema_version")
        .one();
      for (const [index, statements] of migrations.slice(applied).entries()) {
        sql.exec(statements);
        sql.exec("INSERT INTO schema_version VALUES (?)", applied + index + 1);
      }
    });
  }

  find(): RunRow | undefined {
    if (!this.#exists()) return undefined;
    const [row] = this.#storage.sql
      .exec<{
        company_id: string;
        simulation_id: string;
        created_at: number;
        engine_version: string | null;
        iterations_done: number;
        attempts: number;
        ended: number;
      }>("SELECT * FROM run")
      .toArray();
    return (
      row && {
        companyId: row.company_id,
        simulationId: row.simulation_id,
        createdAt: row.created_at,
        engineVersion: row.engine_version,
        iterationsDone: row.iterations_done,
        attempts: row.attempts,
        ended: row.ended === 1,
      }
    );
  }

  /** Does nothing where there is a run. `createdAt` in milliseconds since 1970. */
  create(companyId: string, simulationId: string, createdAt: number): void {
    this.#migrate();
    this.#storage.sql.exec(
      "INSERT INTO run (only, company_id, simulation_id, created_at) VALUES (1, ?, ?, ?) ON CONFLICT DO NOTHING",
      companyId,
      simulationId,
      createdAt,
    );
  }

  /** Written before the work of a step: found again on waking, it counts as an attempt that failed. */
  beginAttempt(): number {
    return this.#storage.sql
      .exec<{ attempts: number }>("UPDATE run SET attempts = attempts + 1 RETURNING attempts")
      .one().attempts;
  }

  /** A step that waits for somebody else is no failed attempt. */
  forgetAttempts(): void {
    this.#storage.sql.exec("UPDATE run SET attempts = 0");
  }

  checkpoint(iterationsDone: number, sums: Uint8Array): void {
    this.#storage.transactionSync(() => {
      this.#writeBlob("sums", sums);
      this.#storage.sql.exec("UPDATE run SET iterations_done = ?, attempts = 0", iterationsDone);
    });
  }

  /** Keeps what to compute, and starts over when the engine is another one than before. */
  remember(request: Uint8Array, engineVersion: string): void {
    this.#storage.transactionSync(() => {
      if (this.find()?.engineVersion !== engineVersion) {
        this.#storage.sql.exec("DELETE FROM blob");
        this.#storage.sql.exec("UPDATE run SET iterations_done = 0");
      }
      this.#writeBlob("request", request);
      this.#storage.sql.exec("UPDATE run SET engine_version = ?", engineVersion);
    });
  }

  end(): void {
    this.#storage.transactionSync(() => {
      this.#storage.sql.exec("UPDATE run SET ended = 1, attempts = 0");
      this.#storage.sql.exec("DELETE FROM blob");
    });
  }

  readBlob(name: "request" | "sums"): Uint8Array | undefined {
    const parts = this.#storage.sql
      .exec<{ bytes: ArrayBuffer }>("SELECT bytes FROM blob WHERE name = ? ORDER BY part", name)
      .toArray()
      .map(({ bytes }) => new Uint8Array(bytes));
    if (parts.length === 0) return undefined;
    const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
    parts.reduce((offset, part) => {
      whole.set(part, offset);
      return offset + part.length;
    }, 0);
    return whole;
  }

  #writeBlob(name: "request" | "sums", bytes: Uint8Array): void {
    this.#storage.sql.exec("DELETE FROM blob WHERE name = ?", name);
    for (let part = 0, from = 0; from < bytes.length; part += 1, from += blobPartBytes)
      this.#storage.sql.exec(
        "INSERT INTO blob (name, part, bytes) VALUES (?, ?, ?)",
        name,
        part,
        bytes.slice(from, from + blobPartBytes),
      );
  }
}
