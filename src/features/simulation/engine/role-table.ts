import type { EngineInput, EngineRole, EngineWorkload } from "./input.ts";

/** How much one gain adds to the knowledge of a workload, and its ceiling. */
const KNOWLEDGE_GAIN = 0.2;
const KNOWLEDGE_CEILING = 1;

/**
 * A role's ladder of learning. The order of learning is fixed by the workloads, so the number of gains alone, the
 * *level*, tells all of a person's knowledge. The last level is the one from which nothing changes any more.
 */
export interface RoleTable {
  readonly name: string;
  readonly people: number;
  readonly salary: number;
  /** Levels, at least 1. */
  readonly levels: number;
  /** By level: share of one's working time that one person's output takes. */
  readonly unitTime: Float64Array;
  /** By level: 1 / unitTime, or 0 where unitTime is 0. */
  readonly outputLimit: Float64Array;
  /** By level: 1, or 0 where unitTime is 0: capacity = outputLimit − E · hasLimit, with no branch. */
  readonly hasLimit: Float64Array;
  /** By level: automated workloads / workloads. */
  readonly automationRate: Float64Array;
  /** The most anybody's work can take of their time, at any Step. */
  readonly timeCeiling: number;
  /** Between which bounds everybody's capacity lies, at any Step. */
  readonly capacityFloor: number;
  readonly capacityCeiling: number;
}

/** Works out a role's ladder under the model of `input`. */
export function buildRoleTable(input: EngineInput, role: EngineRole): RoleTable {
  const ladder = climb(role.workloads);
  const levels = ladder.length;
  const unitTime = new Float64Array(levels);
  const outputLimit = new Float64Array(levels);
  const hasLimit = new Float64Array(levels);
  const automationRate = new Float64Array(levels);
  for (let level = 0; level < levels; level++) {
    const automated = ladder[level]!;
    const time = unitTimeOf(input, role.workloads, automated);
    // Learning never makes work longer: at oversight 1 the two sums could differ by a rounding, upwards.
    unitTime[level] = level === 0 ? time : Math.min(time, unitTime[level - 1]!);
    outputLimit[level] = unitTime[level]! > 0 ? 1 / unitTime[level]! : 0;
    hasLimit[level] = unitTime[level]! > 0 ? 1 : 0;
    automationRate[level] = automated.length === 0 ? 0 : automated.filter(Boolean).length / automated.length;
  }
  return {
    name: role.name,
    people: role.count,
    salary: role.salary,
    levels,
    unitTime,
    outputLimit,
    hasLimit,
    automationRate,
    ...bounds(input, unitTime[0]!, Math.max(...outputLimit)),
  };
}

/**
 * Who takes work over ends at most at their whole time; in `classic` once more capacity may be added that is used up
 * already, which makes it at most twice. Before that, everybody is asked for 1; time only falls by learning.
 */
function bounds(
  input: EngineInput,
  timeAtStart: number,
  largestLimit: number,
): Pick<RoleTable, "timeCeiling" | "capacityFloor" | "capacityCeiling"> {
  const overload = input.model === "classic" ? 2 : 1;
  return {
    timeCeiling: Math.max(overload, timeAtStart),
    capacityFloor: input.model === "classic" ? Math.min(-1, -largestLimit) : -1,
    capacityCeiling: Math.max(1, largestLimit),
  };
}

/** Which workloads are automated at each level, in list order. */
function climb(workloads: readonly EngineWorkload[]): boolean[][] {
  const knowledge = workloads.map(() => 0);
  const ladder: boolean[][] = [];
  for (;;) {
    const automated = workloads.map((workload, index) => workload.auto && workload.skill <= knowledge[index]!);
    ladder.push(automated);
    const next = nextToLearn(workloads, automated);
    // What needs more than the ceiling is never reached, and blocks everything after it.
    if (next === undefined || workloads[next]!.skill > KNOWLEDGE_CEILING) return ladder;
    knowledge[next] = Math.min(knowledge[next]! + KNOWLEDGE_GAIN, KNOWLEDGE_CEILING);
  }
}

/** The Auto workload not yet automated with the largest Time, the first of several. */
function nextToLearn(workloads: readonly EngineWorkload[], automated: readonly boolean[]): number | undefined {
  let next: number | undefined;
  workloads.forEach((workload, index) => {
    if (!workload.auto || automated[index]) return;
    if (next === undefined || workload.time > workloads[next]!.time) next = index;
  });
  return next;
}

/** Sums left to right in list order: the rounding is part of `classic`. */
function unitTimeOf(input: EngineInput, workloads: readonly EngineWorkload[], automated: readonly boolean[]): number {
  let manual = 0;
  let supervised = 0;
  workloads.forEach((workload, index) => {
    if (automated[index]) supervised += workload.time;
    else manual += workload.time;
  });
  return input.model === "conserving" ? manual + input.oversight * supervised : manual;
}
