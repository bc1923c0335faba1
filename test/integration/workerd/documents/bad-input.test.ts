import { eq } from "drizzle-orm";
import { beforeAll, describe, expect, it } from "vitest";
import { uploadSessions } from "../../../../src/platform/db/schema/index.ts";
import { call, type Answer } from "../../../support/workerd/api.ts";
import { makePerson, superuserDatabase, type Person } from "../../../support/workerd/factories.ts";
import { begin, complete, mebibyte, noise, pdf, putPart, s3Path, upload } from "../../../support/workerd/uploads.ts";

/** Begins, and gives its bytes only when somebody reads them. */
function unreadBody(length: number) {
  let given = 0;
  const chunk = new Uint8Array(64 * 1024);
  const stream = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (given >= length) return controller.close();
        given += chunk.length;
        controller.enqueue(chunk);
      },
    },
    // Nothing ahead of its reader.
    { highWaterMark: 0 },
  );
  return { stream, given: () => given };
}

interface Row {
  readonly status: number;
  readonly code: string;
  /** More of the problem document. */
  readonly also?: Readonly<Record<string, unknown>>;
  make(as: Person, admin: Person): Promise<Answer>;
}

const partPath = (session: string, number: number | string) => `${s3Path}/uploads/${session}/parts/${number}`;
const documentPath = (id: string, verb = "") => `${s3Path}/documents/${id}${verb}`;
const begun = async (as: Person, size: number) => (await begin(as, size)).body;
const govern = (id: string, verb: string, admin: Person) =>
  call(documentPath(id, verb), {
    method: verb === "/legal-hold" ? "PUT" : "POST",
    as: admin,
    body: { reason: "case" },
  });

const outside = (number: number | string): Row => ({
  status: 422,
  code: "validation_failed",
  make: async (as) => {
    const { session_id: id } = await begun(as, 9 * mebibyte);
    return call(partPath(id, number), { method: "PUT", as, raw: "x" });
  },
});

async function expired(as: Person): Promise<string> {
  const { session_id: id } = await begun(as, 10);
  const expiresAt = new Date(Date.now() - 1000);
  await superuserDatabase().update(uploadSessions).set({ expiresAt }).where(eq(uploadSessions.id, id));
  return id;
}

