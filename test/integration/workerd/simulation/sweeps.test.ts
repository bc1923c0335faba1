import { eq } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { auditLog, simulations } from "../../../../src/platform/db/schema/index.ts";
import { call, frontCalls, type Answer } from "../../../support/workerd/api.ts";
import { makePerson, superuserDatabase, type Person } from "../../../support/workerd/factories.ts";

const path = "/api/etter/simulation/v1";
const sweepsPath = `${path}/sweeps`;
/** One is 0.30000000000000004: next to 0.3, and another question. */
const factors = [0.8, 0.2, 0.1 + 0.2, 0, 1, 0.3];
const input = {
  company: "Acme",
  n_iterations: 60,
  automation_factors: factors,
  n_months: 30,
  seed: 17,
  name: "How fast?",
  roles: [
    { role: "Engineer", count: 40, salary: 80_000 },
    { role: "Marketing", count: 30, salary: 70_000 },
  ],
};
const { automation_factors: _, ...question } = input;
const start = (as: Person, body: object = input, headers: Record<string, string> = {}) =>
  call(sweepsPath, { body, as, headers });
const read = (as: Person, id: string, query = "") => call(`${sweepsPath}/${id}${query}`, { as });

async function finished(as: Person, body: object = input): Promise<Answer["body"]> {
  const started = await start(as, body);
  expect(started.status, started.text).toBe(202);
  const { id } = started.body;
  await expect.poll(async () => (await read(as, id)).body.completed_at, { timeout: 25_000 }).not.toBeNull();
  return (await read(as, id)).body;
}

const runsOf = (id: string) => superuserDatabase().select().from(simulations).where(eq(simulations.sweepId, id));

describe("a sweep", () => {
  it("is stored with all of its runs and one audit row, in one round trip, and starts", async () => {
    const as = await makePerson();
    const requestId = crypto.randomUUID();
    const { status, body, headers, text } = await start(as, input, { "X-Request-Id": requestId });
    expect(status, text).toBe(202);
    expect(headers.get("location")).toBe(`${sweepsPath}/${body.id}`);
    expect(body).toMatchObject({
      name: "How fast?",
      status: "created",
      seed: 17,
      model: "classic",
      progress: { iterations_done: 0, iterations_total: 360, fraction: 0 },
      runs: { total: 6, completed: 0, failed: 0, cancelled: 0 },
      paired: true,
      input_data: { ...input, model: "classic" },
    });
    expect(body.factors.map((factor: { automation_factor: number }) => factor.automation_factor)).toEqual(factors);
    const stored = await runsOf(body.id);
    expect(stored.toSorted((a, b) => a.sweepPosition! - b.sweepPosition!).map((run) => `sim-${run.id}`)).toEqual(
      body.factors.map((factor: { simulation_id: string }) => factor.simulation_id),
    );
    const { postgres } = await frontCalls(requestId);
    // Roles of the company's own, then the sweep.
    expect(postgres).toHaveLength(2);
    const audit = await superuserDatabase().select().from(auditLog).where(eq(auditLog.targetId, body.id));
    expect(audit.map(({ action, targetType }) => [action, targetType])).toEqual([["sweep.create", "sweep"]]);
  });

  it(
    "has at every factor the numbers of a single run with the same seed, which it answers",
    { timeout: 60_000 },
    async () => {
      const [as, other] = [await makePerson(), await makePerson()];
      const { status, factors: told, progress, runs } = await finished(as);
      expect([status, progress.fraction, runs.completed]).toEqual(["completed", 1, 6]);
      for (const [index, automation_factor] of factors.entries()) {
        const headers = { Prefer: "wait=20" };
        const query = "?quantiles=p5,p10,p25,p50,p75,p90,p95";
        const alone = (await call(path, { body: { ...question, automation_factor }, as: other, headers })).body;
        const { results } = (await call(`${path}/${alone.id}${query}`, { as: other })).body;
        const expected = [12, 24, 30].map((month) => ({
          month,
          ...Object.fromEntries(
            ["employees", "total_salary_of_employees", "cost_savings"].map((metric) => [
              metric,
              Object.fromEntries(
                ["mean", "min", "max", "p5", "p10", "p25", "p50", "p75", "p90", "p95"].map((name) => [
                  name,
                  results[month][`${metric}_${name}`],
                ]),
              ),
            ]),
          ),
        }));
        expect(told[index]).toMatchObject({ automation_factor, status: "completed", error: null, at: expected });
        const again = await call(path, { body: { ...question, automation_factor }, as });
        expect([again.status, again.body.cached, again.body.id]).toEqual([200, true, told[index].simulation_id]);
      }
    },
  );
});
