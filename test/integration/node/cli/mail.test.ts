import { randomUUID } from "node:crypto";
import { beforeEach, expect, inject, it } from "vitest";
import type {} from "../../../support/node/provided-context.ts";
import { runSql, scratchDatabase } from "../../../support/node/scratch-databases.ts";
import { runTool } from "./run-tool.ts";

const [changed, finished, verify, sent] = Array.from({ length: 4 }, () => randomUUID()) as [
  string,
  string,
  string,
  string,
];
const platform = "00000000-0000-4000-8000-000000000001";

let env: Record<string, string>;
let sql: (text: string) => Promise<Record<string, unknown>[]>;
beforeEach(async () => {
  const database = await scratchDatabase(inject("testStack"), "migrated");
  env = { DATABASE_URL: database.appUrl };
  sql = (text) => runSql(database.superuserUrl, text);
  const row = (id: string, template: string, status: string) =>
    `('${id}', '${platform}', 'person@example.com', '${template}', '{}', '${status}', 12, now(), now(), now(), 'busy')`;
  await sql(`insert into mail_outbox (id, company_id, recipient, template, data, status, attempts, due_at, created_at, settled_at, last_error)
    values ${[row(changed, "password_changed", "dead"), row(finished, "simulation_finished", "dead"), row(verify, "verify_email", "dead"), row(sent, "address_taken", "sent")].join()}`);
  return database.drop;
});

const mail = (...args: string[]) => runTool("mail.ts", args, { env });
const states = async () =>
  Object.fromEntries(
    (await sql("select id, status, attempts from mail_outbox")).map((row) => [
      row["id"],
      `${String(row["status"])} ${String(row["attempts"])}`,
    ]),
  );
const told = () => sql("select action, target_type, target_id, outcome, changes, actor_user_id from audit_log");

it("lists what was given up and why, without addresses", async () => {
  const { code, stdout, stderr } = await mail("dead");
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout.trim().split("\n")).toHaveLength(3);
  expect(stdout).toContain(`${changed}  password_changed  busy after 12\n`);
  expect(stdout).toContain(`${verify}  verify_email  busy after 12  (its link is gone: the person registers again)`);
  expect(stdout).not.toMatch(/@|example\.com/);
});

it("queues one again, with an audit row, and leaves the others", async () => {
  expect(await mail("retry", changed)).toEqual({ code: 0, stderr: "", stdout: "1 mail goes out within a minute.\n" });
  expect(await states()).toEqual({
    [changed]: "queued 0",
    [finished]: "dead 12",
    [verify]: "dead 12",
    [sent]: "sent 12",
  });
  expect(await told()).toEqual([
    {
      action: "mail.retry",
      target_type: "mail",
      target_id: changed,
      outcome: "done",
      changes: { template: "password_changed" },
      actor_user_id: null,
    },
  ]);
});

it("queues all again that still can be sent, and nothing a second time", async () => {
  expect((await mail("retry", "all")).stdout).toBe("2 mails go out within a minute.\n");
  expect(await states()).toEqual({
    [changed]: "queued 0",
    [finished]: "queued 0",
    [verify]: "dead 12",
    [sent]: "sent 12",
  });
  expect((await mail("retry", "all")).stdout).toBe("0 mails go out within a minute.\n");
  expect(await told()).toHaveLength(2);
});

it("does what it can and names the rest", async () => {
  const { code, stdout, stderr } = await mail("retry", changed, verify, sent);
  expect([code, stdout]).toEqual([1, "1 mail goes out within a minute.\n"]);
  expect(stderr).toContain(`${verify}, ${sent}`);
  expect((await states())[changed]).toBe("queued 0");
});

it.each([[[]], [["retry"]], [["dead", "x"]], [["retry", "'; drop table users"]], [["send"]]])(
  "refuses %j with a sentence",
  async (args) => {
    const { code, stderr } = await mail(...args);
    expect(code).toBe(1);
    expect(stderr).toMatch(/npm run mail/);
    expect(stderr).not.toMatch(/\n\s+at /);
  },
);
