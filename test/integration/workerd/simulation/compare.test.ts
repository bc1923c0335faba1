import { eq } from "drizzle-orm";
import { beforeAll, describe, expect, it } from "vitest";
import { simulations, simulationSeries } from "../../../../src/platform/db/schema/index.ts";
import { call, frontCalls } from "../../../support/workerd/api.ts";
import { makePerson, superuserDatabase, type Person } from "../../../support/workerd/factories.ts";

const path = "/api/etter/simulation/v1";
const input = {
  company: "Acme",
  n_iterations: 50,
  automation_factor: 0.5,
  n_months: 24,
  seed: 5,
  roles: [
    { role: "Engineer", count: 40, salary: 80_000 },
    { role: "Marketing", count: 30, salary: 70_000 },
  ],
};
const finished = async (as: Person, change: object = {}) =>
  (await call(path, { body: { ...input, ...change }, as, headers: { Prefer: "wait=20" } })).body;
type Run = Awaited<ReturnType<typeof finished>>;
/** Another run that ended as this one did, but for what is changed in its row and its series. */
async function copyOf({ id }: Run, change: object = {}, changeOfSeries: object = {}): Promise<string> {
  const db = superuserDatabase();
  const [row] = await db
    .select()
    .from(simulations)
    .where(eq(simulations.id, id.slice(4)));
  const series = await db
    .select()
    .from(simulationSeries)
    .where(eq(simulationSeries.simulationId, id.slice(4)));
  const copy = crypto.randomUUID();
  await db.insert(simulations).values({ ...row!, id: copy, inputDigest: null, ...change });
  await db.insert(simulationSeries).values(series.map((part) => ({ ...part, simulationId: copy, ...changeOfSeries })));
  return `sim-${copy}`;
}
const compare = (as: Person, ...ids: string[]) => call(`${path}/compare?ids=${ids.join(",")}`, { as });

const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const standardError = (values: number[]) =>
  Math.sqrt(values.reduce((sum, value) => sum + (value - mean(values)) ** 2, 0) / (values.length - 1) / values.length);
/** Head counts of every future at the last Step, by iteration. */
async function ends(as: Person, id: string, iterations = 50): Promise<number[]> {
  const { paths } = (await call(`${path}/${id}/paths?iterations=0-${iterations - 1}`, { as })).body;
  return paths.map((future: { columns: { employees: number[] } }) => future.columns.employees.at(-1)!);
}

