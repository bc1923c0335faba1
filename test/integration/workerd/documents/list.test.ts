import { sql, type SQL } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { documents } from "../../../../src/platform/db/schema/index.ts";
import { createDocumentRepository } from "../../../../src/features/documents/repository.drizzle.ts";
import { auditOf } from "../../../../src/features/documents/ports.ts";
import type { DocumentFilter, DocumentRepository, NewUpload } from "../../../../src/features/documents/repository.ts";
import { visibleStates } from "../../../../src/features/documents/domain/states.ts";
import type { FolderPath } from "../../../../src/features/documents/domain/names.ts";
import { isListed } from "../../../../src/platform/db/schema/documents.ts";
import type { DocumentId, UploadId } from "../../../../src/shared/ids.ts";
import type { Database } from "../../../../src/platform/db/client.ts";
import { call, frontCalls } from "../../../support/workerd/api.ts";
import {
  appDatabase,
  makePerson,
  sessionOf,
  superuserDatabase,
  type Person,
} from "../../../support/workerd/factories.ts";
import { endRowsOf, pdf, s3Path, upload } from "../../../support/workerd/uploads.ts";

const path = `${s3Path}/documents`;

describe("the list of documents", () => {
  it("takes one round trip, whatever is asked", async () => {
    const as = await makePerson();
    await upload(as, pdf(), { more: { folder_path: "/a" } });
    for (const query of ["", "?q=pdf&status=ready", "?folder_path=/a&recursive=true&limit=1"]) {
      const requestId = crypto.randomUUID();
      const answer = await call(path + query, { as, headers: { "X-Request-Id": requestId } });
      expect([answer.status, answer.body.items.length]).toEqual([200, 1]);
      expect((await frontCalls(requestId)).postgres).toHaveLength(1);
    }
  });

  it("takes a search to the letter: no pattern, in any case", async () => {
    const as = await makePerson();
    for (const filename of ["100%_Sure\\x.pdf".replace("\\", "+"), "100 sure.pdf", "ÜBER.pdf", "a_b.pdf", "axb.pdf"])
      await upload(as, pdf(), { filename });
    const names = async (q: string) =>
      (await call(`${path}?q=${encodeURIComponent(q)}`, { as })).body.items
        .map((one: { original_filename: string }) => one.original_filename)
        .toSorted();
    expect(await names("%")).toEqual(["100%_Sure+x.pdf"]);
    expect(await names("%_s")).toEqual(["100%_Sure+x.pdf"]);
    expect(await names("a_b")).toEqual(["a_b.pdf"]);
    expect(await names("a_b.p")).toEqual(["a_b.pdf"]);
    expect(await names("SURE")).toEqual(["100 sure.pdf", "100%_Sure+x.pdf"]);
    expect(await names("\\")).toEqual([]);
    expect(await names("\\_b.pdf")).toEqual([]);
    expect(await names("über")).toEqual(["ÜBER.pdf"]);
    expect(await names("none of them")).toEqual([]);
  });

  it("combines filters, and keeps to them from page to page", async () => {
    const as = await makePerson();
    for (let index = 0; index < 5; index += 1)
      await upload(as, pdf(), { filename: `match ${index}.pdf`, more: { folder_path: "/a/b", role: "Engineer" } });
    await upload(as, pdf(), { filename: "match other role.pdf", more: { folder_path: "/a/b" } });
    await upload(as, pdf(), { filename: "match other folder.pdf", more: { folder_path: "/ab", role: "Engineer" } });
    const query = `?role=Engineer&folder_path=/a&recursive=true&status=ready&content_type=application/pdf&created_by=${as.userId}&q=match&limit=2`;
    const names: string[] = [];
    for (let cursor: string | null = ""; cursor !== null;) {
      const { body } = await call(`${path}${query}${cursor && `&cursor=${cursor}`}`, { as });
      names.push(...body.items.map((one: { original_filename: string }) => one.original_filename));
      cursor = body.next_cursor;
    }
    expect(names).toEqual([4, 3, 2, 1, 0].map((index) => `match ${index}.pdf`));
  });
});

