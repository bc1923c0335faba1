import { describe, expect, it } from "vitest";
import { finishedRun } from "../../support/finished-run.ts";

const manual = { Name: "Talking", Type: "Non-Auto", Skill: 0.3, Time: 0.5 };
const auto = { Name: "Keying", Type: "Auto", Skill: 0.2, Time: 0.5 };

describe("a run's summary in figures", () => {
  it("shares the savings out over the roles also where they are lost in the rounding of all pay", () => {
    const roles = [
      { role: "Many", count: 1_000_000, salary: 1e12, workloads: [{ ...manual, Time: 1 }] },
      { role: "Few", count: 10, salary: 1, workloads: [auto, manual] },
      { role: "Some", count: 30, salary: 1, workloads: [auto, manual] },
    ];
    const { summary, parts } = finishedRun({ n_months: 48, automation_factor: 1, roles }).outcome;
    const [few, some] = [2, 3].map((part) => parts[part]!["cost_savings_mean"]!.at(-1)!) as [number, number];
    expect([few > 1, some > few]).toEqual([true, true]);
    expect(summary.drivers).toMatchObject([
      { role: "Some", share: some / (few + some), cost_savings: some },
      { role: "Few", share: few / (few + some), cost_savings: few },
    ]);
  });
});
