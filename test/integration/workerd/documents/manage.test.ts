import { eq } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { documents } from "../../../../src/platform/db/schema/index.ts";
import { call } from "../../../support/workerd/api.ts";
import { makePerson, superuserDatabase, type Person } from "../../../support/workerd/factories.ts";
import {
  begin,
  complete,
  mebibyte,
  noise,
  objectsOf,
  pdf,
  putPart,
  read,
  s3Path,
  upload,
} from "../../../support/workerd/uploads.ts";
import { zipOf } from "../../../support/documents/zip.ts";

const path = `${s3Path}/documents`;
const post = (as: Person, id: string, verb: string, body: object = { reason: "because" }) =>
  call(`${path}/${id}/${verb}`, { as, body });
const download = (as: Person, id: string) => call(`${path}/${id}/download`, { method: "POST", as });
const makeAdmin = async () => {
  const as = await makePerson();
  return { as, admin: await makePerson({ group: "Admin", companyId: as.companyId }) };
};

describe("the list of documents", () => {
  it("filters, searches to the letter, and gives stable pages", async () => {
    const as = await makePerson();
    const other = await makePerson({ companyId: as.companyId });
    const made = [
      await upload(as, pdf("1"), { filename: "100%_sure.pdf", more: { folder_path: "/hr" } }),
      await upload(as, pdf("2"), { filename: "plan.pdf", more: { folder_path: "/hr/deep", role: "Engineer" } }),
      await upload(other, pdf("3"), { filename: "PLAN b.pdf", more: { folder_path: "/hrx" } }),
    ];
    const ids = async (query: string) =>
      (await call(`${path}?${query}`, { as })).body.items.map(({ id }: { id: string }) =>
        made.findIndex((one) => one.id === id),
      );
    expect(await ids("")).toEqual([2, 1, 0]);
    expect(await ids("q=plan")).toEqual([2, 1]);
    expect(await ids("q=%25_")).toEqual([0]);
    expect(await ids("q=_")).toEqual([0]);
    expect(await ids("folder_path=/hr")).toEqual([0]);
    expect(await ids("folder_path=/hr&recursive=true")).toEqual([1, 0]);
    expect(await ids("folder_path=/&recursive=true")).toEqual([2, 1, 0]);
    expect(await ids("folder_path=/")).toEqual([]);
    expect(await ids("role=Engineer")).toEqual([1]);
    expect(await ids(`created_by=${other.userId}`)).toEqual([2]);
    expect(await ids("status=quarantined")).toEqual([]);
    expect(await ids("content_type=application/pdf&limit=1")).toEqual([2]);
    const first = await call(`${path}?limit=2`, { as });
    await upload(as, pdf("4"));
    const second = await call(`${path}?limit=2&cursor=${first.body.next_cursor}`, { as });
    expect(second.body.items.map(({ id }: { id: string }) => id)).toEqual([made[0]!.id]);
    for (const query of ["status=deleted", "folder_path=..", "recursive=yes", "colour=red", "limit=0"])
      expect((await call(`${path}?${query}`, { as })).status, query).toBe(422);
    expect((await call(path, { as: await makePerson() })).body).toEqual({ items: [], next_cursor: null });
  });
});

