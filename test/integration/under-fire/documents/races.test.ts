import { and, eq } from "drizzle-orm";
import { beforeAll, describe, expect, it } from "vitest";
import { auditLog, documents } from "../../../../src/platform/db/schema/index.ts";
import { call, useVariables } from "../../../support/workerd/api.ts";
import { makePerson, superuserDatabase } from "../../../support/workerd/factories.ts";
import { s3Servers, s3ServersUp, storeVariables } from "../../../support/workerd/stores.ts";
import {
  begin,
  complete,
  noise,
  objectsOf,
  pdf,
  putAll,
  putPart,
  s3Path,
  upload,
} from "../../../support/workerd/uploads.ts";

const mebibyte = 1024 * 1024;
/** A quarter of a second a round, and several times that on a busy machine. */
const manyRounds = 180_000;
const auditsOf = async (id: string, action: string) =>
  superuserDatabase()
    .select()
    .from(auditLog)
    .where(and(eq(auditLog.targetId, id), eq(auditLog.action, action)));
const statusOf = async (id: string) =>
  (await superuserDatabase().select().from(documents).where(eq(documents.id, id)))[0]!.status;

beforeAll(s3ServersUp);

describe.each(s3Servers)("twenty completions at once, with %s,", (_, s3) => {
  useVariables(storeVariables(s3));

  it.each([
    ["of one part", 1_000],
    ["of two parts", 8 * mebibyte + 1],
  ])("%s give one answer, and one of them worked", async (_, size) => {
    const as = await makePerson();
    const bytes = noise(size);
    const { body } = await begin(as, size);
    await putAll(as, body, bytes);
    const answers = await Promise.all(Array.from({ length: 20 }, () => complete(as, body.session_id)));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(await auditsOf(body.document_id, "document.complete")).toHaveLength(1);
    expect(await objectsOf(as)).toHaveLength(1);
  });
});

describe("complete against abort", () => {
  it("has one winner each of a hundred times, and leaves nothing of the loser", { timeout: manyRounds }, async () => {
    const as = await makePerson();
    const bytes = pdf();
    const kept: string[] = [];
    for (let round = 0; round < 100; round += 1) {
      const { body } = await begin(as, bytes.length, { contentType: "application/pdf" });
      await putPart(as, body.session_id, 1, bytes);
      const contest = [
        () => complete(as, body.session_id),
        () => call(`${s3Path}/uploads/${body.session_id}`, { method: "DELETE", as }),
      ];
      const order = round % 2 === 0 ? contest : contest.toReversed();
      const [first, second] = await Promise.all(order.map((go) => go()));
      const [completed, aborted] = round % 2 === 0 ? [first!, second!] : [second!, first!];
      const outcome = `${completed.status}/${aborted.status}`;
      // 200: completed. 204: aborted. The loser hears 409, whichever it is.
      expect(["200/409", "409/204"], outcome).toContain(outcome);
      if (completed.status === 200) kept.push(body.document_id);
      expect(["ready", "aborted"]).toContain(await statusOf(body.document_id));
    }
    const left = await objectsOf(as);
    expect(new Set(left.map((key) => key.split("/")[2]))).toEqual(new Set(kept));
    expect(left).toHaveLength(kept.length);
  });
});

describe("delete against a legal hold", () => {
  it("never deletes what was held, fifty times", { timeout: manyRounds }, async () => {
    const as = await makePerson();
    const admin = await makePerson({ group: "Admin", companyId: as.companyId });
    for (let round = 0; round < 50; round += 1) {
      const { id } = await upload(as);
      const contest = [
        () => call(`${s3Path}/documents/${id}`, { method: "DELETE", as }),
        () => call(`${s3Path}/documents/${id}/legal-hold`, { method: "PUT", as: admin, body: { reason: "case" } }),
      ];
      const order = round % 2 === 0 ? contest : contest.toReversed();
      const [first, second] = await Promise.all(order.map((go) => go()));
      const [deleted, held] = round % 2 === 0 ? [first!, second!] : [second!, first!];
      expect(["204/404", "423/200"]).toContain(`${deleted.status}/${held.status}`);
      expect(await statusOf(id)).toBe(held.status === 200 ? "ready" : "deleted");
    }
  });
});
