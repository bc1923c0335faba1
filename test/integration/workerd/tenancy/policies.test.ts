import { eq, getTableName, sql } from "drizzle-orm";
import { beforeAll, describe, expect, it } from "vitest";
import { sqlState, type Scope } from "../../../../src/platform/db/client.ts";
import * as schema from "../../../../src/platform/db/schema/index.ts";
import type { CompanyId } from "../../../../src/shared/ids.ts";
import { call, type Answer } from "../../../support/workerd/api.ts";
import { pdf, s3Path, upload } from "../../../support/workerd/uploads.ts";
import {
  appDatabase,
  makePerson,
  makeSession,
  superuserDatabase,
  type Person,
} from "../../../support/workerd/factories.ts";
import { queueMail } from "../../../support/workerd/mailbox.ts";

const { companies, mailedTokens, registrations, sessions, simulations, simulationSeries, simulationSweeps, users } =
  schema;
/** Every table there is, so that a new one is tried without anyone remembering. */
const tables = Object.values(schema).map((table) => [getTableName(table), table] as const);
const tenantTables = tables.filter(([name]) => name !== "companies");
const insufficientPrivilege = "42501";

const stateOf = (work: Promise<unknown>): Promise<string | undefined> =>
  work.then(
    () => "done",
    (error: unknown) => sqlState(error),
  );