describe("a document", () => {
  it("is renamed and moved; its history says from what to what", async () => {
    const as = await makePerson();
    const { id } = await upload(as, pdf(), { more: { folder_path: "/a" } });
    const change = {
      original_filename: 'a..b "ü".pdf',
      folder_path: "b/c/",
      role: "Engineer",
      custom_metadata: { x: 1 },
    };
    const patched = await call(`${path}/${id}`, { method: "PATCH", as, body: change });
    expect(patched.status, patched.text).toBe(200);
    expect(patched.body).toMatchObject({ ...change, folder_path: "/b/c", status: "ready" });
    expect((await call(`${path}/${id}`, { as })).body).toEqual(patched.body);
    expect((await call(`${path}/${id}`, { method: "PATCH", as, body: { role: null } })).body.role).toBeNull();
    const { body } = await call(`${path}/${id}/audit`, { as });
    expect(body.items.map(({ action }: { action: string }) => action)).toEqual([
      "document.update",
      "document.update",
      "document.complete",
      "document.complete_begin",
      "document.upload",
    ]);
    expect(body.items[1].changes).toMatchObject({
      folder_path: ["/a", "/b/c"],
      role: [null, "Engineer"],
      custom_metadata: [{}, { x: 1 }],
    });
    const page = await call(`${path}/${id}/audit?limit=4`, { as });
    expect((await call(`${path}/${id}/audit?limit=4&cursor=${page.body.next_cursor}`, { as })).body.items).toHaveLength(
      1,
    );
  });

  it("has one history, however its id was written", async () => {
    const { as, admin } = await makeAdmin();
    const { id } = await upload(as);
    const capitals = id.toUpperCase();
    expect((await call(`${path}/${capitals}`, { method: "PATCH", as, body: { filename: "b.pdf" } })).status).toBe(200);
    expect((await download(as, capitals)).status).toBe(200);
    expect((await post(admin, capitals, "quarantine")).status).toBe(200);
    const hold = { method: "PUT", as: admin, body: { reason: "because" } };
    expect((await call(`${path}/${capitals}/legal-hold`, hold)).status).toBe(200);
    const [given, asked] = await Promise.all([id, capitals].map((one) => call(`${path}/${one}/audit`, { as })));
    expect(given!.body.items.slice(0, 4).map(({ action }: { action: string }) => action)).toEqual([
      "document.hold",
      "document.quarantine",
      "document.download",
      "document.update",
    ]);
    expect(asked!.body).toEqual(given!.body);
  });

  it("is renamed by either name of its name, not by both", async () => {
    const as = await makePerson();
    const { id } = await upload(as);
    const patch = (body: object) => call(`${path}/${id}`, { method: "PATCH", as, body });
    expect((await patch({ filename: "b.pdf" })).body.original_filename).toBe("b.pdf");
    expect((await patch({ original_filename: "c.pdf" })).body.original_filename).toBe("c.pdf");
    const both = await patch({ filename: "d.pdf", original_filename: "e.pdf" });
    expect([both.status, both.body.errors]).toEqual([422, [expect.objectContaining({ path: "original_filename" })]]);
    expect((await call("/api/etter/s3/folders", { as })).status).toBe(200);
  });

  it.each([
    { filename: "../x" },
    { original_filename: "../x" },
    { original_filename: "a\r\nb" },
    { folder_path: "/a/../b" },
    { folder_path: "a//b" },
    { custom_metadata: { a: "\0" } },
    { custom_metadata: { a: "\ud800" } },
    { custom_metadata: { a: [[[[[1]]]]] } },
    { custom_metadata: { a: "x".repeat(9_000) } },
    { status: "ready" },
    { legal_hold: true },
    { company_id: crypto.randomUUID() },
  ])("is not changed by %j", async (change) => {
    const as = await makePerson();
    const { id } = await upload(as);
    expect((await call(`${path}/${id}`, { method: "PATCH", as, body: change })).status).toBe(422);
  });

  it("keeps no number that JSON cannot write", async () => {
    const as = await makePerson();
    const { id } = await upload(as);
    const patch = (raw: string) =>
      call(`${path}/${id}`, { method: "PATCH", as, raw, headers: { "Content-Type": "application/json" } });
    const refused = await patch('{"custom_metadata":{"a":[{"b":-1e999}]}}');
    expect([refused.status, refused.body.errors[0]]).toEqual([
      422,
      { path: "custom_metadata", message: "must hold numbers up to 1.7e308" },
    ]);
    expect((await patch('{"custom_metadata":{"a":1.7e308}}')).body.custom_metadata).toEqual({ a: 1.7e308 });
  });

  it("that is deleted is gone with its object and its addresses; the history stays", async () => {
    const as = await makePerson();
    const { id } = await upload(as);
    const { url } = (await download(as, id)).body;
    expect(await objectsOf(as)).toHaveLength(1);
    expect((await call(`${path}/${id}`, { method: "DELETE", as })).status).toBe(204);
    expect(await objectsOf(as)).toEqual([]);
    expect((await read(url)).answer.status).toBe(404);
    for (const [method, suffix] of [
      ["GET", ""],
      ["DELETE", ""],
      ["POST", "/download"],
    ] as const)
      expect((await call(`${path}/${id}${suffix}`, { method, as })).status).toBe(404);
    expect((await call(path, { as })).body.items).toEqual([]);
    const history = await call(`${path}/${id}/audit`, { as });
    expect(history.body.items.map(({ action }: { action: string }) => action).slice(0, 2)).toEqual([
      "document.delete_end",
      "document.delete",
    ]);
    const [row] = await superuserDatabase().select().from(documents).where(eq(documents.id, id));
    expect(row).toMatchObject({ status: "deleted", folderPath: null });
  });

  it("is read by an address while the session lives that asked for it: who is let go takes none along", async () => {
    const { as, admin } = await makeAdmin();
    const { id } = await upload(as);
    const [leaver, stays] = [(await download(as, id)).body.url, (await download(admin, id)).body.url];
    expect((await read(leaver)).answer.status).toBe(200);
    const gone = { method: "PATCH", as: admin, body: { is_active: false } };
    expect((await call(`/api/etter/users/${as.userId}`, gone)).status).toBe(200);
    const { status, body } = await call(new URL(leaver).pathname);
    expect([status, body.code]).toEqual([401, "unauthorized"]);
    expect((await call(new URL(leaver).pathname, { method: "HEAD" })).status).toBe(401);
    expect((await read(stays)).answer.status).toBe(200);
  });

  it("cannot be read before it is complete", async () => {
    const as = await makePerson();
    const { body } = await begin(as, 10);
    const answer = await download(as, body.document_id);
    expect([answer.status, answer.body.code]).toEqual([409, "document_not_ready"]);
  });

  it.each([
    ["one part", 10],
    ["two parts", 8 * mebibyte + 1],
  ])("whose upload of %s was lost sight of is deleted with it, and leaves its place", async (_, size) => {
    const as = await makePerson();
    const { body } = await begin(as, size, { more: { folder_path: "/a" } });
    await putPart(as, body.session_id, 1, noise(Math.min(size, body.part_size)));
    expect((await call(`${path}/${body.document_id}`, { method: "DELETE", as })).status).toBe(204);
    expect((await call(`${path}/${body.document_id}`, { method: "DELETE", as })).status).toBe(404);
    expect((await call(`${s3Path}/uploads/${body.session_id}`, { as })).body).toMatchObject({ status: "aborted" });
    const [row] = await superuserDatabase().select().from(documents).where(eq(documents.id, body.document_id));
    expect(row).toMatchObject({ status: "aborted", folderPath: null });
    expect(await objectsOf(as)).toEqual([]);
  });

  it("cannot be deleted while its upload is being completed", async () => {
    const as = await makePerson();
    const { body } = await begin(as, 10);
    const dueAt = new Date(Date.now() + 60_000);
    await superuserDatabase()
      .update(documents)
      .set({ status: "completing", dueAt })
      .where(eq(documents.id, body.document_id));
    const answer = await call(`${path}/${body.document_id}`, { method: "DELETE", as });
    expect([answer.status, answer.body.code]).toEqual([409, "upload_completing"]);
    await superuserDatabase().update(documents).set({ status: "uploading" }).where(eq(documents.id, body.document_id));
  });
});

