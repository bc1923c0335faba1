import { describe, expect, it } from "vitest";
import { compileScenario, createRunner, iterationPath } from "../../../src/features/simulation/engine/index.ts";
import type { EngineInput } from "../../../src/features/simulation/engine/index.ts";
import { ClassReducer, everyone, inOrder, reduceByPerson } from "../../support/oracle/one-reduction.ts";
import { runOracle } from "../../support/oracle/person-by-person.ts";
import { plainRandom } from "../../support/oracle/plain-random.ts";
import { tableOf } from "../../support/oracle/random-states.ts";
import { roleOf } from "../../support/oracle/scenarios.ts";
import { readExactTraces } from "../../support/reference/reference.ts";

const { workloads, deterministic } = readExactTraces();

interface Trace {
  role: string;
  input: EngineInput;
  /** By Step: people (normalised), automation rate, time, pay (normalised), capacity, people. */
  rows: number[][];
}

const traces: Trace[] = deterministic.map(({ role, count, change_rows, last_row }) => {
  const months = last_row[0];
  const ladder = workloads[role]!.map(([type, skill, time]) => [type === "Auto", skill, time] as const);
  const rows: number[][] = [];
  for (let step = 0; step <= months; step++) rows.push(change_rows.findLast((row) => row[0] <= step)!.slice(1));
  expect(rows[months]).toEqual(last_row.slice(1));
  return {
    role,
    rows,
    input: {
      model: "classic",
      oversight: 0.05,
      learnFactor: 1,
      actFactor: 1,
      months,
      seed: 1,
      roles: [roleOf(role, count, 1000, ladder)],
    },
  };
});

describe("the older system's deterministic traces: everyone learns and every month reduces", () => {
  it.each(traces)("$role person by person: bit for bit", ({ role, input, rows }) => {
    const steps = runOracle(input, plainRandom(3), { learns: () => true, reduces: () => true });
    const values = steps.map((step) => [
      step["total_employees"],
      step["avg_automation_rate"],
      step["avg_time_per_employee"],
      step["total_salary_of_employees"],
      step["avg_unused_output_capacity"],
      step[`${role}_count`],
    ]);
    expect(values).toEqual(rows);
  });

  it.each(traces)(
    "$role by class: Step by Step the same multiset of (unit time, E), bit for bit",
    ({ input, rows }) => {
      const { count, workloads: ladder } = input.roles[0]!;
      const role = tableOf(ladder, count, input);
      const chance = plainRandom(4);
      const reducer = new ClassReducer();
      let byClass = [{ level: 0, expected: 1, count }];
      let byPerson = everyone(byClass, role);
      for (const row of rows) {
        expect(inOrder(everyone(byClass, role))).toEqual(inOrder(byPerson));
        expect(byPerson).toHaveLength(row.at(-1)!);
        // Everybody has the same level: a month's reduction, and then a gain for all who are left.
        const everyOne = byPerson.map(({ level, expected }) => ({ level, expected, count: 1 }));
        const raised = (level: number) => Math.min(level + 1, role.levels - 1);
        byPerson = reduceByPerson("classic", everyOne, role, chance).map(({ level, expected }) => ({
          level: raised(level),
          unitTime: role.unitTime[raised(level)]!,
          expected,
        }));
        byClass = reducer.reduce("classic", byClass, role, chance).map((one) => ({ ...one, level: raised(one.level) }));
      }
    },
  );

  it.each(traces)("$role by class: head counts exactly, averages to 1e-12", ({ input, rows }) => {
    const scenario = { ...compileScenario(input), learnProbability: 1 };
    const { organisation, roles } = iterationPath(scenario, createRunner(scenario), 0);
    rows.forEach(([people, rate, time, pay, capacity, count], step) => {
      expect(roles[0]!.count[step]).toBe(count);
      expect(organisation.employees[step]! / scenario.initialPeople).toBe(people);
      expect(organisation.total_salary_of_employees[step]! / scenario.initialPayroll).toBeCloseTo(pay!, 12);
      expect(organisation.automation[step]).toBeCloseTo(rate!, 12);
      expect(organisation.avg_time_per_employee[step]).toBeCloseTo(time!, 12);
      expect(organisation.avg_unused_output_capacity[step]).toBeCloseTo(capacity!, 12);
    });
  });
});