describe("a page of many documents", () => {
  const database = appDatabase();
  let as: Person;
  let actor: Parameters<ReturnType<typeof createDocumentRepository>["list"]>[0];
  const many = 20_000;

  beforeAll(async () => {
    as = await makePerson();
    actor = { ...as, sessionId: (await sessionOf(as)).sessionId };
    const { id } = await upload(as);
    const db = superuserDatabase();
    await db.execute(sql`insert into folders (company_id, path, created_by, created_at)
      select ${as.companyId}::uuid, path, ${as.userId}::uuid, now() from unnest(array['/rare', '/rare/below', '/many']) path`);
    // In pieces, each well within the time that a statement may take.
    for (let first = 1; first < many; first += 500)
      await db.execute(sql`
        insert into documents select (jsonb_populate_record(d, jsonb_build_object('id', gen_random_uuid(), 'due_at', null,
          'created_at', d.created_at - n * interval '1 second',
          'role', case when n % 5000 = 0 then 'Rare' else 'Many' end,
          'content_type', case when n % 5000 = 0 then 'text/rare' else 'application/pdf' end,
          'status', case when n % 5000 = 0 then 'quarantined' when n % 2 = 0 then 'deleted' else 'ready' end,
          'quarantine_reason', case when n % 5000 = 0 then 'by_hand' end,
          'original_filename', case when n % 5000 = 0 then 'needle ' else 'hay ' end || n || '.pdf',
          'folder_path', case when n % 5000 = 0 then '/rare/below' when n % 2 = 0 then null else '/many' end))).*
        from documents d, generate_series(${first}::int, ${first + 499}::int) n where d.id = ${id}::uuid`);
    await db.execute(sql`analyze documents`);
  });
  afterAll(() => endRowsOf(as));

  const middle = () => ({ at: new Date(Date.now() - (many / 2 + 500) * 1000), id: crypto.randomUUID() });

  /** Rows of documents that Postgres looked at, as the application's role, for what the repository is asked; it hears nothing back. */
  async function rowsReadBy(work: (repository: DocumentRepository) => Promise<unknown>): Promise<number> {
    let rows = 0;
    const explaining: Database = {
      ...database,
      batch: async (scope, statements) => {
        for (const query of statements(database.build)) {
          const statement = (query as unknown as { getSQL(): SQL }).getSQL();
          const [told] = await database.batch(scope, (db) => [
            db.execute(sql`explain (analyze, format json, timing off) ${statement}`),
          ]);
          rows += touched((told.rows[0]!["QUERY PLAN"] as { Plan: Plan }[])[0]!.Plan);
        }
        return Array.from({ length: 4 }, () => Object.assign([], { rows: [] })) as never;
      },
    };
    await work(createDocumentRepository(explaining));
    return rows;
  }
  const rowsRead = (filter: DocumentFilter, after?: { at: Date; id: string }) =>
    rowsReadBy((repository) => repository.list(actor, filter, { limit: 5, after }, new Date()));

  it.each<[string, DocumentFilter]>([
    ["all", {}],
    ["a folder", { folderPath: "/many" as FolderPath }],
    ["a folder of few", { folderPath: "/rare/below" as FolderPath }],
    ["what is below a folder of few", { folderPath: "/rare" as FolderPath, recursive: true }],
    ["the root, with few in it", { folderPath: "/" as FolderPath }],
    ["a role", { role: "Many" }],
    ["a role of few", { role: "Rare" }],
    ["a state of few", { status: "quarantined" }],
    ["a type of few", { contentType: "text/rare" }],
    ["nobody's", { createdBy: crypto.randomUUID() }],
    ["a search that finds many", { q: "hay" }],
  ])("reads few rows: %s", async (_, filter) => {
    expect(await rowsRead(filter)).toBeLessThan(100);
    expect(await rowsRead(filter, middle())).toBeLessThan(100);
  });

  it("are not what an upload's beginning counts", async () => {
    const deps = {
      random: { uuid: () => crypto.randomUUID() },
      origin: { requestId: "test-rows", ip: "", userAgent: "" },
    };
    const id = crypto.randomUUID() as DocumentId;
    const at = new Date();
    const rest = {
      originalFilename: "a.pdf",
      contentType: "application/pdf",
      sha256: null,
      role: null,
      customMetadata: {},
    };
    const upload: NewUpload = {
      document: {
        ...rest,
        id,
        companyId: as.companyId,
        createdBy: as.userId,
        sizeBytes: 1,
        createdAt: at,
        status: "uploading",
        folderPath: "/many" as FolderPath,
      },
      session: {
        id: crypto.randomUUID() as UploadId,
        transport: "proxy",
        partSize: 1,
        partCount: 1,
        openEnded: false,
        expiresAt: at,
      },
      quotaBytes: 2 ** 50,
    };
    const audit = auditOf(deps as never, actor, "document.upload", id, at);
    const rows = await rowsReadBy((repository) =>
      expect(repository.initiate(actor, upload, audit, undefined)).rejects.toThrow("answers with a row"),
    );
    expect(rows).toBeLessThan(100);
  });

  it("looks at some in their order, and then asks the index, for a search that finds few", async () => {
    for (const q of ["needle", "NEEDLE 5000", "none of them", "%%%"])
      expect(await rowsRead({ q }), q).toBeLessThan(3_000);
    const { items } = await createDocumentRepository(database).list(
      actor,
      { q: "NEEDLE" },
      { limit: 5, after: undefined },
      new Date(),
    );
    expect(items.map(({ originalFilename }) => originalFilename)).toEqual(
      [5_000, 10_000, 15_000, 20_000].map((n) => `needle ${n}.pdf`),
    );
    const deep = await createDocumentRepository(database).list(
      actor,
      { q: "needle" },
      { limit: 5, after: middle() },
      new Date(),
    );
    expect(deep.items).toHaveLength(2);
  });

  it("knows what is listed by the same words as the states do", async () => {
    const db = superuserDatabase();
    const { rows } = await db.execute<{ status: string }>(
      sql`select distinct status from ${documents} where ${isListed}`,
    );
    expect(rows.map(({ status }) => status).filter((status) => !visibleStates.includes(status as never))).toEqual([]);
    expect(new Set((isListed.queryChunks[0] as { value: string[] }).value[0]!.match(/'\w+'/g))).toEqual(
      new Set(visibleStates.map((state) => `'${state}'`)),
    );
  });
});

interface Plan {
  readonly "Node Type": string;
  readonly "Relation Name"?: string;
  readonly "Index Name"?: string;
  readonly "Actual Rows": number;
  readonly "Actual Loops": number;
  readonly "Rows Removed by Filter"?: number;
  readonly "Rows Removed by Index Recheck"?: number;
  readonly Plans?: readonly Plan[];
}

/**
 * Of documents, which these tests fill and analyze. What the planner does with the other tables hangs on how many rows tests before
 * left there and whether autovacuum has looked: it may well read through folders or counters that are few.
 */
const touched = (plan: Plan): number => {
  const below = (plan.Plans ?? []).reduce((sum, one) => sum + touched(one), 0);
  if (!/^documents(_|$)/.test(plan["Relation Name"] ?? plan["Index Name"] ?? "")) return below;
  const dropped = (plan["Rows Removed by Filter"] ?? 0) + (plan["Rows Removed by Index Recheck"] ?? 0);
  return below + (plan["Actual Rows"] + dropped) * plan["Actual Loops"];
};
