import { env } from "cloudflare:workers";
import { eq } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { loadConfig } from "../../../../src/config/index.ts";
import { createBackgroundContainer } from "../../../../src/container.ts";
import { createApp } from "../../../../src/http/app.ts";
import { createCapabilityTokens } from "../../../../src/platform/crypto/capabilities.ts";
import { documents } from "../../../../src/platform/db/schema/index.ts";
import { RequestMeter } from "../../../../src/platform/telemetry/meter.ts";
import type { DocumentId } from "../../../../src/shared/ids.ts";
import { verdictHeaders } from "../../../support/verdict-signature.ts";
import { call, type Answer } from "../../../support/workerd/api.ts";
import { config, makePerson, sessionOf, superuserDatabase, type Person } from "../../../support/workerd/factories.ts";
import { begin, mebibyte, noise, pdf, putAll, read, s3Path } from "../../../support/workerd/uploads.ts";
import { ask, captureLog } from "../http/app-under-test.ts";

const { scannerUrl, scannerToken } = env.TEST_STACK;
const secret = config.scanner.secret!;
const app = createApp();
const bindingsFor = (manner: string) => ({
  SCANNER_TYPE: "http",
  SCANNER_URL: `${scannerUrl}/${manner}`,
  SCANNER_TOKEN: scannerToken,
});

/** Asks a Worker that is configured to have documents scanned. */
async function scanned(manner: string, as: Person, path: string, body: object = {}): Promise<Answer> {
  const headers = { Authorization: `Bearer ${(await sessionOf(as)).accessToken}`, "Content-Type": "application/json" };
  const request = new Request(`https://etter.test${s3Path}${path}`, {
    method: "POST",
    headers: { ...headers, "CF-Connecting-IP": "10.11.12.13" },
    body: JSON.stringify(body),
  });
  const response = await ask(request, { app, bindings: bindingsFor(manner) });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: JSON.parse(text) };
}

/** A document whose upload was completed with a scanner that behaves so. */
async function uploaded(as: Person, manner = "well", bytes = pdf(), contentType = "application/pdf"): Promise<Answer> {
  const { body } = await begin(as, bytes.length, { contentType });
  await putAll(as, body, bytes);
  return scanned(manner, as, `/uploads/${body.session_id}/complete`);
}

interface Asked {
  authorised: boolean;
  question: {
    version: number;
    document_id: string;
    scan: string;
    url: string;
    verdict_url: string;
    size_bytes: number;
    sha256: string;
  };
}
/** What the scanner was asked of a document, in order. */
const askedOf = async (id: string): Promise<Asked[]> => {
  const all = (await (await fetch(`${scannerUrl}/_asked`)).json()) as Asked[];
  return all.filter(({ question }) => question.document_id === id);
};
const lastScan = async (id: string): Promise<string> => (await askedOf(id)).at(-1)!.question.scan;

/** Posts a verdict as the scanner does. */
function tell(id: string, verdict: object, { at = new Date(), key = secret, change = {} } = {}): Promise<Answer> {
  const raw = JSON.stringify(verdict);
  const headers = { "Content-Type": "application/json", ...verdictHeaders(key, raw, at), ...change };
  return call(`${s3Path}/scans/${id}`, { method: "POST", raw, headers });
}

const rowOf = async (id: string) =>
  (await superuserDatabase().select().from(documents).where(eq(documents.id, id)))[0]!;
const document = (as: Person, id: string) => call(`${s3Path}/documents/${id}`, { as });
const download = (as: Person, id: string) => call(`${s3Path}/documents/${id}/download`, { method: "POST", as });
const history = async (as: Person, id: string): Promise<[string, string | null][]> =>
  (await call(`${s3Path}/documents/${id}/audit`, { as })).body.items.map(
    ({ action, reason }: { action: string; reason: string | null }) => [action, reason],
  );

