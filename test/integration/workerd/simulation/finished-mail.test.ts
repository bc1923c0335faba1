import { eq } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { mailAfterSeconds } from "../../../../src/features/simulation/limits.ts";
import { createRunStore } from "../../../../src/features/simulation/runs/store.drizzle.ts";
import { mailOutbox, simulations, users } from "../../../../src/platform/db/schema/index.ts";
import type { SimulationId } from "../../../../src/shared/ids.ts";
import { finishedRun } from "../../../support/finished-run.ts";
import { appDatabase, makePerson, superuserDatabase, type Person } from "../../../support/workerd/factories.ts";

const { request, outcome } = finishedRun({ n_months: 12, roles: [{ role: "Engineer", count: 3, salary: 1 }] });
const store = createRunStore(appDatabase());
const raw = superuserDatabase();
const at = new Date();

/** A run of theirs that was made so long ago and has not ended. */
async function makeRun(
  { companyId, userId }: Person,
  seconds: number,
  name: string | null = "Plan <b>",
): Promise<SimulationId> {
  const id = crypto.randomUUID() as SimulationId;
  const createdAt = new Date(at.getTime() - seconds * 1000);
  await raw.insert(simulations).values({
    ...request,
    id,
    companyId,
    createdBy: userId,
    name,
    status: "in_progress",
    createdAt,
    startedAt: createdAt,
  });
  return id;
}
const mailsAbout = (id: SimulationId) => raw.select().from(mailOutbox).where(eq(mailOutbox.id, id));

describe("a run that took a while", () => {
  it("tells whoever started it that it is complete, once, however often its end is stored", async () => {
    const person = await makePerson();
    const simulationId = await makeRun(person, mailAfterSeconds);
    const key = { companyId: person.companyId, simulationId };
    await store.complete(key, { ...outcome, at });
    await store.complete(key, { ...outcome, at });
    await store.complete(key, { ...outcome, at: new Date(at.getTime() + 1) });
    expect(await mailsAbout(simulationId)).toMatchObject([
      {
        companyId: person.companyId,
        userId: person.userId,
        recipient: person.email,
        template: "simulation_finished",
        data: { simulation_id: `sim-${simulationId}`, name: "Plan <b>", status: "completed" },
        sealedToken: null,
        status: "queued",
      },
    ]);
  });

  it("tells that it failed, and nothing after it was cancelled", async () => {
    const person = await makePerson();
    const [failed, cancelled] = [await makeRun(person, 600, null), await makeRun(person, 600)];
    const fail = (simulationId: SimulationId) =>
      store.fail(
        { companyId: person.companyId, simulationId },
        { error: { code: "attempts_exhausted", detail: "x" }, iterationsDone: 0, at },
      );
    await raw.update(simulations).set({ status: "cancelled", completedAt: at }).where(eq(simulations.id, cancelled));
    await fail(failed);
    await fail(failed);
    await fail(cancelled);
    expect(await mailsAbout(failed)).toMatchObject([{ data: { name: "", status: "failed" } }]);
    expect(await mailsAbout(cancelled)).toEqual([]);
  });
});

it.each<[string, number, (person: Person) => Promise<unknown>]>([
  ["was quick", mailAfterSeconds - 0.001, async () => undefined],
  [
    "is of somebody who is gone",
    600,
    ({ userId }) => raw.update(users).set({ deletedAt: at }).where(eq(users.id, userId)),
  ],
  [
    "is of somebody who may not sign in",
    600,
    ({ userId }) => raw.update(users).set({ isActive: false }).where(eq(users.id, userId)),
  ],
  [
    "is of a service account",
    600,
    ({ userId }) => raw.update(users).set({ group: "Etter Generator" }).where(eq(users.id, userId)),
  ],
])("a run that %s tells nobody", async (_, seconds, change) => {
  const person = await makePerson();
  const simulationId = await makeRun(person, seconds);
  await change(person);
  await store.complete({ companyId: person.companyId, simulationId }, { ...outcome, at });
  expect(await mailsAbout(simulationId)).toEqual([]);
  const [run] = await raw.select().from(simulations).where(eq(simulations.id, simulationId));
  expect(run?.status).toBe("completed");
});
