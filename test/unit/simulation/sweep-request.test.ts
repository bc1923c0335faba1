import { describe, expect, it } from "vitest";
import { digestsOf, requestOf } from "../../../src/features/simulation/request/request.ts";
import { simulationInputSchema } from "../../../src/features/simulation/request/schemas.ts";
import { describeFromCatalogue } from "../../../src/features/simulation/roles/workload-provider.ts";
import { sweepRequestOf } from "../../../src/features/simulation/sweeps/request.ts";
import { sweepInputSchema } from "../../../src/features/simulation/sweeps/schemas.ts";
import type { Actor } from "../../../src/shared/access.ts";

const nobody = "00000000-0000-4000-8000-00000000f0f0";
const actor = { userId: nobody, companyId: nobody, sessionId: nobody, group: "Researcher" } as unknown as Actor;
const parts = {
  clock: { now: () => new Date(0) },
  random: { uuid: () => nobody, bytes: (length: number) => new Uint8Array(length) },
};
const input = {
  company: "Acme",
  n_iterations: 20,
  n_months: 24,
  seed: 7,
  roles: [
    { role: "Engineer", count: 50, salary: 80_000 },
    { role: '"automation_factor":1', count: 3, salary: 1 },
  ],
};
const factors = [0.5, 0, 1, 1e-7, 0.123_456_789];
const sweepOf = (body: object, describeRole = describeFromCatalogue) =>
  sweepRequestOf(
    parts,
    actor,
    sweepInputSchema.parse({ ...input, automation_factors: factors, ...body }),
    describeRole,
  );

describe("the runs of a sweep", () => {
  it.each<[what: string, change: object]>([
    ["as they come", {}],
    ["with the learning half fixed", { learn_factor: 0.3 }],
    ["with the reducing half fixed", { act_factor: 0 }],
    ["in conserving", { model: "conserving", oversight: 0.2 }],
    ["with a seed that is drawn", { seed: undefined }],
  ])("are what each would be if it were asked by itself, %s", (_what, change) => {
    const { runs, seed } = sweepOf(change);
    expect(runs.map((run) => run.input.automation_factor)).toEqual(factors);
    for (const { digest, ...run } of runs) {
      const body = { ...input, ...change, seed, automation_factor: run.input.automation_factor };
      const alone = requestOf(parts, actor, simulationInputSchema.parse(body), describeFromCatalogue);
      expect(run).toEqual(alone);
      expect(digest).toEqual(digestsOf(alone)(alone.input.automation_factor));
    }
    expect(new Set(runs.map(({ digest }) => String(digest))).size).toBe(factors.length);
  });

  it("ask once what a role does, however many factors there are", () => {
    const asked: string[] = [];
    sweepOf({}, (role) => {
      asked.push(role);
      return describeFromCatalogue(role);
    });
    expect(asked).toEqual(input.roles.map(({ role }) => role));
  });
});

describe("what is stored of a sweep", () => {
  const described = (letter: string) => ({
    automation_factors: Array.from({ length: 101 }, (_, index) => index / 100),
    roles: Array.from({ length: 4 }, (_, role) => ({
      ...{ role: `R${role}`, count: 1, salary: 1 },
      workloads: Array.from({ length: 50 }, (_w, index) => ({
        ...{ Name: `W${index}`, Type: "Auto", Skill: 0.5, Time: 0.02 },
        Reason: letter.repeat(1_000),
      })),
    })),
  });

  it("is measured in bytes, not in letters", () => {
    expect(sweepOf(described("s")).runs).toHaveLength(101);
    expect(() => sweepOf(described("ß"))).toThrow("may have at most");
  });
});
