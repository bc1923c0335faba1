import { and, eq, inArray, sql, type SQL } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { createBackgroundContainer } from "../../../../src/container.ts";
import { loadConfig } from "../../../../src/config/index.ts";
import { documentStates, storedStates } from "../../../../src/features/documents/domain/states.ts";
import { auditLog, companyStorage, documents, uploadSessions } from "../../../../src/platform/db/schema/index.ts";
import { RequestMeter } from "../../../../src/platform/telemetry/meter.ts";
import { call, useVariables, workerEnv, type Answer } from "../../../support/workerd/api.ts";
import { makePerson, superuserDatabase, type Person } from "../../../support/workerd/factories.ts";
import { begin, complete, noise, putPart, s3Path, upload } from "../../../support/workerd/uploads.ts";
import { UppyCalls, type Begun } from "../../../support/workerd/uppy.ts";

const db = superuserDatabase();
/** What the company's row says, and what its documents say. */
async function bytesOf({ companyId }: Person): Promise<readonly [counted: number, stored: number]> {
  const [row] = await db.select().from(companyStorage).where(eq(companyStorage.companyId, companyId));
  const { rows } = await db.execute<{ bytes: string }>(sql`
    select coalesce(sum(size_bytes), 0) as bytes from ${documents}
    where company_id = ${companyId}::uuid and ${inArray(documents.status, storedStates)}`);
  return [row?.storedBytes ?? 0, Number(rows[0]!.bytes)];
}
async function expectCounted(as: Person, after: string): Promise<void> {
  const [counted, stored] = await bytesOf(as);
  expect(counted, after).toBe(stored);
}
const sweep = () =>
  createBackgroundContainer(loadConfig(workerEnv()), workerEnv(), {
    requestId: "test-sweep",
    meter: new RequestMeter(Date.now),
  }).sweepDocuments(new Date());

describe("the bytes that a company's quota counts", () => {
  it("are those of documents in these states, whoever writes the rows, and one or many at once", async () => {
    const as = await makePerson();
    const { id } = await upload(as);
    await expectCounted(as, "upload");
    const own = sql`company_id = ${as.companyId}::uuid`;
    const steps: SQL[] = [
      sql`insert into documents select (jsonb_populate_record(d, jsonb_build_object('id', gen_random_uuid(), 'size_bytes', n,
        'quarantine_reason', 'by_hand', 'due_at', null, 'status', (${JSON.stringify(documentStates)}::jsonb) -> n))).*
        from documents d, generate_series(0, ${documentStates.length - 1}::int) n where d.id = ${id}::uuid`,
      sql`update documents set size_bytes = size_bytes + 7 where ${own}`,
      ...documentStates.map(
        (status) =>
          sql`update documents set status = ${status}, quarantine_reason = 'by_hand' where ${own} and size_bytes % 2 = 0`,
      ),
      sql`update documents set status = 'ready' where ${own}`,
      sql`delete from documents where ${own} and id <> ${id}::uuid and size_bytes % 3 = 0`,
      sql`update documents set status = 'deleted', due_at = null where ${own}`,
    ];
    for (const [index, step] of steps.entries()) {
      await db.execute(step);
      await expectCounted(as, `step ${index}`);
    }
    expect(await bytesOf(as)).toEqual([0, 0]);
  });

  describe("with room for 500", () => {
    useVariables({ DOCUMENTS_QUOTA_BYTES: "500" });

    it("admit exactly what fits of a hundred uploads that begin at once", async () => {
      const as = await makePerson();
      const colleague = await makePerson({ companyId: as.companyId });
      const sizes = Array.from({ length: 100 }, (_, index) => 1 + ((index * 37) % 19));
      const answers = await Promise.all(sizes.map((size, index) => begin(index % 2 === 0 ? as : colleague, size)));
      const refused = answers.filter(({ status }) => status !== 201);
      expect(new Set(refused.map(({ body }) => body.code))).toEqual(new Set(["storage_full"]));
      const taken = sizes.reduce((sum, size, index) => sum + (answers[index]!.status === 201 ? size : 0), 0);
      expect(await bytesOf(as)).toEqual([taken, taken]);
      expect(taken).toBeLessThanOrEqual(500);
      // What was refused last found less room than it wanted: so does the smallest of them now.
      const smallest = Math.min(...sizes.filter((_, index) => answers[index]!.status !== 201));
      expect(taken + smallest).toBeGreaterThan(500);
      expect((await begin(as, 500 - taken + 1)).body.code).toBe("storage_full");
      if (taken < 500) expect((await begin(as, 500 - taken)).status).toBe(201);
    });
  });

  it("are exact after every history, of whatever happens at once", { timeout: 180_000 }, async () => {
    const seed = Math.floor(Math.random() * 2 ** 31);
    const random = below(seed);
    const as = await makePerson();
    const others = await Promise.all([as, as, as].map(() => makePerson({ companyId: as.companyId })));
    const history = new History([as, ...others], random);
    for (let round = 0; round < 50; round += 1) {
      const steps = Array.from({ length: 4 }, () => history.step());
      const answers = await Promise.all(steps.map(({ go }) => go()));
      const told = `seed ${seed}, round ${round}: ${steps.map(({ name }) => name).join(", ")}`;
      // A deadlock would be a 503.
      for (const answer of answers) expect(answer?.status ?? 200, `${told} ${answer?.text}`).toBeLessThan(500);
      await expectCounted(as, told);
    }
    const ready = and(eq(auditLog.companyId, as.companyId), eq(auditLog.action, "document.complete"));
    expect(await db.$count(auditLog, ready), `seed ${seed} completed none`).toBeGreaterThan(0);
  });
});

