import { describe, expect, it } from "vitest";
import { maxShardRequestBytes } from "../../../src/features/simulation/runs/contract.ts";
import { shardTaskOf, taskOf } from "../../../src/features/simulation/coordinator/computation.ts";
import { maxBodyBytes, maxDescriptionBytes } from "../../../src/features/simulation/limits.ts";
import { jsonBytes, refuseOverBudget } from "../../../src/features/simulation/request/request.ts";
import { finishedRun } from "../../support/finished-run.ts";

/** 200 roles of 50 workloads each. The control character takes six bytes in JSON. */
function largest(workload: (index: number) => object) {
  const workloads = Array.from({ length: 50 }, (_, index) => ({
    Type: "Non-Auto",
    Skill: 1 / 3,
    Time: 1 / 3,
    ...workload(index),
  }));
  const roles = Array.from({ length: 200 }, (_, index) => ({
    role: `${index}`.padEnd(100, "\u0001"),
    count: 1,
    salary: 123_456.789_012_345,
    workloads,
  }));
  return finishedRun({ n_iterations: 1, n_months: 12, roles });
}

describe("what a run's objects keep", () => {
  it.each<[what: string, workload: (index: number) => object]>([
    ["reasons", (index) => ({ Name: `W${index}`, Reason: "x".repeat(280) })],
    ["names", () => ({ Name: "👷".repeat(70) })],
  ])("is small of the largest body, full of %s", (what, workload) => {
    const { request } = largest(workload);
    const posted = jsonBytes(request.input);
    expect([posted > 0.85 * maxBodyBytes, posted <= maxBodyBytes]).toEqual([true, true]);
    // A body of allowed size is never too long a description.
    expect(jsonBytes(request.workloads)).toBeLessThan(maxDescriptionBytes);
    expect(() => refuseOverBudget(request)).not.toThrow();
    const task = taskOf({ ...request, sweepId: null });
    expect(jsonBytes(task)).toBeLessThan(what === "reasons" ? maxBodyBytes / 2 : 1.1 * maxBodyBytes);
    // Each of up to 64 shards gets this, whatever things are called.
    expect(jsonBytes(shardTaskOf(task))).toBeLessThan((2 / 3) * maxShardRequestBytes);
  });
});
