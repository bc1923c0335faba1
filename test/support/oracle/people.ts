import type { EngineInput, EngineWorkload } from "../../../src/features/simulation/engine/index.ts";

/** One employee, as docs/design/simulation-model.md has them. */
export interface Person {
  knowledge: number[];
  /** How many people's output this person is asked for. */
  expected: number;
}

/** One person's month, with the knowledge held when it begins. */
export interface Work {
  automated: boolean[];
  automationRate: number;
  unitTime: number;
  timeToComplete: number;
  timeSavings: number;
  capacity: number;
}

/** What the rules of a model depend on. */
export type Rules = Pick<EngineInput, "model" | "oversight">;

export function newPerson(workloads: readonly EngineWorkload[]): Person {
  return { knowledge: workloads.map(() => 0), expected: 1 };
}

export function workOf(person: Person, workloads: readonly EngineWorkload[], rules: Rules): Work {
  const automated = workloads.map((workload, index) => workload.auto && workload.skill <= person.knowledge[index]!);
  let manual = 0;
  let supervised = 0;
  workloads.forEach((workload, index) => {
    if (automated[index]) supervised += workload.time;
    else manual += workload.time;
  });
  const unitTime = rules.model === "classic" ? manual : manual + rules.oversight * supervised;
  const timeToComplete = unitTime * person.expected;
  return {
    automated,
    automationRate: workloads.length === 0 ? 0 : automated.filter(Boolean).length / workloads.length,
    unitTime,
    timeToComplete,
    timeSavings: 1 - timeToComplete,
    capacity: unitTime > 0 ? 1 / unitTime - person.expected : 0,
  };
}

/** Raises the knowledge of the one workload this person learns next, if there is one. */
export function gainKnowledge(person: Person, work: Work, workloads: readonly EngineWorkload[]): void {
  let chosen = -1;
  workloads.forEach((workload, index) => {
    if (!workload.auto || work.automated[index]) return;
    if (chosen < 0 || workload.time > workloads[chosen]!.time) chosen = index;
  });
  if (chosen >= 0) person.knowledge[chosen] = Math.min(person.knowledge[chosen]! + 0.2, 1);
}