describe("quarantine", () => {
  it("by hand stops addresses that were given before, until the document is approved", async () => {
    const { as, admin } = await makeAdmin();
    const { id } = await upload(as);
    const { url } = (await download(as, id)).body;
    expect((await post(as, id, "quarantine")).status).toBe(403);
    const done = await post(admin, id, "quarantine", { reason: "looks odd" });
    expect(done.body).toMatchObject({ status: "quarantined", quarantine_reason: "by_hand" });
    const stopped = (await read(url)).answer;
    expect([stopped.status, stopped.body.code, stopped.body.reason]).toEqual([423, "document_quarantined", "by_hand"]);
    expect((await download(as, id)).body).toMatchObject({ code: "document_quarantined", reason: "by_hand" });
    expect((await post(admin, id, "quarantine")).status).toBe(200);
    expect((await post(admin, id, "approve")).body).toMatchObject({ status: "ready", quarantine_reason: null });
    expect((await read(url)).answer.status).toBe(200);
    const { body } = await call(`${path}/${id}/audit`, { as });
    expect(body.items.find(({ action }: { action: string }) => action === "document.quarantine").reason).toBe(
      "looks odd",
    );
  });

  it.each([
    ["executable", Uint8Array.from(new TextEncoder().encode(`MZ${"\0".repeat(200)}`)), "application/pdf"],
    [
      "malware_signature",
      Uint8Array.from(
        new TextEncoder().encode("X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"),
      ),
      "text/plain",
    ],
    ["macro_document", zipOf({ "word/document.xml": "x", "word/vbaProject.bin": "x" }), "application/zip"],
    ["archive_bomb", zipOf({ "a.txt": "x" }, 2 ** 31), "application/zip"],
    ["type_mismatch", pdf(), "image/png"],
  ] as const)("takes what is found to be %s at once", async (reason, bytes, contentType) => {
    const as = await makePerson();
    const { id, document } = await upload(as, bytes, { contentType });
    expect(document).toMatchObject({ status: "quarantined", quarantine_reason: reason });
    const answer = await download(as, id);
    expect([answer.status, answer.body.reason]).toEqual([423, reason]);
    expect((await call(`${path}/${id}`, { method: "DELETE", as })).status).toBe(204);
  });

  it("is not for bytes that are other than declared by their SHA-256: those are sent again", async () => {
    const as = await makePerson();
    const bytes = pdf();
    const { body } = await begin(as, bytes.length, { more: { sha256: "0".repeat(64) } });
    await putPart(as, body.session_id, 1, bytes);
    const answer = await complete(as, body.session_id);
    expect([answer.status, answer.body.wrong]).toEqual([409, [1]]);
  });
});

