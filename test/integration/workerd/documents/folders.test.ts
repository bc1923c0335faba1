import { env } from "cloudflare:workers";
import { and, eq, sql } from "drizzle-orm";
import { afterAll, describe, expect, it } from "vitest";
import { createBackgroundContainer } from "../../../../src/container.ts";
import {
  auditLog,
  documents,
  folderDeletionItems,
  folderDeletions,
  folders,
} from "../../../../src/platform/db/schema/index.ts";
import { RequestMeter } from "../../../../src/platform/telemetry/meter.ts";
import { call, frontCalls, useVariables, type Call } from "../../../support/workerd/api.ts";
import { config, makePerson, superuserDatabase, type Person } from "../../../support/workerd/factories.ts";
import { recordedCalls } from "../../../support/workerd/front-clients.ts";
import { frontOf, storeAt } from "../../../support/workerd/stores.ts";
import { begin, complete, copyRows, endRowsOf, pdf, putAll, s3Path, upload } from "../../../support/workerd/uploads.ts";

const path = `${s3Path}/folders`;
const db = superuserDatabase();
const query = (values: Record<string, string>) => `${path}?${new URLSearchParams(values).toString()}`;
const list = (as: Person, folder: string, more: Record<string, string> = {}) =>
  call(query({ path: folder, ...more }), { as });
const make = (as: Person, folder: string) => call(path, { as, body: { path: folder } });
const remove = (as: Person, folder: string, recursive = true, options: Call = {}) =>
  call(query({ path: folder, recursive: String(recursive) }), { method: "DELETE", as, ...options });
const into = (as: Person, folder: string) => upload(as, pdf(), { more: { folder_path: folder } });
const foldersOf = async ({ companyId }: Person) =>
  (await db.select().from(folders).where(eq(folders.companyId, companyId))).map((row) => row.path).toSorted();
const statusesOf = async ({ companyId }: Person) =>
  (await db.select().from(documents).where(eq(documents.companyId, companyId))).map(({ status }) => status).toSorted();
const objectsOf = async ({ companyId }: Person) => (await storeAt(config.s3).list(`test/${companyId}/`)).items;
const hold = async (as: Person, id: string, method = "PUT") => {
  const admin = await makePerson({ group: "Admin", companyId: as.companyId });
  return call(`${s3Path}/documents/${id}/legal-hold`, { method, as: admin, body: { reason: "case" } });
};
const sweep = (at: Date) =>
  createBackgroundContainer(config, env, {
    requestId: "test-folders",
    meter: new RequestMeter(Date.now),
  }).sweepFolderDeletions(at);
/** Others' deletions may be due as well, and the machine may be slow: turn after turn, each a minute later. */
async function sweepUntilEnded(id: string) {
  for (let turn = 1; turn <= 60; turn += 1) {
    await sweep(inMinutes(2 * turn));
    const [job] = await db.select().from(folderDeletions).where(eq(folderDeletions.id, id));
    if (job!.endedAt !== null) return;
  }
  throw new Error("the deletion has not ended");
}
/** Repeats the call until it has ended. */
async function removeAll(as: Person, folder: string, options: Call = {}) {
  for (let turn = 1; turn <= 60; turn += 1) {
    const answer = await remove(as, folder, true, options);
    if (answer.status !== 202) return answer;
  }
  throw new Error("the deletion has not ended");
}
const inMinutes = (minutes: number) => new Date(Date.now() + minutes * 60_000);

const withoutObjects: Person[] = [];
afterAll(async () => {
  for (const as of withoutObjects) await endRowsOf(as);
});

/** Rows of documents as an upload leaves them, without the objects: for what needs many. */
async function manyDocuments(as: Person, folder: string, count: number, parts = 2) {
  withoutObjects.push(as);
  const { id } = await into(as, folder);
  await copyRows(id, count - 1, parts);
}