/** Whole numbers from 0, the same for the same seed: mulberry32. */
const below = (seed: number) => {
  let state = seed;
  return (bound: number): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound;
  };
};

interface Planned {
  readonly session: string;
  readonly id: string;
  readonly size: number;
}
interface OpenEnded {
  readonly uppy: UppyCalls;
  readonly begun: Begun;
  readonly tags: string[];
}
type Step = () => Promise<Answer | void>;

/** What people, their pages and the clock do to a company's documents, in any order, fitting or not. */
class History {
  readonly #people: readonly Person[];
  readonly #random: (bound: number) => number;
  readonly #planned: Planned[] = [];
  readonly #open: OpenEnded[] = [];

  constructor(people: readonly Person[], random: (bound: number) => number) {
    this.#people = people;
    this.#random = random;
  }

  step(): { readonly name: string; readonly go: Step } {
    const steps: readonly (readonly [name: string, weight: number, go: Step])[] = [
      ["begin", 3, () => this.#begin()],
      ["upload", 6, () => this.#upload()],
      ["begin open-ended", 3, () => this.#beginOpenEnded()],
      ["put", 6, () => this.#ofPlanned(({ session, size }, as) => putPart(as, session, 1, noise(size)))],
      ["put open-ended", 6, () => this.#ofOpen((one) => this.#putOpenEnded(one))],
      ["complete", 6, () => this.#ofPlanned(({ session }, as) => complete(as, session))],
      ["complete open-ended", 4, () => this.#ofOpen(({ uppy, begun, tags }) => uppy.complete(begun, tags))],
      ["abort", 1, () => this.#ofPlanned(({ session }, as) => remove(as, `uploads/${session}`))],
      ["abort open-ended", 1, () => this.#ofOpen(({ uppy, begun }) => uppy.abort(begun))],
      ["delete", 2, () => this.#ofPlanned(({ id }, as) => remove(as, `documents/${id}`))],
      ["delete folder", 2, () => remove(this.#anyone(), "folders?path=/all&recursive=true")],
      ["expire and sweep", 1, () => this.#ofPlanned((one) => expire(one))],
    ];
    const drawn = steps.flatMap((step) => Array.from({ length: step[1] }, () => step));
    const [name, , go] = drawn[this.#random(drawn.length)]!;
    return { name, go };
  }

  /** One of the last few, so that they come far. */
  #oneOf = <T>(all: readonly T[]): T | undefined => all.at(-1 - this.#random(4));
  #anyone = (): Person => this.#people[this.#random(this.#people.length)]!;

  async #begin(): Promise<Answer> {
    const size = 1 + this.#random(2_000);
    const begun = await begin(this.#anyone(), size, { more: { folder_path: "/all" } });
    if (begun.status === 201) this.#planned.push({ session: begun.body.session_id, id: begun.body.document_id, size });
    return begun;
  }

  /** From beginning to end: of steps drawn one by one, so few follow each other that one history in eight completes nothing. */
  async #upload(): Promise<Answer> {
    const as = this.#anyone();
    const begun = await this.#begin();
    if (begun.status !== 201) return begun;
    const { session_id: session, part_size: size } = begun.body;
    await putPart(as, session, 1, noise(size));
    return complete(as, session);
  }

  async #beginOpenEnded(): Promise<Answer> {
    const uppy = await UppyCalls.for(this.#anyone());
    const begun = await uppy.begin({ folder_path: "/all" }, "a.bin", "application/octet-stream");
    if (begun.status === 200) this.#open.push({ uppy, begun: begun.body, tags: [] });
    return begun;
  }

  async #putOpenEnded({ uppy, begun, tags }: OpenEnded): Promise<Answer> {
    const [size, number] = [1 + this.#random(2_000), 1 + this.#random(2)];
    const sent = await uppy.call(`/${begun.uploadId}/${number}?key=${begun.key}`, { method: "PUT", raw: noise(size) });
    if (sent.status === 200) tags[number - 1] = sent.headers.get("etag")!;
    tags[0] ??= '"none"';
    return sent;
  }

  async #ofPlanned(act: (one: Planned, as: Person) => Promise<Answer | void>): Promise<Answer | void> {
    const one = this.#oneOf(this.#planned);
    return one === undefined ? undefined : act(one, this.#anyone());
  }

  async #ofOpen(act: (one: OpenEnded) => Promise<Answer>): Promise<Answer | void> {
    const one = this.#oneOf(this.#open);
    return one === undefined ? undefined : act(one);
  }
}

const remove = (as: Person, what: string): Promise<Answer> => call(`${s3Path}/${what}`, { method: "DELETE", as });

async function expire({ id, session }: Planned): Promise<void> {
  const past = new Date(Date.now() - 60_000);
  await db.update(uploadSessions).set({ expiresAt: past }).where(eq(uploadSessions.id, session));
  await db
    .update(documents)
    .set({ dueAt: past })
    .where(sql`${eq(documents.id, id)} and status = 'uploading'`);
  await sweep();
}