describe("a legal hold", () => {
  it("forbids deleting until it is released, and says so in the history", async () => {
    const { as, admin } = await makeAdmin();
    const { id } = await upload(as);
    expect((await call(`${path}/${id}/legal-hold`, { method: "PUT", as, body: { reason: "x" } })).status).toBe(403);
    const held = await call(`${path}/${id}/legal-hold`, { method: "PUT", as: admin, body: { reason: "case 1" } });
    expect(held.body).toMatchObject({ legal_hold: true });
    for (const person of [as, admin]) {
      const refused = await call(`${path}/${id}`, { method: "DELETE", as: person });
      expect([refused.status, refused.body.code]).toEqual([423, "document_held"]);
    }
    expect((await call(`${path}/${id}/legal-hold`, { method: "DELETE", as: admin })).status).toBe(422);
    expect((await call(`${path}/${id}/legal-hold?reason=over`, { method: "DELETE", as: admin })).body.legal_hold).toBe(
      false,
    );
    await call(`${path}/${id}/legal-hold`, { method: "PUT", as: admin, body: { reason: "case 2" } });
    const released = await call(`${path}/${id}/legal-hold`, { method: "DELETE", as: admin, body: { reason: "over" } });
    expect(released.body.legal_hold).toBe(false);
    expect((await call(`${path}/${id}`, { method: "DELETE", as })).status).toBe(204);
    const { body } = await call(`${path}/${id}/audit`, { as });
    expect(
      body.items.map(({ action, reason }: { action: string; reason: string }) => [action, reason]).slice(2, 6),
    ).toEqual([
      ["document.release", "over"],
      ["document.hold", "case 2"],
      ["document.release", "over"],
      ["document.hold", "case 1"],
    ]);
  });

  it("is written down when it changes something: a history tells of no release of what was not held", async () => {
    const { as, admin } = await makeAdmin();
    const { id } = await upload(as);
    const hold = (reason: string) => call(`${path}/${id}/legal-hold`, { method: "PUT", as: admin, body: { reason } });
    const release = () => call(`${path}/${id}/legal-hold?reason=over`, { method: "DELETE", as: admin });
    const answers = [
      await release(),
      await hold("a"),
      await hold("a"),
      await hold("b"),
      await release(),
      await release(),
    ];
    expect(answers.map(({ status, body }) => [status, body.legal_hold])).toEqual(
      [false, true, true, true, false, false].map((held) => [200, held]),
    );
    const { items } = (await call(`${path}/${id}/audit`, { as })).body;
    const told = items.map(({ action, reason }: { action: string; reason: string }) => `${action} ${reason}`);
    expect(told.slice(0, 4)).toEqual(["document.release over", "document.hold b", "document.hold a", told[3]]);
    expect(told[3]).not.toMatch(/release|hold/);
  });

  it("is not for an upload that is under way", async () => {
    const { as, admin } = await makeAdmin();
    const { body } = await begin(as, 10);
    const answer = await call(`${path}/${body.document_id}/legal-hold`, {
      method: "PUT",
      as: admin,
      body: { reason: "x" },
    });
    expect([answer.status, answer.body.code]).toEqual([409, "document_not_ready"]);
  });
});