describe("comparing runs", () => {
  let as: Person;
  /** Of one seed, at the factors 0.5 and 0.55. */
  let first: Run;
  let second: Run;
  beforeAll(async () => {
    as = await makePerson();
    [first, second] = await Promise.all([finished(as), finished(as, { automation_factor: 0.55 })]);
  });

  it("of one seed gives the difference of each future, with its quantiles and standard error", async () => {
    const answer = await compare(as, first.id, second.id);
    expect(answer.status, answer.text).toBe(200);
    const { paired, runs, differences } = answer.body;
    expect(paired).toBe(true);
    expect(runs.map(({ id }: { id: string }) => id)).toEqual([first.id, second.id]);
    expect(runs[1].summary).toEqual(second.summary);
    expect(runs[1].results.columns.employees_mean).toEqual(
      second.results.map((row: Record<string, number>) => row["employees_mean"]),
    );
    const [of, to] = [await ends(as, second.id), await ends(as, first.id)];
    const each = of.map((people, iteration) => people - to[iteration]!);
    const { end_employees: end } = differences[0].outcomes;
    expect(differences[0]).toMatchObject({ id: second.id, to: first.id, paired: true, differs_in: [] });
    expect(end.iterations).toBe(50);
    expect(end.mean).toBeCloseTo(mean(each), 9);
    expect(end.standard_error).toBeCloseTo(standardError(each), 9);
    const sorted = each.toSorted((a, b) => a - b);
    expect(end.quantiles).toEqual(
      Array.from({ length: 21 }, (_, k) => sorted[Math.max(0, Math.ceil((k * 50) / 20) - 1)]),
    );
    const independent = Math.hypot(standardError(of), standardError(to));
    expect(end.standard_error).toBeLessThan(independent);
  });

  it("of more or fewer futures are paired as far as both go", async () => {
    const fewer = await finished(as, { n_iterations: 40, automation_factor: 0.55 });
    for (const [one, other] of [
      [first, fewer],
      [fewer, first],
    ] as const) {
      const { body } = await compare(as, one.id, other.id);
      const [to, of] = [await ends(as, one.id, 40), await ends(as, other.id, 40)];
      const each = of.map((people, iteration) => people - to[iteration]!);
      const { end_employees: end } = body.differences[0].outcomes;
      expect([body.paired, body.differences[0].differs_in, end.iterations]).toEqual([true, [], 40]);
      expect(end.mean).toBeCloseTo(mean(each), 9);
      expect(end.standard_error).toBeCloseTo(standardError(each), 9);
    }
  });

  it("of another seed gives the difference of the means, and says why", async () => {
    const [reseeded, renamed] = await Promise.all([finished(as, { seed: 6 }), finished(as, { name: "x" })]);
    const { body } = await compare(as, first.id, reseeded.id, renamed.id);
    expect(body.paired).toBe(false);
    expect(body.differences.map((d: { paired: boolean; differs_in: string[] }) => [d.paired, d.differs_in])).toEqual([
      [false, ["seed"]],
      [true, []],
    ]);
    const [one, other] = [reseeded, first].map((run) => run.summary.distributions.end_employees);
    const { end_employees: end } = body.differences[0].outcomes;
    expect(end).toEqual({
      iterations: 0,
      mean: one.mean - other.mean,
      standard_error: expect.closeTo(Math.hypot(one.standard_error, other.standard_error), 9),
      quantiles: [],
    });
    // The same run under another name: not a hair's difference.
    expect(body.differences[1].outcomes.pay_saved).toMatchObject({ mean: 0, standard_error: 0 });
  });

  it("of another engine is not paired", async () => {
    const old = await copyOf(first, { engineVersion: "0.0.1" });
    expect((await compare(as, first.id, old)).body.differences[0].differs_in).toEqual(["engine_version"]);
  });

  it("takes ten, and one round trip to Postgres", async () => {
    const ids = [(await finished(as, { automation_factor: 0 })).id];
    while (ids.length < 10) ids.push(await copyOf(first));
    const requestId = crypto.randomUUID();
    const answer = await call(`${path}/compare?ids=${ids.join(",")}`, { as, headers: { "X-Request-Id": requestId } });
    expect([answer.status, answer.body.runs?.length, answer.body.differences?.length], answer.text).toEqual([
      200, 10, 9,
    ]);
    expect((await frontCalls(requestId)).postgres).toHaveLength(1);
    // Nobody leaves at factor 0: there is no first month to take a difference from.
    expect(answer.body.differences[8].outcomes.first_month_with_cut).toEqual({
      iterations: 0,
      mean: null,
      standard_error: null,
      quantiles: [],
    });
  });

  it("takes ten thousand futures of each", async () => {
    const change = { n_iterations: 10_000, n_months: 12, roles: [input.roles[0]] };
    const [one, other] = await Promise.all([finished(as, change), finished(as, { ...change, automation_factor: 0.6 })]);
    expect([one.status, other.status]).toEqual(["completed", "completed"]);
    const { end_employees: end } = (await compare(as, one.id, other.id)).body.differences[0].outcomes;
    expect(end.iterations).toBe(10_000);
    expect(end.mean).toBeCloseTo(other.summary.end.employees.mean - one.summary.end.employees.mean, 9);
  });

  it("gives the same 404 for an unknown run and another company's", async () => {
    const foreign = await finished(await makePerson({ group: "Admin" }));
    const answers = [
      await compare(as, first.id, foreign.id),
      await compare(as, first.id, `sim-${crypto.randomUUID()}`),
    ];
    expect(answers.map(({ status, body }) => [status, body.code])).toEqual([
      [404, "not_found"],
      [404, "not_found"],
    ]);
    expect(answers[0]!.body.detail).toBe(answers[1]!.body.detail);
  });

  it.each([
    ["created", null],
    ["in_progress", null],
    ["failed", new Date()],
    ["cancelled", new Date()],
  ])("refuses a run that is %s", async (status, completedAt) => {
    const other = await copyOf(first, { status, completedAt });
    const answer = await compare(as, first.id, other);
    expect([answer.status, answer.body.code]).toEqual([409, "simulation_not_completed"]);
    expect(answer.body.detail).toContain(`Run 2 of those you named is ${status}.`);
    await superuserDatabase()
      .delete(simulations)
      .where(eq(simulations.id, other.slice(4)));
  });

  it("refuses runs from before there was anything to compare", async () => {
    const answer = await compare(as, await copyOf(first, {}, { outcomes: null }), second.id);
    expect([answer.status, answer.body.code]).toEqual([409, "engine_changed"]);
  });

  it("refuses one id, eleven, one twice, and what is no id, naming the field", async () => {
    const ids = Array.from({ length: 11 }, () => `sim-${crypto.randomUUID()}`);
    for (const wrong of [[ids[0]!], ids, [ids[0]!, ids[1]!, ids[0]!], [ids[0]!, "sim-1"], [ids[0]!, ""], []]) {
      const answer = await compare(as, ...wrong);
      expect([answer.status, answer.body.errors?.[0]?.path]).toEqual([422, "ids"]);
    }
    for (const query of ["", `?ids=${ids[0]}&ids=${ids[1]}`]) {
      const answer = await call(`${path}/compare${query}`, { as });
      expect([answer.status, answer.body.errors?.[0]?.path]).toEqual([422, "ids"]);
    }
  });
});