const sweepAt = (manner: string, at: Date) => {
  const configured = loadConfig({ ...env, ...bindingsFor(manner) });
  const surroundings = { requestId: "test-sweep", meter: new RequestMeter(Date.now) };
  return createBackgroundContainer(configured, env, surroundings).sweepDocuments(at);
};
/** As if it had been scanned for so many seconds, and the sweep's time had come. */
const waitedFor = (id: string, seconds: number) =>
  superuserDatabase()
    .update(documents)
    .set({ changedAt: new Date(Date.now() - seconds * 1000), dueAt: new Date(Date.now() - 1000) })
    .where(eq(documents.id, id));

describe("a document", () => {
  it.each([
    ["of one part", pdf("scan me"), "application/pdf"],
    ["of two parts", noise(8 * mebibyte + 1), "application/octet-stream"],
  ])(
    "%s is scanned before anybody can read it, and is readable when the scanner says clean",
    async (_, bytes, type) => {
      const as = await makePerson();
      const { status, body, text } = await uploaded(as, "well", bytes, type);
      expect(status, text).toBe(200);
      expect(body.status).toBe("scanning");
      expect((await download(as, body.id)).body.code).toBe("document_not_ready");
      const [asked, ...more] = await askedOf(body.id);
      expect(more).toEqual([]);
      expect(asked!.authorised).toBe(true);
      expect(asked!.question).toMatchObject({
        version: 1,
        document_id: body.id,
        size_bytes: bytes.length,
        sha256: body.sha256,
        verdict_url: `${config.publicUrl}${s3Path}/scans/${body.id}`,
      });
      const seen = await read(asked!.question.url);
      expect([seen.answer.status, seen.bytes.length]).toEqual([200, bytes.length]);
      const told = await tell(body.id, { scan: asked!.question.scan, verdict: "clean" });
      expect([told.status, told.body]).toEqual([200, { document_id: body.id, status: "ready" }]);
      expect((await download(as, body.id)).status).toBe(200);
      expect((await history(as, body.id))[1]).toEqual(["document.scan", "clean"]);
    },
  );

  it("that is infected is quarantined with its reason, and the scanner's address stops working", async () => {
    const as = await makePerson();
    const { body } = await uploaded(as);
    const [{ question }] = (await askedOf(body.id)) as [Asked];
    const told = await tell(body.id, { scan: question.scan, verdict: "infected", reason: "Win.Test-1" });
    expect(told.body.status).toBe("quarantined");
    const refused = await download(as, body.id);
    expect([refused.status, refused.body.code, refused.body.reason]).toEqual([423, "document_quarantined", "infected"]);
    expect((await read(question.url)).answer.status).toBe(423);
    expect((await history(as, body.id))[0]).toEqual(["document.scan", "infected: Win.Test-1"]);
  });

  it("that was readable already is closed by a later `infected`, with every address that was given", async () => {
    const as = await makePerson();
    const { body } = await uploaded(as);
    const scan = await lastScan(body.id);
    await tell(body.id, { scan, verdict: "clean" });
    const { url } = (await download(as, body.id)).body;
    expect((await read(url)).answer.status).toBe(200);
    expect((await tell(body.id, { scan, verdict: "infected" })).body.status).toBe("quarantined");
    expect((await read(url)).answer.status).toBe(423);
  });

  it("that is scanned anew is read by the scanner alone, not by an address that somebody was given before", async () => {
    const as = await makePerson({ group: "Admin" });
    const { body } = await uploaded(as);
    await tell(body.id, { scan: await lastScan(body.id), verdict: "clean" });
    const { url } = (await download(as, body.id)).body;
    for (const verb of ["quarantine", "approve"])
      await scanned("well", as, `/documents/${body.id}/${verb}`, { reason: "x" });
    expect((await document(as, body.id)).body.status).toBe("scanning");
    const refused = (await read(url)).answer;
    expect([refused.status, refused.body.code]).toEqual([409, "document_not_ready"]);
    expect((await read((await askedOf(body.id)).at(-1)!.question.url)).answer.status).toBe(200);
    await tell(body.id, { scan: await lastScan(body.id), verdict: "clean" });
    expect((await read(url)).answer.status).toBe(200);
  });

  it("that our own checks refuse is quarantined and not scanned", async () => {
    const as = await makePerson();
    const { body } = await uploaded(as, "well", pdf(), "image/png");
    expect(body).toMatchObject({ status: "quarantined", quarantine_reason: "type_mismatch" });
    expect(await askedOf(body.id)).toEqual([]);
  });
});

