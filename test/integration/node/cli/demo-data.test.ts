import { beforeEach, expect, inject, it, vi } from "vitest";
import { DEMO_USERS, demoPassword, ensureDemoData } from "../../../../local/demo-data.ts";
import { createPasswordHasher } from "../../../../src/platform/crypto/password.ts";
import type {} from "../../../support/node/provided-context.ts";
import { runSql, scratchDatabase } from "../../../support/node/scratch-databases.ts";

let url: string;
beforeEach(async () => {
  const database = await scratchDatabase(inject("testStack"), "migrated");
  url = database.superuserUrl;
  return async () => {
    vi.unstubAllEnvs();
    await database.drop();
  };
});

const hasher = createPasswordHasher(() => new Uint8Array(16));
const accounts = () =>
  runSql(
    url,
    `SELECT u.email, u."group", u.password_hash, u.password_version, c.name AS company FROM users u JOIN companies c ON c.id = u.company_id ORDER BY 1`,
  );
/** Of everyone. Each hash that is not another's costs as much as a sign-in. */
async function expectPasswords(password: string, version: number): Promise<void> {
  const rows = await accounts();
  expect(rows.map((row) => row["password_version"])).toEqual(DEMO_USERS.map(() => version));
  for (const hash of new Set(rows.map((row) => String(row["password_hash"]))))
    expect(await hasher.verify(password, hash)).toMatchObject({ matches: true });
}

it("makes the people of the README, once", async () => {
  vi.stubEnv("ETTER_DEMO_PASSWORD", "");
  await ensureDemoData(url);
  const made = await accounts();
  expect(made.map(({ email, group, company }) => [email, group, company])).toEqual([
    ["admin@demo.example", "Admin", "Acme"],
    ["admin@globex.example", "Admin", "Globex"],
    ["researcher@demo.example", "Researcher", "Acme"],
    ["reviewer@demo.example", "Reviewer", "Acme"],
    ["super@demo.example", "Super Admin", "Etter"],
  ]);
  expect(demoPassword()).toBe("demo only sign in 7071");
  await expectPasswords(demoPassword(), 1);
  await ensureDemoData(url);
  expect(await accounts()).toEqual(made);
});

it("gives everyone the password of ETTER_DEMO_PASSWORD, also later", async () => {
  vi.stubEnv("ETTER_DEMO_PASSWORD", "");
  await ensureDemoData(url);
  vi.stubEnv("ETTER_DEMO_PASSWORD", "another one for the demo");
  await ensureDemoData(url);
  await expectPasswords("another one for the demo", 2);
});

it("gives it again to who has another one", async () => {
  vi.stubEnv("ETTER_DEMO_PASSWORD", "");
  await ensureDemoData(url);
  await runSql(url, "UPDATE users SET password_hash = 'of another' WHERE email = 'researcher@demo.example'");
  await ensureDemoData(url);
  await expectPasswords(demoPassword(), 2);
});

it("brings back who is missing", async () => {
  await ensureDemoData(url);
  await runSql(url, "DELETE FROM users WHERE email = 'reviewer@demo.example'");
  await ensureDemoData(url);
  expect(await accounts()).toHaveLength(DEMO_USERS.length);
});
