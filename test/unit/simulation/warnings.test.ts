import { describe, expect, it } from "vitest";
import { inputWarnings } from "../../../src/features/simulation/roles/workloads.ts";
import { warningCodes, type Warning, type WarningCode } from "../../../src/features/simulation/warnings.ts";
import { finishedRun } from "../../support/finished-run.ts";

const workloads = [
  { Name: "Keying", Type: "Auto", Skill: 0.6, Time: 0.5 },
  { Name: "Talking", Type: "Non-Auto", Skill: 0.4, Time: 0.5 },
];
const role = (change: object = {}) => ({ role: "Clerk", count: 40, salary: 30_000, workloads, ...change });
const steady = { n_iterations: 30, n_months: 240, automation_factor: 1, model: "conserving", roles: [role()] };
/** Of a run that would warn of nothing, but for what is changed. */
const warned = (change: object = {}): readonly Warning[] => finishedRun({ ...steady, ...change }).outcome.warnings;

/** 0.32332358381693654 gains a month, times the factor. Skill 0.6 takes 3 of them, and 0.2 + 0.2 + 0.2 is above 0.6. */
const gains = (months: number, factor: number) => months * 0.32332358381693654 * factor;

/** How to earn each warning, and what it must say. */
const cases: Record<WarningCode, { readonly change: object; readonly warning: object } | undefined> = {
  role_from_fallback: {
    change: { roles: [role({ role: "Beekeeper", workloads: undefined })] },
    warning: { role: "Beekeeper" },
  },
  // Given by the service that describes roles: below.
  provider_fallback: undefined,
  skill_never_reached: {
    change: { roles: [role({ workloads: [...workloads, { Name: "x", Type: "Auto", Skill: 1.2, Time: 0.001 }] })] },
    warning: { role: "Clerk", value: 1.2 },
  },
  nothing_automatable: {
    change: { roles: [role({ workloads: [{ ...workloads[1], Time: 1 }] })] },
    warning: { role: "Clerk" },
  },
  below_adoption: {
    change: { n_months: 12, automation_factor: 0.7 },
    warning: { role: "Clerk", value: gains(12, 0.7) },
  },
  few_iterations: { change: { n_iterations: 29 }, warning: { value: 29 } },
  horizon_before_floor: { change: { n_months: 12, automation_factor: 0.8 }, warning: { value: expect.any(Number) } },
  people_overloaded: {
    change: { roles: [role({ workloads: [{ ...workloads[1], Time: 1.005 }] })] },
    warning: { value: 40 },
  },
  times_do_not_add_up: {
    change: { roles: [role({ workloads: [workloads[0], { ...workloads[1], Time: 0.4 }] })] },
    warning: { role: "Clerk", value: 0.9 },
  },
  role_quantiles_dropped: {
    change: { roles: Array.from({ length: 9 }, (_, index) => role({ role: `Clerk ${index}`, count: 1 })) },
    warning: {},
  },
};

describe("warnings", () => {
  it("are none where there is nothing to warn of", () => {
    expect(warned()).toEqual([]);
  });

  it.each(warningCodes.filter((code) => cases[code] !== undefined))("%s", (code) => {
    const { change, warning } = cases[code]!;
    expect(warned(change)).toContainEqual({ code, ...warning });
  });

  it("provider_fallback", () => {
    const resolved = { role: "Clerk", source: "provider_fallback" as const, workloads: [] };
    expect(inputWarnings([resolved], 30)).toContainEqual({ code: "provider_fallback", role: "Clerk" });
  });

  it("below_adoption ends where the gains reach the first workload, and is not for what can never be", () => {
    const codes = (change: object) => warned(change).map(({ code }) => code);
    expect(gains(12, 0.78)).toBeGreaterThan(3);
    expect(codes({ n_months: 12, automation_factor: 0.78 })).not.toContain("below_adoption");
    expect(codes({ automation_factor: 0 })).toContain("below_adoption");
    const blocked = [{ ...workloads[0], Skill: 1.2 }, workloads[1]];
    expect(codes({ n_months: 12, roles: [role({ workloads: blocked })] })).not.toContain("below_adoption");
  });

  it.each([
    [0.5, 0.51, false],
    [0.7, 0.31, false],
    [0.5, 0.49, false],
    [0.6, 0.39, false],
    [0.5, 0.5101, true],
    [0.5, 0.4899, true],
  ])("times_do_not_add_up where %d + %d is further from 1 than 0.01: %s", (one, other, isWarned) => {
    const times = [
      { ...workloads[0], Time: one },
      { ...workloads[1], Time: other },
    ];
    const codes = warned({ n_months: 12, roles: [role({ workloads: times })] }).map(({ code }) => code);
    expect(codes.includes("times_do_not_add_up")).toBe(isWarned);
  });

  it("horizon_before_floor tells by how much, and is not for those who never change or have arrived", () => {
    const { outcome } = finishedRun({ ...steady, n_months: 12, automation_factor: 0.8 });
    // Half of the work, supervised at 0.05: 21 of 40.
    const above = outcome.parts[0]!["employees_mean"]!.at(-1)! - 21;
    expect(above).toBeGreaterThan(0.05 * 40);
    expect(outcome.warnings).toContainEqual({ code: "horizon_before_floor", value: above });
    for (const still of [{ act_factor: 0 }, { learn_factor: 0 }])
      expect(warned({ ...steady, n_months: 12, ...still }).map(({ code }) => code)).not.toContain(
        "horizon_before_floor",
      );
    // Roles keep their last person, whatever the floor says.
    const single = Array.from({ length: 4 }, (_, index) => role({ role: `Clerk ${index}`, count: 1 }));
    expect(warned({ roles: single })).toEqual([]);
  });

  it.each([
    ["5 % of those at the start", 100, [0.95], undefined],
    ["a little more", 100, [0.94], 6],
    ["5 % above the floor in whole people", 20, [0.94], undefined],
    // 10 · (0.1 + 0.2) is 3.0000000000000004: three people, not four.
    ["most, the floor a whole number but for rounding", 10, [0.1, 0.2], 7],
  ])("horizon_before_floor where more people are left than need be: %s", (_what, count, manual, value) => {
    const times = [
      ...manual.map((Time) => ({ ...workloads[1], Time })),
      { ...workloads[0], Time: 1 - manual.reduce((sum, time) => sum + time) },
    ];
    // So seldom that nobody learns or leaves in a year.
    const factors = { learn_factor: 1e-300, act_factor: 1e-300, model: "classic", n_months: 12 };
    const found = warned({ ...factors, roles: [role({ count, workloads: times })] });
    expect(found.filter(({ code }) => code === "horizon_before_floor")).toEqual(
      value === undefined ? [] : [{ code: "horizon_before_floor", value }],
    );
  });

  it("of the request come before those of the result", () => {
    const codes = warned({ n_iterations: 5, n_months: 12, automation_factor: 0.5 }).map(({ code }) => code);
    expect(codes).toEqual(["few_iterations", "below_adoption", "horizon_before_floor"]);
  });
});
