/** A row holds 2 MB at most; blobs are cut well below. */
const blobPartBytes = 1024 * 1024;

/** For a table of blobs cut into parts; `name` tells them apart. */
export const blobTable =
  "CREATE TABLE blob (name TEXT NOT NULL, part INTEGER NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (name, part));";

/** Whether an object has tables at all: most objects of runs are only asked about. */
export function hasTables({ sql }: DurableObjectStorage): boolean {
  return (
    sql.exec("SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'schema_version'").toArray().length > 0
  );
}

/** Brings an object's tables up to the last of `versions`, which were applied in this order and are never edited. */
export function migrateTables(storage: DurableObjectStorage, versions: readonly string[]): void {
  const { sql } = storage;
  storage.transactionSync(() => {
    sql.exec("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)");
    const { applied } = sql
      .exec<{ applied: number }>("SELECT coalesce(max(version), 0) AS applied FROM schema_version")
      .one();
    for (const [index, statements] of versions.slice(applied).entries()) {
      sql.exec(statements);
      sql.exec("INSERT INTO schema_version VALUES (?)", applied + index + 1);
    }
  });
}

export function readBlob({ sql }: DurableObjectStorage, name: string): Uint8Array | undefined {
  const parts = sql
    .exec<{ bytes: ArrayBuffer }>("SELECT bytes FROM blob WHERE name = ? ORDER BY part", name)
    .toArray()
    .map(({ bytes }) => new Uint8Array(bytes));
  if (parts.length === 0) return undefined;
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

export function writeBlob({ sql }: DurableObjectStorage, name: string, bytes: Uint8Array): void {
  sql.exec("DELETE FROM blob WHERE name = ?", name);
  for (let part = 0, from = 0; from < bytes.length; part += 1, from += blobPartBytes)
    sql.exec(
      "INSERT INTO blob (name, part, bytes) VALUES (?, ?, ?)",
      name,
      part,
      bytes.slice(from, from + blobPartBytes),
    );
}
