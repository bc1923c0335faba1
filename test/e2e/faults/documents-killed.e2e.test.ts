import { randomBytes, randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { FaultRule } from "../../support/node/s3-front/faults.ts";
import { bytesOf, documentsClient, type Answer, type DocumentsClient } from "./documents-client.ts";
import { startS3Server, s3ServerNames, type S3Server } from "./s3-servers.ts";
import { changeVariables, startScratchServer, type ScratchServer } from "./scratch-server.ts";

const PATIENCE_MS = 30_000;
const mebibyte = 1024 ** 2;

type Verb = "open" | "part" | "complete" | "abort" | "delete";
type Strategy = "SINGLE" | "MULTIPART";
/** Where workerd dies: before a call to S3 takes effect, or after it has and nobody of ours has heard. */
type Moment = readonly [when: "before" | "after", operation: string, nth?: number];

const inParts = (listParts: boolean): Moment[] => [
  ...(listParts ? ([["before", "ListParts"]] as const) : []),
  ["before", "CompleteMultipartUpload"],
  ["after", "CompleteMultipartUpload"],
  ["before", "HeadObject"],
  ["before", "GetObject"],
];

/** Every step between two calls, of each verb. What follows the last call to S3 is the statement that says so in Postgres. */
const moments: Record<Verb, (strategy: Strategy, listParts: boolean) => readonly Moment[]> = {
  open: (strategy) => (strategy === "SINGLE" ? [] : bothSidesOf("CreateMultipartUpload")),
  part: (strategy) => bothSidesOf(strategy === "SINGLE" ? "PutObject" : "UploadPart"),
  complete: (strategy, listParts) =>
    strategy === "MULTIPART"
      ? inParts(listParts)
      : [["before", "GetObject"], ...bothSidesOf("PutObject"), ["before", "DeleteObject"]],
  abort: (strategy) => [
    ...(strategy === "MULTIPART" ? bothSidesOf("AbortMultipartUpload") : []),
    ...bothSidesOf("DeleteObject"),
  ],
  delete: (strategy) => [
    ...bothSidesOf("DeleteObject"),
    // The second is what came in by an address that may still be good.
    ...(strategy === "SINGLE"
      ? ([
          ["before", "DeleteObject", 2],
          ["after", "DeleteObject", 2],
        ] as const)
      : []),
  ],
};

function bothSidesOf(operation: string): Moment[] {
  return [
    ["before", operation],
    ["after", operation],
  ];
}

let scratch: ScratchServer;
let client: DocumentsClient;

beforeAll(async () => {
  scratch = await startScratchServer();
});
afterAll(() => scratch?.remove());

const sql = async (text: string, values: unknown[]): Promise<Record<string, unknown>[]> =>
  (await scratch.superuser.query<Record<string, unknown>>(text, values)).rows;

interface Victim {
  readonly name: string;
  readonly verb: Verb;
  readonly strategy: Strategy;
  readonly healer: "call" | "sweep";
  readonly documentId: string;
  readonly bytes: Uint8Array;
  readonly rule: FaultRule;
  act(): Promise<Answer>;
}

/** A document up to the point where the verb is next, and the rule that stops it at that moment. */
async function prepare(verb: Verb, strategy: Strategy, moment: Moment, healer: Victim["healer"]): Promise<Victim> {
  const [when, operation, nth = 1] = moment;
  const name = `${verb} of a ${strategy} upload, ${when} ${operation} ${nth}, healed by ${healer}`;
  const bytes = randomBytes(1_000);
  const key = randomUUID();
  const json = {
    original_filename: "killed.bin",
    content_type: "application/octet-stream",
    declared_size_bytes: strategy === "SINGLE" ? bytes.length : 9 * mebibyte,
    transport: "proxy",
    custom_metadata: { name },
  };
  const begin = () => client.call("POST", "/uploads", { json, key });
  const how = { fault: when === "before" ? "hang" : "hold-reply", operation, skip: nth - 1 } as const;
  if (verb === "open") {
    // Nobody knows its id yet, and no other upload begins meanwhile.
    return { name, verb, strategy, healer, documentId: "", bytes, rule: { ...how, key: client.companyId }, act: begin };
  }
  const { session_id: session, document_id: documentId } = (await begin()).body;
  // One small part, which only an upload of unknown size may have.
  if (strategy === "MULTIPART") await sql("update upload_sessions set open_ended = true where id = $1", [session]);
  const calls = {
    part: () => client.call("PUT", `/uploads/${session}/parts/1`, { bytes }),
    complete: () => client.call("POST", `/uploads/${session}/complete`),
    abort: () => client.call("DELETE", `/uploads/${session}`),
    delete: () => client.call("DELETE", `/documents/${documentId}`),
  };
  if (verb !== "part") expect((await calls.part()).status).toBe(200);
  if (verb === "delete") expect((await calls.complete()).status).toBe(200);
  return { name, verb, strategy, healer, documentId, bytes, rule: { ...how, key: documentId }, act: calls[verb] };
}

/** The states between which the row may stand while a verb is cut off, and how it ends. */
const ends: Partial<Record<Verb, readonly [leased: string, end: string]>> = {
  complete: ["completing", "ready"],
  abort: ["aborting", "aborted"],
  delete: ["deleting", "deleted"],
};

const rowsOf = (victims: readonly Victim[]) =>
  sql("select id, status, version from documents where id = any($1)", [victims.map(({ documentId }) => documentId)]);

describe.each(s3ServerNames)("workerd killed, with %s,", (name) => {
  let server: S3Server;
  const listParts = name === "swift";

  beforeAll(async () => {
    server = await startS3Server(name, scratch.root);
    await changeVariables(scratch, server.variables);
    client = await documentsClient(scratch);
  });
  afterEach(() => server.front.plan.clear());
  afterAll(async () => {
    // The next server has none of these, and the clock would take its bucket for the wrong one.
    await sql("update documents set status = 'deleted', folder_path = null, due_at = null where status = 'ready'", []);
    await server?.stop();
  });

  const everyMoment = (verb: Verb, healers: readonly Victim["healer"][]) =>
    (["SINGLE", "MULTIPART"] as const).flatMap((strategy) =>
      moments[verb](strategy, listParts).flatMap((moment) =>
        healers.map((healer) => [verb, strategy, moment, healer] as const),
      ),
    );

  /** Sends every verb up to its moment, and kills once when all stand there. */
  async function killAll(victims: readonly Victim[]): Promise<void> {
    for (const { rule } of victims) server.front.plan.add(rule);
    const sent = victims.map(({ act }) => act().catch(() => undefined));
    await expect
      .poll(() => victims.filter(({ rule }) => !server.front.plan.hasReached(rule)).map((victim) => victim.name), {
        timeout: PATIENCE_MS,
        interval: 10,
      })
      .toEqual([]);
    await scratch.server.killWorkerd();
    await Promise.all(sent);
    server.front.plan.clear();
  }

  it("between any two steps of completing, aborting or deleting: the next call or the sweep goes on", async () => {
    const wanted = (["complete", "abort", "delete"] as const).flatMap((verb) => everyMoment(verb, ["call", "sweep"]));
    const victims: Victim[] = [];
    for (const one of wanted) victims.push(await prepare(...one));
    // Twice, because no more than four whole documents are worked at a time.
    const atDeath = new Map<unknown, Record<string, unknown>>();
    for (const healer of ["call", "sweep"] as const) {
      const some = victims.filter((victim) => victim.healer === healer);
      await killAll(some);
      for (const row of await rowsOf(some)) atDeath.set(row["id"], row);
    }
    for (const { verb, strategy, rule, documentId, name: what } of victims) {
      const [leased, end] = ends[verb]!;
      // Only tidying up was left.
      const isOver = verb === "complete" && strategy === "SINGLE" && rule.operation === "DeleteObject";
      expect([what, atDeath.get(documentId)]).toEqual([
        what,
        expect.objectContaining({ status: isOver ? end : leased }),
      ]);
    }
    await leasesEnd(victims);
    for (const victim of victims.filter(({ healer }) => healer === "call")) await expectHealed(victim);
    await tickClock();
    for (const victim of victims) await expectHealed(victim);
    const rows = await rowsOf(victims);
    expect(rows.map(({ status }) => String(status)).toSorted()).toEqual(
      victims.map(({ verb }) => ends[verb]![1]).toSorted(),
    );
    // What a dead worker left beside: no row needs it, and it goes when it is old. Twenty objects a turn.
    for (let turn = 0; turn < 3; turn += 1) await tickClock(new Date(Date.now() + 8 * 86_400_000));
    await expectObjects(rows);
  });

  it("between any two steps of opening an upload or taking a part: the same call again goes on", async () => {
    const opened = await Promise.all(everyMoment("open", ["call"]).map((one) => prepare(...one)));
    const parts: Victim[] = [];
    for (const one of everyMoment("part", ["call"])) parts.push(await prepare(...one));
    const cut = await cutShort();
    await killAll([...parts, ...opened, cut.victim]);
    for (const { act } of opened) {
      const [first, again] = [await act(), await act()];
      expect([first.status, again.status]).toEqual([201, 201]);
      expect(again.body.session_id).toBe(first.body.session_id);
    }
    for (const { act, name: what, bytes, documentId } of parts) {
      expect([what, (await act()).status]).toEqual([what, 200]);
      const [session] = await sql("select id from upload_sessions where document_id = $1", [documentId]);
      expect((await client.call("POST", `/uploads/${String(session!["id"])}/complete`)).status).toBe(200);
      expect(await bytesOf(client, documentId)).toEqual(new Uint8Array(bytes));
    }
    // Of the two parts that were named one is there: the sweep, which has no list, must not take it for all of the document.
    await leasesEnd([cut.victim]);
    await tickClock();
    expect(await rowsOf([cut.victim])).toMatchObject([{ status: "uploading" }]);
    await cut.sendRest();
    expect((await cut.victim.act()).status).toBe(200);
    expect(Buffer.compare(await bytesOf(client, cut.victim.documentId), cut.victim.bytes)).toBe(0);
  });

  /** An upload of unknown size, of which a list names two parts while the second is still on its way; stopped when S3 is asked. */
  async function cutShort(): Promise<{ victim: Victim; sendRest(): Promise<void> }> {
    const [verb, strategy] = ["complete", "MULTIPART"] as const;
    const made = await prepare(verb, strategy, ["before", listParts ? "ListParts" : "HeadObject"], "sweep");
    const [session] = await sql("select id from upload_sessions where document_id = $1", [made.documentId]);
    const path = `/uploads/${String(session!["id"])}`;
    const bytes = randomBytes(5 * mebibyte + 1_000);
    const send = async (number: 1 | 2) => {
      const part = bytes.subarray((number - 1) * 5 * mebibyte, number * 5 * mebibyte);
      expect((await client.call("PUT", `${path}/parts/${number}`, { bytes: part })).status).toBe(200);
    };
    await send(1);
    const parts = [1, 2].map((number) => ({ part_number: number, etag: '"later"' }));
    const act = () => client.call("POST", `${path}/complete`, { json: { parts } });
    return { victim: { ...made, name: "a list cut short", bytes, act }, sendRest: () => send(2) };
  }

  /** Two minutes later. */
  const leasesEnd = (victims: readonly Victim[]) =>
    sql("update documents set due_at = now() - interval '1 second' where id = any($1) and due_at is not null", [
      victims.map(({ documentId }) => documentId),
    ]);

  async function expectHealed({ verb, documentId, bytes, name: what, act }: Victim): Promise<void> {
    const { status } = await act();
    expect([what, status]).toEqual([what, verb === "complete" ? 200 : verb === "abort" ? 204 : expect.any(Number)]);
    const audits = await sql("select from audit_log where target_id = $1 and action = $2", [
      documentId,
      `document.${verb}`,
    ]);
    expect([what, audits.length]).toEqual([what, 1]);
    if (verb === "complete") expect(await bytesOf(client, documentId)).toEqual(new Uint8Array(bytes));
    else expect((await client.call("GET", `/documents/${documentId}`)).status).toBe(404);
  }

  /** Of a ready document its object, of others nothing. */
  async function expectObjects(rows: readonly Record<string, unknown>[]): Promise<void> {
    for (const { id, status, version } of rows) {
      const versions = await server.versionsOf(`development/${client.companyId}/${String(id)}/`);
      expect(versions).toEqual(status === "ready" ? [version] : []);
    }
  }
});

/** What the platform does every minute. */
async function tickClock(at = new Date()): Promise<void> {
  const query = new URLSearchParams({ cron: "* * * * *", time: String(at.getTime()) });
  const response = await fetch(`${scratch.server.url}/cdn-cgi/local/scheduled?${query}`);
  expect(response.status).toBe(200);
  await response.body?.cancel();
}
