import { beforeEach, expect, inject, it, onTestFinished } from "vitest";
import { createPasswordHasher } from "../../../../src/platform/crypto/password.ts";
import type {} from "../../../support/node/provided-context.ts";
import { runSql, scratchDatabase } from "../../../support/node/scratch-databases.ts";
import { runTool } from "./run-tool.ts";

const PASSWORD = "seven yellow umbrellas";
const flags = (email = "Owner@Example.com") => ["--email", email, "--first-name", "Sam", "--last-name", "Owner"];

let env: Record<string, string>;
let superuserUrl: string;
beforeEach(async () => {
  const database = await scratchDatabase(inject("testStack"), "migrated");
  env = { DATABASE_URL: database.appUrl };
  superuserUrl = database.superuserUrl;
  return database.drop;
});

const create = (args: string[], input = `${PASSWORD}\n`) => runTool("create-super-admin.ts", args, { env, input });
const people = () =>
  runSql(superuserUrl, "SELECT u.*, c.is_platform FROM users u JOIN companies c ON c.id = u.company_id");

it("makes a Super Admin who can sign in, with an audit row, and says nothing of the password", async () => {
  const result = await create(flags());
  expect(result).toMatchObject({
    code: 0,
    stderr: "",
    stdout: "owner@example.com is Super Admin now, and can sign in.\n",
  });
  const [person, ...others] = await people();
  expect(others).toEqual([]);
  expect(person).toMatchObject({
    email: "owner@example.com",
    group: "Super Admin",
    is_platform: true,
    is_active: true,
    first_name: "Sam",
  });
  expect(person?.["email_verified_at"]).toBeInstanceOf(Date);
  const hasher = createPasswordHasher(() => new Uint8Array(16));
  expect(await hasher.verify(PASSWORD, String(person?.["password_hash"]))).toEqual({
    matches: true,
    needsRehash: false,
  });
  const audit = await runSql(superuserUrl, "SELECT action, target_id, outcome, actor_user_id FROM audit_log");
  expect(audit).toEqual([
    { action: "auth.bootstrap", target_id: person?.["id"], outcome: "done", actor_user_id: null },
  ]);
});

it("can run twice: the second time changes nothing", async () => {
  await create(flags());
  const before = await people();
  const again = await create(flags("another@example.com"), "");
  expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining("nothing was changed") });
  expect(await people()).toEqual(before);
});

it("makes one when several run at once", async () => {
  const results = await Promise.all(["a", "b", "c"].map((name) => create(flags(`${name}@example.com`))));
  expect(results.map((result) => result.code)).toEqual([0, 0, 0]);
  expect(results.filter((result) => result.stdout.includes("is Super Admin now"))).toHaveLength(1);
  expect(await people()).toHaveLength(1);
});

it.each([
  ["a short password", flags(), "too short\n", "at least 15 characters"],
  ["no password", flags(), "", "at least 15 characters"],
  ["a common one", flags(), "passwordpassword\n", "common password"],
  ["no address", ["--first-name", "Sam", "--last-name", "Owner"], `${PASSWORD}\n`, "Give --email"],
  ["what is no address", flags("somebody"), `${PASSWORD}\n`, "Give --email"],
  ["a password among the arguments", [...flags(), "--password", PASSWORD], "", "--password"],
])("refuses %s and changes nothing", async (_what, args, input, words) => {
  const result = await create(args, input);
  expect(result.code).toBe(1);
  expect(result.stderr).toContain(words);
  expect(result.stderr).not.toContain(PASSWORD);
  expect(result.stderr).not.toMatch(/\n\s+at /);
  expect(await people()).toEqual([]);
});

it("refuses an address that belongs to someone else", async () => {
  const company = "11111111-1111-4111-8111-111111111111";
  await runSql(
    superuserUrl,
    `INSERT INTO companies (id, name, created_at, updated_at) VALUES ('${company}', 'Acme', now(), now());
     INSERT INTO users (id, company_id, email, "group", email_verified_at, created_at, updated_at)
       VALUES (gen_random_uuid(), '${company}', 'owner@example.com', 'Admin', now(), now(), now())`,
  );
  expect(await create(flags())).toMatchObject({ code: 1, stderr: expect.stringContaining("another account") });
  expect(await people()).toHaveLength(1);
});

it("says nothing of the password's hash when the database fails over it", async () => {
  await runSql(superuserUrl, "ALTER TABLE users ADD CONSTRAINT nobody CHECK (first_name = '')");
  const result = await create(flags());
  expect(result).toMatchObject({ code: 1, stdout: "" });
  expect(result.stderr).toBe("The database failed (SQLSTATE 23514). Nothing was changed; its log says more.\n");
  expect(await people()).toEqual([]);
});

it("says what to do first where the database is not migrated", async () => {
  const empty = await scratchDatabase(inject("testStack"));
  onTestFinished(empty.drop);
  const result = await runTool("create-super-admin.ts", flags(), {
    env: { DATABASE_URL: empty.appUrl },
    input: `${PASSWORD}\n`,
  });
  expect(result).toMatchObject({ code: 1, stdout: "" });
  expect(result.stderr).toBe("This database is not migrated: run `npm run db:migrate` first. Nothing was changed.\n");
});
