import type { EngineInput, EngineRole } from "../../../src/features/simulation/engine/index.ts";
import { gainKnowledge, newPerson, workOf } from "./people.ts";
import type { Person, Work } from "./people.ts";
import type { Chance } from "./plain-random.ts";
import { reduceClassic, reduceConserving } from "./reduce.ts";

/** P(Poisson(2) ≥ 3). */
const OCCASION_PROBABILITY = 0.32332358381693654;

/** The metrics of one Step, named as the reference files name them: normalised people and pay, averages. */
export type StepMetrics = Record<string, number>;

/** The two decisions chance makes; a deterministic trace answers them otherwise. */
export interface Decisions {
  learns(): boolean;
  reduces(): boolean;
}

export function randomDecisions(input: EngineInput, chance: Chance): Decisions {
  return {
    learns: () => chance.uniform() < OCCASION_PROBABILITY && chance.uniform() < input.learnFactor,
    reduces: () => chance.uniform() < input.actFactor,
  };
}

/** One iteration, person by person: the metrics of Steps 0 … N. */
export function runOracle(
  input: EngineInput,
  chance: Chance,
  decisions = randomDecisions(input, chance),
): StepMetrics[] {
  const teams = input.roles.map((role) => ({
    role,
    people: Array.from({ length: role.count }, () => newPerson(role.workloads)),
  }));
  const steps: StepMetrics[] = [];
  for (let month = 0; month <= input.months; month++) {
    const months = teams.map(({ role, people }) => people.map((person) => workOf(person, role.workloads, input)));
    steps.push(measure(input, months));
    teams.forEach(({ role, people }, team) =>
      people.forEach((person, index) => {
        if (decisions.learns()) gainKnowledge(person, months[team]![index]!, role.workloads);
      }),
    );
    if (!decisions.reduces()) continue;
    teams.forEach((team, index) => {
      team.people = reduceRole(input, team.role, team.people, months[index]!, chance);
    });
  }
  return steps;
}

function reduceRole(
  input: EngineInput,
  role: EngineRole,
  people: readonly Person[],
  work: readonly Work[],
  chance: Chance,
): Person[] {
  const candidates = people.map((person, index) => ({ ...work[index]!, person, expected: person.expected }));
  const remaining =
    input.model === "classic" ? reduceClassic(candidates, chance) : reduceConserving(candidates, role.count, chance);
  return remaining.map(({ person, expected }) => ({ ...person, expected }));
}

/** Sums run over people in list order, left to right. */
function measure(input: EngineInput, months: readonly Work[][]): StepMetrics {
  const everyone = months.flat();
  const initialPeople = input.roles.reduce((sum, role) => sum + role.count, 0);
  const initialPayroll = input.roles.reduce((sum, role) => sum + role.count * role.salary, 0);
  const payroll = input.roles.reduce((sum, role, index) => sum + months[index]!.length * role.salary, 0);
  const metrics: StepMetrics = {
    total_employees: everyone.length / initialPeople,
    total_salary_of_employees: payroll / initialPayroll,
    ...averages("", everyone),
  };
  input.roles.forEach((role, index) => {
    metrics[`${role.name}_count`] = months[index]!.length;
    metrics[`${role.name}_total_salary_of_employee`] = months[index]!.length * role.salary;
    Object.assign(metrics, averages(`${role.name}_`, months[index]!));
  });
  return metrics;
}

function averages(prefix: string, work: readonly Work[]): StepMetrics {
  const mean = (of: (one: Work) => number) => work.reduce((sum, one) => sum + of(one), 0) / Math.max(1, work.length);
  return {
    [`${prefix}avg_automation_rate`]: mean((one) => one.automationRate),
    [`${prefix}avg_time_per_employee`]: mean((one) => one.timeToComplete),
    [`${prefix}avg_unused_output_capacity`]: mean((one) => one.capacity),
  };
}