describe("a scanner that does not answer", () => {
  it.each(["busy", "denied", "elsewhere", "hanging-up", "silent"])(
    "(%s) leaves the document unreadable, and the client content",
    async (manner) => {
      const log = captureLog();
      const as = await makePerson();
      const { status, body } = await uploaded(as, manner);
      expect([status, body.status]).toEqual([200, "scanning"]);
      expect((await download(as, body.id)).body.code).toBe("document_not_ready");
      expect(log.lines().map(({ event }) => event)).toContain("document_scan_late");
      expect(log.text()).not.toContain(scannerToken);
      const due = (await rowOf(body.id)).dueAt!.getTime() - Date.now();
      expect(due).toBeGreaterThan(200_000);
      expect(due).toBeLessThan(310_000);
    },
  );

  it("is asked again by the sweep, later each time, and then given up: never clean", async () => {
    const as = await makePerson();
    const { body } = await uploaded(as);
    for (const [waited, next] of [
      [310, 310],
      [3_000, 3_000],
      [80_000, 7_200],
    ] as const) {
      await waitedFor(body.id, waited);
      const before = (await askedOf(body.id)).length;
      await sweepAt("well", new Date());
      expect(await askedOf(body.id)).toHaveLength(before + 1);
      const { status, dueAt } = await rowOf(body.id);
      expect(status).toBe("scanning");
      expect(Math.abs(dueAt!.getTime() - Date.now() - next * 1000)).toBeLessThan(15_000);
    }
    await waitedFor(body.id, 24 * 3_600);
    await sweepAt("well", new Date());
    expect((await document(as, body.id)).body).toMatchObject({
      status: "quarantined",
      quarantine_reason: "scan_failed",
    });
    expect((await history(as, body.id))[0]).toEqual(["document.scan", "error: no verdict in a day"]);
    expect((await download(as, body.id)).body.reason).toBe("scan_failed");
  });

  it("or says `error` changes nothing: it is asked again", async () => {
    const log = captureLog();
    const as = await makePerson();
    const { body } = await uploaded(as);
    const told = await tell(body.id, { scan: await lastScan(body.id), verdict: "error", reason: "out-of-memory" });
    expect([told.status, told.body.status]).toEqual([200, "scanning"]);
    expect((await rowOf(body.id)).dueAt).not.toBeNull();
    const said = { event: "document_scan_error", document: body.id, error: "ScannerError out-of-memory" };
    expect(log.lines()).toContainEqual(expect.objectContaining(said));
  });
});

