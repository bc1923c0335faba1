import { assertEngineInput, assertFactors } from "./input.ts";
import type { EngineInput, EngineModel } from "./input.ts";
import { streamKey } from "./random/stream-keys.ts";
import { buildRoleTable } from "./role-table.ts";
import type { RoleTable } from "./role-table.ts";

/** P(Poisson(2) ≥ 3) = 1 − 5e⁻²: the chance of an occasion to learn in a month. */
const OCCASION_PROBABILITY = 0.32332358381693654;

/** Everything that can be worked out once for a run. Immutable; share it freely. */
export interface Scenario {
  readonly model: EngineModel;
  readonly oversight: number;
  /** Chance of a gain for one person in one month. */
  readonly learnProbability: number;
  /** Chance of a reduction in one month. */
  readonly actProbability: number;
  /** N; Steps 0 … N. */
  readonly months: number;
  readonly seed: number;
  readonly roles: readonly RoleTable[];
  /** Stream keys: the organisation's, and each role's. */
  readonly organisationKey: Int32Array;
  readonly roleKeys: readonly Int32Array[];
  /** At the start: people, and money a year. */
  readonly initialPeople: number;
  readonly initialPayroll: number;
}

/**
 * Checks an input and works out its tables and keys.
 *
 * @throws RangeError when a field is out of the engine's range
 */
export function compileScenario(input: EngineInput): Scenario {
  assertEngineInput(input);
  const roles = input.roles.map((role) => buildRoleTable(input, role));
  return {
    model: input.model,
    oversight: input.oversight,
    ...chancesOf(input),
    months: input.months,
    seed: input.seed,
    roles,
    organisationKey: streamKey(input.seed, { kind: "organisation" }),
    roleKeys: input.roles.map((role) => streamKey(input.seed, { kind: "role", name: role.name })),
    initialPeople: roles.reduce((sum, role) => sum + role.people, 0),
    initialPayroll: roles.reduce((sum, role) => sum + role.people * role.salary, 0),
  };
}

type Factors = Pick<EngineInput, "learnFactor" | "actFactor">;

const chancesOf = ({ learnFactor, actFactor }: Factors): Pick<Scenario, "learnProbability" | "actProbability"> => ({
  learnProbability: OCCASION_PROBABILITY * learnFactor,
  actProbability: actFactor,
});

/**
 * The same scenario at other factors, of which its tables and keys know nothing.
 *
 * @throws RangeError when a factor is out of the engine's range
 */
export function withFactors(scenario: Scenario, factors: Factors): Scenario {
  assertFactors(factors);
  return { ...scenario, ...chancesOf(factors) };
}

/**
 * People · unit time once all that can be learnt is learnt: the work of a role that is left, in people. In `classic` the
 * manual time alone. Where nobody can learn it is the work there is at the start.
 */
export function roleFloor({ learnProbability }: Scenario, role: RoleTable): number {
  return role.people * role.unitTime[learnProbability > 0 ? role.levels - 1 : 0]!;
}

/** The roles' floors together. */
export function floorPeople(scenario: Scenario): number {
  return scenario.roles.reduce((sum, role) => sum + roleFloor(scenario, role), 0);
}