const rows: Readonly<Record<string, Row>> = {
  "a part without Content-Length": {
    status: 411,
    code: "length_required",
    make: async (as) => {
      const { session_id: id } = await begun(as, 10);
      return call(partPath(id, 1), { method: "PUT", as, raw: unreadBody(10).stream });
    },
  },
  "a part whose Content-Length is no number": {
    status: 411,
    code: "length_required",
    make: async (as) => {
      const { session_id: id } = await begun(as, 10);
      return call(partPath(id, 1), { method: "PUT", as, raw: "0123456789", headers: { "Content-Length": "1e1" } });
    },
  },
  "a part that is too large": {
    status: 413,
    code: "payload_too_large",
    make: async (as) => {
      const { session_id: id } = await begun(as, 10);
      return putPart(as, id, 1, new Uint8Array(11));
    },
  },
  "a part that is too small": {
    status: 400,
    code: "part_wrong_size",
    make: async (as) => {
      const { session_id: id } = await begun(as, 10);
      return putPart(as, id, 1, new Uint8Array(9));
    },
  },
  "a part that is empty": {
    status: 400,
    code: "part_wrong_size",
    make: async (as) => {
      const { session_id: id } = await begun(as, 9 * mebibyte);
      return putPart(as, id, 1, new Uint8Array(0));
    },
  },
  "part 0": outside(0),
  "part N + 1": outside(3),
  "part 10,001": outside(10_001),
  "part -1": outside(-1),
  "part 1.5": outside("1.5"),
  "an address for part N + 1": {
    status: 422,
    code: "validation_failed",
    also: { errors: [{ path: "part_numbers[1]", message: "must be a whole number from 1 to 2" }] },
    make: async (as) => {
      const { session_id: id } = await begun(as, 9 * mebibyte);
      return call(`${s3Path}/uploads/${id}/parts/sign`, { as, body: { part_numbers: [2, 3] } });
    },
  },
  "a completion with parts missing": {
    status: 409,
    code: "upload_incomplete",
    also: { missing: [1, 3], wrong: [] },
    make: async (as) => {
      const { session_id: id } = await begun(as, 17 * mebibyte);
      await putPart(as, id, 2, noise(8 * mebibyte));
      return complete(as, id);
    },
  },
  ...Object.fromEntries(
    ["", "\u0001", '"a"\n', '"a b"', '"\u00fc"'].map((etag) => [
      `the ETag ${JSON.stringify(etag)}`,
      {
        status: 422,
        code: "validation_failed",
        also: { errors: [{ path: "parts[0].etag" }] },
        make: async (as: Person) => complete(as, crypto.randomUUID(), { parts: [{ part_number: 1, etag }] }),
      },
    ]),
  ),
  "a part for an expired session": {
    status: 410,
    code: "upload_expired",
    make: async (as) => putPart(as, await expired(as), 1, "0123456789"),
  },
  "the completion of an expired session": {
    status: 410,
    code: "upload_expired",
    make: async (as) => complete(as, await expired(as)),
  },
  "deleting what is under a legal hold": {
    status: 423,
    code: "document_held",
    make: async (as, admin) => {
      const { id } = await upload(as);
      await govern(id, "/legal-hold", admin);
      return call(documentPath(id), { method: "DELETE", as });
    },
  },
  "a download of what is not ready": {
    status: 409,
    code: "document_not_ready",
    make: async (as) => {
      const { document_id: id } = await begun(as, 10);
      return call(documentPath(id, "/download"), { method: "POST", as });
    },
  },
  "a hold on what is not ready": {
    status: 409,
    code: "document_not_ready",
    make: async (as, admin) => govern((await begun(as, 10)).document_id, "/legal-hold", admin),
  },
  "a download of what was quarantined by hand": {
    status: 423,
    code: "document_quarantined",
    also: { reason: "by_hand" },
    make: async (as, admin) => {
      const { id } = await upload(as);
      await govern(id, "/quarantine", admin);
      return call(documentPath(id, "/download"), { method: "POST", as });
    },
  },
  "a download of what its own bytes give away": {
    status: 423,
    code: "document_quarantined",
    also: { reason: "type_mismatch" },
    make: async (as) => {
      const { id } = await upload(as, pdf(), { contentType: "image/png" });
      return call(documentPath(id, "/download"), { method: "POST", as });
    },
  },
};

describe("bad input is told so, as a problem document", () => {
  let as: Person;
  let admin: Person;
  beforeAll(async () => {
    as = await makePerson();
    admin = await makePerson({ group: "Admin", companyId: as.companyId });
  });

  it.each(Object.entries(rows))("%s", async (_, { status, code, also = {}, make }) => {
    const answer = await make(as, admin);
    expect(answer.status, answer.text).toBe(status);
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
    expect(answer.body).toMatchObject({ status, code, type: `urn:etter:problem:${code}`, ...also });
    expect(answer.body.detail.length).toBeGreaterThan(20);
    expect(answer.body.request_id).toBe(answer.headers.get("x-request-id"));
  });

  it("and a part that is refused by its length is not read, and leaves nothing", async () => {
    const { session_id: id } = await begun(as, 9 * mebibyte);
    for (const [length, status] of [
      [8 * mebibyte + 1, 413],
      [8 * mebibyte - 1, 400],
    ] as const) {
      const { stream, given } = unreadBody(length);
      const headers = { "Content-Length": String(length) };
      const answer = await call(partPath(id, 1), { method: "PUT", as, raw: stream, headers });
      expect([answer.status, given() < mebibyte], `${given()} bytes were read`).toEqual([status, true]);
    }
    expect((await call(`${s3Path}/uploads/${id}`, { as })).body.parts).toEqual([]);
    expect((await complete(as, id)).body.missing).toEqual([1, 2]);
  });
});