describe("folders", () => {
  it("are made with those above them, once, and listed one level at a time", async () => {
    const as = await makePerson();
    const made = await make(as, "hr/contracts/2026/");
    expect(made.status, made.text).toBe(201);
    expect(made.body).toMatchObject({
      path: "/hr/contracts/2026",
      name: "2026",
      document_count: 0,
      being_deleted: false,
    });
    expect((await make(as, "/hr/contracts/2026")).status).toBe(200);
    await make(as, "/hr/contracts");
    await make(as, "/hr-2");
    await into(as, "/hr/contracts");
    await into(as, "/hr");
    const names = async (folder: string) =>
      (await list(as, folder)).body.items.map((one: { name: string; document_count: number }) => [
        one.name,
        one.document_count,
      ]);
    expect(await names("/")).toEqual([
      ["hr", 1],
      ["hr-2", 0],
    ]);
    expect(await names("/hr")).toEqual([["contracts", 1]]);
    expect(await names("/hr/contracts/2026")).toEqual([]);
    expect((await list(as, "/none")).body.code).toBe("not_found");
    const audits = await db
      .select()
      .from(auditLog)
      .where(and(eq(auditLog.companyId, as.companyId), eq(auditLog.action, "folder.create")));
    expect(new Set(audits.map(({ targetId }) => targetId))).toEqual(new Set(["/hr-2", "/hr/contracts/2026"]));
    expect(audits).toHaveLength(2);
  });

  it("are paged in the order of their bytes, whatever their names", async () => {
    const as = await makePerson();
    const names = ["%", "100%_", "A", "_", "a", "a&b", "a..b", "x".repeat(255), "ä", 'ü "q"', "‮fdp", "👩‍👩‍👧"];
    for (const name of names) expect((await make(as, `/top/${name}`)).status, name).toBe(201);
    await make(as, "/top/a/below");
    const seen: string[] = [];
    for (let cursor: string | null = ""; cursor !== null;) {
      const { body } = await list(as, "/top", { limit: "5", ...(cursor === "" ? {} : { cursor }) });
      seen.push(...body.items.map(({ name }: { name: string }) => name));
      cursor = body.next_cursor;
    }
    const bytes = (name: string) =>
      [...new TextEncoder().encode(name)].map((byte) => String.fromCharCode(byte)).join("");
    expect(seen).toEqual(names.toSorted((a, b) => (bytes(a) < bytes(b) ? -1 : 1)));
    for (const cursor of ["!", "Lw", "Lg", "%ff"])
      expect((await list(as, "/top", { cursor })).body.errors[0].path, cursor).toBe("cursor");
  });

  it.each([
    "",
    "//",
    "/..",
    "/a/../b",
    "/a//b",
    "/a\\b",
    "/\0",
    "/a\r\nb",
    " ",
    `/${"a".repeat(256)}`,
    `/${"a/".repeat(17)}a`,
  ])("are refused by the name %j, wherever it is given", async (folder) => {
    const as = await makePerson();
    for (const answer of [await make(as, folder), await list(as, folder), await remove(as, folder)])
      expect([answer.status, answer.body.code], answer.text).toEqual([422, "validation_failed"]);
  });

  it("leave the root alone: it is always there, and cannot be made or deleted", async () => {
    const as = await makePerson();
    expect((await list(as, "/")).body).toEqual({ items: [], next_cursor: null });
    expect([(await make(as, "/")).status, (await remove(as, "/")).status]).toEqual([422, 422]);
  });

  it("are no more than a company may have; one that is there counts once", async () => {
    const as = await makePerson();
    await make(as, "/a/b");
    await db.execute(sql`insert into folders (company_id, path, created_by, created_at)
      select ${as.companyId}::uuid, '/many ' || n, ${as.userId}::uuid, now() from generate_series(1, 9997) n`);
    expect((await make(as, "/a/c/d")).body.code).toBe("too_many_folders");
    expect((await make(as, "/a/c")).status).toBe(201);
    expect((await make(as, "/e")).body.code).toBe("too_many_folders");
    expect((await make(as, "/a/b")).status).toBe(200);
    expect((await begin(as, 10, { more: { folder_path: "/a/b" } })).status).toBe(201);
    expect((await begin(as, 10, { more: { folder_path: "/e" } })).body.code).toBe("too_many_folders");
  });
});

