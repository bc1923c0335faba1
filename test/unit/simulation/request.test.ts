import { describe, expect, it } from "vitest";
import { requestOf } from "../../../src/features/simulation/request/request.ts";
import { simulationInputSchema } from "../../../src/features/simulation/request/schemas.ts";
import { describeFromCatalogue } from "../../../src/features/simulation/roles/workload-provider.ts";
import type { Actor } from "../../../src/shared/access.ts";
import { finishedRun } from "../../support/finished-run.ts";

const nobody = "00000000-0000-4000-8000-00000000f0f0";
const actor = { userId: nobody, companyId: nobody, sessionId: nobody, group: "Researcher" } as unknown as Actor;
const body = {
  company: "Acme",
  n_iterations: 3,
  automation_factor: 0,
  roles: [
    { role: "Engineer", count: 50, salary: 80_000 },
    { role: "Marketing", count: 1, salary: 70_000 },
  ],
};
const requestWith = (bytes: readonly number[]) =>
  requestOf(
    { clock: { now: () => new Date(0) }, random: { uuid: () => nobody, bytes: () => Uint8Array.from(bytes) } },
    actor,
    simulationInputSchema.parse(body),
    describeFromCatalogue,
  );

describe("a request", () => {
  it.each([
    [[0, 0, 0, 0, 0, 0, 0], 0],
    [[255, 255, 255, 255, 255, 255, 255], Number.MAX_SAFE_INTEGER],
    [[1, 2, 3, 4, 5, 6, 7], Number(0x01_02_03_04_05_06_07n)],
    [[0b1110_0000, 0, 0, 0, 0, 0, 1], 1],
  ])("without a seed gets one of all there are: %j is %d", (bytes, seed) => {
    const request = requestWith(bytes);
    expect([request.seed, request.input.seed]).toEqual([seed, seed]);
  });

  it("is for four years and classic unless told", () => {
    expect(requestWith([0, 0, 0, 0, 0, 0, 0])).toMatchObject({ months: 48, model: "classic" });
  });

  it("of which every class can be counted beforehand costs what was estimated", () => {
    const { request, outcome } = finishedRun({ ...body, n_months: 13 });
    // Nobody learns and nobody leaves: one class a role, and the four units of a role and Step.
    const workUnits = 3 * 14 * 2 * (1 + 4);
    expect(outcome.workUnits).toBe(workUnits);
    expect(request.estimate).toMatchObject({
      workUnits,
      cpuSeconds: workUnits / 8_000_000,
      usDollars: expect.closeTo((0.02 * workUnits) / 8_000_000 / 1_000, 15),
      wallSeconds: workUnits / 8_000_000 + 0.5,
      floorPeople: 51,
      withinBudget: true,
    });
  });
});