describe("a verdict", () => {
  it("is refused with no signature, a wrong one, an old one, and for another body", async () => {
    const as = await makePerson();
    const { body } = await uploaded(as);
    const scan = await lastScan(body.id);
    const clean = { scan, verdict: "clean" };
    const minutes = (count: number) => new Date(Date.now() + count * 60_000);
    const foreign = verdictHeaders(secret, JSON.stringify({ scan, verdict: "infected" }));
    const refused = [
      await call(`${s3Path}/scans/${body.id}`, { body: clean }),
      await call(`${s3Path}/scans/${body.id}`, { body: clean, as: await makePerson({ group: "Super Admin" }) }),
      await tell(body.id, clean, { key: `${secret}x` }),
      await tell(body.id, clean, { key: scannerToken }),
      await tell(body.id, clean, { at: minutes(-6) }),
      await tell(body.id, clean, { at: minutes(6) }),
      await tell(body.id, clean, { change: foreign }),
      await tell(body.id, clean, { change: { "X-Etter-Timestamp": String(Math.floor(Date.now() / 1000) + 1) } }),
      await tell(body.id, clean, { change: { "X-Etter-Signature": "v1=" } }),
    ];
    expect(refused.map(({ status, body: { code } }) => `${status} ${code}`)).toEqual(
      refused.map(() => "401 unauthorized"),
    );
    expect((await document(as, body.id)).body.status).toBe("scanning");
    expect((await tell(body.id, clean, { at: minutes(-4) })).status).toBe(200);
  });

  it("that is sent twice, or late, changes nothing", async () => {
    const as = await makePerson();
    const { body } = await uploaded(as);
    const scan = await lastScan(body.id);
    await Promise.all(Array.from({ length: 5 }, () => tell(body.id, { scan, verdict: "infected" })));
    for (const verdict of ["infected", "clean", "error"])
      expect((await tell(body.id, { scan, verdict })).body).toEqual({ document_id: body.id, status: "quarantined" });
    expect((await history(as, body.id)).filter(([action]) => action === "document.scan")).toHaveLength(1);
    await call(`${s3Path}/documents/${body.id}`, { method: "DELETE", as });
    expect((await tell(body.id, { scan, verdict: "clean" })).status).toBe(404);
  });

  it("is for the document that was asked about, and for no other", async () => {
    const as = await makePerson();
    const [{ body: one }, { body: other }] = [await uploaded(as), await uploaded(await makePerson())];
    const scan = await lastScan(one.id);
    const later = new Date(Date.now() + 60_000);
    const tokens = createCapabilityTokens(config.tokens);
    const actor = { ...as, sessionId: (await sessionOf(as)).sessionId };
    const claims = { purpose: "scan", documentId: one.id as DocumentId, since: new Date(), expiresAt: later } as const;
    const [readable, elsewhere] = await Promise.all([
      tokens.seal({ purpose: "download", actor, documentId: one.id as DocumentId, expiresAt: later }),
      tokens.seal({ ...claims, companyId: (await makePerson()).companyId }),
    ]);
    for (const [id, reference] of [
      [other.id, scan],
      [crypto.randomUUID(), scan],
      [one.id, "made.up"],
      [one.id, readable],
      [one.id, elsewhere],
    ] as const) {
      const answer = await tell(id, { scan: reference, verdict: "clean" });
      expect([answer.status, answer.body.code]).toEqual([404, "not_found"]);
    }
    for (const id of [one.id, other.id]) expect((await rowOf(id)).status).toBe("scanning");
  });

  it("of a shape that was not agreed is refused", async () => {
    const { body } = await uploaded(await makePerson());
    const scan = await lastScan(body.id);
    for (const wrong of [
      { scan, verdict: "probably clean" },
      { scan },
      { verdict: "clean" },
      { scan, verdict: "clean", reason: "two words" },
      { scan, verdict: "clean", document_id: body.id },
    ])
      expect((await tell(body.id, wrong)).status).toBe(422);
  });
});

describe("an Admin who approves", () => {
  it.each(["infected", "by hand", "never answered for"])(
    "what was quarantined (%s) has it scanned again: nobody overrules the scanner",
    async (how) => {
      const as = await makePerson();
      const admin = await makePerson({ group: "Admin", companyId: as.companyId });
      const { body } = await uploaded(as);
      const before = await lastScan(body.id);
      if (how === "infected") await tell(body.id, { scan: before, verdict: "infected" });
      if (how === "by hand") await scanned("well", admin, `/documents/${body.id}/quarantine`, { reason: "odd" });
      if (how === "never answered for") {
        await waitedFor(body.id, 25 * 3_600);
        await sweepAt("well", new Date());
      }
      expect((await rowOf(body.id)).status).toBe("quarantined");
      const approved = await scanned("well", admin, `/documents/${body.id}/approve`, { reason: "a false alarm" });
      expect(approved.body).toMatchObject({ status: "scanning", quarantine_reason: null });
      expect((await scanned("well", admin, `/documents/${body.id}/approve`, { reason: "again" })).status).toBe(200);
      expect((await download(as, body.id)).status).toBe(409);
      expect(await askedOf(body.id)).toHaveLength(2);
      const late = await tell(body.id, { scan: before, verdict: "clean" });
      expect([late.status, late.body.code]).toEqual([409, "scan_outdated"]);
      await tell(body.id, { scan: await lastScan(body.id), verdict: "clean" });
      expect((await download(as, body.id)).status).toBe(200);
    },
  );
});