describe("deleting a folder", () => {
  it("that is empty needs no more; one that is not is refused", async () => {
    const as = await makePerson();
    await make(as, "/a/b");
    expect((await remove(as, "/a", false)).body.code).toBe("folder_not_empty");
    expect((await remove(as, "/a/b", false)).status).toBe(204);
    const { id } = await into(as, "/a");
    expect((await remove(as, "/a", false)).body.code).toBe("folder_not_empty");
    await call(`${s3Path}/documents/${id}`, { method: "DELETE", as });
    expect((await remove(as, "/a", false)).status).toBe(204);
    expect((await remove(as, "/a", false)).body.code).toBe("not_found");
    expect((await remove(as, "/a")).body.code).toBe("not_found");
  });

  it("takes what is in it and below, with uploads under way, and nothing beside it", async () => {
    const as = await makePerson();
    const [one, deep] = [await into(as, "/100%"), await into(as, "/100%/deep/er")];
    const open = await begin(as, 10, { more: { folder_path: "/100%/deep" } });
    const large = await begin(as, 9 * 1024 * 1024, { more: { folder_path: "/100%" } });
    const beside = [await into(as, "/100%x"), await into(as, "/100"), await into(as, "/100&")];
    const answer = await remove(as, "/100%");
    expect(answer.status, answer.text).toBe(200);
    expect(answer.body).toMatchObject({
      path: "/100%",
      status: "completed",
      pending: 0,
      deleted: 4,
      held: 0,
      failed: 0,
    });
    const gone = [one.id, deep.id, open.body.document_id, large.body.document_id];
    expect(new Set(answer.body.items.map((item: { document_id: string }) => item.document_id))).toEqual(new Set(gone));
    expect(answer.body.items.find((item: { document_id: string }) => item.document_id === deep.id)).toMatchObject({
      original_filename: "overview 2026.pdf",
      folder_path: "/100%/deep/er",
      state: "deleted",
    });
    expect((await call(answer.headers.get("location")!, { as })).body).toEqual(answer.body);
    expect(await foldersOf(as)).toEqual(["/100", "/100%x", "/100&"]);
    expect(await objectsOf(as)).toHaveLength(3);
    for (const { id } of beside) expect((await call(`${s3Path}/documents/${id}`, { as })).status).toBe(200);
    for (const id of gone) expect((await call(`${s3Path}/documents/${id}`, { as })).status).toBe(404);
    expect((await complete(as, open.body.session_id)).body.code).toBe("upload_over");
    const { body } = await call(`${s3Path}/documents/${deep.id}/audit`, { as });
    for (const [index, action] of ["document.delete_end", "document.delete"].entries())
      expect(body.items[index]).toMatchObject({
        action,
        actor_user_id: as.userId,
        changes: { folder_deletion: answer.body.id },
      });
  });

  it("leaves a held document with its folders, names it, and takes its siblings", async () => {
    const as = await makePerson();
    const [held, sibling] = [await into(as, "/a/held"), await into(as, "/a/held")];
    await into(as, "/a/free");
    await hold(as, held.id);
    const { body } = await remove(as, "/a");
    expect(body).toMatchObject({ status: "incomplete", deleted: 2, held: 1 });
    const stayed = await call(`${s3Path}/folder-deletions/${body.id}?state=held`, { as });
    expect(stayed.body.items).toMatchObject([{ document_id: held.id, folder_path: "/a/held", state: "held" }]);
    expect(await foldersOf(as)).toEqual(["/a", "/a/held"]);
    expect((await call(`${s3Path}/documents/${sibling.id}`, { as })).status).toBe(404);
    expect((await call(`${s3Path}/documents/${held.id}`, { as })).body).toMatchObject({ folder_path: "/a/held" });
    // It is an ordinary folder again.
    await into(as, "/a");
    await hold(as, held.id, "DELETE");
    const again = await remove(as, "/a");
    expect(again.body).toMatchObject({ status: "completed", deleted: 2 });
    expect(again.body.id).not.toBe(body.id);
    expect(await foldersOf(as)).toEqual([]);
  });

  it(
    "names up to twenty-five documents in one call to S3, in a few round trips a batch",
    { timeout: 60_000 },
    async () => {
      const as = await makePerson();
      await into(as, "/many");
      await manyDocuments(as, "/many", 399);
      const requestId = crypto.randomUUID();
      const answer = await removeAll(as, "/many", { headers: { "X-Request-Id": requestId } });
      expect(answer.body, answer.text).toMatchObject({ status: "completed", deleted: 400, pending: 0 });
      // A hundred and fifty documents twice, then a hundred.
      const asked = (await recordedCalls(frontOf(config.s3), requestId)).flatMap(({ statements }) => statements);
      expect(asked).toEqual(Array.from({ length: 6 + 6 + 4 }, () => "DeleteObjects"));
      expect(await objectsOf(as)).toEqual([]);
    },
  );

  it("waits for an upload that is being completed, and takes it then", async () => {
    const as = await makePerson();
    const { body: open } = await begin(as, 10, { more: { folder_path: "/a" } });
    await putAll(as, open, new Uint8Array(10));
    await db
      .update(documents)
      .set({ status: "completing", fence: 1, dueAt: inMinutes(2) })
      .where(eq(documents.id, open.document_id));
    const first = await remove(as, "/a");
    expect([first.status, first.body.status, first.body.pending]).toEqual([202, "running", 1]);
    await db
      .update(documents)
      .set({ status: "ready", completedAt: new Date() })
      .where(eq(documents.id, open.document_id));
    await sweepUntilEnded(first.body.id);
    expect((await call(first.headers.get("location")!, { as })).body).toMatchObject({
      status: "completed",
      deleted: 1,
    });
  });

  it("goes on where a worker died: before its first document, with documents taken, and before the end", async () => {
    const as = await makePerson();
    const { companyId, userId } = as;
    const { id } = await into(as, "/dead");
    const job = {
      id: crypto.randomUUID(),
      companyId,
      path: "/dead",
      requestedBy: userId,
      createdAt: new Date(),
      dueAt: new Date(),
    };
    await db.insert(folderDeletions).values(job);
    await db.update(folders).set({ deletingSince: new Date() }).where(eq(folders.companyId, companyId));
    // With the document taken, and its worker gone: the sweep of documents has it, the deletion waits for that.
    const taken = {
      companyId,
      deletionId: job.id,
      documentId: id,
      folderPath: "/dead",
      state: "taken",
      takenAt: new Date(),
    };
    await db.insert(folderDeletionItems).values(taken);
    const lapsed = new Date(Date.now() - 1000);
    await db
      .update(documents)
      .set({ status: "deleting", folderPath: null, fence: 5, dueAt: lapsed })
      .where(eq(documents.id, id));
    await Promise.all([sweep(inMinutes(1)), sweep(inMinutes(1))]);
    const report = () => call(`${s3Path}/folder-deletions/${job.id}`, { as });
    expect((await report()).body).toMatchObject({ status: "running", pending: 1 });
    await createBackgroundContainer(config, env, {
      requestId: "test-folders",
      meter: new RequestMeter(Date.now),
    }).sweepDocuments(new Date());
    expect((await report()).body).toMatchObject({ status: "running", pending: 0, deleted: 1 });
    await Promise.all([sweep(inMinutes(5)), sweep(inMinutes(5))]);
    expect((await report()).body).toMatchObject({ status: "completed", deleted: 1 });
    expect([await foldersOf(as), await objectsOf(as)]).toEqual([[], []]);
  });

  it("twenty times at once is one deletion", { timeout: 90_000 }, async () => {
    const as = await makePerson();
    await manyDocuments(as, "/at once", 130);
    const answers = await Promise.all(Array.from({ length: 20 }, () => remove(as, "/at once")));
    // Whoever came when it had ended finds no folder.
    const found = answers.filter(({ status }) => status !== 404);
    expect(new Set(found.map(({ body }) => body.id)).size).toBe(1);
    await removeAll(as, "/at once");
    const { body } = await call(`${s3Path}/folder-deletions/${found[0]!.body.id}`, { as });
    expect(body).toMatchObject({ status: "completed", deleted: 130, held: 0, failed: 0 });
    const ends = await db
      .select()
      .from(auditLog)
      .where(and(eq(auditLog.companyId, as.companyId), eq(auditLog.targetType, "folder")));
    expect(ends.map(({ action }) => action).toSorted()).toEqual(["folder.delete", "folder.delete_end"]);
  });

  describe("where S3 deletes each object by itself", () => {
    useVariables({ S3_CAPABILITIES: "" });

    it(
      "has no limit: what one call leaves, repeating it and the clock go on with, in a few round trips a batch",
      { timeout: 120_000 },
      async () => {
        const as = await makePerson();
        await manyDocuments(as, "/many", 250);
        const requestId = crypto.randomUUID();
        const first = await remove(as, "/many", true, { headers: { "X-Request-Id": requestId } });
        expect(first.status, first.text).toBe(202);
        const { deleted, pending, status } = first.body;
        expect([status, deleted + pending, deleted % 60]).toEqual(["running", 250, 0]);
        // One takes on the next batch and settles the last; beside these the beginning and the report.
        expect((await frontCalls(requestId)).postgres).toHaveLength(deleted / 60 + 3);
        for (const refused of [
          await begin(as, 10, { more: { folder_path: "/many/new" } }),
          await make(as, "/many/new"),
          await remove(as, "/many", false),
        ])
          expect([refused.status, refused.body.code]).toEqual([409, "folder_being_deleted"]);
        expect((await list(as, "/")).body.items).toMatchObject([{ name: "many", being_deleted: true }]);
        const second = await remove(as, "/many");
        expect(second.body.id).toBe(first.body.id);
        await sweepUntilEnded(first.body.id);
        const location = first.headers.get("location")!;
        expect((await call(location, { as })).body).toMatchObject({ status: "completed", deleted: 250, pending: 0 });
        expect(new Set(await statusesOf(as))).toEqual(new Set(["deleted"]));
        let seen = 0;
        for (let cursor: string | null = ""; cursor !== null;) {
          const page = await call(`${location}?limit=100${cursor && `&cursor=${cursor}`}`, { as });
          seen += page.body.items.length;
          cursor = page.body.next_cursor;
        }
        expect(seen).toBe(250);
        const audits = await db
          .select({ targetId: auditLog.targetId })
          .from(auditLog)
          .where(and(eq(auditLog.companyId, as.companyId), eq(auditLog.action, "document.delete")));
        expect([audits.length, new Set(audits.map(({ targetId }) => targetId)).size]).toEqual([250, 250]);
      },
    );

    it("asks S3 once for each document of one part, once nothing can come in any more", async () => {
      const as = await makePerson();
      await manyDocuments(as, "/old", 60, 1);
      const requestId = crypto.randomUUID();
      const answer = await removeAll(as, "/old", { headers: { "X-Request-Id": requestId } });
      expect(answer.body).toMatchObject({ status: "completed", deleted: 60 });
      expect(await recordedCalls(frontOf(config.s3), requestId)).toHaveLength(60);
      const { body: late } = await begin(as, 10, { transport: "direct", more: { folder_path: "/young" } });
      const [part] = late.parts;
      const send = () => fetch(part.url, { method: "PUT", headers: part.headers, body: new Uint8Array(10) });
      await send();
      await complete(as, late.session_id);
      await send();
      expect((await removeAll(as, "/young")).body.status).toBe("completed");
      expect(await objectsOf(as)).toEqual([]);
    });

    it("inside one that is being deleted is refused; one around it takes it along", { timeout: 120_000 }, async () => {
      const as = await makePerson();
      await manyDocuments(as, "/out/in", 190);
      const inner = await remove(as, "/out/in");
      expect(inner.status).toBe(202);
      expect((await removeAll(as, "/out")).body).toMatchObject({
        status: "completed",
        deleted: 190 - inner.body.deleted,
      });
      expect((await removeAll(as, "/out/in")).body).toMatchObject({ id: inner.body.id, status: "completed" });
      await manyDocuments(as, "/out/in", 190);
      expect((await remove(as, "/out")).status).toBe(202);
      expect((await remove(as, "/out/in")).body.code).toBe("folder_being_deleted");
      await removeAll(as, "/out");
      expect(await foldersOf(as)).toEqual([]);
    });
  });
});
