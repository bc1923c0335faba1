import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

/** A folder of migrations made for one test; `up` and `down` are SQL, no `down` means no file. */
export function scratchMigrations(entries: { tag: string; when: number; up: string; down?: string }[]) {
  const folder = mkdtempSync(path.join(tmpdir(), "etter-migrations-"));
  mkdirSync(path.join(folder, "meta"));
  for (const { tag, up, down } of entries) {
    writeFileSync(path.join(folder, `${tag}.sql`), up);
    if (down !== undefined) writeFileSync(path.join(folder, `${tag}.down.sql`), down);
  }
  const journal = entries.map(({ tag, when }, idx) => ({ idx, version: "7", when, tag, breakpoints: true }));
  writeFileSync(
    path.join(folder, "meta/_journal.json"),
    JSON.stringify({ version: "7", dialect: "postgresql", entries: journal }),
  );
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
