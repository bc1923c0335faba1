/** Which set of rules runs: the older system's, exactly, or the one that neither loses nor doubles work. */
export type EngineModel = "classic" | "conserving";

/** One workload of a role. */
export interface EngineWorkload {
  name: string;
  /** Could be automated. */
  auto: boolean;
  /** Knowledge needed before it runs by itself; above 1 it never does. */
  skill: number;
  /** Share of the role's working time; shares need not add up to 1. */
  time: number;
}

/** One role. */
export interface EngineRole {
  /** Unique; also the purpose that keys the role's random streams. */
  name: string;
  /** People at the start. */
  count: number;
  /** Money a year for one of them. */
  salary: number;
  workloads: EngineWorkload[];
}

/** Everything a result depends on, besides the engine's version and the number of iterations. */
export interface EngineInput {
  model: EngineModel;
  /** Share of an automated workload's time that supervising it still takes; `conserving` only. */
  oversight: number;
  /** Probability that an occasion to learn is taken. */
  learnFactor: number;
  /** Probability, each month, that the organisation reduces. */
  actFactor: number;
  /** N: Steps 0 … N are reported. */
  months: number;
  /** 0 … 2⁵³ − 1. */
  seed: number;
  roles: EngineRole[];
}

/**
 * Refuses what the engine cannot work out. The API's limits are narrower and are checked, with better words, at the
 * door: what fails here is a bug of the caller.
 *
 * @throws RangeError naming the field
 */
export function assertEngineInput(input: EngineInput): void {
  const whole = (value: number, limit: number) => Number.isInteger(value) && value >= 0 && value <= limit;
  require(input.model === "classic" || input.model === "conserving", "model");
  require(share(input.oversight), "oversight");
  assertFactors(input);
  require(whole(input.months, MAX_MONTHS) && input.months >= 1, "months");
  require(whole(input.seed, Number.MAX_SAFE_INTEGER), "seed");
  require(input.roles.length >= 1 && input.roles.length <= MAX_ROLES, "roles");
  require(new Set(input.roles.map((role) => role.name)).size === input.roles.length, "roles: names");
  for (const role of input.roles) {
    require(whole(role.count, MAX_PEOPLE_PER_ROLE), "roles.count");
    require(role.salary >= 0 && Number.isFinite(role.salary), "roles.salary");
    require(role.workloads.length <= MAX_WORKLOADS, "roles.workloads");
    for (const workload of role.workloads) {
      require(workload.skill >= 0, "roles.workloads.skill");
      require(workload.time === 0 || (workload.time >= MIN_TIME && workload.time <= MAX_TIME), "roles.workloads.time");
    }
  }
}

/** @throws RangeError naming the field */
export function assertFactors({ learnFactor, actFactor }: Pick<EngineInput, "learnFactor" | "actFactor">): void {
  require(share(learnFactor), "learnFactor");
  require(share(actFactor), "actFactor");
}

const share = (value: number): boolean => value >= 0 && value <= 1;

/** Enough for twenty years of months, as the API allows, with room for tests. */
const MAX_MONTHS = 1000;
const MAX_ROLES = 1000;
/** Head counts live in 32-bit integers and in products of two of them, which must stay exact doubles. */
const MAX_PEOPLE_PER_ROLE = 10_000_000;
const MAX_WORKLOADS = 200;
/** The smallest positive Time. It keeps 1/unit_time finite and unit times of different kinds of people well apart. */
const MIN_TIME = 1e-6;
const MAX_TIME = 1e6;

function require(condition: boolean, field: string): asserts condition {
  if (!condition) throw new RangeError(`simulation engine: ${field} is out of range`);
}
