import { eq } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { auditLog, companyRoles } from "../../../../src/platform/db/schema/index.ts";
import { call, frontCalls } from "../../../support/workerd/api.ts";
import { makePerson, superuserDatabase, type Person } from "../../../support/workerd/factories.ts";

const path = "/api/etter/simulation/v1/roles";
const workloads = [
  { Name: "Feed", Type: "Auto", Skill: 0.4, Time: 0.7 },
  { Name: "Talk to", Type: "Non-Auto", Skill: 0.9, Time: 0.3 },
];
const put = (as: Person, role: string, body: object = { workloads }) =>
  call(`${path}/${encodeURIComponent(role)}`, { method: "PUT", body, as });

describe("the role catalogue", () => {
  it("lists our defaults and the company's own, by name, in pages", async () => {
    const as = await makePerson();
    await put(as, "Aardvark Keeper");
    const seen: { role: string; source: string }[] = [];
    let cursor = "";
    do {
      const answer = await call(`${path}?limit=40${cursor && `&cursor=${encodeURIComponent(cursor)}`}`, { as });
      expect(answer.status, answer.text).toBe(200);
      seen.push(...answer.body.items);
      cursor = answer.body.next_cursor ?? "";
    } while (cursor !== "" && seen.length < 1_000);
    expect(seen.length).toBeGreaterThan(60);
    expect(seen[0]).toMatchObject({ role: "Aardvark Keeper", source: "company" });
    expect(new Set(seen.map(({ role }) => role)).size).toBe(seen.length);
    const found = await call(`${path}?q=software`, { as });
    expect(found.body.items.map(({ role }: { role: string }) => role)).toContain("Engineer");
  });

  it("lets a company hide a default, for itself alone, and have it back", async () => {
    const [as, stranger] = await Promise.all([makePerson(), makePerson()]);
    const made = await put(as, "engineer");
    expect([made.status, made.body.source]).toEqual([201, "company"]);
    expect((await put(as, "Engineer")).status).toBe(200);
    const shown = async (who: Person) => (await call(`${path}/ENGINEER`, { as: who })).body;
    expect(await shown(as)).toMatchObject({ role: "Engineer", source: "company", workloads });
    expect((await shown(stranger)).source).toBe("default");
    const simulation = {
      company: "Acme",
      n_iterations: 5,
      automation_factor: 0.5,
      n_months: 12,
      roles: [{ role: "Engineer", count: 3, salary: 1 }],
    };
    const run = async (who: Person) =>
      (await call("/api/etter/simulation/v1", { body: simulation, as: who })).body.workloads[0];
    expect(await run(as)).toMatchObject({ source: "catalogue", workloads });
    expect((await run(stranger)).workloads).toHaveLength(4);
    expect((await call(`${path}/Engineer`, { method: "DELETE", as })).status).toBe(204);
    expect((await call(`${path}/Engineer`, { method: "DELETE", as })).status).toBe(404);
    expect((await shown(as)).source).toBe("default");
    const actions = (await superuserDatabase().select().from(auditLog).where(eq(auditLog.actorUserId, as.userId))).map(
      ({ action }) => action,
    );
    expect(actions.toSorted()).toEqual(["role.delete", "role.put", "role.put", "simulation.create"]);
  });

  it("has in the audit what a description was before and what it is now, by digests: it may be long", async () => {
    const as = await makePerson();
    const other = [{ ...workloads[0]!, Name: "Something else", Time: 1 }];
    for (const body of [{ workloads }, { workloads: other }, { workloads }]) await put(as, "Keeper", body);
    expect((await call(`${path}/Keeper`, { method: "DELETE", as })).status).toBe(204);
    const lines = await superuserDatabase().select().from(auditLog).where(eq(auditLog.actorUserId, as.userId));
    const told = lines.toSorted((a, b) => a.at.getTime() - b.at.getTime()).map(({ changes }) => changes?.["workloads"]);
    const [first, second] = told.map((change) => (change as { new: string }).new);
    expect([first, second]).toEqual([0, 1].map(() => expect.stringMatching(/^sha256:[0-9a-f]{64}$/)));
    expect(first).not.toBe(second);
    const pairs = [
      [null, first],
      [first, second],
      [second, first],
      [first, null],
    ];
    expect(told).toEqual(pairs.map(([old, now]) => ({ old, new: now })));
  });

  it("tells C++ from C#, and reads no more descriptions than a page shows", async () => {
    const as = await makePerson();
    const own = ["C Developer", "C# Developer", "C++ Developer"];
    for (const role of own) expect((await put(as, role)).status).toBe(201);
    const other = [{ ...workloads[0]!, Name: "Something else", Time: 1 }];
    expect((await put(as, "C# Developer", { workloads: other })).status).toBe(200);
    const shown = async (role: string) => (await call(`${path}/${encodeURIComponent(role)}`, { as })).body.workloads;
    expect(await Promise.all(own.map(shown))).toEqual([workloads, other, workloads]);
    const requestId = crypto.randomUUID();
    const query = "?q=developer&limit=2&cursor=";
    const page = await call(`${path}?q=c&limit=1`, { as });
    expect(page.status).toBe(200);
    const found = await call(`${path}${query.replace("&cursor=", "")}`, { as, headers: { "X-Request-Id": requestId } });
    const names = found.body.items.map(({ role }: { role: string }) => role);
    const ownShown = names.filter((name: string) => own.includes(name)).length;
    const { postgres } = await frontCalls(requestId);
    const statements = postgres.flatMap((one) => one.statements).filter((text) => text.includes("company_roles"));
    expect(statements[0]).not.toContain("workloads");
    const asked = /"name_key" in \(([^)]*)\)/.exec(statements[1] ?? "")?.[1]?.split(",").length ?? 0;
    expect([statements.length, asked]).toEqual([ownShown > 0 ? 2 : 1, ownShown]);
  });

  it("refuses what is no role", async () => {
    const as = await makePerson();
    expect((await put(as, "Chef", { workloads: [] })).status).toBe(422);
    expect((await put(as, "Chef", { workloads: [{ ...workloads[0], Time: 0 }] })).status).toBe(422);
    expect((await put(as, "Chef", { workloads, salary: 1 })).status).toBe(422);
    expect((await put(as, "x".repeat(101))).status).toBe(422);
    expect((await put(as, "---")).status).toBe(422);
    expect((await call(`${path}/Nobody%20Knows`, { as })).status).toBe(404);
  });

  it("is read by Reviewers and written by those who run simulations", async () => {
    const reviewer = await makePerson({ group: "Reviewer" });
    expect((await call(path, { as: reviewer })).status).toBe(200);
    expect((await put(reviewer, "Chef")).status).toBe(403);
    expect((await put(await makePerson({ group: "Etter Generator" }), "Chef")).status).toBe(403);
  });

  it("has room for five hundred of a company's own, also when ten come at once", async () => {
    const as = await makePerson();
    const row = { companyId: as.companyId, workloads, updatedBy: as.userId, updatedAt: new Date() };
    await superuserDatabase()
      .insert(companyRoles)
      .values(Array.from({ length: 495 }, (_, i) => ({ ...row, nameKey: `filler ${i}`, role: `Filler ${i}` })));
    const answers = await Promise.all(Array.from({ length: 10 }, (_, i) => put(as, `Newcomer ${i}`)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(5);
    expect(answers.filter(({ body }) => body.code === "too_many_roles")).toHaveLength(5);
    expect((await put(as, "Filler 3")).status).toBe(200);
  });
});