describe("the second lock", () => {
  const database = appDatabase();
  let one: Person;
  let two: Person;
  const company = (companyId: CompanyId): Scope => ({ kind: "company", companyId });

  beforeAll(async () => {
    [one, two] = await Promise.all([makePerson({ group: "Admin" }), makePerson({ group: "Admin" })]);
    const input = {
      company: "Acme",
      n_iterations: 1,
      automation_factor: 0.5,
      n_months: 12,
      roles: [{ role: "A", count: 1, salary: 1 }],
    };
    const workloads = [{ Name: "x", Type: "Auto", Skill: 0.5, Time: 1 }];
    const now = new Date();
    const secret = { createdAt: now, expiresAt: new Date(now.getTime() + 60_000) };
    for (const { companyId, userId, email } of [one, two]) {
      const db = superuserDatabase();
      const registration = { id: crypto.randomUUID(), companyId, email, firstName: "Sam", lastName: "Owner" };
      const kept = { passwordHash: "", companyName: "Acme", tokenDigest: new Uint8Array(32), ...secret };
      await db.insert(registrations).values({ ...registration, ...kept });
      const sweep = { id: crypto.randomUUID(), companyId, createdBy: userId, companyLabel: "Acme", model: "classic" };
      const asked = { engineVersion: "1.1.0", seed: 1, iterations: 1, months: 12, automationFactors: [0.5], input };
      await db.insert(simulationSweeps).values({ ...sweep, ...asked, warnings: [], estimate: {}, createdAt: now });
      await db
        .insert(mailedTokens)
        .values({ companyId, userId, purpose: "reset", digest: new Uint8Array(32), ...secret });
    }
    for (const as of [one, two])
      await call("/api/etter/simulation/v1/roles/A", { method: "PUT", body: { workloads }, as });
    for (const { companyId, userId, email: to } of [one, two]) {
      const mail = { id: crypto.randomUUID(), companyId, userId, to, sealedToken: null, at: new Date() };
      await database.batch(company(companyId), (db) => [
        queueMail(db, { ...mail, template: "address_taken", data: {} }),
      ]);
    }
    for (const as of [one, two]) {
      await upload(as, pdf(), { more: { folder_path: "/hr" } });
      await upload(as, pdf(), { more: { folder_path: "/gone" } });
      expect((await call(`${s3Path}/folders?path=/gone&recursive=true`, { method: "DELETE", as })).status).toBe(200);
    }
    for (const as of [one, two])
      expect(
        (
          await call("/api/etter/simulation/v1", {
            body: input,
            as,
            headers: { Prefer: "wait=20", "Idempotency-Key": "tenancy" },
          })
        ).status,
      ).toBe(200);
  });

  it.each(tables)("shows no row of %s without a context", async (_, table) => {
    const owner = "companyId" in table ? table.companyId : table.id;
    expect(await database.build.select({ owner }).from(table)).toEqual([]);
  });

  it.each(tenantTables)("shows only a company's own rows of %s, whatever the query asks for", async (_, table) => {
    const owner = "companyId" in table ? table.companyId : undefined;
    const [rows] = await database.batch(company(one.companyId), (db) => [
      db.selectDistinct({ owner: owner! }).from(table),
    ]);
    // None at all proves nothing: beforeAll makes one of each, of both companies.
    expect(rows).toEqual([{ owner: one.companyId }]);
  });

  it("shows only the own company", async () => {
    const [rows] = await database.batch(company(one.companyId), (db) => [
      db.select({ id: companies.id }).from(companies),
    ]);
    expect(rows).toEqual([{ id: one.companyId }]);
  });

  it("leaves nothing of a context behind", async () => {
    await database.batch(company(one.companyId), (db) => [db.select().from(users)]);
    expect(await database.build.select().from(users)).toEqual([]);
  });

  it("refuses to write into another company, and changes none of its rows", async () => {
    const now = new Date();
    const row = {
      id: crypto.randomUUID(),
      companyId: two.companyId,
      email: `${crypto.randomUUID()}@example.com`,
      group: "Admin",
      createdAt: now,
      updatedAt: now,
    };
    expect(await stateOf(database.batch(company(one.companyId), (db) => [db.insert(users).values(row)]))).toBe(
      insufficientPrivilege,
    );
    await database.batch(company(one.companyId), (db) => [
      db.update(users).set({ firstName: "Mallory" }).where(eq(users.id, two.userId)),
    ]);
    await database.batch(company(one.companyId), (db) => [
      db.update(simulations).set({ name: "Mine" }).where(eq(simulations.companyId, two.companyId)),
    ]);
    const [user] = await superuserDatabase().select().from(users).where(eq(users.id, two.userId));
    expect(user!.firstName).toBe("Robin");
    const moved = database.batch(company(one.companyId), (db) => [
      db.update(users).set({ companyId: two.companyId }).where(eq(users.id, one.userId)),
    ]);
    expect(await stateOf(moved)).toBe(insufficientPrivilege);
  });

  it("refuses what the application's role has no business doing", async () => {
    const tries = {
      "change the audit": sql`update audit_log set action = 'x'`,
      "delete from the audit": sql`delete from audit_log`,
      "delete people": sql`delete from users`,
      "make another company": sql`insert into companies (id, name, created_at, updated_at) values (gen_random_uuid(), 'x', now(), now())`,
      "make a platform company": sql`update companies set is_platform = true`,
      "empty a table": sql`truncate simulations cascade`,
      "make a table": sql`create table mine (id int)`,
      "make a temporary table": sql`create temporary table mine (id int)`,
      "switch row level security off": sql`alter table users disable row level security`,
      "become the owner": sql`set role etter_owner`,
      "become the definer": sql`set role etter_definer`,
    };
    for (const [what, statement] of Object.entries(tries)) {
      const state = await stateOf(database.batch(company(one.companyId), (db) => [db.execute(statement)]));
      expect([what, state]).toEqual([what, insufficientPrivilege]);
    }
  });

  it("lets the clock's role see unfinished runs of every company, by a few columns, and nothing else", async () => {
    const system: Scope = { kind: "system" };
    const [row] = await superuserDatabase().select().from(simulations).where(eq(simulations.companyId, one.companyId));
    const id = crypto.randomUUID();
    await superuserDatabase()
      .insert(simulations)
      .values({ ...row!, id, status: "created", completedAt: null, createdAt: new Date(), explanations: null });
    const columns = { id: simulations.id, companyId: simulations.companyId, completedAt: simulations.completedAt };
    const [seen] = await database.batch(system, (db) => [db.select(columns).from(simulations)]);
    expect(seen).toContainEqual({ id, companyId: one.companyId, completedAt: null });
    expect(seen.every(({ completedAt }) => completedAt === null)).toBe(true);
    expect(
      await stateOf(database.batch(system, (db) => [db.select({ input: simulations.input }).from(simulations)])),
    ).toBe(insufficientPrivilege);
    for (const table of [users, sessions, mailedTokens, registrations, simulationSeries, simulationSweeps])
      expect(await stateOf(database.batch(system, (db) => [db.select().from(table)]))).toBe(insufficientPrivilege);
    expect(await stateOf(database.batch(system, (db) => [db.update(simulations).set({ name: "x" })]))).toBe(
      insufficientPrivilege,
    );
  });

  it("refuses a context whose session has ended, expired, or belongs to somebody else", async () => {
    const at = new Date();
    const { sessionId } = await makeSession(one, { at, seconds: 10 });
    const enter = (actor: Partial<Person> & { sessionId: typeof sessionId }, when = at) =>
      database
        .batch({ kind: "session", actor: { ...one, ...actor }, at: when }, (db) => [
          db.select({ id: users.id }).from(users),
        ])
        .then(
          () => "entered",
          (error: { code?: string }) => error.code,
        );
    expect(await enter({ sessionId })).toBe("entered");
    expect(await enter({ sessionId, userId: two.userId })).toBe("unauthorized");
    expect(await enter({ sessionId, companyId: two.companyId })).toBe("unauthorized");
    expect(await enter({ sessionId }, new Date(at.getTime() + 10_000))).toBe("unauthorized");
    await superuserDatabase()
      .update(sessions)
      .set({ endedAt: at, endReason: "logout" })
      .where(eq(sessions.id, sessionId));
    expect(await enter({ sessionId })).toBe("unauthorized");
  });

  it("never crosses: 200 interleaved requests of two companies", async () => {
    const itemsOf = ({ body }: Answer): { company?: { id: string }; created_by?: string }[] => body.items;
    const reads: [path: string, isOwn: (answer: Answer, as: Person) => boolean][] = [
      ["/api/etter/users/me", ({ body }, as) => body.id === as.userId && body.company.id === as.companyId],
      ["/api/etter/companies/current", ({ body }, as) => body.id === as.companyId],
      ["/api/etter/audit?limit=5", (answer, as) => itemsOf(answer).every(({ company: of }) => of?.id === as.companyId)],
      ["/api/etter/simulation/v1", (answer, as) => itemsOf(answer).every(({ created_by: by }) => by === as.userId)],
    ];
    const answers: [status: number, good: boolean][] = [];
    // Forty under way at any time, twice as many as there are connections: enough to have each connection change companies
    // all the time, and few enough for a slow machine to answer before the Worker's own bound of 4 s.
    const lanes = 40;
    const lane = async (_: unknown, first: number): Promise<void> => {
      for (let index = first; index < 200; index += lanes) {
        const as = (index + Math.floor(index / lanes)) % 2 === 0 ? one : two;
        const [path, isOwn] = reads[Math.floor(index / 2) % reads.length]!;
        const answer = await call(path, { as });
        answers.push([answer.status, answer.text.length > 50 && isOwn(answer, as)]);
      }
    };
    await Promise.all(Array.from({ length: lanes }, lane));
    expect(answers).toEqual(Array.from({ length: 200 }, () => [200, true]));
  });

  it("rolls a unit of work back when it throws, and commits it when it returns", async () => {
    const rename = (firstName: string, fail: boolean) =>
      database.unitOfWork(company(one.companyId), async (tx) => {
        await tx.update(users).set({ firstName }).where(eq(users.id, one.userId));
        expect(await tx.select({ id: users.id }).from(users)).toHaveLength(1);
        if (fail) throw new Error("on purpose");
      });
    await expect(rename("Lost", true)).rejects.toThrow("on purpose");
    const nameOf = async () =>
      (await superuserDatabase().select().from(users).where(eq(users.id, one.userId)))[0]!.firstName;
    expect(await nameOf()).toBe("Robin");
    await rename("Kept", false);
    expect(await nameOf()).toBe("Kept");
  });
});
